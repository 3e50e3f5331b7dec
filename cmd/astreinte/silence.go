package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newSilence() *cobra.Command {
	var daemon daemonFlags
	var ask client.SilenceAsk
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "silence [MATCHER ...]",
		Short: "Have what matches open its ticket and page nobody, for a while",
		Long: `silence holds back the pages of alerts that match every MATCHER (instance="srv-db-01",
alertname=~"Disk.*"), or of one customer: a maintenance window. From --from (now where
left out) until --until; with --every again and again. What it matches opens its ticket,
marked. What still fires at its end pages then, from the first step. A technician's token
is needed. Local times are this machine's; 2h is so long from now.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.Matchers = args
			if err := instants(cmd, &ask.From, &ask.Until); err != nil {
				return err
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				s, raw, err := c.MakeSilence(ctx, ask)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s from %s until %s\n", s.ID, stamp(s.From, time.Local), stamp(s.Until, time.Local))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&ask.Customer, "customer", "", "of this customer, by `KEY`")
	cmd.Flags().StringVar(&ask.Source, "source", "", "of alerts of this `SOURCE` alone")
	cmd.Flags().StringVar(&ask.From, "from", "", "RFC 3339 or local `TIME`; now where left out")
	cmd.Flags().StringVar(&ask.Until, "until", "", "RFC 3339 or local `TIME`, or so long from now: 2h")
	cmd.Flags().StringVar(&ask.Every, "every", "", "again after `LENGTH`: 1d, 2w, or a rule of RFC 5545 such as FREQ=MONTHLY;BYDAY=1SU")
	cmd.Flags().StringVar(&ask.Zone, "zone", "", "by whose wall clock it comes again, a time `ZONE`; the desk's where left out")
	cmd.Flags().StringVar(&ask.Why, "why", "", "why, in a few `WORDS`; needed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newSilences() *cobra.Command {
	var daemon daemonFlags
	var state string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "silences",
		Short: "List silences and maintenance windows; end one",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				list, raw, err := c.Silences(ctx, state)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					s := &list[i]
					if s.Next != nil {
						s.From, s.Until = s.Next.From, s.Next.Until
					}
					rows = append(rows, []string{s.ID, s.State, stamp(s.From, time.Local), stamp(s.Until, time.Local), orDash(s.Every), whatIs(s), s.By, s.Why})
				}
				return tableOr(cmd.OutOrStdout(), "nothing is silenced", []string{"ID", "STATE", "FROM", "UNTIL", "EVERY", "WHAT", "BY", "WHY"}, rows)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only those of a `STATE`: pending, active or expired")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	cmd.AddCommand(newEndSilence())
	return cmd
}

func newEndSilence() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "end ID",
		Short: "End a silence now: what still fires pages",
		Args:  arguments("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				s, raw, err := c.EndSilence(ctx, args[0])
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), s.ID+" is over")
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// whatIs says what a silence holds back.
func whatIs(s *client.Silence) string {
	what := s.Matchers
	if s.Customer != "" {
		what = append([]string{"customer " + s.Customer}, what...)
	}
	if s.Source != "" {
		what = append(what, "source "+s.Source)
	}
	return strings.Join(what, ", ")
}
