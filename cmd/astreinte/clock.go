package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newClock() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "clock NUMBER",
		Short: "Explain every minute of a ticket's clocks",
		Args:  arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				clock, err := c.Clock(ctx, args[0])
				switch {
				case err != nil:
					return about(args[0], err)
				case asJSON:
					return printRaw(cmd.OutOrStdout(), clock.Raw)
				}
				return printClock(cmd.OutOrStdout(), &clock)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// printClock writes what counts and what does not, with times in this machine's zone.
func printClock(w io.Writer, c *client.Clock) error {
	if err := printSpans(w, c); err != nil {
		return err
	}
	for i := range c.Clocks {
		other := &c.Clocks[i]
		fmt.Fprintf(w, "\n%s\n", strings.ToUpper(strings.ReplaceAll(other.Kind, "_", " ")))
		if other.Missed > 0 {
			fmt.Fprintf(w, "Missed before: %d.\n", other.Missed)
		}
		switch {
		case other.Task != "":
			fmt.Fprintf(w, "Ended by %s, with task %s.\n", other.By, other.Task)
		case other.By != "":
			fmt.Fprintf(w, "Ended by %s.\n", other.By)
		}
		if err := printSpans(w, other); err != nil {
			return err
		}
	}
	if c.Treatment != nil {
		fmt.Fprintf(w, "\nTREATMENT\n%s\n", plain(c.Treatment.Text))
	}
	return nil
}

// printSpans writes the spans of one clock. What counts is to the second, and adds up to
// what is used and what is left.
func printSpans(w io.Writer, c *client.Clock) error {
	fmt.Fprintln(w, plain(c.Text))
	var sum time.Duration
	for _, part := range []struct {
		name  string
		spans []client.ClockSpan
	}{{"So far", c.Spans}, {"Still to come", c.Ahead}} {
		if len(part.spans) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", part.name)
		rows := [][]string{{"FROM", "TO", "COUNTS", "WHY"}}
		for _, s := range part.spans {
			counts := "-"
			if s.Counted {
				length := s.To.Sub(s.From)
				if d, err := time.ParseDuration(s.Length); err == nil {
					length = d
				}
				before := sum.Truncate(time.Second)
				sum += length
				counts = short(sum.Truncate(time.Second) - before)
			}
			rows = append(rows, []string{local(s.From), local(s.To), counts, s.Why})
		}
		if err := table(w, "  ", rows); err != nil {
			return err
		}
	}
	return nil
}
