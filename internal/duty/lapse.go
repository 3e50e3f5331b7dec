package duty

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// telling is how long whoever claimed an offer that lapsed has to tell both.
const telling = 2 * time.Minute

// Lapse ends offers whose first hour has come: nobody accepted them. It returns those of
// which somebody is still to be told, claimed for this owner. What it returns is written
// down already, and who is told is for Heard to note: a daemon that dies in between
// leaves that to another.
func (b *Book) Lapse(ctx context.Context, owner string, now time.Time) (lapsed []records.Item[Replacement], err error) {
	due, err := b.store.Claim(ctx, records.Claim{Kind: KindReplacement, Owner: owner, Now: now, Until: now.Add(telling), Most: 100})
	if err != nil {
		return nil, fmt.Errorf("duty: offers that are due: %w", err)
	}
	for i := range due {
		item, err := b.shelf.Get(ctx, due[i].Key)
		if errors.Is(err, records.ErrNotFound) || errors.Is(err, records.ErrUnreadable) {
			continue
		}
		if err != nil {
			return lapsed, fmt.Errorf("duty: read replacement %q: %w", due[i].Key, err)
		}
		hold := now.Add(telling)
		switch r := &item.Of; r.State {
		case Lapsed: // the claim holds it
			lapsed = append(lapsed, item)
			continue
		case Offered:
			r.State, r.Since = Lapsed, now.UTC()
		case Planned, Declined, Dropped:
			hold = time.Time{} // it asks for nothing more
		}
		switch err := b.put(ctx, &item, hold); {
		case errors.Is(err, records.ErrConflict):
		case err != nil:
			return lapsed, err
		case item.Of.State == Lapsed:
			lapsed = append(lapsed, item)
		}
	}
	return lapsed, nil
}

// Heard notes who of both was told that an offer lapsed; whoever was not is told at due,
// zero if both were. Whoever has lost the claim meanwhile changes nothing.
func (b *Book) Heard(ctx context.Context, item *records.Item[Replacement], due time.Time) error {
	if err := b.put(ctx, item, due); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
	return nil
}

// put writes an item that is due again, over the revision that it was read with.
func (b *Book) put(ctx context.Context, item *records.Item[Replacement], due time.Time) error {
	write, err := b.shelf.Put(item.Key, item.Revision, item.Of)
	if err != nil {
		return fmt.Errorf("duty: %w", err)
	}
	write.Due = due
	revisions, err := b.store.Write(ctx, records.House, write)
	if err != nil {
		return fmt.Errorf("duty: write replacement %s: %w", item.Of.ID, err)
	}
	item.Revision = revisions[0]
	return nil
}
