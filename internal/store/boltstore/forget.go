package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What is over leaves the file in small operations of the writer, between
// those of others. Tickets are found in the list of closed ones, by their
// opening, which is never later than their closing. Links, codes and
// providers' ids are looked through one part after the other, for those whose
// ticket is gone. So no record has to name what belongs to a ticket, and what
// a crash left behind is found too.

// forgetter remembers where the next call goes on.
type forgetter struct {
	sync.Mutex
	tickets, links, codes, ids []byte // the key that was looked at last; nil: start at the beginning
}

const (
	// forgetParts is how many keys of tickets one operation removes at most, so
	// that a page behind it waits only a few milliseconds.
	forgetParts = 512
	// forgetSide is how many links, codes and ids are looked at for each ticket.
	forgetSide = 8
)

// forgetting is what one call found to be over, before the writer removes it.
type forgetting struct {
	copied              map[string]int64 // past.Copied
	tickets, links, ids [][]byte
	codes               []foundCode
	more                bool
}

// foundCode is a code as it was found.
type foundCode struct{ key, value []byte }

// Forget removes closed tickets with everything that belongs to them, and
// links and codes that lead nowhere any more. A ticket whose pages wait is
// left for a later call.
func (s *Store) Forget(ctx context.Context, past ticket.Past) (ticket.Forgotten, error) {
	f := &s.forgets
	f.Lock()
	defer f.Unlock()
	found := forgetting{copied: past.Copied}
	from := f.tickets
	for _, l := range f.looks(&past, &found) {
		if err := s.lookOn(ctx, l); err != nil {
			return ticket.Forgotten{}, fmt.Errorf("boltstore: look for what is over: %w", err)
		}
	}
	did, err := s.forgetFound(ctx, &found)
	if err != nil {
		return ticket.Forgotten{}, fmt.Errorf("boltstore: forget what is over: %w", err)
	}
	if did.short { // a ticket has parts left
		f.tickets = from
	}
	did.More = found.more || did.short
	return did.Forgotten, nil
}

// forgot is what the writer did. short: it stopped because its budget was used
// up.
type forgot struct {
	ticket.Forgotten
	short bool
}

// looks are the searches for what may leave. They also have the system read it
// before the writer needs it.
func (f *forgetter) looks(past *ticket.Past, found *forgetting) []looking {
	ended := func(tx *bolt.Tx, refs []ticket.Ref, at time.Time, gone bool) bool {
		if !at.Before(past.Links) {
			return false // its ticket may not be stored yet
		}
		for _, ref := range refs {
			t, ok := glance(tx, ref.Number)
			if ok && (gone || t.State != ticket.Closed || !t.ClosedAt.Before(past.Links)) {
				return false
			}
		}
		return true
	}
	walk := func(id bucket, at *[]byte, visit func(tx *bolt.Tx, k, v []byte)) looking {
		return looking{id, at, func(tx *bolt.Tx) {
			walkOn(in(tx, id), at, forgetSide*past.Limit, func(k, v []byte) { visit(tx, k, v) })
		}}
	}
	return []looking{
		{inLists, &f.tickets, func(tx *bolt.Tx) { f.closed(tx, past, found) }},
		walk(inLinks, &f.links, func(tx *bolt.Tx, k, v []byte) {
			var l ticket.Link
			if json.Unmarshal(v, &l) == nil && ended(tx, ticket.Refs(l.Source, l.Ticket, l.Bundle), l.At, false) {
				found.links = append(found.links, bytes.Clone(k))
			}
		}),
		walk(inCodes, &f.codes, func(tx *bolt.Tx, k, v []byte) {
			c, err := readCode(v)
			if err == nil && c.Ticket != "" && ended(tx, ticket.Refs(c.Source, c.Ticket, c.Bundle), c.At, true) {
				found.codes = append(found.codes, foundCode{bytes.Clone(k), bytes.Clone(v)})
			}
		}),
		walk(inProviders, &f.ids, func(tx *bolt.Tx, k, v []byte) {
			if in(tx, inTickets).Get(v) == nil {
				found.ids = append(found.ids, bytes.Clone(k))
			}
		}),
	}
}

// closed finds tickets in the list of closed ones. After the last that may
// leave it begins again.
func (f *forgetter) closed(tx *bolt.Tx, past *ticket.Past, found *forgetting) {
	if past.Tickets.IsZero() {
		return
	}
	if past.Copied != nil {
		for number := range past.Copied {
			if t, ok := glance(tx, number); ok && past.Leaves(&t) {
				touch(tx, number)
				found.tickets = append(found.tickets, []byte(number))
			}
		}
		return
	}
	end := timeKey(classClosed, stamp(past.Tickets), "")
	start := f.tickets
	switch {
	case start == nil:
		start = []byte{classClosed}
	case start[0] < classClosed: // the first of the closed ones cannot be read (beyond)
		start = timeKey(classClosed, stamp(past.Tickets.AddDate(-1, 0, 0)), "")
		f.tickets = start
	}
	c := in(tx, inLists).Cursor()
	k, _ := c.Seek(start)
	if bytes.Equal(k, f.tickets) {
		k, _ = c.Next()
	}
	for n := 0; k != nil && bytes.Compare(k, end) < 0; k, _ = c.Next() {
		if n++; n > forgetSide*past.Limit || len(found.tickets) == past.Limit {
			found.more = true
			return
		}
		f.tickets = bytes.Clone(k)
		number := string(k[min(9, len(k)):])
		if t, ok := glance(tx, number); ok && past.Leaves(&t) {
			touch(tx, number)
			found.tickets = append(found.tickets, []byte(number))
		}
	}
	f.tickets = nil
}

// glance reads as much of a ticket as tells whether it is over. A ticket that
// cannot be read counts as not over.
func glance(tx *bolt.Tx, number string) (t ticket.Ticket, found bool) {
	v := in(tx, inTickets).Get(ticketKey(number))
	if v == nil {
		return t, false
	}
	h, body, err := readTicket(v)
	var times struct {
		ClosedAt time.Time `json:"closed_at"`
	}
	if err != nil || json.Unmarshal(body, &times) != nil {
		return ticket.Ticket{State: ticket.Open}, true
	}
	t.State, t.ClosedAt = h.state.long(), times.ClosedAt
	return t, true
}

// touch reads the pages of the file that a ticket lies on.
func touch(tx *bolt.Tx, number string) {
	c, prefix := in(tx, inTickets).Cursor(), ticketKey(number)
	n := 0
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && n < forgetParts; k, _ = c.Next() {
		n++
	}
}

// walkOn visits up to limit keys after at, and moves at on. At the end, at
// becomes nil.
func walkOn(b *bolt.Bucket, at *[]byte, limit int, visit func(k, v []byte)) {
	c := b.Cursor()
	k, v := c.Seek(*at)
	if *at != nil && bytes.Equal(k, *at) {
		k, v = c.Next()
	}
	for n := 0; k != nil; k, v = c.Next() {
		if n++; n > limit {
			return
		}
		*at = bytes.Clone(k)
		visit(k, v)
	}
	*at = nil
}

// forgetAll removes what was found, if it is still over.
func (b *batch) forgetAll(found *forgetting) (done forgot, err error) {
	budget := forgetParts
	for _, number := range found.tickets {
		if h, _, err := b.ticketHead(string(number)); err == nil && found.copied != nil && h.revision != found.copied[string(number)] {
			continue // it changed meanwhile
		}
		gone, err := b.forgetTicket(string(number), &budget)
		if err != nil {
			return done, fmt.Errorf("ticket %s: %w", number, err)
		}
		if gone {
			done.Tickets++
		}
	}
	done.short = budget == 0
	for _, k := range found.links {
		if err := b.remove(inLinks, k); err != nil {
			return done, err
		}
		done.Links++
	}
	for _, k := range found.ids {
		if in(b.tx, inTickets).Get(b.in(inProviders).Get(k)) == nil {
			if err := b.remove(inProviders, k); err != nil {
				return done, err
			}
		}
	}
	for _, c := range found.codes {
		if !bytes.Equal(b.in(inCodes).Get(c.key), c.value) {
			continue // it was given to another ticket meanwhile
		}
		if err := b.blankCode(c.key); err != nil {
			return done, fmt.Errorf("code %q: %w", c.key, err)
		}
		done.Codes++
	}
	return done, nil
}

// forgetTicket removes a closed ticket: its parts first, as many as budget
// allows, and its record last.
func (b *batch) forgetTicket(number string, budget *int) (gone bool, err error) {
	h, known, err := b.ticketHead(number)
	if err != nil {
		return false, nil //nolint:nilerr // it stays, as a ticket that is not over
	}
	if !known || h.state != stateClosed || b.waits(number) {
		return false, nil
	}
	prefix := ticketKey(number)
	var parts [][]byte
	c := b.in(inTickets).Cursor()
	k, v := c.Seek(prefix)
	for ; bytes.HasPrefix(k, prefix) && *budget > 0; k, v = c.Next() {
		if len(k) == len(prefix) {
			continue
		}
		*budget--
		parts = append(parts, bytes.Clone(k))
		if err := b.forgetID(k, v, len(prefix)); err != nil {
			return false, err
		}
	}
	whole := !bytes.HasPrefix(k, prefix)
	for _, k := range parts {
		if err := b.remove(inTickets, k); err != nil {
			return false, err
		}
	}
	if !whole {
		return false, nil
	}
	b.keepNumber(number)
	for _, kind := range ticket.LeaveWith() {
		if err := b.putRecord(h.source, kind, number, nil, nil); err != nil {
			return false, err
		}
	}
	return true, errors.Join(
		b.remove(inLists, timeKey(classClosed, h.opened, number)),
		b.remove(inTickets, prefix),
	)
}

// waits reports whether a page of the ticket is queued or claimed.
func (b *batch) waits(number string) bool {
	prefix := partKey(number, kindPage, "")
	c := b.in(inTickets).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if b.s.ix.waiting[string(k)] != nil {
			return true
		}
	}
	return false
}

// forgetID removes the provider's id by which receipts find a page, if the key
// is a page's.
func (b *batch) forgetID(key, v []byte, at int) error {
	if key[at] != kindPage {
		return nil
	}
	rec, err := readPage(string(key[:at-1]), key[at+1:], v)
	if err != nil || rec.ProviderID == "" {
		return nil //nolint:nilerr // another pass finds an id without its page
	}
	id := []byte(short(rec.ProviderID))
	if !bytes.Equal(b.in(inProviders).Get(id), key) {
		return nil
	}
	return b.remove(inProviders, id)
}

// keepNumber keeps the number of a ticket that was removed from being handed
// out again.
func (b *batch) keepNumber(number string) {
	prefix := strings.TrimRight(number, "0123456789")
	n, err := strconv.ParseInt(number[len(prefix):], 10, 64)
	if err != nil || prefix == "" || len(prefix) > maxPrefix {
		return // Numbers did not make it
	}
	if v := b.in(inNumbers).Get([]byte(prefix)); v != nil {
		if high, err := strconv.ParseInt(string(v), 10, 64); err == nil && high >= n {
			return
		}
	}
	b.reserve(prefix, n)
	b.then(func(*index) {
		b.s.numbers.Lock()
		defer b.s.numbers.Unlock()
		if q := b.s.numbers.sequences[prefix]; q != nil {
			q.next = max(q.next, n+1)
		}
	})
}

// blankCode leaves of a code only that it was once given. It may be given
// again.
func (b *batch) blankCode(key []byte) error {
	c, err := readCode(b.in(inCodes).Get(key))
	if err != nil {
		return err
	}
	if c.ReleasedAt.IsZero() {
		c.ReleasedAt = c.At
	}
	c.Source, c.Ticket, c.Person, c.Bundle = "", "", "", nil
	b.s.phones = nil // the writer's memory of codes
	return b.putJSON(inCodes, key, &c)
}
