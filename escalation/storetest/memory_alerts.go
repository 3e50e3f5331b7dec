package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Observe implements escalation.Store.
func (m *Memory) Observe(
	ctx context.Context, source string, observations []escalation.Observation,
) (observed escalation.Observed, err error) {
	err = m.do(ctx, "Observe", func() error {
		s := m.d.shelf(source)
		observed.Tickets = map[string]ticket.Record{}
		if len(observations) > 0 {
			observed.Has = s.has(observations[0].At)
			observed.Alerts = len(s.alerts)
		}
		var counted []escalation.Observation
		for _, o := range observations {
			item, counts := s.judge(&o)
			if counts {
				counted = append(counted, o)
			}
			if item.Ticket != "" && item.Verdict != escalation.Repeat {
				observed.Tickets[item.Ticket] = copied(s.tickets[item.Ticket])
			}
			observed.Items = append(observed.Items, item)
		}
		for i := range counted {
			m.d.count(source, &counted[i])
		}
		for i := range observed.Items {
			if observed.Items[i].Verdict == escalation.Changed {
				record := copied(s.alerts[observations[i].Alert.Fingerprint])
				observed.Items[i].Alert = &record
			}
		}
		return nil
	})
	return observed, err
}

// judge says what is known of an observation, and whether it counts.
func (s *shelf) judge(o *escalation.Observation) (item escalation.ObservedAlert, counts bool) {
	was, known := s.alerts[o.Alert.Fingerprint]
	fires := o.Alert.Status == ticket.Firing
	switch {
	case !known && fires:
		return escalation.ObservedAlert{Verdict: escalation.New, Ticket: s.groups[o.GroupKey]}, false
	case !known, !fires && was.Status == ticket.Resolved:
		return escalation.ObservedAlert{Verdict: escalation.Unknown}, false
	}
	item = escalation.ObservedAlert{Verdict: escalation.Changed, Ticket: was.Ticket}
	if !fires || was.Status != ticket.Firing || o.Urgency > was.Urgency {
		return item, false
	}
	active := s.tickets[was.Ticket].Ticket.State.Active()
	if active && o.Alert.StartsAt.After(was.StartsAt) {
		return item, false
	}
	if active {
		item.Verdict = escalation.Repeat
	}
	return item, true
}

// count counts a repeat.
func (d *data) count(source string, o *escalation.Observation) {
	record := d.shelf(source).alerts[o.Alert.Fingerprint]
	record.Count++
	if !o.At.Before(record.LastAt) {
		record.LastAt, record.SilentAt = o.At, o.Alert.SilentAt
	}
	d.putAlert(source, record)
}

// putAlert stores an alert in place of the one before.
func (d *data) putAlert(source string, record ticket.AlertRecord) {
	s := d.shelf(source)
	if was := s.alerts[record.Fingerprint].Ticket; was != "" && was != record.Ticket {
		d.touch(source, was)
	}
	d.dropAlert(source, record.Fingerprint)
	s.alerts[record.Fingerprint] = record
	if s.of[record.Ticket] == nil {
		s.of[record.Ticket] = map[string]bool{}
	}
	s.of[record.Ticket][record.Fingerprint] = true
	if at := silentAt(&record); !at.IsZero() {
		d.deadlines.add(escalation.Deadline{Source: source, Ticket: record.Ticket, Alert: record.Fingerprint, At: at})
	}
}

func (d *data) dropAlert(source, fingerprint string) {
	s := d.shelf(source)
	record, known := s.alerts[fingerprint]
	if !known {
		return
	}
	delete(s.alerts, fingerprint)
	delete(s.of[record.Ticket], fingerprint)
	d.deadlines.remove(escalation.Deadline{
		Source: source, Ticket: record.Ticket, Alert: fingerprint, At: silentAt(&record),
	})
}

// silentAt is an alert's deadline, zero if it has none.
func silentAt(record *ticket.AlertRecord) time.Time {
	if record.Status != ticket.Firing {
		return time.Time{}
	}
	return record.SilentAt
}

// Alerts implements escalation.Store.
func (m *Memory) Alerts(
	ctx context.Context, source string, fingerprints []string,
) (records []ticket.AlertRecord, err error) {
	err = m.do(ctx, "Alerts", func() error {
		s := m.d.shelf(source)
		for _, f := range fingerprints {
			if record, known := s.alerts[f]; known {
				records = append(records, copied(record))
			}
		}
		return nil
	})
	return records, err
}

// Grouped implements escalation.Store.
func (m *Memory) Grouped(ctx context.Context, source, senderGroup string) (fingerprints []string, err error) {
	err = m.do(ctx, "Grouped", func() error {
		for f, record := range m.d.shelf(source).alerts {
			if senderGroup != "" && record.SenderGroup == senderGroup && record.Status != ticket.Resolved {
				fingerprints = append(fingerprints, f)
			}
		}
		slices.Sort(fingerprints)
		return nil
	})
	return fingerprints, err
}

// Numbers implements escalation.Store.
func (m *Memory) Numbers(ctx context.Context, _, prefix string, n int) (numbers []string, err error) {
	err = m.do(ctx, "Numbers", func() error {
		for range n {
			m.numbers[prefix]++
			numbers = append(numbers, fmt.Sprintf("%s%04d", prefix, m.numbers[prefix]))
		}
		return nil
	})
	return numbers, err
}
