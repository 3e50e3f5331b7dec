package duty

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
)

// Kinds of records: replacements under their ids, and one record a group that each
// of its changes writes, so that two that overlap are not made at once.
const (
	KindReplacement = "replacement"
	kindTurn        = "replacements of"
)

// Book keeps replacements. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[Replacement]
	turns records.Shelf[string]
}

// NewBook keeps them in a store. damaged is told of a record that is none; it may be
// nil.
func NewBook(store records.Store, damaged func(r records.Record, err error)) *Book {
	return &Book{
		store: store,
		shelf: records.Shelf[Replacement]{Store: store, Home: records.House, Kind: KindReplacement, Damaged: damaged},
		turns: records.Shelf[string]{Store: store, Home: records.House, Kind: kindTurn, Damaged: damaged},
	}
}

// All are all of them, what is over and was never accepted too.
func (b *Book) All(ctx context.Context) ([]Replacement, error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("duty: read replacements: %w", err)
	}
	return all(items), nil
}

func all(items []records.Item[Replacement]) []Replacement {
	list := make([]Replacement, len(items))
	for i := range items {
		list[i] = items[i].Of
	}
	return list
}

// tries is how often a change is tried anew if somebody else changes the same
// group.
const tries = 10

// Make makes a replacement, or offers it, under its ID if it has one: if that one
// is kept already, it is returned as it is now, so that what asks again is asked once.
// d is who is on call with all that stands already. One that takes a place which another one takes is refused, unless replace
// is set: then the later one has it. The errors are those of rules.go, or the
// store's.
func (b *Book) Make(ctx context.Context, r Replacement, by Actor, d *contacts.Directory, now time.Time, replace bool) (Replacement, error) {
	if err := r.check(d, now); err != nil {
		return r, err
	}
	offered, err := r.may(by)
	if err != nil {
		return r, err
	}
	r.By, r.At, r.Since, r.State = by.Name, now.UTC(), now.UTC(), Planned
	if r.ID == "" {
		r.ID = strings.ToLower(rand.Text()[:10])
	}
	if offered {
		r.State = Offered
	}
	err = b.again(func() error { return b.make(ctx, &r, d, replace) })
	return r, err
}

func (b *Book) make(ctx context.Context, r *Replacement, d *contacts.Directory, replace bool) error {
	turn, items, err := b.of(ctx, r.Group)
	if err != nil {
		return err
	}
	for i := range items {
		if items[i].Of.ID == r.ID {
			*r = items[i].Of
			return nil
		}
	}
	switch other := r.overlaps(all(items)); {
	case other != nil && !replace:
		return &OverlapError{*other}
	case other == nil && !r.touches(d):
		return ErrNothing
	}
	if tooMany(all(items), r) {
		return ErrTooMany
	}
	r.Turn = 1
	for i := range items {
		r.Turn = max(r.Turn, items[i].Of.Turn+1)
	}
	write, err := b.shelf.Put(r.ID, 0, *r)
	if err != nil {
		return fmt.Errorf("duty: %w", err)
	}
	if r.State == Offered { // claimed when its first hour begins
		write.Due = r.begins()
	}
	return b.write(ctx, r.Group, turn, r.ID, write)
}

// Answer accepts or declines what was offered.
func (b *Book) Answer(ctx context.Context, id string, accepted bool, by Actor, now time.Time) (r Replacement, err error) {
	err = b.again(func() error {
		r, err = b.change(ctx, id, now, func(r *Replacement, others []Replacement) error {
			asks := r.Asks()
			switch {
			case asks == "", !now.Before(r.begins()):
				return ErrOver
			case by.Person != asks:
				return ErrForbidden
			}
			r.State, r.Ended = Declined, by.Name
			if !accepted {
				return nil
			}
			if other := r.overlaps(others); other != nil {
				return &OverlapError{*other}
			}
			r.State = Planned
			return nil
		})
		return err
	})
	return r, err
}

// Drop takes a replacement back: at once, if it has begun.
func (b *Book) Drop(ctx context.Context, id string, by Actor, now time.Time) (r Replacement, err error) {
	err = b.again(func() error {
		r, err = b.change(ctx, id, now, func(r *Replacement, _ []Replacement) error {
			switch {
			case !r.MayDrop(by):
				return ErrForbidden
			case !r.Open(now):
				return ErrOver
			}
			r.State, r.Ended = Dropped, by.Name
			return nil
		})
		return err
	})
	return r, err
}

// change has one of them changed; how is given those of all groups too.
func (b *Book) change(ctx context.Context, id string, now time.Time, how func(r *Replacement, others []Replacement) error) (Replacement, error) {
	item, err := b.shelf.Get(ctx, id)
	if errors.Is(err, records.ErrNotFound) {
		return Replacement{}, ErrNotFound
	}
	if err != nil {
		return Replacement{}, fmt.Errorf("duty: read replacement %q: %w", id, err)
	}
	turn, items, err := b.of(ctx, item.Of.Group)
	if err != nil {
		return Replacement{}, err
	}
	r := item.Of
	if err := how(&r, all(items)); err != nil {
		return item.Of, err
	}
	r.Since = now.UTC()
	write, err := b.shelf.Put(id, item.Revision, r)
	if err != nil {
		return r, fmt.Errorf("duty: %w", err)
	}
	return r, b.write(ctx, r.Group, turn, id, write)
}

// of are the replacements of all groups, and the revision of the group's turn.
func (b *Book) of(ctx context.Context, group string) (turn int64, items []records.Item[Replacement], err error) {
	was, err := b.turns.Get(ctx, group)
	if err != nil && !errors.Is(err, records.ErrNotFound) && !errors.Is(err, records.ErrUnreadable) {
		return 0, nil, fmt.Errorf("duty: read the turn of %s: %w", group, err)
	}
	if items, err = b.shelf.List(ctx); err != nil {
		return 0, nil, fmt.Errorf("duty: read replacements: %w", err)
	}
	return was.Revision, items, nil
}

// write writes changes of a group, if nobody has changed it meanwhile.
func (b *Book) write(ctx context.Context, group string, turn int64, id string, writes ...records.Write) error {
	mark, err := b.turns.Put(group, turn, id)
	if err != nil {
		return fmt.Errorf("duty: %w", err)
	}
	if _, err := b.store.Write(ctx, records.House, append(writes, mark)...); err != nil {
		return fmt.Errorf("duty: write replacement %s: %w", id, err)
	}
	return nil
}

// again does it anew as long as somebody else was first.
func (b *Book) again(do func() error) error {
	for try := 0; ; try++ {
		if err := do(); !errors.Is(err, records.ErrConflict) || try == tries {
			return err
		}
	}
}
