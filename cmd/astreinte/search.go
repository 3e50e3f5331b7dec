package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// newSearch is `astreinte search WORDS…`.
func newSearch() *cobra.Command {
	var daemon daemonFlags
	var q client.Query
	var asJSON, asCSV bool
	given := map[string]*string{}
	cmd := &cobra.Command{
		Use:   "search [WORDS]",
		Short: "Search tickets of all times by words, the best first",
		Long: "Search tickets of all times by words in titles, descriptions, tasks, notes and numbers. Accents and case do\n" +
			"not matter, and a word finds longer ones that begin with it. Without words it lists what the flags select.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Text = strings.Join(args, " ")
			q.More = map[string]string{}
			for name, value := range given {
				q.More[strings.ReplaceAll(name, "-", "_")] = *value
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if asCSV {
					text, err := c.TicketsSheet(ctx, q)
					if err == nil {
						_, err = cmd.OutOrStdout().Write(text)
					}
					return err
				}
				list, err := c.Tickets(ctx, q)
				switch {
				case err != nil:
					return err
				case asJSON:
					return printRaw(cmd.OutOrStdout(), list.Raw)
				}
				return printTickets(cmd.OutOrStdout(), list)
			})
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&q.States, "state", nil, "only these `STATES`: open, acknowledged, in_progress, resolved, closed")
	f.StringSliceVar(&q.Urgencies, "urgency", nil, "only these `URGENCIES`: critical, major, minor, low")
	f.StringVar(&q.Customer, "customer", "", "only this customer's, by `KEY`")
	f.StringVar(&q.Assignee, "assignee", "", "only those assigned to this person, by `KEY`")
	for _, flag := range [][2]string{
		{"site", "only at this `SITE`"},
		{"group", "only those that this `GROUP` has"},
		{"tier", "only those at this `TIER`: L1, L2, L3"},
		{"unassigned", "`true`: only those of nobody"},
		{"kind", "only of this `KIND`: incident, request"},
		{"origin", "only those opened by this `ORIGIN`: alert, mail, call, portal, hand, api"},
		{"category", "only of this `CATEGORY`"},
		{"equipment", "only about this `EQUIPMENT`"},
		{"billable", "only those to be billed (`true`), or not (false)"},
		{"since", "only those opened at this `TIME` or later, as 2026-11-21T03:12:00Z"},
		{"until", "only those opened before this `TIME`"},
		{"due-before", "only those to be picked up before this `TIME`"},
		{"breached", "only those picked up too late (`true`), or not (false)"},
		{"sort", "in this `ORDER`: opened, updated, due, urgency"},
	} {
		given[flag[0]] = f.String(flag[0], "", flag[1])
	}
	f.StringVar(&q.Cursor, "cursor", "", "go on where a list ended")
	f.IntVar(&q.Limit, "limit", 0, "this many at most; 50 where left out")
	f.BoolVar(&asJSON, "json", false, "print the API's JSON")
	f.BoolVar(&asCSV, "csv", false, "print a sheet")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	daemon.add(cmd)
	return cmd
}
