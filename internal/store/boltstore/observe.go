package boltstore

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// sighting is what the index knows of an observation.
type sighting struct {
	verdict escalation.Verdict
	ticket  *liveTicket
	alert   *liveAlert
	counts  bool
}

// Observe judges by the index alone. It reads the file only for the tickets
// and alerts that it hands out.
func (s *Store) Observe(
	ctx context.Context, source string, observations []escalation.Observation,
) (escalation.Observed, error) {
	observed, err := s.observe(ctx, source, observations)
	if err != nil {
		return escalation.Observed{}, fmt.Errorf("boltstore: observe %d alerts of source %s: %w", len(observations), source, err)
	}
	return observed, nil
}

func (s *Store) observe(
	ctx context.Context, source string, observations []escalation.Observation,
) (escalation.Observed, error) {
	if err := s.usable(ctx); err != nil {
		return escalation.Observed{}, err
	}
	observed := escalation.Observed{Items: make([]escalation.ObservedAlert, len(observations))}
	s.mu.Lock()
	if len(observations) > 0 {
		observed.Has = s.ix.source(source).has(stamp(observations[0].At))
		observed.Alerts = s.ix.source(source).kept()
	}
	seen, enough := s.ix.judge(source, observations)
	if enough {
		s.ix.count(seen, observations)
		name(seen, observed.Items)
		s.mu.Unlock()
		return observed, nil
	}
	s.mu.Unlock()

	alerts := make([]foundAlert, len(observations))
	var damaged []string
	err := s.snapshot(ctx, func() {
		seen, _ = s.ix.judge(source, observations)
		s.ix.count(seen, observations)
		name(seen, observed.Items)
		for i := range seen {
			if seen[i].alert != nil {
				alerts[i] = seen[i].alert.found()
			}
		}
	}, func(tx *bolt.Tx) (err error) {
		damaged, err = s.fetch(tx, &observed, observations, alerts)
		return err
	})
	if err == nil {
		err = s.abandon(ctx, damaged)
	}
	if err != nil {
		return escalation.Observed{}, err
	}
	return observed, nil
}

// judge says what is known of each observation, and whether the index alone
// can answer.
func (ix *index) judge(source string, observations []escalation.Observation) (seen []sighting, enough bool) {
	seen, enough = make([]sighting, len(observations)), true
	src := ix.source(source)
	for i := range observations {
		seen[i] = src.judge(&observations[i])
		if seen[i].ticket != nil && seen[i].verdict != escalation.Repeat {
			enough = false
		}
	}
	return seen, enough
}

func (s *source) judge(o *escalation.Observation) sighting {
	a := s.alert(o.Alert.Fingerprint)
	fires := o.Alert.Status == ticket.Firing
	switch {
	case a == nil && fires:
		return sighting{verdict: escalation.New, ticket: s.groupTicket(o.GroupKey)}
	case a == nil, !fires && a.status == statusResolved:
		return sighting{verdict: escalation.Unknown}
	}
	is := sighting{verdict: escalation.Changed, ticket: a.ticket, alert: a}
	if fires && a.status == statusFiring && o.Urgency <= a.urgency && !a.judged {
		active := a.ticket.state.active()
		if active && stamp(o.Alert.StartsAt) > a.began {
			return is
		}
		is.counts = true
		if active {
			is.verdict = escalation.Repeat
		}
	}
	return is
}

// count counts the observations that are repeats.
func (ix *index) count(seen []sighting, observations []escalation.Observation) {
	for i := range seen {
		if seen[i].counts {
			ix.hear(seen[i].alert, stamp(observations[i].At), stamp(observations[i].Alert.SilentAt))
		}
	}
}

func name(seen []sighting, items []escalation.ObservedAlert) {
	for i := range seen {
		items[i].Verdict = seen[i].verdict
		if seen[i].ticket != nil {
			items[i].Ticket = seen[i].ticket.number
		}
	}
}

// fetch reads the tickets and alerts that the items name. A ticket that cannot
// be read counts as none: an alert of it that fires is new.
func (s *Store) fetch(
	tx *bolt.Tx, observed *escalation.Observed, observations []escalation.Observation, alerts []foundAlert,
) (damaged []string, err error) {
	observed.Tickets = map[string]ticket.Record{}
	for i := range observed.Items {
		item := &observed.Items[i]
		if item.Ticket == "" || item.Verdict == escalation.Repeat {
			continue
		}
		if _, done := observed.Tickets[item.Ticket]; !done {
			record, _, err := s.loadTicket(tx, item.Ticket)
			if errors.Is(err, escalation.ErrNotFound) { // an ErrDamaged is an ErrNotFound too
				damaged = append(damaged, item.Ticket)
				lose(item, &observations[i])
				continue
			}
			if err != nil {
				return nil, err
			}
			observed.Tickets[item.Ticket] = record
		}
		if item.Verdict != escalation.Changed {
			continue
		}
		record := s.loadAlert(tx, &alerts[i], &observations[i].Alert)
		item.Alert = &record
	}
	return damaged, nil
}

// loadTicket reads a ticket. The error is escalation.ErrNotFound if there is
// none, and escalation.ErrDamaged if its record cannot be read.
func (s *Store) loadTicket(tx *bolt.Tx, number string) (record ticket.Record, h ticketHead, err error) {
	v := in(tx, inTickets).Get(ticketKey(number))
	if v == nil {
		return record, h, escalation.ErrNotFound
	}
	h, body, err := readTicket(v)
	if err == nil {
		record.Ticket, err = decodeTicket(number, body)
	}
	if err != nil {
		return record, h, s.damagedTicket(number, err)
	}
	record.Revision = h.revision
	return record, h, nil
}

// apply brings a record up to date.
func (h heard) apply(record *ticket.AlertRecord) {
	record.Count = h.count
	if stamp(record.LastAt) != h.lastAt {
		record.LastAt = instant(h.lastAt)
	}
	if stamp(record.SilentAt) != h.silentAt {
		record.SilentAt = instant(h.silentAt)
	}
}

// lose has an item say that nothing is stored of its alert.
func lose(item *escalation.ObservedAlert, o *escalation.Observation) {
	*item = escalation.ObservedAlert{Verdict: escalation.Unknown}
	if o.Alert.Status == ticket.Firing {
		item.Verdict = escalation.New
	}
}
