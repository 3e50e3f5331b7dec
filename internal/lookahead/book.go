package lookahead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// KindLook is the kind of the one record of the daily look.
const KindLook = "daily look"

const (
	lookKey = "managers"
	// holding is how long whoever claimed a look has for it.
	holding = 3 * time.Minute
	// Late is how late a look may come: after that it waits for the next day.
	lateBy = 9 * time.Hour

	mostTries  = 6
	retryAfter = 10 * time.Minute
)

// Look is how far the daily look is.
type Look struct {
	Told    Told      `json:"told,omitzero"`
	Begun   time.Time `json:"begun,omitzero"` // messages are going out since then; zero: none are
	Reached []string  `json:"reached,omitempty"`
	Tries   int       `json:"tries,omitempty"`
}

// Item is the look as it is kept.
type Item = records.Item[Look]

// Book keeps the daily look. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[Look]
}

// NewBook keeps it in a store.
func NewBook(store records.Store) *Book {
	return &Book{store: store, shelf: records.Shelf[Look]{Store: store, Home: records.House, Kind: KindLook}}
}

// Told is what managers were told last.
func (b *Book) Told(ctx context.Context) (Told, error) {
	item, err := b.read(ctx)
	return item.Of.Told, err
}

func (b *Book) read(ctx context.Context) (Item, error) {
	item, err := paging.Readable(b.shelf.Get(ctx, lookKey))
	if err != nil {
		return item, fmt.Errorf("lookahead: read the daily look: %w", err)
	}
	return item, nil
}

// Plan has the next look be due at a time, zero for never. One that is due already, or is
// being seen to, stays.
func (b *Book) Plan(ctx context.Context, due, now time.Time) error {
	item, err := b.read(ctx)
	if err != nil {
		return err
	}
	same := item.Due.Equal(due) || item.Due.IsZero() && due.IsZero()
	if item.Revision != 0 && (same || !item.Due.IsZero() && !item.Due.After(now)) {
		return nil
	}
	if item.Of.Tries > 0 && !due.IsZero() {
		return nil // it is tried again before
	}
	return b.write(ctx, &item, due)
}

// Claim gives the look to this owner if it is due.
func (b *Book) Claim(ctx context.Context, owner string, now time.Time) (item Item, ok bool, err error) {
	due, err := b.store.Claim(ctx, records.Claim{Kind: KindLook, Owner: owner, Now: now, Until: now.Add(holding), Most: 1})
	if err != nil || len(due) == 0 {
		return item, false, err //nolint:wrapcheck // it is tried again, and told by whoever needs the store
	}
	item, err = b.read(ctx)
	return item, err == nil && item.Revision != 0, err
}

// Begin notes that messages go out, before they do: a daemon that dies while they do
// leaves it at that, and nobody hears the same twice. False: another one has it.
func (b *Book) Begin(ctx context.Context, item *Item, now time.Time) (bool, error) {
	item.Of.Begun = now.UTC()
	err := b.write(ctx, item, now.Add(holding))
	if errors.Is(err, records.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// End notes who was told of what, and when the next look is.
func (b *Book) End(ctx context.Context, item *Item, next time.Time) error {
	item.Of.Begun = time.Time{}
	if err := b.write(ctx, item, next); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
	return nil
}

func (b *Book) write(ctx context.Context, item *Item, due time.Time) error {
	write, err := b.shelf.Put(lookKey, item.Revision, item.Of)
	if err != nil {
		return fmt.Errorf("lookahead: %w", err)
	}
	write.Due = due
	revisions, err := b.store.Write(ctx, records.House, write)
	if err != nil {
		return fmt.Errorf("lookahead: write the daily look: %w", err)
	}
	item.Revision, item.Due = revisions[0], due
	return nil
}

// Overtaken says that a look comes too late: at another time of the day it would be.
func (l *Look) Overtaken(due, now time.Time) bool { return now.Sub(due) > lateBy }

// Again is when a look of which somebody could not be told is tried again; false if it
// was often enough.
func (l *Look) Again(now time.Time) (time.Time, bool) {
	l.Tries++
	return now.Add(retryAfter), l.Tries < mostTries
}
