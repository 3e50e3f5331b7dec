package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Load implements escalation.Store.
func (m *Memory) Load(ctx context.Context, source string, numbers []string) (records []ticket.Record, err error) {
	err = m.do(ctx, "Load", func() error {
		for _, number := range numbers {
			if record, found := m.d.shelf(source).tickets[number]; found {
				records = append(records, copied(record))
			}
		}
		return nil
	})
	return records, err
}

// Locate implements escalation.Store.
func (m *Memory) Locate(ctx context.Context, number string) (source string, err error) {
	err = m.do(ctx, "Locate", func() error {
		var found bool
		if source, found = m.d.sources[number]; !found {
			return escalation.ErrNotFound
		}
		return nil
	})
	return source, err
}

// Commit implements escalation.Store.
func (m *Memory) Commit(ctx context.Context, source string, changes []escalation.Change) (errs []error, err error) {
	err = m.do(ctx, "Commit", func() error {
		errs = make([]error, len(changes))
		for i := range changes {
			if len(changes[i].Records) > 0 {
				if err := records.Check(source, changes[i].Records); err != nil {
					return err
				}
			}
		}
		for i := range changes {
			if !m.d.shelf(source).allows(&changes[i]) || m.d.checkRecords(source, changes[i].Records) != nil {
				errs[i] = escalation.ErrConflict
				continue
			}
			m.d.apply(source, copied(changes[i]))
			m.writeRecords(source, changes[i].Records)
			m.d.hand(source, &changes[i])
		}
		return nil
	})
	return errs, err
}

// hand claims a new ticket's pages, and files their codes and links.
func (d *data) hand(source string, c *escalation.Change) {
	if c.Claimed == nil {
		return
	}
	for i := range c.Pages {
		if p := d.page(pageRef{source, c.Pages[i].PageKey}); p != nil {
			p.State, p.Attempts = ticket.PageSending, 1
			p.owner, p.until, p.token = c.Claimed.Owner, c.Claimed.Until, c.Claimed.Token
		}
	}
	c.Claimed.Codes = make([]int, len(c.Claimed.Reserve))
	for i := range c.Claimed.Reserve {
		c.Claimed.Codes[i] = d.fileReservation(&c.Claimed.Reserve[i])
	}
}

// allows reports whether everything is still as the change expects.
func (s *shelf) allows(c *escalation.Change) bool {
	if s.tickets[c.Ticket.Number].Revision != c.Revision {
		return false
	}
	if c.TakeGroup && s.groups[c.Ticket.GroupKey] != c.GroupWas {
		return false
	}
	if c.Revision == 0 && s.has(c.Ticket.OpenedAt).Reaches(c.Most) {
		return false
	}
	for i := range c.Alerts {
		is, a := s.alerts[c.Alerts[i].Record.Fingerprint], &c.Alerts[i]
		if is.Ticket != a.Was || !a.Heard.IsZero() && !is.LastAt.Equal(a.Heard) {
			return false
		}
	}
	return true
}

// has counts the shelf's tickets at a time.
func (s *shelf) has(at time.Time) escalation.Crowd {
	from, _ := slices.BinarySearchFunc(s.recent, at.Add(-time.Minute+1), time.Time.Compare)
	return escalation.Crowd{Active: s.active, Opened: len(s.recent) - from}
}

// opened notes that a ticket was opened.
func (s *shelf) opened(at time.Time) {
	i, _ := slices.BinarySearchFunc(s.recent, at, time.Time.Compare)
	s.recent = slices.Insert(s.recent, i, at)
}

func active(t *ticket.Ticket) int {
	if t.State.Active() {
		return 1
	}
	return 0
}

func (d *data) apply(source string, c escalation.Change) {
	s, number := d.shelf(source), c.Ticket.Number
	was, exists := s.tickets[number]
	if exists {
		d.unlist(source, &was.Ticket)
	} else {
		s.opened(c.Ticket.OpenedAt)
	}
	s.active += active(&c.Ticket) - active(&was.Ticket)
	s.tickets[number] = ticket.Record{Ticket: c.Ticket, Revision: c.Revision + 1}
	d.sources[number] = source
	d.touch(source, number)
	d.opened.add(opened{source, number, c.Ticket.OpenedAt})
	s.entries[number] = append(s.entries[number], c.Timeline...)
	d.order(source, c.Pages)
	for _, a := range c.Alerts {
		a.Record.Ticket = number
		d.putAlert(source, a.Record)
	}
	if c.Ticket.State == ticket.Closed {
		d.over(source, &c.Ticket)
		return
	}
	if at := c.Ticket.NextDeadline(); !at.IsZero() {
		d.deadlines.add(escalation.Deadline{Source: source, Ticket: number, At: at})
	}
	if c.TakeGroup {
		s.groups[c.Ticket.GroupKey] = number
	}
}

// unlist takes a ticket out of the indexes, before it is stored anew.
func (d *data) unlist(source string, t *ticket.Ticket) {
	d.opened.remove(opened{source, t.Number, t.OpenedAt})
	d.deadlines.remove(escalation.Deadline{Source: source, Ticket: t.Number, At: t.NextDeadline()})
}

// over drops what a closed ticket loses.
func (d *data) over(source string, t *ticket.Ticket) {
	s := d.shelf(source)
	for fingerprint := range s.of[t.Number] {
		d.dropAlert(source, fingerprint)
	}
	delete(s.of, t.Number)
	if s.groups[t.GroupKey] == t.Number {
		delete(s.groups, t.GroupKey)
	}
}

// order queues pages, except those that exist.
func (d *data) order(source string, pages []ticket.Page) {
	s := d.shelf(source)
	for _, p := range pages {
		p.Source = source
		if d.page(pageRef{source, p.PageKey}) != nil {
			continue
		}
		d.ordered++
		stored := &page{Page: p, order: d.ordered}
		s.pages[p.Ticket] = append(s.pages[p.Ticket], stored)
		if p.State == ticket.PageQueued {
			d.queue.add(stored.place())
		}
	}
}

// Due implements escalation.Store.
func (m *Memory) Due(
	ctx context.Context, now time.Time, limit int,
) (due []escalation.Deadline, next time.Time, err error) {
	err = m.do(ctx, "Due", func() error {
		for _, deadline := range m.d.deadlines.items {
			if deadline.At.After(now) || len(due) == limit {
				next = deadline.At
				return nil
			}
			due = append(due, deadline)
		}
		return nil
	})
	return due, next, err
}
