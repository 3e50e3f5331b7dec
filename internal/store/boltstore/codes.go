package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// The rules of codes (paging.Phonebook).
const (
	firstCode = 11
	codeRests = 72 * time.Hour
)

// phonebook is the writer's memory of a phone's codes, from firstCode on
// without a gap.
type phonebook struct {
	codes    []paging.Code
	byTicket map[string]int // place in codes
	released int            // how many of codes are released
}

// Reserve gives the lowest code that is free.
func (s *Store) Reserve(ctx context.Context, r paging.Reservation) (int, error) {
	code := 0
	err := s.write(ctx, 1, func(b *batch) (err error) {
		code, err = b.fileReservation(&r)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("boltstore: reserve a code of %s for ticket %s: %w", r.Phone, r.Ticket, err)
	}
	return code, nil
}

func (b *batch) fileReservation(r *paging.Reservation) (code int, err error) {
	if r.Hash != "" {
		if err := b.putJSON(inLinks, []byte(short(r.Hash)), &r.Link); err != nil {
			return 0, err
		}
	}
	if r.Phone == "" {
		return 0, nil
	}
	return b.giveCode(r)
}

func (b *batch) giveCode(r *paging.Reservation) (int, error) {
	book := b.phone(r.Phone)
	i, known := book.byTicket[r.Ticket]
	if !known {
		i = book.free(r.At)
		book.set(i, paging.Code{Code: firstCode + i, Source: r.Source, Ticket: r.Ticket, At: r.At, Bundle: r.Bundle})
	}
	c := &book.codes[i]
	if known && c.Person == r.Person && c.ReleasedAt.IsZero() {
		return c.Code, nil
	}
	book.release(i, time.Time{})
	c.Person = r.Person
	return c.Code, b.putJSON(inCodes, codeKey(r.Phone, c.Code), c)
}

// free is the place of the lowest free code.
func (book *phonebook) free(now time.Time) int {
	if book.released == 0 { // as in a storm
		return len(book.codes)
	}
	for i := range book.codes {
		if at := book.codes[i].ReleasedAt; !at.IsZero() && !now.Before(at.Add(codeRests)) {
			return i
		}
	}
	return len(book.codes)
}

func (book *phonebook) set(i int, c paging.Code) {
	if i == len(book.codes) {
		book.codes = append(book.codes, paging.Code{})
	} else {
		delete(book.byTicket, book.codes[i].Ticket)
	}
	at := c.ReleasedAt
	c.ReleasedAt = book.codes[i].ReleasedAt
	book.codes[i] = c
	book.release(i, at)
	if c.Ticket != "" {
		book.byTicket[c.Ticket] = i
	}
}

// release sets when a code was released. The zero time: it is in use.
func (book *phonebook) release(i int, at time.Time) {
	c := &book.codes[i]
	switch {
	case c.ReleasedAt.IsZero() && !at.IsZero():
		book.released++
	case !c.ReleasedAt.IsZero() && at.IsZero():
		book.released--
	}
	c.ReleasedAt = at
}

// phone is what the writer knows of a phone's codes, this batch included. If
// the batch fails, the writer forgets all such memory.
func (b *batch) phone(number string) *phonebook {
	s := b.s
	b.undo = append(b.undo, func() { s.phones = nil })
	if book := s.phones[number]; book != nil {
		return book
	}
	book := &phonebook{byTicket: map[string]int{}}
	for _, c := range s.listCodes(b.tx, number, true) {
		for i := len(book.codes); i < c.Code-firstCode; i++ { // a code whose record is gone, or cannot be read
			book.set(i, paging.Code{Code: firstCode + i})
		}
		if i := c.Code - firstCode; i >= 0 {
			book.set(i, c)
		}
	}
	if s.phones == nil {
		s.phones = map[string]*phonebook{}
	}
	s.phones[number] = book
	return book
}

// Release notes when the code was first released. The code of an unknown
// ticket is no error.
func (s *Store) Release(ctx context.Context, phone, number string, at time.Time) error {
	err := s.write(ctx, 1, func(b *batch) error {
		book := b.phone(phone)
		i, known := book.byTicket[number]
		if !known || !book.codes[i].ReleasedAt.IsZero() {
			return nil
		}
		book.release(i, at)
		return b.putJSON(inCodes, codeKey(phone, book.codes[i].Code), &book.codes[i])
	})
	if err != nil {
		return fmt.Errorf("boltstore: release the code of %s for ticket %s: %w", phone, number, err)
	}
	return nil
}

// Codes lists a phone's codes.
func (s *Store) Codes(ctx context.Context, phone string) (codes []paging.Code, err error) {
	err = s.survey(ctx, func(tx *bolt.Tx) error {
		codes = s.listCodes(tx, phone, false)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: list codes of %s: %w", phone, err)
	}
	return slices.DeleteFunc(codes, func(c paging.Code) bool { return c.Ticket == "" }), nil
}

func readCode(v []byte) (c paging.Code, err error) {
	err = json.Unmarshal(v, &c)
	return c, err
}

// listCodes reads a phone's codes. It passes over those that cannot be read.
// If all is set, it lists them too, as nobody's and never free. A code of no
// ticket is free: Forget removed its ticket.
func (s *Store) listCodes(tx *bolt.Tx, phone string, all bool) (codes []paging.Code) {
	prefix := codePrefix(phone)
	c := in(tx, inCodes).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		var code paging.Code
		number, err := strconv.Atoi(string(k[len(prefix):]))
		if err != nil {
			s.Note(ticket.RecordCode, string(k), err)
			continue
		}
		if err = json.Unmarshal(v, &code); err != nil || code.Ticket == "" && code.ReleasedAt.IsZero() || code.Code != number {
			s.Note(ticket.RecordCode, string(k), cmp.Or(err, errHead))
			if !all {
				continue
			}
			code = paging.Code{Code: number}
		}
		codes = append(codes, code)
	}
	return slices.Clip(codes)
}

// Link reads what a link stands for.
func (s *Store) Link(ctx context.Context, hash string) (link paging.Link, err error) {
	err = s.peek(ctx, func(tx *bolt.Tx) error {
		v := in(tx, inLinks).Get([]byte(short(hash)))
		if v == nil {
			return escalation.ErrNotFound
		}
		if err := json.Unmarshal(v, &link); err != nil || link.Sound() != nil {
			s.Note(ticket.RecordLink, hash, cmp.Or(err, link.Sound()))
			return escalation.ErrNotFound
		}
		return nil
	})
	if err != nil {
		return paging.Link{}, fmt.Errorf("boltstore: find a link: %w", err)
	}
	return link, nil
}

// FiledLink is a link with the hash that it is filed under.
type FiledLink struct {
	Hash string // hex SHA-256 of its token
	paging.Link
}

// Links lists all links.
func (s *Store) Links(ctx context.Context) (links []FiledLink, err error) {
	err = s.survey(ctx, func(tx *bolt.Tx) error {
		return in(tx, inLinks).ForEach(func(hash, v []byte) error {
			l := FiledLink{Hash: string(hash)}
			if err := json.Unmarshal(v, &l.Link); err != nil || l.Sound() != nil {
				s.Note(ticket.RecordLink, l.Hash, cmp.Or(err, l.Sound()))
				return nil //nolint:nilerr // the others are listed
			}
			links = append(links, l)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: list links: %w", err)
	}
	return links, nil
}

func (b *batch) putJSON(id bucket, key []byte, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.put(id, key, body)
}
