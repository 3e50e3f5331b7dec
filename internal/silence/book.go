package silence

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kind is that of the records of silences, under their IDs, until they are over. KindPast
// is that of those that are: only they pile up, and nobody reads them but people.
const (
	Kind     = "silence"
	KindPast = "silence that is over"
)

// Expiring are the kinds of records that are removed once they are due.
func Expiring() []string { return []string{KindPast} }

// Book keeps silences. It is safe for concurrent use.
type Book struct {
	store records.Store // of what people do
	shelf records.Shelf[Silence]
	past  records.Shelf[Silence]
}

// NewBook keeps them in a store. damaged is told of a record that is none; it may be
// nil.
func NewBook(store records.Store, damaged func(r records.Record, err error)) *Book {
	shelf := records.Shelf[Silence]{Store: store, Home: records.House, Kind: Kind, Damaged: damaged}
	past := shelf
	past.Kind = KindPast
	return &Book{store: store, shelf: shelf, past: past}
}

// All are those that are kept: what ended in the last ninety days too, the latest first.
func (b *Book) All(ctx context.Context) ([]Silence, error) {
	list, err := b.Living(ctx)
	if err != nil {
		return nil, err
	}
	items, err := b.past.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("silence: read silences that are over: %w", err)
	}
	for i := range items {
		list = append(list, items[i].Of)
	}
	slices.SortFunc(list, func(a, b Silence) int { return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Living are those that may hold something back, now or later, and some that were over
// a moment ago.
func (b *Book) Living(ctx context.Context) ([]Silence, error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("silence: read silences: %w", err)
	}
	list := make([]Silence, len(items))
	for i := range items {
		list[i] = items[i].Of
	}
	return list, nil
}

// Get is one of them; ErrNotFound if there is none.
func (b *Book) Get(ctx context.Context, id string) (Silence, error) {
	item, err := b.get(ctx, id)
	return item.Of, err
}

func (b *Book) get(ctx context.Context, id string) (item records.Item[Silence], err error) {
	if id == "" || len(id) > longestID {
		return item, ErrNotFound
	}
	for _, shelf := range []*records.Shelf[Silence]{&b.shelf, &b.past} {
		if item, err = shelf.Get(ctx, id); !errors.Is(err, records.ErrNotFound) {
			break
		}
	}
	switch {
	case errors.Is(err, records.ErrNotFound):
		return item, ErrNotFound
	case err != nil:
		return item, fmt.Errorf("silence: read %s: %w", id, err)
	}
	return item, nil
}

// longestID is how long an ID is at most.
const longestID = ticket.MaxSilenceID

// Make makes a silence. It is asked for by s.By. The errors are a *FieldError, ErrMany,
// or the store's.
func (b *Book) Make(ctx context.Context, s Silence, r *escalation.Rules, now time.Time) (Silence, error) {
	if s.Zone == "" {
		s.Zone = r.Location.String()
	}
	matchers, err := s.check(r, now)
	if err != nil {
		return s, err
	}
	living, err := b.Living(ctx)
	if err != nil {
		return s, err
	}
	if err := s.hasRoom(living, costOf(matchers), now); err != nil {
		return s, err
	}
	s.ID, s.At, s.Ended, s.EndedBy = strings.ToLower(rand.Text()[:12]), now.UTC(), time.Time{}, ""
	return s, b.put(ctx, &s, 0, s.begins(now))
}

// begins is when whoever claims it looks over the tickets: now, or when it begins.
func (s *Silence) begins(now time.Time) time.Time {
	if s.From.After(now) {
		return s.From
	}
	return now
}

func (b *Book) put(ctx context.Context, s *Silence, revision int64, due time.Time) error {
	write, err := b.shelf.Put(s.ID, revision, *s)
	if err != nil {
		return fmt.Errorf("silence: %w", err)
	}
	write.Due = due
	if _, err := b.store.Write(ctx, records.House, write); err != nil {
		return fmt.Errorf("silence: write %s: %w", s.ID, err)
	}
	return nil
}

// Change gives a silence that is not over another end, and other words. The errors are
// those of Make, ErrNotFound and ErrOver.
func (b *Book) Change(ctx context.Context, id string, change func(*Silence), r *escalation.Rules, now time.Time) (Silence, error) {
	return b.edit(ctx, id, now, func(s *Silence) error {
		from := s.From
		change(s)
		_, err := s.check(r, now)
		if s.At = now.UTC(); from.Before(s.From) { // it began then
			s.From = from
		}
		return err
	})
}

// End ends a silence now. If it has not begun, it never does.
func (b *Book) End(ctx context.Context, id, by string, now time.Time) (Silence, error) {
	return b.edit(ctx, id, now, func(s *Silence) error { s.Ended, s.EndedBy = now.UTC(), by; return nil })
}

// edit writes what is done to a silence that is not over. Its tickets are looked over.
func (b *Book) edit(ctx context.Context, id string, now time.Time, do func(*Silence) error) (Silence, error) {
	for {
		item, err := b.get(ctx, id)
		if err != nil {
			return Silence{}, err
		}
		s := item.Of
		if state, _ := s.StateAt(now); state == Expired || item.Kind == KindPast {
			return s, ErrOver
		}
		if err := do(&s); err != nil {
			return s, err
		}
		switch err := b.put(ctx, &s, item.Revision, now); {
		case errors.Is(err, records.ErrConflict): // somebody looks over the tickets
		default:
			return s, err
		}
	}
}

// claim takes those that begin or end now.
func (b *Book) claim(ctx context.Context, owner string, now time.Time) (due []records.Item[Silence], err error) {
	list, err := b.store.Claim(ctx, records.Claim{Kind: Kind, Owner: owner, Now: now, Until: now.Add(claimedFor), Most: 100})
	if err != nil {
		return nil, fmt.Errorf("silence: those that are due: %w", err)
	}
	for i := range list {
		item, err := b.shelf.Get(ctx, list[i].Key)
		if err != nil || item.Revision != list[i].Revision {
			continue // it is damaged, or somebody else has it by now
		}
		due = append(due, item)
	}
	return due, nil
}
