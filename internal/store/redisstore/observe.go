package redisstore

import (
	"context"
	"fmt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Observe implements escalation.Store: one script for all observations.
func (s *Store) Observe(ctx context.Context, source string, observations []escalation.Observation) (escalation.Observed, error) {
	observed := escalation.Observed{Tickets: map[string]ticket.Record{}}
	if len(observations) == 0 {
		return observed, nil
	}
	args := make([]any, 0, 6*len(observations))
	for i := range observations {
		o := &observations[i]
		args = append(args, o.Alert.Fingerprint, string(o.Alert.Status), int(o.Urgency),
			o.GroupKey, stamp(o.At), stamp(o.Alert.SilentAt))
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
		observed.Items = append(observed.Items, readObserved(item, &observations[len(observed.Items)].Alert))
	})
	r.each(func(item *reply) {
		record := readTicket(item)
		observed.Tickets[record.Ticket.Number] = record
	})
	if r.err != nil {
		return escalation.Observed{}, failed(r.err, "observe %d alerts of %s", len(observations), source)
	}
	return observed, nil
}

func readObserved(r *reply, alert *ticket.Alert) escalation.ObservedAlert {
	verdict, err := verdictOf(r.text())
	r.fail(err)
	o := escalation.ObservedAlert{Verdict: verdict, Ticket: r.text()}
	if fields := r.fields(); fields != nil {
		record, err := alertOf(alert.Fingerprint, fields)
		r.fail(err)
		o.Alert = &record
	}
	return o
}

// verdictOf reads a verdict as script observe calls it.
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

// readTicket reads number, json and revision.
func readTicket(r *reply) ticket.Record {
	_, text := r.text(), r.text()
	t, err := decode[ticket.Ticket](text)
	r.fail(err)
	return ticket.Record{Ticket: t, Revision: r.number()}
}
