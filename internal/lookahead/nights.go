package lookahead

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/records"
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
type Nights struct{ single single[Night] }

// NewNights keeps it in a store.
func NewNights(store records.Store) *Nights {
	return &Nights{newSingle[Night](store, KindNight, nightKey, "the night's tickets")}
}

// Plan has the next handing over be due at a time, zero for never. One that is due
// already stays.
func (b *Nights) Plan(ctx context.Context, due, now time.Time) error {
	item, err := b.single.read(ctx)
	if err != nil || stays(&item, due, now) || !item.Of.Opens.IsZero() {
		return err
	}
	return b.single.put(ctx, &item, due)
}

// Claim gives it to this owner if it is due.
func (b *Nights) Claim(ctx context.Context, owner string, now time.Time) (item NightItem, ok bool, err error) {
	return b.single.claim(ctx, owner, now)
}

// Hold writes down how far it is, and keeps it for a while longer. False: another one has
// it.
func (b *Nights) Hold(ctx context.Context, item *NightItem, now time.Time) (bool, error) {
	return b.single.hold(ctx, item, now)
}

// Put writes it down, to be due at a time; records.ErrConflict if another one has it.
func (b *Nights) Put(ctx context.Context, item *NightItem, due time.Time) error {
	return b.single.put(ctx, item, due)
}
