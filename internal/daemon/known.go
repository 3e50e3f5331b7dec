package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// knower tells senders what the store knows of an alert.
type knower struct{ store Store }

var _ ingest.Knower = knower{}

// Known finds an alert of a source with its ticket (ingest.Knower).
func (k knower) Known(ctx context.Context, source, fingerprint string) (ingest.Known, bool, error) {
	alerts, err := k.store.Alerts(ctx, source, []string{fingerprint})
	if err != nil || len(alerts) == 0 {
		return ingest.Known{}, false, unasked(err)
	}
	tickets, err := k.store.Load(ctx, source, []string{alerts[0].Ticket})
	if err != nil || len(tickets) == 0 {
		return ingest.Known{}, false, unasked(err)
	}
	return ingest.Known{Alert: alerts[0], Ticket: tickets[0].Ticket}, true, nil
}

// mostOver is how many tickets are looked at for alerts that are over.
const mostOver = 200

// List lists alerts of a source (ingest.Knower).
func (k knower) List(ctx context.Context, source string, which ingest.Which, do func(*ingest.Known) bool) error {
	more := true
	if which != ingest.Over {
		at := ticket.Query{Scope: ticket.Everything(), Source: source, States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: atOnce}
		err := k.tickets(ctx, at, func(t *ticket.Ticket) (bool, error) {
			list, err := k.store.Firing(ctx, t.Number, mostFiring)
			for i := 0; i < len(list) && more; i++ {
				more = do(&ingest.Known{Alert: list[i], Ticket: *t})
			}
			return more, err
		})
		if err != nil || !more || which == ingest.NotOver {
			return err
		}
	}
	left := mostOver
	return k.tickets(ctx, ticket.Query{Scope: ticket.Everything(), Source: source, Limit: mostOver}, func(t *ticket.Ticket) (bool, error) {
		over := t.State == ticket.StateResolved || t.State == ticket.Closed
		if left--; over || t.Resolved > 0 {
			view, err := k.store.View(ctx, t.Number)
			for i := 0; i < len(view.Alerts) && more; i++ {
				if a := &view.Alerts[i]; a.Source == source && (over || a.Status == ticket.Resolved) {
					more = do(&ingest.Known{Alert: *a, Ticket: *t})
				}
			}
			if err != nil {
				return left > 0, err //nolint:wrapcheck // tickets does
			}
		}
		return more && left > 0, nil
	})
}

const (
	atOnce     = 500  // tickets are listed together
	mostFiring = 5000 // alerts of one ticket
)

// tickets calls for each ticket that a query selects, until it is told to stop.
func (k knower) tickets(ctx context.Context, q ticket.Query, do func(*ticket.Ticket) (bool, error)) error {
	for {
		list, next, err := k.store.Tickets(ctx, q)
		if err != nil {
			return unasked(err)
		}
		for i := range list {
			more, err := do(&list[i])
			if err != nil && !errors.Is(err, escalation.ErrNotFound) {
				return unasked(err)
			}
			if !more {
				return nil
			}
		}
		if q.Cursor = next; next == "" {
			return nil
		}
	}
}

// Numbered lists alerts of a ticket of the source (ingest.Knower).
func (k knower) Numbered(ctx context.Context, source, number string) (all []ingest.Known, err error) {
	tickets, err := k.store.Load(ctx, source, []string{number})
	if err != nil || len(tickets) == 0 {
		return nil, unasked(err)
	}
	view, err := k.store.View(ctx, number)
	if err != nil {
		return nil, unasked(err)
	}
	for i := range view.Alerts {
		if view.Alerts[i].Source != source {
			continue
		}
		all = append(all, ingest.Known{Alert: view.Alerts[i], Ticket: tickets[0].Ticket})
	}
	return all, nil
}

func unasked(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("daemon: what is known of an alert: %w", err)
}
