package boltstore

import (
	"context"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// givenUp are the tickets that were given up while they asked for work. Each
// stays in the file's list of tickets that ask for work until people were
// told. So a start finds it again.
type givenUp struct {
	sync.Mutex
	until map[string]time.Time // by number; whoever has it must have told people by then
	told  map[string]bool
}

// note remembers a ticket, unless people were told of it.
func (g *givenUp) note(number string) {
	g.Lock()
	defer g.Unlock()
	if _, known := g.until[number]; known || g.told[number] {
		return
	}
	if g.until == nil {
		g.until, g.told = map[string]time.Time{}, map[string]bool{}
	}
	g.until[number] = time.Time{}
}

// GivenUp hands out the tickets that asked for work and were given up because
// their records cannot be read. It hands out each one until a time, and after
// that again, until ToldGivenUp notes that people know.
func (s *Store) GivenUp(ctx context.Context, now, until time.Time) (refs []ticket.Ref, err error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("boltstore: list what was given up: %w", err)
	}
	g := &s.lost
	g.Lock()
	defer g.Unlock()
	for number, at := range g.until {
		if !at.After(now) {
			g.until[number] = until
			refs = append(refs, ticket.Ref{Number: number})
		}
	}
	return refs, nil
}

// ToldGivenUp notes that people were told of tickets. The tickets then count
// as closed.
func (s *Store) ToldGivenUp(ctx context.Context, refs []ticket.Ref) error {
	err := s.write(ctx, max(len(refs), 1), func(b *batch) error { return b.unlist(refs) })
	if err != nil {
		return fmt.Errorf("boltstore: note that people were told of %d tickets: %w", len(refs), err)
	}
	g := &s.lost
	g.Lock()
	defer g.Unlock()
	for _, ref := range refs {
		if _, known := g.until[ref.Number]; known {
			delete(g.until, ref.Number)
			g.told[ref.Number] = true
		}
	}
	return nil
}

// unlist takes tickets out of the list of those that ask for work. Their heads
// may not say where in the list they are. If a ticket has a record, it is
// listed as closed.
func (b *batch) unlist(refs []ticket.Ref) error {
	numbers := make(map[string]bool, len(refs))
	for _, ref := range refs {
		numbers[ref.Number] = true
	}
	for _, key := range listed(b.in(inLists), numbers) {
		if err := b.remove(inLists, key); err != nil {
			return err
		}
		if b.in(inTickets).Get(ticketKey(string(key[9:]))) == nil {
			continue
		}
		key[0] = classClosed
		if err := b.put(inLists, key, nil); err != nil {
			return err
		}
	}
	return nil
}

// listed finds the keys of tickets among those that ask for work.
func listed(lists *bolt.Bucket, numbers map[string]bool) (keys [][]byte) {
	c := lists.Cursor()
	for k, _ := c.Seek([]byte{classActive}); len(k) > 0 && k[0] == classActive; k, _ = c.Next() {
		if len(k) > 9 && numbers[string(k[9:])] {
			keys = append(keys, append([]byte(nil), k...))
		}
	}
	return keys
}
