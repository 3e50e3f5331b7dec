package ready

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// KindHandover is the kind of record of a handover.
const KindHandover = "handover"

// Handovers keeps what is asked before handovers, and who confirmed. It is safe for
// concurrent use.
type Handovers struct {
	store records.Store
	shelf records.Shelf[Handover]
}

// NewHandovers keeps them in a store.
func NewHandovers(store records.Store) *Handovers {
	return &Handovers{store: store, shelf: records.Shelf[Handover]{Store: store, Home: records.House, Kind: KindHandover}}
}

// All are all that are kept.
func (b *Handovers) All(ctx context.Context) ([]Handover, error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("ready: read handovers: %w", err)
	}
	list := make([]Handover, len(items))
	for i := range items {
		list[i] = items[i].Of
	}
	return list, nil
}

// Plan writes down a handover, to be seen to when its first stage is due. One that is
// known stays as it is.
func (b *Handovers) Plan(ctx context.Context, h Handover, r contacts.Readiness, now time.Time) error {
	h.Stage = h.Turn(r, now)
	err := b.write(ctx, 0, h, r)
	if errors.Is(err, records.ErrConflict) {
		return nil // another daemon was first
	}
	return err
}

// write writes a handover that is due when its stage is.
func (b *Handovers) write(ctx context.Context, revision int64, h Handover, r contacts.Readiness) error {
	due, _ := h.When(h.Stage, r)
	return b.writeDue(ctx, revision, h, due)
}

func (b *Handovers) writeDue(ctx context.Context, revision int64, h Handover, due time.Time) error {
	write, err := b.shelf.Put(h.Key(), revision, h)
	if err == nil {
		write.Due = due
		_, err = b.store.Write(ctx, records.House, write)
	}
	if err != nil {
		return fmt.Errorf("ready: write the handover of %s to %s: %w", h.Group, h.Person, err)
	}
	return nil
}

const (
	claimed = 2 * time.Minute // messages take seconds
	atOnce  = 10
	// reachTries is how often a stage is tried that reaches nobody, a minute apart.
	reachTries = 5
	reachEvery = time.Minute
)

// Due claims the handovers that something is to be done about.
func (b *Handovers) Due(ctx context.Context, owner string, now time.Time) ([]records.Item[Handover], error) {
	due, err := b.store.Claim(ctx, records.Claim{Kind: KindHandover, Owner: owner, Now: now, Until: now.Add(claimed), Most: atOnce})
	if err != nil {
		return nil, fmt.Errorf("ready: handovers that are due: %w", err)
	}
	var items []records.Item[Handover]
	for i := range due {
		if item, err := b.shelf.Get(ctx, due[i].Key); err == nil {
			items = append(items, item)
		}
	}
	return items, nil
}

// Begins notes, before a message goes out, that one does: its answer may be faster than
// what the provider says. It holds the handover until the messages are out.
func (b *Handovers) Begins(ctx context.Context, item *records.Item[Handover], asks bool, now time.Time) error {
	h := item.Of
	if asks {
		h.Asked = now
	}
	if err := b.writeDue(ctx, item.Revision, h, now.Add(claimed)); err != nil {
		return err
	}
	item.Of = h
	return nil
}

// Skip moves a handover on to a stage that is due later: those before it were
// overtaken.
func (b *Handovers) Skip(ctx context.Context, item *records.Item[Handover], stage Stage, r contacts.Readiness) error {
	h := item.Of
	h.Stage, h.Tries = stage, 0
	if err := b.write(ctx, item.Revision, h, r); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
	return nil
}

// Done notes that a stage was done; reached says whether a message went out. One that
// reached nobody is tried again, a few times.
func (b *Handovers) Done(ctx context.Context, was Handover, stage Stage, reached bool, r contacts.Readiness, now time.Time) error {
	return b.change(ctx, was.Key(), func(h *Handover) (due time.Time, ok bool) {
		if h.Stage != was.Stage {
			return due, false // another daemon has done it
		}
		h.Stage = stage
		if h.Tries++; !reached && h.Tries < reachTries {
			return now.Add(reachEvery), true
		}
		h.Stage, h.Tries = stage.after(), 0
		if h.Stage = h.Turn(r, now); h.Stage == Forget {
			h.Stage = End
		}
		due, _ = h.When(h.Stage, r)
		return due, true
	})
}

// Drop forgets a handover that is not to come any more.
func (b *Handovers) Drop(ctx context.Context, item *records.Item[Handover]) error {
	_, err := b.store.Write(ctx, records.House, b.shelf.Remove(item.Key, item.Revision))
	if err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("ready: forget a handover of %s: %w", item.Of.Group, err)
	}
	return nil
}

// Keep keeps one at which somebody stayed on, for a year.
func (b *Handovers) Keep(ctx context.Context, item *records.Item[Handover], r contacts.Readiness) error {
	h := item.Of
	h.Stage = Forget
	if err := b.write(ctx, item.Revision, h, r); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
	return nil
}

// Confirm has a person confirm the handovers that wait for it, or have begun: what was
// done proves it, whatever it was. at is when the last message went out that waited
// for it, zero if none did. What was confirmed by the same Once is confirmed alike.
func (b *Handovers) Confirm(ctx context.Context, p paging.Proof) (at time.Time, err error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return at, fmt.Errorf("ready: read handovers: %w", err)
	}
	for i := range items {
		h := &items[i].Of
		switch {
		case h.Person != p.Person:
			continue
		case p.Once != "" && h.Once == p.Once && !h.Asked.IsZero():
			at = latestOf(at, h.Asked)
			continue
		case !h.Confirmed.IsZero(), !p.At.Before(h.At.Add(Stays)), h.Asked.IsZero() && p.At.Before(h.At):
			continue
		}
		asked := h.Asked
		err := b.change(ctx, items[i].Key, func(h *Handover) (due time.Time, ok bool) {
			if !h.Confirmed.IsZero() {
				return due, false
			}
			h.Confirmed, h.How, h.Once = records.Instant(p.At), p.How, p.Once
			return due, true
		})
		if err != nil {
			return at, err
		}
		at = latestOf(at, asked)
	}
	return at, nil
}

func latestOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// change changes a handover; do returns when it is due, zero: as it is.
func (b *Handovers) change(ctx context.Context, key string, do func(h *Handover) (due time.Time, ok bool)) error {
	for try := 0; ; try++ {
		item, err := b.shelf.Get(ctx, key)
		if errors.Is(err, records.ErrNotFound) {
			return nil // it is not to come any more
		}
		if err == nil {
			due, ok := do(&item.Of)
			if !ok {
				return nil
			}
			if due.IsZero() {
				due = item.Due
			}
			err = b.writeDue(ctx, item.Revision, item.Of, due)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, records.ErrConflict) || try == tries:
			return fmt.Errorf("ready: change a handover: %w", err)
		}
	}
}
