package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Pages lists a ticket's pages in the order of their commits.
func (s *Store) Pages(ctx context.Context, source, number string) (pages []ticket.Page, err error) {
	err = s.peek(ctx, func(tx *bolt.Tx) (err error) {
		pages, _, err = s.listPages(tx, number)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: list pages of ticket %s: %w", number, err)
	}
	return slices.DeleteFunc(pages, func(p ticket.Page) bool { return p.Source != source }), nil
}

// listPages lists a ticket's pages. It passes over those that cannot be read,
// and counts them.
func (s *Store) listPages(tx *bolt.Tx, number string) (_ []ticket.Page, damaged int, err error) {
	var records []*pageRecord
	err = forEach(tx, partKey(number, kindPage, ""), func(rest, v []byte) error {
		rec, err := readPage(number, rest, v)
		if err != nil {
			s.Note(ticket.RecordPage, number+"/"+string(rest), err)
			damaged++
			return nil
		}
		records = append(records, rec)
		return nil
	})
	if err != nil || len(records) == 0 {
		return nil, damaged, err
	}
	slices.SortFunc(records, func(a, b *pageRecord) int { return cmp.Compare(a.sequence, b.sequence) })
	pages := make([]ticket.Page, len(records))
	for i, rec := range records {
		pages[i] = rec.Page
	}
	return pages, damaged, nil
}

// forEach visits everything under a prefix of the bucket tickets. rest is the
// key without the prefix.
func forEach(tx *bolt.Tx, prefix []byte, visit func(rest, v []byte) error) error {
	c := in(tx, inTickets).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := visit(k[len(prefix):], v); err != nil {
			return fmt.Errorf("record %q: %w", k, err)
		}
	}
	return nil
}

// Stats counts by the index alone. Counts of tickets are kept as they change;
// the pages that wait are counted now.
func (s *Store) Stats(ctx context.Context) (ticket.Stats, error) {
	if err := s.usable(ctx); err != nil {
		return ticket.Stats{}, fmt.Errorf("boltstore: read the statistics: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := ticket.Stats{Tickets: map[ticket.Urgency]map[ticket.State]int{}}
	for u, byState := range s.ix.counts {
		for st, n := range byState {
			if n == 0 {
				continue
			}
			urgency := ticket.Urgency(u)
			if stats.Tickets[urgency] == nil {
				stats.Tickets[urgency] = map[ticket.State]int{}
			}
			stats.Tickets[urgency][states[st]] = n
		}
	}
	oldest := int64(never)
	for _, w := range s.ix.waiting {
		if !w.claimed {
			stats.Queued++
			oldest = min(oldest, w.at)
		}
	}
	if stats.Queued > 0 {
		stats.Oldest = instant(oldest)
	}
	return stats, nil
}
