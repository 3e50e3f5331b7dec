package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

const (
	// listens is how often a daemon writes that it hears.
	listens = 15 * time.Second
	// shortBreak is the longest time without that which counts as short.
	shortBreak = time.Minute
	// clockSlack is how far a clock may differ from what was written by another one.
	clockSlack = time.Minute
)

// hearing says when daemons of the store could hear.
type hearing struct {
	Alive time.Time `json:"alive"` // some daemon heard then
	Since time.Time `json:"since"` // the last long break ended then
	// Total is how long they could hear, long breaks left out.
	Total time.Duration `json:"total,omitempty"`
}

// Turn does what is due: it tells of the heartbeats that are late, and of those that are
// so no more. Those that are new begin to count.
func (k *Keeper) Turn(ctx context.Context) error {
	now := k.Engine.Now()
	if err := k.Book.Learn(ctx, now); err != nil {
		return err
	}
	known := k.Book.table()
	sweep := k.sweeps.Swap(false)
	if len(known.names) == 0 && !sweep {
		return nil
	}
	err := k.follow(ctx, known, sweep)
	if err != nil {
		k.sweeps.CompareAndSwap(false, sweep)
	}
	return err
}

func (k *Keeper) follow(ctx context.Context, known *table, sweep bool) error {
	heard, err := k.listen(ctx, k.Engine.Now())
	if err != nil {
		return err
	}
	k.recall(ctx, known)
	items, err := k.Book.beats.List(ctx)
	if err != nil {
		return fmt.Errorf("heartbeat: read beats: %w", err)
	}
	if err := k.begin(ctx, known, items); err != nil {
		return err
	}
	for i := range items {
		switch h := known.names[items[i].Key]; {
		case h != nil:
			err = k.settle(ctx, h, &items[i])
		case sweep:
			err = k.forget(ctx, &items[i])
		}
		if err != nil {
			return err
		}
	}
	return k.judgeDue(ctx, known, heard)
}

// listen writes that this daemon hears, and says when daemons could. A time in which no
// daemon wrote that is a break, and so is a clock that jumps ahead.
func (k *Keeper) listen(ctx context.Context, now time.Time) (hearing, error) {
	item, err := k.Book.hearing.Get(ctx, hearingKey)
	is := item.Of
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		is = hearing{Since: now}
	case err != nil:
		return is, fmt.Errorf("heartbeat: read when it was heard: %w", err)
	}
	gap := now.Sub(is.Alive)
	if gap.Abs() < listens {
		return is, nil
	}
	if gap > shortBreak || is.Since.After(now) {
		is.Since = now
	} else {
		is.Total += max(gap, 0)
	}
	is.Alive = now
	write, err := k.Book.hearing.Put(hearingKey, item.Revision, is)
	if err != nil {
		return is, fmt.Errorf("heartbeat: %w", err)
	}
	write.Vital = true
	_, err = k.Book.store.Write(ctx, records.House, write)
	if errors.Is(err, records.ErrConflict) {
		item, err = k.Book.hearing.Get(ctx, hearingKey) // another daemon wrote the same
		return item.Of, err                             //nolint:wrapcheck // it is tried again
	}
	if err != nil {
		return is, fmt.Errorf("heartbeat: write that it is heard: %w", err)
	}
	return is, nil
}

// begin has those count from now that are known for the first time.
func (k *Keeper) begin(ctx context.Context, known *table, items []records.Item[Beat]) error {
	has := make(map[string]bool, len(items))
	for i := range items {
		has[items[i].Key] = true
	}
	now := k.Engine.Now()
	for name, h := range known.names {
		if has[name] {
			continue
		}
		b := Beat{State: New, Since: now, From: now, Told: true}
		_, err := k.write(ctx, h, 0, &b)
		if errors.Is(err, records.ErrConflict) {
			// Another daemon was faster, or its record cannot be read.
			if _, err = k.Book.beats.Get(ctx, name); errors.Is(err, records.ErrUnreadable) {
				b.Told = false
				_, err = k.write(ctx, h, records.Any, &b)
			}
		}
		if err != nil && !errors.Is(err, records.ErrNotFound) {
			return fmt.Errorf("heartbeat: begin %s: %w", name, err)
		}
	}
	return nil
}

// settle puts a record in order whose heartbeat has changed, or that a clock wrote which
// was ahead.
func (k *Keeper) settle(ctx context.Context, h *Heartbeat, item *records.Item[Beat]) error {
	now, b := k.Engine.Now(), item.Of
	moved := b.rebase(now)
	if !b.Told || item.Until.After(now) {
		return nil // it is due, and judged by whoever claims it
	}
	due := item.Due
	if b.State.Bad() && b.State != Failed {
		if ahead := now.Add(max(h.lateAfter(), repeats)); due.IsZero() || due.After(ahead) {
			due = ahead
		}
	} else {
		due, _ = b.deadline(h)
	}
	if !moved && records.Instant(due).Equal(item.Due) {
		return nil
	}
	if _, err := k.writeDue(ctx, h.Name, item.Revision, &b, due); err != nil && !errors.Is(err, records.ErrConflict) {
		return err
	}
	return nil
}

// forget ends the alert of a heartbeat that is gone, and removes its record.
func (k *Keeper) forget(ctx context.Context, item *records.Item[Beat]) error {
	b := item.Of
	if b.State.Bad() || !b.Told {
		over := Beat{State: Up, Since: k.Engine.Now(), Began: b.Began}
		if err := k.tell(ctx, &Heartbeat{Name: item.Key}, &over); err != nil {
			return err
		}
	}
	_, err := k.Book.store.Write(ctx, records.House, k.Book.beats.Remove(item.Key, item.Revision))
	if errors.Is(err, records.ErrConflict) {
		k.sweeps.Store(true) // somebody changed it meanwhile
		return nil
	}
	if err != nil {
		return fmt.Errorf("heartbeat: forget %s: %w", item.Key, err)
	}
	return nil
}

// judgeDue looks at those whose time is up, or whose alert has yet to hear of their state.
func (k *Keeper) judgeDue(ctx context.Context, known *table, heard hearing) error {
	now := k.Engine.Now()
	list, err := k.Book.store.Claim(ctx, records.Claim{Kind: kindBeat, Owner: k.Owner, Now: now, Until: now.Add(claimedFor), Most: claimed})
	if err != nil {
		return fmt.Errorf("heartbeat: those that are due: %w", err)
	}
	var failed error
	for i := range list {
		item, err := k.Book.beats.Get(ctx, list[i].Key)
		if err != nil || item.Revision != list[i].Revision {
			continue // it is damaged, or somebody else has it by now
		}
		h := known.names[item.Key]
		if h == nil { // another daemon may know it
			_, err = k.writeDue(ctx, item.Key, item.Revision, &item.Of, now.Add(claimedFor))
		} else {
			err = k.judge(ctx, h, &item, heard)
		}
		if err != nil && !errors.Is(err, records.ErrConflict) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// judge looks at one that is claimed.
func (k *Keeper) judge(ctx context.Context, h *Heartbeat, item *records.Item[Beat], heard hearing) error {
	now, b, revision := k.Engine.Now(), item.Of, item.Revision
	b.rebase(now)
	if b.Told && (!b.State.Bad() || b.State == Failed) {
		short := k.Engine.Heard()
		if short.After(now) { // the clock went back since
			short = time.Time{}
		}
		b.ask(h, &heard, short)
		at, becomes := b.deadline(h)
		if at.After(now) {
			_, err := k.writeDue(ctx, h.Name, revision, &b, at)
			return err
		}
		b.turn(becomes, now)
		// The state is written before its alert: whoever ends it meanwhile has an end to tell.
		var err error
		if revision, err = k.write(ctx, h, revision, &b); err != nil {
			return err
		}
	}
	return k.say(ctx, h, revision, b)
}

// say has the alert hear of the state that a record has, and notes that it did. If somebody
// changed the record meanwhile, the alert hears of that state too: what was told last is
// what is true.
func (k *Keeper) say(ctx context.Context, h *Heartbeat, revision int64, b Beat) error {
	for range tries {
		if err := k.tell(ctx, h, &b); err != nil {
			_, _ = k.writeDue(ctx, h.Name, revision, &b, k.Engine.Now().Add(again)) // else the claim runs out
			return err
		}
		b.Told = true
		_, err := k.write(ctx, h, revision, &b)
		if !errors.Is(err, records.ErrConflict) {
			return err
		}
		item, err := k.Book.beats.Get(ctx, h.Name)
		if err != nil {
			return fmt.Errorf("heartbeat: read %s: %w", h.Name, err)
		}
		b, revision = item.Of, item.Revision
	}
	return fmt.Errorf("heartbeat: %s changes all the time", h.Name)
}
