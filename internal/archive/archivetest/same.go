package archivetest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Lister is what Differences needs of a store.
type Lister interface {
	// Tickets and View read as a store does (escalation.Store).
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads one ticket.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Differences says what an archive has otherwise than a store, of every ticket
// that the store has. Alerts of closed tickets are in the archive alone, and
// repeats of an alert are counted in the store alone.
func Differences(ctx context.Context, a *archive.Archive, s Lister) (found []string, err error) {
	q := ticket.Query{Scope: ticket.Everything(), Limit: 500}
	for {
		tickets, next, err := s.Tickets(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("archivetest: %w", err)
		}
		for i := range tickets {
			found = append(found, difference(ctx, a, s, tickets[i].Number)...)
		}
		if q.Cursor = next; next == "" {
			return found, nil
		}
	}
}

func difference(ctx context.Context, a *archive.Archive, s Lister, number string) (found []string) {
	want, err := s.View(ctx, number)
	if err != nil {
		return []string{err.Error()}
	}
	got, err := a.View(ctx, ticket.Everything(), number)
	if err != nil {
		return []string{err.Error()}
	}
	say := func(what string, got, want any) {
		if g, w := text(got), text(want); g != w {
			found = append(found, fmt.Sprintf("%s: %s:\n the archive has %s\n the store has   %s", number, what, g, w))
		}
	}
	say("the ticket", got.View.Ticket, want.Ticket)
	say("its sheet", got.View.Sheet, want.Sheet)
	say("its timeline", got.View.Timeline, want.Timeline)
	pages := func(list []ticket.Page) []ticket.Page {
		var all []ticket.Page
		for _, p := range list {
			if p.State == ticket.PageSending { // a claim is no change
				p.State, p.Attempts = ticket.PageQueued, p.Attempts-1
			}
			all = append(all, p)
		}
		return all
	}
	say("its pages", pages(got.View.Pages), pages(want.Pages))
	if want.Ticket.State != ticket.Closed {
		say("its alerts", names(got.View.Alerts), names(want.Alerts))
	}
	return found
}

func names(alerts []ticket.AlertRecord) []string {
	all := []string{}
	for i := range alerts {
		all = append(all, alerts[i].Fingerprint)
	}
	return all
}

func text(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(body)
}
