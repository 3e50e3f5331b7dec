package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newHeartbeats() *cobra.Command {
	var daemon daemonFlags
	var state string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "heartbeats",
		Short: "List what must be heard of, and how it is; make one, end one",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				list, raw, err := c.Heartbeats(ctx, state)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					h := &list[i]
					by := h.By
					if h.Configured {
						by = "configuration"
					}
					rows = append(rows, []string{h.Name, h.State, stampOrDash(h.LastAt), stampOrDash(h.LateAt), h.Every + "+" + h.Grace, orDash(labelList(h.Labels)), by})
				}
				return tableOr(cmd.OutOrStdout(), "nothing is watched by heartbeats", []string{"NAME", "STATE", "LAST BEAT", "LATE AT", "EVERY", "LABELS", "BY"}, rows)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only those of a `STATE`: new, up, late, failed or overrun")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	cmd.AddCommand(newMakeHeartbeat(), newEndHeartbeat())
	return cmd
}

func newMakeHeartbeat() *cobra.Command {
	var daemon daemonFlags
	var ask client.HeartbeatAsk
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "make NAME",
		Short: "Watch something that beats; print the line that it has to call",
		Long: `make has a ticket opened when NAME was not heard of for --every and --grace: a backup, a
cron job. Its next beat ends the ticket. It prints a line of curl for the job, with a token
that is told this once, and says on standard error when NAME will be late. A technician's token is needed.`,
		Example: "  astreinte heartbeats make nightly-backup --every 1d --grace 2h --label customer=acme",
		Args:    arguments("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.Name = args[0]
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				h, raw, err := c.MakeHeartbeat(ctx, ask)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "%s is late when it was not heard of for %s, and %s more\n", plain(h.Name), h.Every, h.Grace)
				_, err = fmt.Fprintln(cmd.OutOrStdout(), h.Curl)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&ask.Every, "every", "1d", "it beats at least every `LENGTH`")
	cmd.Flags().StringVar(&ask.Grace, "grace", "", "so much `LENGTH` later it is late; a fifth of --every where left out, a minute at least, an hour at most")
	cmd.Flags().StringVar(&ask.RunsFor, "runs-for", "", "a run that says that it begins ends within this `LENGTH`")
	cmd.Flags().StringToStringVar(&ask.Labels, "label", nil, "a `NAME=VALUE` of its alert: customer=acme, severity=critical; may be given again")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newEndHeartbeat() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "end NAME",
		Short: "Watch a heartbeat no more that was made by hand: its alert ends",
		Args:  arguments("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				h, raw, err := c.EndHeartbeat(ctx, args[0])
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), h.Name+" is watched no more")
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func stampOrDash(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return stamp(*t, time.Local)
}

func labelList(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, name+"="+labels[name])
	}
	return strings.Join(pairs, " ")
}
