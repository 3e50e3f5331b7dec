package redisstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Observe implements escalation.Store: one script for all observations.
func (s *Store) Observe(ctx context.Context, source string, observations []escalation.Observation) (escalation.Observed, error) {
	observed := escalation.Observed{Tickets: map[string]ticket.Record{}}
	if len(observations) == 0 {
		return observed, nil
	}
	args := make([]any, 0, 7*len(observations))
	for i := range observations {
		o := &observations[i]
		args = append(args, o.Alert.Fingerprint, string(o.Alert.Status), int(o.Urgency),
			o.GroupKey, stamp(o.At), stamp(o.Alert.SilentAt), stamp(o.Alert.StartsAt))
	}
	c := s.scripts.observe.on(ctx, sourceKey(source), args...)
	err := s.save(ctx, c)
	if short := asShortfall(err); short != nil {
		observed.Unconfirmed, err = failed(short, "observe %d alerts of %s", len(observations), source), nil
	}
	if err != nil {
		return escalation.Observed{}, failed(err, "observe %d alerts of %s", len(observations), source)
	}
	r := c.reply()
	observed.Items = make([]escalation.ObservedAlert, 0, len(observations))
	r.each(func(item *reply) {
		observed.Items = append(observed.Items, s.readObserved(item, &observations[len(observed.Items)].Alert))
	})
	damaged := map[string]string{}
	r.each(func(item *reply) {
		number, text, revision := item.text(), item.text(), item.text()
		record, err := s.recordOf(number, text, revision)
		if err != nil {
			damaged[number] = text
			return
		}
		observed.Tickets[number] = record
	})
	observed.Has = escalation.Crowd{Active: int(r.number()), Opened: int(r.number())}
	observed.Alerts = max(int(r.number()), 0)
	if r.err == nil {
		r.err = s.abandon(ctx, source, damaged)
	}
	if r.err != nil {
		return escalation.Observed{}, failed(r.err, "observe %d alerts of %s", len(observations), source)
	}
	for i := range observed.Items {
		if _, lost := damaged[observed.Items[i].Ticket]; lost && observed.Items[i].Verdict != escalation.Repeat {
			observed.Items[i] = lostTicket(&observations[i])
		}
	}
	return observed, nil
}

// lostTicket is the answer for an alert whose ticket cannot be read: nothing
// is known.
func lostTicket(o *escalation.Observation) escalation.ObservedAlert {
	if o.Alert.Status == ticket.Firing {
		return escalation.ObservedAlert{Verdict: escalation.New}
	}
	return escalation.ObservedAlert{Verdict: escalation.Unknown}
}

func (s *Store) readObserved(r *reply, alert *ticket.Alert) escalation.ObservedAlert {
	verdict, err := verdictOf(r.text())
	r.fail(err)
	o := escalation.ObservedAlert{Verdict: verdict, Ticket: r.text()}
	if fields := r.fields(); fields != nil {
		record, _ := s.alertOf(alert.Fingerprint, fields, alert)
		o.Alert = &record
	}
	return o
}

// verdictOf reads a verdict from script observe.
func verdictOf(name string) (escalation.Verdict, error) {
	switch name {
	case "unknown":
		return escalation.Unknown, nil
	case "repeat":
		return escalation.Repeat, nil
	case "changed":
		return escalation.Changed, nil
	case "new":
		return escalation.New, nil
	}
	return escalation.Unknown, fmt.Errorf("no such verdict: %q", name)
}

// recordOf reads a ticket's JSON and revision.
func (s *Store) recordOf(number, text, revision string) (ticket.Record, error) {
	t, err := s.ticketOf(number, text)
	if err != nil {
		return ticket.Record{}, err
	}
	n, err := strconv.ParseInt(revision, 10, 64)
	if err != nil {
		s.Note(ticket.RecordTicket, number, err)
		return ticket.Record{}, fmt.Errorf("ticket %s: %w", number, escalation.ErrDamaged)
	}
	return ticket.Record{Ticket: t, Revision: n}, nil
}
