package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	claimedFor = time.Minute
	claimed    = 100
	// tries is how often a record is read again that somebody else changes meanwhile.
	tries = 5
	// again is how soon an alert that could not be told is tried again.
	again = 10 * time.Second
	// mostRemembered is how many signs are kept in memory that could not be written.
	mostRemembered = 2 * ticket.MaxHeartbeats
)

// Engine is what a Keeper needs of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that everything is judged by.
	Now() time.Time
	// Heard is the time since when senders can be heard without a break.
	Heard() time.Time
}

// Keeper hears signs, and tells of the heartbeats that are late. It is safe for concurrent
// use; Turn is called by one goroutine.
type Keeper struct {
	Book   *Book
	Engine Engine
	Owner  string // of claims
	// Take makes alerts durable.
	Take func(ctx context.Context, b ticket.Batch) error
	Log  *zap.Logger
	// Soon is called when there is something to do at once. It must not block.
	Soon func()

	sweeps atomic.Bool // what is known of heartbeats that are gone is to be ended
	mu     sync.Mutex
	unsaid map[string]remembered // signs that could not be written
}

// remembered is the last sign of a heartbeat that could not be written.
type remembered struct {
	sign Sign
	text string
	at   time.Time
}

// Sweep has the next Turn end what is known of heartbeats that are gone.
func (k *Keeper) Sweep() { k.sweeps.Store(true); k.Soon() }

// Hear hears a sign of a heartbeat. When it returns nil the sign is written down. If not,
// it is remembered as long as this daemon lives, and its sender is to send it again.
func (k *Keeper) Hear(ctx context.Context, h *Heartbeat, sign Sign, text string) error {
	if sign == SignLog {
		return nil
	}
	said := remembered{sign, ticket.Cut(text, ticket.MaxHeartbeatText), k.Engine.Now()}
	err := k.hear(ctx, h, said)
	if err == nil {
		return nil
	}
	k.remember(h.Name, said)
	if sign != SignFail {
		return err
	}
	// What is kept while the store is away keeps its alert too.
	b := Beat{State: Failed, Since: said.at, Began: said.at, Heard: said.at, Text: said.text}
	if k.tell(ctx, h, &b) == nil {
		return nil
	}
	return err
}

func (k *Keeper) hear(ctx context.Context, h *Heartbeat, said remembered) error {
	for range tries {
		item, err := k.Book.beats.Get(ctx, h.Name)
		switch {
		case errors.Is(err, records.ErrNotFound):
			item.Revision, item.Of = 0, Beat{State: New, Since: said.at, From: said.at, Told: true}
		case errors.Is(err, records.ErrUnreadable):
			item.Of = Beat{State: New, Since: said.at, From: said.at} // begun anew, and its alert told so
		case err != nil:
			return fmt.Errorf("heartbeat: read %s: %w", h.Name, err)
		}
		b := item.Of
		if !b.take(said.sign, said.text, said.at, k.Engine.Heard().After(b.From)) {
			return nil
		}
		_, err = k.write(ctx, h, item.Revision, &b)
		if errors.Is(err, records.ErrConflict) {
			continue
		}
		if err == nil && !b.Told {
			k.Soon()
		}
		return err
	}
	return fmt.Errorf("heartbeat: %s changes all the time", h.Name)
}

// write writes what is known of a heartbeat over a revision. It returns the new one.
func (k *Keeper) write(ctx context.Context, h *Heartbeat, revision int64, b *Beat) (int64, error) {
	return k.writeDue(ctx, h.Name, revision, b, b.due(h, k.Engine.Now()))
}

func (k *Keeper) writeDue(ctx context.Context, name string, revision int64, b *Beat, due time.Time) (int64, error) {
	write, err := k.Book.beats.Put(name, revision, *b)
	if err != nil {
		return 0, fmt.Errorf("heartbeat: %w", err)
	}
	write.Due, write.Vital = due, true
	revisions, err := k.Book.store.Write(ctx, records.House, write)
	if err != nil {
		return 0, fmt.Errorf("heartbeat: write %s: %w", name, err)
	}
	return revisions[0], nil
}

// remember keeps a sign for when the store is back. A failure is not forgotten for a beat
// before it.
func (k *Keeper) remember(name string, said remembered) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unsaid == nil {
		k.unsaid = map[string]remembered{}
	}
	if was, known := k.unsaid[name]; said.sign == SignStart && known || said.at.Before(was.at) || !known && len(k.unsaid) >= mostRemembered {
		return // a run that begins says less than what is remembered
	}
	k.unsaid[name] = said
}

// recall writes the signs that are remembered.
func (k *Keeper) recall(ctx context.Context, known *table) {
	k.mu.Lock()
	list := k.unsaid
	k.unsaid = nil
	k.mu.Unlock()
	for name, said := range list {
		h := known.names[name]
		if h == nil {
			continue
		}
		item, err := k.Book.beats.Get(ctx, name)
		if err == nil && !said.at.After(item.Of.From) {
			continue // another sign came after it
		}
		if k.hear(ctx, h, said) != nil {
			k.remember(name, said)
		}
	}
}

// Beaten takes out of what a source says the alerts that beat heartbeats: they open no
// ticket. It says how many there were. One that could not be written is remembered:
// such alerts come again.
func (k *Keeper) Beaten(ctx context.Context, b ticket.Batch) (rest ticket.Batch, beats int) {
	by := k.Book.table().from[b.Source]
	if len(by) == 0 {
		return b, 0
	}
	rest = ticket.Batch{Source: b.Source, ResolveGroups: b.ResolveGroups}
	heard := map[*Heartbeat]bool{}
	for i := range b.Alerts {
		its := false
		for _, h := range by {
			if h.From.Has(&b.Alerts[i]) {
				its, heard[h] = true, true
			}
		}
		if !its {
			rest.Alerts = append(rest.Alerts, b.Alerts[i])
		}
	}
	for h := range heard {
		if err := k.Hear(ctx, h, SignBeat, ""); err != nil {
			k.Log.Warn("a heartbeat could not be written down, and is remembered", zap.String("heartbeat", h.Name), zap.Error(err))
		}
	}
	return rest, len(b.Alerts) - len(rest.Alerts)
}

// tell makes the alert of a state durable.
func (k *Keeper) tell(ctx context.Context, h *Heartbeat, b *Beat) error {
	a := h.Alert(b, &lang.In(k.Engine.Rules().Language).Heartbeats)
	if err := k.Take(ctx, ticket.Batch{Source: Source, Alerts: []ticket.Alert{a}}); err != nil {
		return fmt.Errorf("heartbeat: tell of %s: %w", h.Name, err)
	}
	return nil
}
