package lookahead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// KindNight is the kind of the one record of the night's tickets; KindNightNote that of
// the message.
const (
	KindNight     = "night's tickets"
	KindNightNote = "night"
	nightKey      = "desk"
)

// Given is a ticket of the night, and to whom it goes.
type Given struct {
	Number string `json:"number"`
	Had    string `json:"had,omitempty"` // who has it; empty: nobody who is known
	Gets   string `json:"gets"`
	Left   bool   `json:"left,omitempty"` // it is over, or went elsewhere, meanwhile
}

// Night is how far handing over the night's tickets is.
type Night struct {
	Opens time.Time `json:"opens,omitzero"` // the opening of business that is seen to; zero: none is
	Given []Given   `json:"given,omitempty"`
	Told  []string  `json:"told,omitempty"`
}

// NightItem is the night's tickets as they are kept.
type NightItem = records.Item[Night]

// Nights keeps when the night's tickets are handed over. It is safe for concurrent use.
type Nights struct {
	store records.Store
	shelf records.Shelf[Night]
}

// NewNights keeps it in a store.
func NewNights(store records.Store) *Nights {
	return &Nights{store: store, shelf: records.Shelf[Night]{Store: store, Home: records.House, Kind: KindNight}}
}

// Plan has the next handing over be due at a time, zero for never. One that is due
// already stays.
func (b *Nights) Plan(ctx context.Context, due, now time.Time) error {
	item, err := b.read(ctx)
	if err != nil {
		return err
	}
	same := item.Due.Equal(due) || item.Due.IsZero() && due.IsZero()
	if same || !item.Due.IsZero() && !item.Due.After(now) || !item.Of.Opens.IsZero() {
		return nil
	}
	return b.Put(ctx, &item, due)
}

func (b *Nights) read(ctx context.Context) (NightItem, error) {
	item, err := paging.Readable(b.shelf.Get(ctx, nightKey))
	if err != nil {
		return item, fmt.Errorf("lookahead: read the night's tickets: %w", err)
	}
	return item, nil
}

// Claim gives it to this owner if it is due.
func (b *Nights) Claim(ctx context.Context, owner string, now time.Time) (item NightItem, ok bool, err error) {
	due, err := b.store.Claim(ctx, records.Claim{Kind: KindNight, Owner: owner, Now: now, Until: now.Add(holding), Most: 1})
	if err != nil || len(due) == 0 {
		return item, false, err //nolint:wrapcheck // it is tried again, and told by whoever needs the store
	}
	item, err = b.read(ctx)
	return item, err == nil && item.Revision != 0, err
}

// Hold writes down how far it is, and keeps it for a while longer. False: another one has
// it.
func (b *Nights) Hold(ctx context.Context, item *NightItem, now time.Time) (bool, error) {
	err := b.Put(ctx, item, now.Add(holding))
	if errors.Is(err, records.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// Put writes it down, to be due at a time; records.ErrConflict if another one has it.
func (b *Nights) Put(ctx context.Context, item *NightItem, due time.Time) error {
	write, err := b.shelf.Put(nightKey, item.Revision, item.Of)
	if err != nil {
		return fmt.Errorf("lookahead: %w", err)
	}
	write.Due = due
	revisions, err := b.store.Write(ctx, records.House, write)
	if err != nil {
		return fmt.Errorf("lookahead: write the night's tickets: %w", err)
	}
	item.Revision, item.Due = revisions[0], due
	return nil
}
