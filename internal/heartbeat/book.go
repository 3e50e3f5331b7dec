package heartbeat

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The kinds of records: the heartbeats that were made by hand, what is known of each
// heartbeat, and since when daemons hear. The first two are kept under the heartbeats' names.
const (
	Kind        = "heartbeat"
	kindBeat    = "beat"
	kindHearing = "beats heard"
)

const hearingKey = "all"

// freshFor is how long what was read of heartbeats made by hand answers for others.
const freshFor = time.Second

// Book keeps heartbeats. It is safe for concurrent use.
type Book struct {
	store   records.Store // audited: what people make and end
	made    records.Shelf[Heartbeat]
	beats   records.Shelf[Beat]
	hearing records.Shelf[hearing]

	mu         sync.Mutex
	configured []Heartbeat
	byHand     []Heartbeat
	ever       bool      // they were read
	asked      time.Time // when they were to be read last
	known      *table
}

// table finds heartbeats. It never changes.
type table struct {
	names map[string]*Heartbeat
	keys  map[string][]*Heartbeat // by Key, in the order of their names
	from  map[string][]*Heartbeat // that alerts of a source may beat
}

// NewBook keeps heartbeats in a store.
func NewBook(store records.Store) *Book {
	b := &Book{
		store:   store,
		made:    records.Shelf[Heartbeat]{Store: store, Home: records.House, Kind: Kind},
		beats:   records.Shelf[Beat]{Store: store, Home: records.House, Kind: kindBeat},
		hearing: records.Shelf[hearing]{Store: store, Home: records.House, Kind: kindHearing},
	}
	b.tabulate()
	return b
}

// Configure puts the heartbeats of a configuration in force.
func (b *Book) Configure(list []Heartbeat) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.configured = slices.Clone(list)
	for i := range b.configured {
		b.configured[i].Configured = true
	}
	b.tabulate()
}

// Learn reads those that were made by hand.
func (b *Book) Learn(ctx context.Context, now time.Time) error {
	items, err := b.made.List(ctx)
	if err != nil {
		return fmt.Errorf("heartbeat: read those made by hand: %w", err)
	}
	list := make([]Heartbeat, len(items))
	for i := range items {
		list[i] = items[i].Of
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byHand, b.ever, b.asked = list, true, now
	b.tabulate()
	return nil
}

// stale reports whether it is time to read those made by hand again, for somebody whose
// heartbeat is not known. Of many who ask at once one reads. ever says whether they were
// read at all.
func (b *Book) stale(now time.Time) (is, ever bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.asked).Abs() < freshFor {
		return false, b.ever
	}
	b.asked = now
	return true, b.ever
}

// tabulate makes the table. Whoever calls it holds mu, or is alone.
func (b *Book) tabulate() {
	t := &table{names: map[string]*Heartbeat{}, keys: map[string][]*Heartbeat{}, from: map[string][]*Heartbeat{}}
	for _, list := range [][]Heartbeat{b.byHand, b.configured} { // the configuration's win
		for i := range list {
			t.names[list[i].Name] = &list[i]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.names)) {
		h := t.names[name]
		if h.Key != "" {
			t.keys[h.Key] = append(t.keys[h.Key], h)
		}
		if h.From != nil {
			t.from[h.From.Source] = append(t.from[h.From.Source], h)
		}
	}
	b.known = t
}

// table are the heartbeats as this daemon knows them.
func (b *Book) table() *table {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known
}

// Entry is a heartbeat and what is known of it.
type Entry struct {
	Heartbeat
	Beat Beat
	Due  time.Time // when it is late, unless it gives a sign
}

// All are all heartbeats, in the order of their names, read from the store.
func (b *Book) All(ctx context.Context, now time.Time) ([]Entry, error) {
	if err := b.Learn(ctx, now); err != nil {
		return nil, err
	}
	items, err := b.beats.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("heartbeat: read beats: %w", err)
	}
	beats := make(map[string]*Beat, len(items))
	for i := range items {
		beats[items[i].Key] = &items[i].Of
	}
	t := b.table()
	list := make([]Entry, 0, len(t.names))
	for name, h := range t.names {
		e := Entry{Heartbeat: *h, Beat: Beat{State: New, Since: now, From: now, Told: true}}
		if known := beats[name]; known != nil {
			e.Beat = *known
		}
		e.Due, _ = e.Beat.deadline(h)
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y Entry) int { return cmp.Compare(x.Name, y.Name) })
	return list, nil
}

// Get is one of them; ErrNotFound if there is none.
func (b *Book) Get(ctx context.Context, name string, now time.Time) (Entry, error) {
	list, err := b.All(ctx, now)
	if err != nil {
		return Entry{}, err
	}
	for i := range list {
		if list[i].Name == name {
			return list[i], nil
		}
	}
	return Entry{}, ErrNotFound
}

// Make makes a heartbeat, and a token that is kept nowhere. The errors are a *FieldError,
// ErrMany, or the store's.
func (b *Book) Make(ctx context.Context, h Heartbeat, r *escalation.Rules, now time.Time) (e Entry, token string, err error) {
	if err := h.check(r); err != nil {
		return e, "", err
	}
	if err := b.Learn(ctx, now); err != nil {
		return e, "", err
	}
	t, byHand := b.table(), 0
	for _, other := range t.names {
		if !other.Configured {
			byHand++
		}
	}
	switch {
	case t.names[h.Name] != nil:
		return e, "", &FieldError{Field: "name", Why: "there is one of that name: choose another, or end that one first"}
	case byHand >= ticket.MaxHeartbeats:
		return e, "", ErrMany
	}
	token = strings.ToLower(rand.Text())
	h.Key, h.At = KeyOf(token), now.UTC().Truncate(time.Second)
	e = Entry{Heartbeat: h, Beat: Beat{State: New, Since: now, From: now}} // what is left of another one of that name is over
	write, err := b.made.Put(h.Name, 0, h)
	if err != nil {
		return e, "", fmt.Errorf("heartbeat: %w", err)
	}
	beat, err := b.beats.Put(h.Name, records.Any, e.Beat)
	if err != nil {
		return e, "", fmt.Errorf("heartbeat: %w", err)
	}
	beat.Due = now
	switch _, err = b.store.Write(ctx, records.House, write, beat); {
	case errors.Is(err, records.ErrConflict):
		return e, "", &FieldError{Field: "name", Why: "there is one of that name: choose another, or end that one first"}
	case err != nil:
		return e, "", fmt.Errorf("heartbeat: write %s: %w", h.Name, err)
	}
	e.Due, _ = e.Beat.deadline(&h)
	return e, token, b.Learn(ctx, now)
}

// End ends one that was made by hand. Whoever keeps the Book ends its alert.
func (b *Book) End(ctx context.Context, name string, now time.Time) (Entry, error) {
	e, err := b.Get(ctx, name, now)
	switch {
	case err != nil:
		return e, err
	case e.Configured:
		return e, ErrConfigured
	}
	if _, err := b.store.Write(ctx, records.House, b.made.Remove(name, records.Any)); err != nil {
		return e, fmt.Errorf("heartbeat: write %s: %w", name, err)
	}
	return e, b.Learn(ctx, now)
}
