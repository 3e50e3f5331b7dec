package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newSources() *cobra.Command {
	var daemon daemonFlags
	var try string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sources [NAME]",
		Short: "Say what each source last said, and which are refused or silent",
		Long: `sources lists the sources: when a request of each was last taken, how many were taken,
refused or could not be taken since the daemon's start, and why the last one was refused.
With NAME it shows the last requests of that source: from where they came, what was made
of them, and what they posted, its secrets masked. With --try it says what the payload
would be if it came now, and who would be paged; nothing is taken, and nobody is paged.
An admin's token is needed.`,
		Example: "  astreinte sources\n  astreinte sources nagios --try refused",
		Args:    arguments("[NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case try != "" && len(args) == 0:
				return usagef(cmd, "--try needs the NAME of a source")
			case !slices.Contains([]string{"", "taken", "refused"}, try):
				return usagef(cmd, "--try %s: taken or refused", try)
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if len(args) == 0 {
					list, raw, err := c.Sources(ctx)
					if err != nil || asJSON {
						return rawOr(cmd, raw, err)
					}
					return tableOr(cmd.OutOrStdout(), "no sources are configured", sourceHead, sourceRows(list))
				}
				s, raw, err := c.Source(ctx, args[0], try)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				return printSource(cmd.OutOrStdout(), &s)
			})
		},
	}
	cmd.Flags().StringVar(&try, "try", "", "read again what its last request posted that was taken or refused (`OUTCOME`), and take nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

var sourceHead = []string{"NAME", "TYPE", "STATE", "LAST TAKEN", "TAKEN", "REFUSED", "FAILED", "STRANGE", "WHY"}

func sourceRows(list []client.Source) [][]string {
	rows := make([][]string, len(list))
	for i := range list {
		s := &list[i]
		n := func(count int64) string { return strconv.FormatInt(count, 10) }
		rows[i] = []string{
			s.Name, s.Type, s.State, orDash(stamp(s.HeardAt, time.Local)), n(s.Counts.Taken), n(s.Counts.Refused), n(s.Counts.Failed), n(s.Counts.Strange), s.Reason,
		}
	}
	return rows
}

// printSource writes everything of a source.
func printSource(w io.Writer, s *client.Source) error {
	if err := table(w, "", append([][]string{sourceHead}, sourceRows([]client.Source{*s})...)); err != nil {
		return err
	}
	for _, part := range []struct {
		outcome string
		of      *client.SourceRequest
	}{{"taken", s.Taken}, {"refused", s.Refused}, {"strange", s.Strange}} {
		if part.of == nil {
			continue
		}
		r := part.of
		fmt.Fprintf(w, "\nLast %s\n", part.outcome)
		made := count(r.Accepted, "alert")
		if r.Test {
			made = "a test message"
		}
		rows := [][]string{{"at", local(r.At)}, {"from", r.From}, {"path", r.Path}, {"answer", strconv.Itoa(r.Status)}}
		if part.outcome == "taken" {
			rows = append(rows, []string{"made of it", strings.TrimSpace(made + " " + strings.Join(r.Tickets, ", "))})
		} else {
			rows = append(rows, []string{"why", r.Reason})
		}
		if err := table(w, "  ", rows); err != nil {
			return err
		}
		if p, ok := s.Payloads[part.outcome]; ok {
			printPayload(w, p)
		}
	}
	if s.Tried != nil {
		return printTried(w, s.Tried)
	}
	return nil
}

func printPayload(w io.Writer, p client.SourcePayload) {
	for line := range strings.Lines(p.Text) {
		fmt.Fprintln(w, "  | "+plain(strings.TrimRight(line, "\r\n")))
	}
	if !p.Whole {
		fmt.Fprintln(w, "  (its beginning)")
	}
}

func printTried(w io.Writer, t *client.SourceTried) error {
	fmt.Fprintln(w, "\nIf it came now (it was only read: nothing is taken)")
	if t.Masked {
		fmt.Fprintln(w, "  it was read with its secrets masked")
	}
	if t.Test {
		fmt.Fprintln(w, "  a test message: it opens nothing")
	}
	if t.Problem != "" {
		fmt.Fprintln(w, plain("  "+t.Problem))
	}
	for _, a := range t.Alerts {
		fmt.Fprintln(w, plain(strings.Join([]string{"  alert", a.Key, orDash(a.Status), a.Urgency, a.Title}, " ")))
		labels := make([]string, 0, len(a.Labels))
		for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
			labels = append(labels, name+"="+strconv.Quote(a.Labels[name]))
		}
		fmt.Fprintln(w, plain("    "+orDash(strings.Join(labels, " "))))
	}
	if t.More > 0 {
		fmt.Fprintf(w, "  and %d more\n", t.More)
	}
	for _, opened := range t.Tickets {
		fmt.Fprintln(w, plain(strings.Join([]string{"  ticket", opened.Urgency, orDash(opened.Customer), opened.Policy, opened.Title}, " ")))
		var rows [][]string
		for _, page := range opened.Pages {
			rows = append(rows, []string{local(page.At), page.Person, page.Channel})
		}
		if err := table(w, "    ", rows); err != nil {
			return err
		}
		switch {
		case opened.More > 0:
			fmt.Fprintf(w, "    and %d more\n", opened.More)
		case len(rows) == 0:
			fmt.Fprintln(w, "    nobody would be paged")
		}
	}
	return nil
}
