package silence

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
)

// Kind is that of the records of silences, under their IDs.
const Kind = "silence"

// Book keeps silences. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[Silence]
}

// NewBook keeps them in a store. damaged is told of a record that is none; it may be
// nil.
func NewBook(store records.Store, damaged func(r records.Record, err error)) *Book {
	return &Book{store: store, shelf: records.Shelf[Silence]{Store: store, Home: records.House, Kind: Kind, Damaged: damaged}}
}

// All are those that are kept: what ended in the last ninety days too, the latest first.
func (b *Book) All(ctx context.Context) ([]Silence, error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("silence: read silences: %w", err)
	}
	list := make([]Silence, len(items))
	for i := range items {
		list[i] = items[i].Of
	}
	slices.SortFunc(list, func(a, b Silence) int { return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Get is one of them; ErrNotFound if there is none.
func (b *Book) Get(ctx context.Context, id string) (Silence, error) {
	item, err := b.get(ctx, id)
	return item.Of, err
}

func (b *Book) get(ctx context.Context, id string) (records.Item[Silence], error) {
	if id == "" || len(id) > longestID {
		return records.Item[Silence]{}, ErrNotFound
	}
	item, err := b.shelf.Get(ctx, id)
	switch {
	case errors.Is(err, records.ErrNotFound):
		return item, ErrNotFound
	case err != nil:
		return item, fmt.Errorf("silence: read %s: %w", id, err)
	}
	return item, nil
}

// longestID is how long an ID is at most.
const longestID = 40

// Make makes a silence. It is asked for by s.By. The errors are a *FieldError, ErrMany,
// or the store's.
func (b *Book) Make(ctx context.Context, s Silence, r *escalation.Rules, now time.Time) (Silence, error) {
	if s.Zone == "" {
		s.Zone = r.Location.String()
	}
	if err := s.check(r, now); err != nil {
		return s, err
	}
	all, err := b.All(ctx)
	if err != nil {
		return s, err
	}
	open := 0
	for i := range all {
		if state, _ := all[i].StateAt(now); state != Expired {
			open++
		}
	}
	if open >= mostKept {
		return s, ErrMany
	}
	s.ID, s.At, s.Ended, s.EndedBy = strings.ToLower(rand.Text()[:12]), now.UTC(), time.Time{}, ""
	write, err := b.shelf.Put(s.ID, 0, s)
	if err != nil {
		return s, fmt.Errorf("silence: %w", err)
	}
	// Whoever claims it looks over the tickets: now, or when it begins.
	if write.Due = now; s.From.After(now) {
		write.Due = s.From
	}
	if _, err := b.store.Write(ctx, records.House, write); err != nil {
		return s, fmt.Errorf("silence: write %s: %w", s.ID, err)
	}
	return s, nil
}

// End ends a silence now. If it has not begun, it never does.
func (b *Book) End(ctx context.Context, id, by string, now time.Time) (Silence, error) {
	for {
		item, err := b.get(ctx, id)
		if err != nil {
			return Silence{}, err
		}
		s := item.Of
		if state, _ := s.StateAt(now); state == Expired {
			return s, ErrOver
		}
		s.Ended, s.EndedBy = now.UTC(), by
		write, err := b.shelf.Put(id, item.Revision, s)
		if err != nil {
			return s, fmt.Errorf("silence: %w", err)
		}
		write.Due = now
		switch _, err := b.store.Write(ctx, records.House, write); {
		case errors.Is(err, records.ErrConflict): // somebody looks over the tickets
		case err != nil:
			return s, fmt.Errorf("silence: write %s: %w", id, err)
		default:
			return s, nil
		}
	}
}

// claim takes those that begin or end now.
func (b *Book) claim(ctx context.Context, owner string, now time.Time) (due []records.Item[Silence], err error) {
	list, err := b.store.Claim(ctx, records.Claim{Kind: Kind, Owner: owner, Now: now, Until: now.Add(claimedFor), Most: 100})
	if err != nil {
		return nil, fmt.Errorf("silence: those that are due: %w", err)
	}
	for i := range list {
		item, err := b.shelf.Get(ctx, list[i].Key)
		if err != nil || item.Revision != list[i].Revision {
			continue // it is damaged, or somebody else has it by now
		}
		due = append(due, item)
	}
	return due, nil
}

// done writes when a silence is due next: when it next begins or ends, and at last when
// it is forgotten.
func (b *Book) done(ctx context.Context, item *records.Item[Silence], now time.Time) error {
	s := &item.Of
	next := s.turn(now)
	over := s.Until
	if !s.Ended.IsZero() {
		over = s.Ended
	}
	var write records.Write
	switch forget := over.Add(keptFor); {
	case next.IsZero() && !forget.After(now):
		write = b.shelf.Remove(s.ID, item.Revision)
	default:
		var err error
		if write, err = b.shelf.Put(s.ID, item.Revision, *s); err != nil {
			return fmt.Errorf("silence: %w", err)
		}
		if write.Due = next; next.IsZero() {
			write.Due = forget
		}
	}
	if _, err := b.store.Write(ctx, records.House, write); err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("silence: write %s: %w", s.ID, err)
	}
	return nil
}
