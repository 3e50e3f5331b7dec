package boltstore

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// load builds the index from the file, by what lives and waits. The answer
// names the transaction that it shows.
func load(db *bolt.DB) (ix *index, id int, err error) {
	l := loader{ix: newIndex(), took: map[*source]map[string]uint64{}}
	err = db.View(func(tx *bolt.Tx) error {
		id = tx.ID()
		for _, step := range []func(*bolt.Tx) error{l.tickets, l.counters, l.pages} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return l.ix, id, err
}

type loader struct {
	ix   *index
	took map[*source]map[string]uint64 // when each group's ticket took it
}

// tickets reads those that live, each with its alerts.
func (l *loader) tickets(tx *bolt.Tx) error {
	c, list := in(tx, inTickets).Cursor(), in(tx, inLists).Cursor()
	for _, class := range []byte{classActive, classResolved} {
		for k, _ := list.Seek([]byte{class}); len(k) > 0 && k[0] == class; k, _ = list.Next() {
			if len(k) <= 9 {
				return fmt.Errorf("list %c: key %x: %w", class, k, errHead)
			}
			if err := l.ticket(c, string(k[9:])); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) ticket(c *bolt.Cursor, number string) error {
	prefix := ticketKey(number)
	k, v := c.Seek(prefix)
	if !bytes.Equal(k, prefix) {
		return fmt.Errorf("ticket %s: it is listed and has no record", number)
	}
	h, _, err := readTicket(v)
	if err != nil {
		return fmt.Errorf("ticket %s: %w", number, err)
	}
	t := l.ix.putTicket(number, &h)
	l.group(t, h.took)

	prefix = alertKey(number, "")
	for k, v = c.Next(); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		h, _, err := readAlert(k[len(prefix):], v)
		if err != nil {
			return fmt.Errorf("ticket %s: alert %q: %w", number, k[len(prefix):], err)
		}
		l.ix.putAlert(t, &h)
	}
	return nil
}

// group gives a group to the one that took it last.
func (l *loader) group(t *liveTicket, took uint64) {
	if took == 0 {
		return
	}
	groups := l.took[t.source]
	if groups == nil {
		groups = map[string]uint64{}
		l.took[t.source] = groups
	}
	if took > groups[t.group] {
		groups[t.group] = took
		l.ix.takeGroup(t)
	}
}

// counters reads what repeats moved since the alerts were filed.
func (l *loader) counters(tx *bolt.Tx) error {
	tickets := in(tx, inTickets)
	return in(tx, inHeard).ForEach(func(k, v []byte) error {
		number, part, _ := bytes.Cut(k, []byte{0, kindAlert})
		t, record := l.ix.tickets[string(number)], tickets.Get(k)
		if t == nil || record == nil {
			return nil
		}
		h, _, err := readAlert(part, record)
		if err != nil {
			return fmt.Errorf("counters of %q: %w", k, err)
		}
		a := t.source.alerts[h.fingerprint]
		r := reader{rest: v}
		a.heard, a.filed = r.heard(), true
		l.ix.expect(a)
		return r.err()
	})
}

// pages reads those that wait to be claimed, or to be finished.
func (l *loader) pages(tx *bolt.Tx) error {
	tickets := in(tx, inTickets)
	return in(tx, inQueue).ForEach(func(k, v []byte) error {
		h, _, err := readPageHead(tickets.Get(v))
		if err != nil {
			return fmt.Errorf("page %q, number %x of the queue: %w", v, k, err)
		}
		l.ix.wait(string(v), &h)
		return nil
	})
}

// keepCounters takes over what repeats moved in an older index and the file
// lacks.
func (ix *index) keepCounters(old *index) {
	for _, was := range old.dirty {
		if !was.dirty || was.ticket == nil {
			continue
		}
		a := ix.source(was.ticket.source.name).alert(was.fingerprint)
		if a != nil && a.ticket.number == was.ticket.number && a.count < was.count {
			a.heard, a.dirty = was.heard, true
			ix.dirty = append(ix.dirty, a)
			ix.expect(a)
		}
	}
}
