package silence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// over is when the silence is over, or was.
func (s *Silence) over() time.Time {
	if !s.Ended.IsZero() {
		return s.Ended
	}
	return s.Until
}

// done writes when a silence is due next: when it next begins or ends. One that is over
// goes among those, until it is forgotten. That is written to plain: nobody did it.
func (b *Book) done(ctx context.Context, plain records.Store, item *records.Item[Silence], now time.Time) error {
	s := &item.Of
	next, forget := s.turn(now), s.over().Add(keptFor)
	var writes []records.Write
	switch {
	case !next.IsZero():
		write, err := b.shelf.Put(s.ID, item.Revision, *s)
		if err != nil {
			return fmt.Errorf("silence: %w", err)
		}
		write.Due = next
		writes = []records.Write{write}
	default:
		writes = []records.Write{b.shelf.Remove(s.ID, item.Revision)}
		if !forget.After(now) {
			break
		}
		write, err := b.past.Put(s.ID, records.Any, *s)
		if err != nil {
			return fmt.Errorf("silence: %w", err)
		}
		write.Due = forget
		writes = append(writes, write)
	}
	if _, err := plain.Write(ctx, records.House, writes...); err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("silence: write %s: %w", s.ID, err)
	}
	return nil
}

// trim removes those that are over longest, where there are too many.
func (b *Book) trim(ctx context.Context, plain records.Store) error {
	items, err := b.past.List(ctx)
	if err != nil {
		return fmt.Errorf("silence: read silences that are over: %w", err)
	}
	if len(items) <= mostPast {
		return nil
	}
	slices.SortFunc(items, func(a, b records.Item[Silence]) int { return a.Of.over().Compare(b.Of.over()) })
	var writes []records.Write
	for _, item := range items[:len(items)-mostPast] {
		writes = append(writes, b.past.Remove(item.Key, records.Any))
	}
	if _, err := plain.Write(ctx, records.House, writes...); err != nil {
		return fmt.Errorf("silence: forget %d silences that are over: %w", len(writes), err)
	}
	return nil
}
