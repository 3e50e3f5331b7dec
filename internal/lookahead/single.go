package lookahead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// holding is how long whoever claimed a record has for it.
const holding = 3 * time.Minute

// single keeps the one record of a kind. One daemon at a time has it once it is due.
type single[T any] struct {
	shelf records.Shelf[T]
	key   string
	what  string // in errors
}

func newSingle[T any](store records.Store, kind, key, what string) single[T] {
	return single[T]{records.Shelf[T]{Store: store, Home: records.House, Kind: kind}, key, what}
}

func (s *single[T]) read(ctx context.Context) (records.Item[T], error) {
	item, err := paging.Readable(s.shelf.Get(ctx, s.key))
	if err != nil {
		return item, fmt.Errorf("lookahead: read %s: %w", s.what, err)
	}
	return item, nil
}

// stays says whether the record keeps the time at which it is due: it is the same one, or
// has come already.
func stays[T any](item *records.Item[T], due, now time.Time) bool {
	same := item.Due.Equal(due) || item.Due.IsZero() && due.IsZero()
	return same || !item.Due.IsZero() && !item.Due.After(now)
}

// claim gives the record to this owner if it is due.
func (s *single[T]) claim(ctx context.Context, owner string, now time.Time) (item records.Item[T], ok bool, err error) {
	due, err := s.shelf.Store.Claim(ctx, records.Claim{Kind: s.shelf.Kind, Owner: owner, Now: now, Until: now.Add(holding), Most: 1})
	if err != nil || len(due) == 0 {
		return item, false, err //nolint:wrapcheck // it is tried again, and told by whoever needs the store
	}
	item, err = s.read(ctx)
	return item, err == nil && item.Revision != 0, err
}

// hold writes the record down, and keeps it for a while longer. False: another one has it.
func (s *single[T]) hold(ctx context.Context, item *records.Item[T], now time.Time) (bool, error) {
	err := s.put(ctx, item, now.Add(holding))
	if errors.Is(err, records.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// put writes it down, to be due at a time; records.ErrConflict if another one has it.
func (s *single[T]) put(ctx context.Context, item *records.Item[T], due time.Time) error {
	write, err := s.shelf.Put(s.key, item.Revision, item.Of)
	if err != nil {
		return fmt.Errorf("lookahead: %w", err)
	}
	write.Due = due
	revisions, err := s.shelf.Store.Write(ctx, records.House, write)
	if err != nil {
		return fmt.Errorf("lookahead: write %s: %w", s.what, err)
	}
	item.Revision, item.Due = revisions[0], due
	return nil
}
