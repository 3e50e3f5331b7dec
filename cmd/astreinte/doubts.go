package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newDoubts() *cobra.Command {
	var daemon daemonFlags
	var group string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doubts",
		Short: "Say what is doubtful of the coming 90 days: gaps, rest, proofs, delays",
		Long: `doubts asks a daemon what somebody should know before it harms, by the schedule as it is
with replacements: hours without anybody, who came on call and has not said so, alerts
of which the first or the second person is paged once the GTI is used, people who are on
call in two groups at once, who rest too little, or at whom no page is known to arrive.
The group's managers are told of it once a day; check looks at a file alone.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				doubts, raw, err := c.Lookahead(ctx)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(doubts))
				for i := range doubts {
					if d := &doubts[i]; group == "" || slices.Contains(d.Groups, group) {
						rows = append(rows, []string{d.Kind, orDash(strings.Join(d.Groups, ", ")), d.Text})
					}
				}
				return tableOr(cmd.OutOrStdout(), "nothing is doubtful", []string{"WHAT", "GROUPS", "DOUBT"}, rows)
			})
		},
	}
	cmd.Flags().StringVar(&group, "group", "", "what concerns this `GROUP` alone")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
