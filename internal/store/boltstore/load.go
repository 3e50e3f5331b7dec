package boltstore

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// load builds the index from the file, from what lives and what waits. id is
// the transaction that the index shows.
func (s *Store) load() (ix *index, id int, err error) {
	l := loader{s: s, ix: newIndex(), took: map[*source]map[string]uint64{}}
	err = s.db.View(func(tx *bolt.Tx) error {
		id = tx.ID()
		for b := range buckets {
			if in(tx, b) == nil {
				return fmt.Errorf("it has no bucket %q", b.name())
			}
		}
		for _, step := range []func(*bolt.Tx) error{l.tickets, l.counters, l.pages, l.log} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return l.ix, id, err
}

type loader struct {
	s    *Store
	ix   *index
	took map[*source]map[string]uint64 // when each group's ticket took it
}

// tickets reads the tickets that live, each with its alerts.
func (l *loader) tickets(tx *bolt.Tx) error {
	c, list := in(tx, inTickets).Cursor(), in(tx, inLists).Cursor()
	for _, class := range []byte{classActive, classResolved} {
		for k, _ := list.Seek([]byte{class}); len(k) > 0 && k[0] == class; k, _ = list.Next() {
			if len(k) <= 9 {
				l.s.Note(ticket.RecordIndex, fmt.Sprintf("list %x", k), errHead)
				continue
			}
			if number := string(k[9:]); !l.ticket(c, number) && class == classActive {
				l.s.lost.note(number)
			}
		}
	}
	return nil
}

// ticket reads one ticket. It passes over one that cannot be read, and over
// its alerts: they open another ticket when they are heard of. whole says
// whether it could be read.
func (l *loader) ticket(c *bolt.Cursor, number string) (whole bool) {
	prefix := ticketKey(number)
	k, v := c.Seek(prefix)
	if !bytes.Equal(k, prefix) {
		l.s.Note(ticket.RecordIndex, "list "+number, errors.New("it is listed and has no record"))
		return false
	}
	h, body, err := readTicket(v)
	if err == nil && !looksWhole(number, body) {
		_, err = decodeTicket(number, body)
	}
	if err != nil {
		_ = l.s.damagedTicket(number, err)
		return false
	}
	if h.state == stateClosed {
		l.s.Note(ticket.RecordIndex, "list "+number, errors.New("it is listed and closed"))
		return true
	}
	t := l.ix.putTicket(number, &h)
	l.group(t, h.took)

	prefix = alertKey(number, "")
	for k, v = c.Next(); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		h, body, err := readAlert(k[len(prefix):], v)
		if err != nil {
			l.s.Note(ticket.RecordAlert, number+" "+h.fingerprint, err)
			continue
		}
		h.began = beganOf(body)
		l.ix.putAlert(t, &h)
	}
	return true
}

// looksWhole says whether a ticket's JSON begins and ends as it was written.
// Decoding each ticket would be most of a start. Damage in between is found
// when the ticket is read, at its deadline at the latest.
func looksWhole(number string, body []byte) bool {
	rest, begins := bytes.CutPrefix(body, []byte(`{"number":"`))
	rest, names := bytes.CutPrefix(rest, []byte(number))
	return begins && names && bytes.HasPrefix(rest, []byte(`","`)) && bytes.HasSuffix(rest, []byte(`}`))
}

// beganOf is StartsAt of an alert's JSON. If the JSON does not say it, no
// alert counts as having begun later. Decoding each alert would be most of a
// start. What follows the labels and annotations holds no quotation mark in
// its values, so the last StartsAt is ours.
func beganOf(body []byte) int64 {
	const name = `"starts_at":"`
	at := bytes.LastIndex(body, []byte(name))
	if at < 0 {
		return math.MaxInt64
	}
	text, _, _ := bytes.Cut(body[at+len(name):], []byte{'"'})
	began, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return math.MaxInt64
	}
	return stamp(began)
}

// group gives a group to the ticket that took it last.
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

// counters reads what repeats changed since the alerts were filed.
func (l *loader) counters(tx *bolt.Tx) error {
	tickets := in(tx, inTickets)
	return in(tx, inHeard).ForEach(func(k, v []byte) error {
		number, part, _ := bytes.Cut(k, []byte{0, kindAlert})
		t, record := l.ix.tickets[string(number)], tickets.Get(k)
		if t == nil || record == nil {
			return nil
		}
		h, _, err := readAlert(part, record)
		a, r := t.source.alerts[h.fingerprint], reader{rest: v}
		counted := r.heard()
		switch {
		case err != nil || a == nil || a.ticket != t:
		case r.short:
			l.s.Note(ticket.RecordAlert, t.number+" "+h.fingerprint, errHead)
			a.filed = true
		default:
			a.heard, a.filed = counted, true
			l.ix.expect(a)
		}
		return nil //nolint:nilerr // an alert that cannot be read is noted with its ticket
	})
}

// pages reads the pages that wait to be claimed or finished.
func (l *loader) pages(tx *bolt.Tx) error {
	tickets := in(tx, inTickets)
	return in(tx, inQueue).ForEach(func(k, v []byte) error {
		record := tickets.Get(v)
		h, _, err := readPageHead(record)
		switch {
		case record == nil:
			l.s.Note(ticket.RecordIndex, fmt.Sprintf("queue %x", k), errors.New("the page that it names is not there"))
			return nil
		case err != nil: // Claim makes it anew
			l.s.Note(ticket.RecordPage, string(v), err)
			h = pageHead{urgency: ticket.Critical}
		}
		if len(k) == 8 {
			h.sequence = binary.BigEndian.Uint64(k)
		}
		l.ix.wait(string(v), l.sourceOf(tickets, v, record), &h)
		return nil
	})
}

// sourceOf is the source of a page: its ticket's, or what the page itself
// says; empty if neither says it.
func (l *loader) sourceOf(tickets *bolt.Bucket, key, record []byte) string {
	number, _, _ := bytes.Cut(key, []byte{0})
	if t := l.ix.tickets[string(number)]; t != nil {
		return t.source.name
	}
	if h, _, err := readTicket(tickets.Get(ticketKey(string(number)))); err == nil {
		return h.source
	}
	_, body, _ := readPageHead(record)
	var p ticket.Page
	_ = json.Unmarshal(body, &p) // what is damaged has been noted
	return p.Source
}

// keepCounters takes from an older index what repeats changed and the file
// lacks, and when tickets were opened.
func (ix *index) keepCounters(old *index) {
	for name, s := range old.sources {
		ix.addSource(name).recent = s.recent
	}
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

// log reads where tickets are in the log of changes.
func (l *loader) log(tx *bolt.Tx) error {
	log := in(tx, inLog)
	l.ix.logged, l.ix.trimmed = log.Sequence(), trimmedOf(tx)
	return log.ForEach(func(k, _ []byte) error {
		if version, number, ok := readLogKey(k); ok {
			if t := l.ix.tickets[number]; t != nil {
				t.logged = version
			}
		}
		return nil
	})
}
