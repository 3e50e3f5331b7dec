package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newTickets() *cobra.Command {
	var daemon daemonFlags
	var q client.Query
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tickets",
		Short: "List tickets, newest first",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Limit < 0 || q.Limit > 1000 {
				return usagef(cmd, "--limit is a number up to 1000")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
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
	f.StringVarP(&q.Text, "query", "q", "", "only those with this `TEXT` in number, title, customer or site")
	f.StringVar(&q.Cursor, "cursor", "", "go on where a list ended")
	f.IntVar(&q.Limit, "limit", 0, "this many at most; 50 where left out")
	f.BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// stateOf is a ticket's state, and whether a silence holds back its pages.
func stateOf(t *client.Ticket) string {
	if t.Silenced != nil {
		return t.State + ", silenced"
	}
	return t.State
}

func printTickets(w io.Writer, list client.List) error {
	if !list.Away.IsZero() {
		fmt.Fprintf(w, "The store is away since %s: only what came to this daemon since then is here.\n", stamp(list.Away, time.Local))
	}
	switch list.Missing {
	case "":
	case "archive_away":
		fmt.Fprintln(w, "The archive is away: only open tickets are here.")
	default:
		fmt.Fprintln(w, "The archive is behind: some tickets may be shown as they were.")
	}
	if len(list.Tickets) == 0 {
		fmt.Fprintln(w, "No tickets.")
		return nil
	}
	rows := [][]string{{"NUMBER", "STATE", "URGENCY", "CUSTOMER", "OPENED", "GTI", "BY", "TITLE"}}
	for i := range list.Tickets {
		t := &list.Tickets[i]
		rows = append(rows, []string{
			t.Number, stateOf(t), t.Urgency, orDash(place(t.Customer, t.Site)), stamp(t.OpenedAt, time.Local),
			gtiCell(t.GTI), orDash(firstOf(t.PickedUpBy, t.AcknowledgedBy)), t.Title,
		})
	}
	if err := table(w, "", rows); err != nil {
		return err
	}
	if list.Next != "" {
		fmt.Fprintf(w, "There are more: --cursor %s\n", plain(list.Next))
	}
	return nil
}

// gtiCell is the clock's state. While the clock runs, it also says when it
// runs out.
func gtiCell(g client.GTI) string {
	switch g.State {
	case "", "none":
		return "-"
	case "running":
		return "due " + stamp(g.DueAt, time.Local)
	}
	return g.State
}
