package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newTicket() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ticket NUMBER",
		Short: "Show a ticket with its alerts, pages and timeline",
		Args:  arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				t, err := c.Ticket(ctx, args[0])
				switch {
				case err != nil:
					return about(args[0], err)
				case asJSON:
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				return printTicket(cmd.OutOrStdout(), &t)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// printTicket writes everything of a ticket, with times in this machine's
// zone.
func printTicket(w io.Writer, t *client.Ticket) error {
	fmt.Fprintln(w, plain(t.Number+" "+t.Title))
	if err := table(w, "  ", facts(t)); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		rows [][]string
	}{
		{"Checklist", pointRows(t)}, {"Alerts", alertRows(t)}, {"Pages", pageRows(t)}, {"Timeline", timelineRows(t)},
	} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", part.name)
		if err := table(w, "  ", part.rows); err != nil {
			return err
		}
	}
	if t.LeftOut > 0 {
		fmt.Fprintf(w, "  %d more lines were counted only\n", t.LeftOut)
	}
	return nil
}

// facts are those fields that the ticket has.
func facts(t *client.Ticket) [][]string {
	escalated := ""
	switch {
	case t.Silenced != nil:
		escalated = "silenced until " + local(t.Silenced.Until) + ": nobody is paged before"
	case !t.NextPageAt.IsZero():
		escalated = fmt.Sprintf("step %d reached, next page %s", t.Step+1, local(t.NextPageAt))
	}
	var rows [][]string
	for _, row := range [][]string{
		{"state", t.State},
		{"urgency", t.Urgency},
		{"customer", place(t.Customer, t.Site)},
		{"contract", t.Contract},
		{"source", t.Source},
		{"policy", t.Policy},
		{"escalation", escalated},
		{"assignee", t.Assignee},
		{"tier", t.Tier},
		{"pool", t.Group},
		{"owner", t.Owner},
		{"with", helpers(t.With)},
		{"opened", local(t.OpenedAt)},
		{"acknowledged", by(t.AcknowledgedAt, t.AcknowledgedBy)},
		{"woken again", local(t.SnoozedUntil)},
		{"picked up", by(t.PickedUpAt, t.PickedUpBy)},
		{"resolved", by(t.ResolvedAt, t.ResolvedBy)},
		{"closed", local(t.ClosedAt)},
		{"GTI", gtiFact(t.GTI)},
		{"origin", t.Origin},
		{"meeting", t.Meeting},
		{"contact", t.Contact.String()},
		{"requester", t.Requester.String()},
		{"beneficiary", t.Beneficiary.String()},
		{"description", t.Description},
		{"symptoms", t.Symptoms},
		{"application", t.Application},
		{"equipment", t.Equipment},
		{"category", t.Category},
		{"domain", t.Domain},
		{"service", t.Service},
		{"impact", t.Impact},
		{"business impact", t.BusinessImpact},
		{"workaround", t.Workaround},
		{"strategic", t.Strategic},
		{"requester urgency", t.RequesterUrgency},
		{"complexity", t.Complexity},
		{"billable", t.Billable},
		{"reported", local(t.ReportedAt)},
		{"seen before", seenBefore(t.SeenBefore)},
		{"synthesis", t.Synthesis},
		{"restored", t.Restored},
	} {
		if row[1] != "" {
			rows = append(rows, row)
		}
	}
	for _, c := range t.Clocks {
		rows = append(rows, []string{strings.ReplaceAll(c.Kind, "_", " "), gtiFact(c.GTI)})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Custom)) {
		rows = append(rows, []string{name, t.Custom[name]})
	}
	return rows
}

// seenBefore is "3 times in 30 days; last solved by bruno (I261101_0004): the disk was full".
func seenBefore(s *client.SeenBefore) string {
	if s == nil {
		return ""
	}
	text := fmt.Sprintf("%d times in the 30 days before", s.Count)
	if s.Last != nil {
		text += "; last solved " + by(s.Last.ResolvedAt, s.Last.ResolvedBy) + " (" + s.Last.Number + ")"
		if s.Last.Synthesis != "" {
			text += ": " + s.Last.Synthesis
		}
	}
	return text
}

func helpers(with []client.Helper) string {
	names := make([]string, len(with))
	for i, h := range with {
		names[i] = h.Person + h.Group
	}
	return strings.Join(names, ", ")
}

func gtiFact(g client.GTI) string {
	switch {
	case g.State == "none":
		return ""
	case g.DueAt.IsZero():
		return fmt.Sprintf("%s (%s on %s)", g.State, g.Within, g.Calendar)
	}
	return fmt.Sprintf("%s, due %s (%s on %s)", g.State, local(g.DueAt), g.Within, g.Calendar)
}

func alertRows(t *client.Ticket) [][]string {
	var rows [][]string
	for _, a := range t.Alerts.Sample {
		rows = append(rows, []string{a.Status, "heard of " + local(a.LastAt), a.Title})
	}
	if more := t.Alerts.Firing + t.Alerts.Resolved - len(rows); more > 0 && len(rows) > 0 {
		rows = append(rows, []string{fmt.Sprintf("and %d more", more)})
	}
	return rows
}

func pageRows(t *client.Ticket) [][]string {
	rows := make([][]string, len(t.Pages))
	for i, p := range t.Pages {
		by := p.Channel
		if p.Provider != "" {
			by += " by " + p.Provider
		}
		var notes []string
		for _, note := range []string{p.Error, alsoFor(p.Carries)} {
			if note != "" {
				notes = append(notes, note)
			}
		}
		rows[i] = []string{local(p.At), p.Person, by, p.State, strings.Join(notes, "; ")}
	}
	return rows
}

// alsoFor names the first three other tickets of a message.
func alsoFor(numbers []string) string {
	if len(numbers) == 0 {
		return ""
	}
	shown := numbers[:min(len(numbers), 3)]
	text := "also for " + strings.Join(shown, ", ")
	if more := len(numbers) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func timelineRows(t *client.Ticket) [][]string {
	rows := make([][]string, len(t.Timeline))
	for i, e := range t.Timeline {
		rows[i] = []string{local(e.At), e.Kind, orDash(whose(&e)), firstOf(e.Text, e.Page)}
	}
	return rows
}

// whose says who did it, and by what: dominique (api), token desk.
func whose(e *client.Entry) string {
	who := ""
	if e.Actor != nil {
		who = e.Actor.Name
	}
	if e.Via != "" {
		who = strings.TrimSpace(who + " (" + e.Via + ")")
	}
	if e.Actor != nil && e.Actor.Token != "" {
		who += ", token " + e.Actor.Token
	}
	return who
}

// local is a time to the second, in this machine's zone.
func local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func by(at time.Time, who string) string {
	if at.IsZero() || who == "" {
		return local(at)
	}
	return local(at) + " by " + who
}
