package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Commit applies changes in one transaction. Whoever else waits for the writer
// shares it.
func (s *Store) Commit(ctx context.Context, source string, changes []escalation.Change) ([]error, error) {
	drafts := make([]draft, len(changes))
	for i := range changes {
		d, err := newDraft(source, &changes[i])
		if err != nil {
			return nil, fmt.Errorf("boltstore: commit ticket %s: %w", changes[i].Ticket.Number, err)
		}
		drafts[i] = d
	}
	results := make([]error, len(changes))
	err := s.ask(&op{ctx: ctx, weight: len(changes), grows: slices.ContainsFunc(changes, grows), run: func(b *batch) error {
		for i := range drafts {
			ok, err := b.change(&drafts[i])
			if err != nil {
				return fmt.Errorf("ticket %s: %w", drafts[i].number, err)
			}
			results[i] = nil
			if !ok {
				results[i] = escalation.ErrConflict
			}
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("boltstore: commit %d changes of source %s: %w", len(changes), source, err)
	}
	for i := range changes {
		if changes[i].Claimed != nil {
			changes[i].Claimed.Codes = drafts[i].codes
		}
	}
	return results, nil
}

// grows reports whether a full store may refuse a change, because its sender
// sends it again.
func grows(c escalation.Change) bool { return c.Revision == 0 || len(c.Alerts) > 0 }

// change applies one change, or says that it may not be.
func (b *batch) change(d *draft) (applied bool, err error) {
	old, known, err := b.ticketHead(d.number)
	if err != nil {
		_ = b.s.damagedTicket(d.number, err)
		b.abandon(d.number)
		return false, nil
	}
	if !b.expected(d, &old, known) {
		return false, nil
	}
	took, err := b.settleGroup(d, &old)
	if err != nil {
		return false, err
	}
	h := d.head
	h.revision, h.took = old.revision+1, took
	if err := b.putTicket(d, &h); err != nil {
		return false, err
	}
	if err := b.list(d.number, &old, &h, known); err != nil {
		return false, err
	}
	b.crowd(d, &old, known)
	b.touch(d.source, d.number)
	if h.state == stateClosed {
		err = b.closeTicket(d)
	} else {
		b.showTicket(d, &h)
		err = b.putAlerts(d)
	}
	_, errRecords := b.putRecords(d.source, d.records)
	return err == nil, errors.Join(err, errRecords, b.putEntries(d.number, d.entries), b.queuePages(d), b.reserveAll(d))
}

// reserveAll files the codes and links of pages that are claimed already.
func (b *batch) reserveAll(d *draft) error {
	d.codes = make([]int, len(d.reserve))
	for i := range d.reserve {
		var err error
		if d.codes[i], err = b.fileReservation(&d.reserve[i]); err != nil {
			return err
		}
	}
	return nil
}

// expected reports whether everything is as the change expects it.
func (b *batch) expected(d *draft, old *ticketHead, known bool) bool {
	if known != (d.revision != 0) || old.revision != d.revision || (known && old.source != d.source) {
		return false
	}
	if d.take && b.groupTicket(scoped{d.source, d.head.group}) != d.groupWas {
		return false
	}
	if !known && !b.fits(d) {
		return false
	}
	for i := range d.alerts {
		a := &d.alerts[i]
		key := scoped{d.source, a.head.fingerprint}
		if b.alertTicket(key) != a.was || a.heard != 0 && !b.unheard(key, a.heard) {
			return false
		}
	}
	return b.unexpected(d.source, d.records) == nil
}

func (b *batch) ticketHead(number string) (h ticketHead, known bool, err error) {
	v := b.in(inTickets).Get(ticketKey(number))
	if v == nil {
		return h, false, nil
	}
	h, _, err = readTicket(v)
	return h, true, err
}

// groupTicket is the number of a group's ticket as this batch leaves it.
func (b *batch) groupTicket(key scoped) string {
	if number, ok := b.groups[key]; ok {
		return number
	}
	if t := b.s.ix.source(key.source).groupTicket(key.key); t != nil {
		return t.number
	}
	return ""
}

// alertTicket is the number of an alert's ticket as this batch leaves it.
func (b *batch) alertTicket(key scoped) string {
	if number, ok := b.alerts[key]; ok {
		return number
	}
	if a := b.s.ix.source(key.source).alert(key.key); a != nil {
		return a.ticket.number
	}
	return ""
}

// unheard reports whether an alert was last heard of at a time. From then
// until the batch has succeeded or failed, a repeat of the alert counts as a
// change (judge).
func (b *batch) unheard(key scoped, lastAt int64) bool {
	if _, changed := b.alerts[key]; changed {
		return false
	}
	a := b.s.ix.source(key.source).alert(key.key)
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if a == nil || a.lastAt != lastAt {
		return false
	}
	a.judged = true
	b.then(func(*index) { a.judged = false })
	b.undo = append(b.undo, func() {
		b.s.mu.Lock()
		defer b.s.mu.Unlock()
		a.judged = false
	})
	return true
}

func (b *batch) setGroup(key scoped, number string) {
	if b.groups == nil {
		b.groups = map[scoped]string{}
	}
	b.groups[key] = number
}

func (b *batch) setAlert(key scoped, number string) {
	if b.alerts == nil {
		b.alerts = map[scoped]string{}
	}
	b.alerts[key] = number
}

// settleGroup says when the ticket took its group; 0 if it is not the group's
// ticket. It takes the group from the ticket that had it.
func (b *batch) settleGroup(d *draft, old *ticketHead) (took uint64, err error) {
	key := scoped{d.source, d.head.group}
	switch {
	case d.head.state == stateClosed:
		if b.groupTicket(key) == d.number {
			b.setGroup(key, "")
		}
		return 0, nil
	case !d.take:
		return old.took, nil
	}
	if d.groupWas != "" && d.groupWas != d.number {
		if err := b.loseGroup(d.groupWas); err != nil {
			return 0, err
		}
	}
	b.setGroup(key, d.number)
	return b.next(inTickets)
}

// loseGroup writes down that a ticket is no longer its group's. Otherwise a
// start would give the group back to it.
func (b *batch) loseGroup(number string) error {
	v := b.in(inTickets).Get(ticketKey(number))
	h, body, err := readTicket(v)
	if err != nil { // it has no group any more
		_ = b.s.damagedTicket(number, err)
		return nil
	}
	h.took = 0
	value := h.append(make([]byte, 0, len(v)))
	return b.put(inTickets, ticketKey(number), append(value, body...))
}

func (b *batch) putTicket(d *draft, h *ticketHead) error {
	head := h.append(make([]byte, 0, 64+len(h.source)+len(h.group)+len(d.body)))
	return b.put(inTickets, ticketKey(d.number), append(head, d.body...))
}

// list files the ticket by its state and its time.
func (b *batch) list(number string, old, h *ticketHead, known bool) error {
	is, was := timeKey(h.state.class(), h.opened, number), []byte(nil)
	if known {
		was = timeKey(old.state.class(), old.opened, number)
	}
	if bytes.Equal(is, was) {
		return nil
	}
	if known {
		if err := b.remove(inLists, was); err != nil {
			return err
		}
	}
	return b.put(inLists, is, nil)
}

func (b *batch) showTicket(d *draft, h *ticketHead) {
	number, head, take := d.number, *h, d.take
	b.then(func(ix *index) {
		if t := ix.putTicket(number, &head); take {
			ix.takeGroup(t)
		}
	})
}

// closeTicket removes what a closed ticket loses.
func (b *batch) closeTicket(d *draft) error {
	prefix := alertKey(d.number, "")
	var fingerprints []string
	var damaged [][]byte
	c := b.in(inTickets).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		h, _, err := readAlert(k[len(prefix):], v)
		if err != nil {
			b.s.Note(ticket.RecordAlert, d.number+" "+h.fingerprint, err)
			damaged = append(damaged, bytes.Clone(k))
			continue
		}
		fingerprints = append(fingerprints, h.fingerprint)
	}
	for _, k := range damaged {
		if err := b.remove(inTickets, k); err != nil {
			return err
		}
	}
	for i := range d.alerts {
		if a := &d.alerts[i]; a.was != "" && a.was != d.number {
			fingerprints = append(fingerprints, a.head.fingerprint)
		}
	}
	for _, f := range fingerprints {
		key := scoped{d.source, f}
		at := alertKey(b.alertTicket(key), f)
		if err := errors.Join(b.remove(inTickets, at), b.forget(key, at)); err != nil {
			return err
		}
		b.setAlert(key, "")
	}
	source, number := d.source, d.number
	b.then(func(ix *index) {
		for _, f := range fingerprints {
			ix.dropAlert(source, f)
		}
		ix.closeTicket(number)
	})
	return nil
}

// forget removes the counters that the file keeps apart for the alert at key.
func (b *batch) forget(alert scoped, key []byte) error {
	if a := b.s.ix.source(alert.source).alert(alert.key); a == nil || !a.filed {
		return nil
	}
	return b.remove(inHeard, key)
}

func (b *batch) putAlerts(d *draft) error {
	for i := range d.alerts {
		a := &d.alerts[i]
		f := a.head.fingerprint
		key, at := scoped{d.source, f}, alertKey(d.number, f)
		if was := alertKey(a.was, f); a.was != "" {
			err := b.forget(key, was)
			if a.was != d.number {
				b.touch(d.source, a.was)
				err = errors.Join(err, b.remove(inTickets, was))
			}
			if err != nil {
				return err
			}
		}
		if err := b.put(inTickets, at, a.value); err != nil {
			return err
		}
		b.setAlert(key, d.number)
	}
	if len(d.alerts) > 0 {
		number, alerts := d.number, d.alerts
		b.then(func(ix *index) {
			t := ix.tickets[number]
			for i := range alerts {
				ix.putAlert(t, &alerts[i].head)
			}
		})
	}
	return nil
}

// putEntries appends to a ticket's timeline.
func (b *batch) putEntries(number string, entries [][]byte) error {
	for _, e := range entries {
		n, err := b.next(inTickets)
		if err != nil {
			return err
		}
		if err := b.put(inTickets, entryKey(number, n), e); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) queuePages(d *draft) error {
	for i := range d.pages {
		p := &d.pages[i]
		if b.in(inTickets).Get(p.key) != nil {
			continue
		}
		n, err := b.next(inQueue)
		if err != nil {
			return err
		}
		h := p.rec.head()
		h.sequence = n
		if err := b.put(inTickets, p.key, h.with(p.body)); err != nil {
			return err
		}
		if !p.rec.waits() {
			continue
		}
		if err := b.put(inQueue, sequenceKey(n), p.key); err != nil {
			return err
		}
		key, source := string(p.key), d.source
		b.then(func(ix *index) { ix.wait(key, source, &h) })
	}
	return nil
}
