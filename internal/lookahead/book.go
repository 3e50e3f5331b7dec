package lookahead

import (
	"context"
	"errors"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// KindLook is the kind of the one record of the daily look.
const KindLook = "daily look"

const (
	lookKey = "managers"
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
type Book struct{ single single[Look] }

// NewBook keeps it in a store.
func NewBook(store records.Store) *Book {
	return &Book{newSingle[Look](store, KindLook, lookKey, "the daily look")}
}

// Told is what managers were told last.
func (b *Book) Told(ctx context.Context) (Told, error) {
	item, err := b.single.read(ctx)
	return item.Of.Told, err
}

// Plan has the next look be due at a time, zero for never. One that is due already, or is
// being seen to, stays.
func (b *Book) Plan(ctx context.Context, due, now time.Time) error {
	item, err := b.single.read(ctx)
	switch {
	case err != nil:
		return err
	case item.Revision != 0 && stays(&item, due, now):
		return nil
	case item.Of.Tries > 0 && !due.IsZero():
		return nil // it is tried again before
	}
	return b.single.put(ctx, &item, due)
}

// Claim gives the look to this owner if it is due.
func (b *Book) Claim(ctx context.Context, owner string, now time.Time) (item Item, ok bool, err error) {
	return b.single.claim(ctx, owner, now)
}

// Begin notes that messages go out, before they do: a daemon that dies while they do
// leaves it at that, and nobody hears the same twice. False: another one has it.
func (b *Book) Begin(ctx context.Context, item *Item, now time.Time) (bool, error) {
	item.Of.Begun = now.UTC()
	return b.single.hold(ctx, item, now)
}

// End notes who was told of what, and when the next look is.
func (b *Book) End(ctx context.Context, item *Item, next time.Time) error {
	item.Of.Begun = time.Time{}
	if err := b.single.put(ctx, item, next); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
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
