package storetest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Forget implements daemon.Store. It removes the oldest tickets first, and all
// links and codes that are over.
func (m *Memory) Forget(ctx context.Context, past ticket.Past) (done ticket.Forgotten, err error) {
	err = m.do(ctx, "Forget", func() error {
		done = m.forget(&past)
		return nil
	})
	return done, err
}

func (m *Memory) forget(past *ticket.Past) (done ticket.Forgotten) {
	for _, at := range slices.Backward(slices.Clone(m.d.opened.items)) {
		s := m.d.shelf(at.source)
		record := s.tickets[at.number]
		if !past.Leaves(&record.Ticket) || slices.ContainsFunc(s.pages[at.number], (*page).waits) {
			continue
		}
		if revision, copied := past.Copied[at.number]; past.Copied != nil && (!copied || revision != record.Revision) {
			continue
		}
		if done.Tickets == past.Limit {
			done.More = true
			break
		}
		m.keepNumber(at.number)
		m.d.drop(at)
		done.Tickets++
	}
	for hash, l := range m.d.links {
		if l.At.Before(past.Links) && m.d.ended(ticket.Refs(l.Source, l.Ticket, l.Bundle), past.Links) {
			delete(m.d.links, hash)
			done.Links++
		}
	}
	for _, codes := range m.d.phones {
		for number, c := range codes {
			if c.At.Before(past.Links) && m.d.ended(ticket.Refs(c.Source, c.Ticket, c.Bundle), time.Time{}) {
				delete(codes, number)
				done.Codes++
			}
		}
	}
	return done
}

// ended reports whether all tickets are gone, or were closed before a time.
func (d *data) ended(refs []ticket.Ref, before time.Time) bool {
	return !slices.ContainsFunc(refs, func(ref ticket.Ref) bool {
		record, found := d.shelf(ref.Source).tickets[ref.Number]
		return found && (record.Ticket.State != ticket.Closed || !record.Ticket.ClosedAt.Before(before))
	})
}

// drop removes a ticket with everything that belongs to it.
func (d *data) drop(at opened) {
	s := d.shelf(at.source)
	for id, ref := range d.ids {
		if ref.key.Ticket == at.number {
			delete(d.ids, id)
		}
	}
	delete(s.tickets, at.number)
	delete(s.pages, at.number)
	delete(s.entries, at.number)
	delete(s.of, at.number)
	delete(d.sources, at.number)
	for _, kind := range ticket.LeaveWith() {
		delete(d.records[kind], recordID{at.source, at.number})
	}
	d.opened.remove(at)
}

// keepNumber keeps Numbers from giving out the number of a ticket that was
// removed.
func (m *Memory) keepNumber(number string) {
	prefix := strings.TrimRight(number, "0123456789")
	if n, err := strconv.Atoi(number[len(prefix):]); err == nil {
		m.numbers[prefix] = max(m.numbers[prefix], n)
	}
}

// waits reports whether the page is queued or claimed.
func (p *page) waits() bool {
	return p.State == ticket.PageQueued || p.State == ticket.PageSending || p.token != 0
}
