package standby

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// actOnTheRest repeats what people did to the tickets that did not move: it
// does the same to their tickets in the store.
func (m *merger) actOnTheRest(ctx context.Context) error {
	for i := range m.left {
		if err := m.actOn(ctx, &m.left[i]); err != nil {
			return err
		}
	}
	return nil
}

// actOn does to the ticket in the store what people did to e. If that is
// another ticket for the same problem, e ends in the store too.
func (m *merger) actOn(ctx context.Context, e *ticket.Ticket) error {
	has, _ := m.s.movedTo(e.Number) // from a merge during which the store went away
	number := has.to
	if number == "" {
		var err error
		if number, err = m.counterpart(ctx, e); err != nil {
			return err
		}
	}
	if number == "" {
		m.s.log.Warn("the store knows no alert of a ticket that was paged from the spool: it is brought there without", zap.String("ticket", e.Number))
		number = e.Number
		if err := m.bring(ctx, *e, m.entry(ticket.EntryNote, m.story(e))); err != nil {
			return err
		}
	}
	if err := m.fileLinks(ctx, e, number); err != nil {
		return err
	}
	stored, err := m.store.Load(ctx, e.Source, []string{number})
	if err != nil || len(stored) == 0 {
		return errors.Join(err, fmt.Errorf("standby: ticket %s of %s", number, e.Number))
	}
	for _, a := range m.actions(e, &stored[0].Ticket) {
		m.feeder.clock.set(a.at)
		var refused *escalation.StateError
		if _, err := m.feeder.engine.Act(ctx, number, a.Acted); err != nil && !errors.As(err, &refused) {
			return fmt.Errorf("standby: %s ticket %s, as %s was: %w", a.Action, number, e.Number, err)
		}
	}
	if number != e.Number {
		if err := m.end(ctx, e, number); err != nil {
			return err
		}
	}
	return m.settle(e.Number, number)
}

// end brings e into the store without its alerts, which belong to another
// ticket there. e is resolved then: nobody is paged twice for one problem.
func (m *merger) end(ctx context.Context, e *ticket.Ticket, on string) error {
	last := m.entry(ticket.EntryNote, ticket.Said{Detail: ticket.SaidGoesOn, Args: ticket.Args{Ticket: on}})
	t := *e
	if t.State.Active() {
		last.Kind, t.State = ticket.EntryResolved, ticket.StateResolved
		t.ResolvedAt, t.ResolvedBy = last.At, last.Actor
		t.Progress.CloseAt = last.At.Add(t.Policy.CloseAfter)
		t.Progress.Recoveries++
	}
	t.Resolved, t.Firing, t.Silent, t.Undo = t.Resolved+t.Firing, 0, 0, nil
	t.UpdatedAt = last.At
	return m.bring(ctx, t, last)
}

// bring commits a ticket without alerts, unless the store has it.
func (m *merger) bring(ctx context.Context, t ticket.Ticket, last ticket.Entry) error {
	there, err := m.isThere(ctx, &t)
	if err != nil || there {
		return err
	}
	_, err = m.commit(ctx, t.Number, escalation.Change{Ticket: t}, last) // a conflict means that it is there by now
	return err
}

// counterpart is the number of the store's ticket for the same alerts as e.
func (m *merger) counterpart(ctx context.Context, e *ticket.Ticket) (number string, err error) {
	alerts := m.alerts[e.Number]
	if len(alerts) == 0 {
		return "", nil
	}
	known, err := m.store.Alerts(ctx, e.Source, fingerprints(alerts))
	if err != nil {
		return "", fmt.Errorf("standby: the ticket of the alerts of %s: %w", e.Number, err)
	}
	for i := range known {
		if number = known[i].Ticket; known[i].Status != ticket.Resolved {
			break
		}
	}
	return number, nil
}

// done is something that somebody did, and when.
type done struct {
	escalation.Acted
	at time.Time
}

// actions are what people did to e, for the ticket in the store. If that has
// more alerts than they saw, it is acknowledged rather than resolved.
func (m *merger) actions(e, stored *ticket.Ticket) (list []done) {
	if e.Number != stored.Number {
		list = append(list, done{escalation.Acted{
			Action: escalation.ActNote, Actor: spoolActor(), Via: "rule", Said: m.story(e),
		}, m.s.clock().Now()})
	}
	add := func(action escalation.Action, by *ticket.Actor, at time.Time) {
		if by != nil && (by.Kind == ticket.ActorPerson || by.Kind == ticket.ActorToken) && !at.IsZero() {
			list = append(list, done{escalation.Acted{
				Action: action, Actor: *by, Via: "link", Said: ticket.Said{Detail: ticket.SaidAway, Args: ticket.Args{Ticket: e.Number}},
			}, at})
		}
	}
	if end := e.Progress.Snooze; end.IsZero() {
		add(escalation.ActAcknowledge, e.AcknowledgedBy, e.AcknowledgedAt)
	} else {
		add(escalation.ActSnooze, e.AcknowledgedBy, e.AcknowledgedAt)
		if len(list) > 0 && list[len(list)-1].Action == escalation.ActSnooze {
			list[len(list)-1].For = end.Sub(e.AcknowledgedAt)
		}
	}
	add(escalation.ActPickUp, e.PickedUpBy, e.PickedUpAt)
	switch {
	case stored.Firing <= e.Firing:
		add(escalation.ActResolve, e.ResolvedBy, e.ResolvedAt)
	case stored.State == ticket.Open:
		add(escalation.ActAcknowledge, e.ResolvedBy, e.ResolvedAt)
	}
	return list
}
