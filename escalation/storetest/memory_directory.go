package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

// The rules of codes (paging.Phonebook).
const (
	firstCode = 11
	codeRests = 72 * time.Hour
)

// Reserve implements paging.Phonebook.
func (m *Memory) Reserve(ctx context.Context, r paging.Reservation) (code int, err error) {
	err = m.do(ctx, "Reserve", func() error {
		code = m.d.fileReservation(&r)
		return nil
	})
	return code, err
}

func (d *data) fileReservation(r *paging.Reservation) (code int) {
	if r.Hash != "" {
		d.links[r.Hash] = r.Link
	}
	if r.Phone != "" {
		code = d.reserve(r)
	}
	return code
}

func (d *data) reserve(r *paging.Reservation) int {
	codes := d.phones[r.Phone]
	if codes == nil {
		codes = map[string]paging.Code{}
		d.phones[r.Phone] = codes
	}
	entry, known := codes[r.Ticket]
	if !known {
		entry = paging.Code{Code: freeCode(codes, r.At), Source: r.Source, Ticket: r.Ticket, At: r.At, Bundle: slices.Clone(r.Bundle)}
	}
	entry.Person, entry.ReleasedAt = r.Person, time.Time{}
	codes[r.Ticket] = entry
	return entry.Code
}

// freeCode finds the lowest free code, and forgets whose it was.
func freeCode(codes map[string]paging.Code, now time.Time) int {
	byCode := map[int]paging.Code{}
	for _, c := range codes {
		byCode[c.Code] = c
	}
	for code := firstCode; ; code++ {
		was, known := byCode[code]
		if !known {
			return code
		}
		if !was.ReleasedAt.IsZero() && !now.Before(was.ReleasedAt.Add(codeRests)) {
			delete(codes, was.Ticket)
			return code
		}
	}
}

// Release implements paging.Phonebook.
func (m *Memory) Release(ctx context.Context, phone, number string, at time.Time) error {
	return m.do(ctx, "Release", func() error {
		if c, known := m.d.phones[phone][number]; known && c.ReleasedAt.IsZero() {
			c.ReleasedAt = at
			m.d.phones[phone][number] = c
		}
		return nil
	})
}

// Codes implements paging.Phonebook.
func (m *Memory) Codes(ctx context.Context, phone string) (codes []paging.Code, err error) {
	err = m.do(ctx, "Codes", func() error {
		for _, c := range m.d.phones[phone] {
			codes = append(codes, c)
		}
		slices.SortFunc(codes, func(a, b paging.Code) int { return cmp.Compare(a.Code, b.Code) })
		return nil
	})
	return codes, err
}

// Link implements paging.Phonebook.
func (m *Memory) Link(ctx context.Context, hash string) (link paging.Link, err error) {
	err = m.do(ctx, "Link", func() error {
		var known bool
		if link, known = m.d.links[hash]; !known {
			return escalation.ErrNotFound
		}
		return nil
	})
	return link, err
}
