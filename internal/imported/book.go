package imported

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kinds of records of the house: what calendars said, and what is known of their
// fetching, both under the group and a part of the hash of the address. So a daemon
// whose configuration is older goes on with its own.
const (
	KindPlan  = "imported calendar"
	KindFetch = "calendar fetch"
)

// Source is where a group's calendar is.
type Source struct {
	Group          string
	URL            string
	Every          time.Duration
	Zone           *time.Location // of the group
	User, Password string         // basic authentication; empty: none
	Token          string         // a bearer's; empty: none
}

// key is the key of its records.
func (s *Source) key() string {
	sum := sha256.Sum256([]byte(s.URL))
	return s.Group + "/" + hex.EncodeToString(sum[:6])
}

// Fetch is what is known of the fetching of a calendar.
type Fetch struct {
	Group string    `json:"group"`
	At    time.Time `json:"at"`             // when a calendar was taken last; zero: never
	Tried time.Time `json:"tried"`          // when it was asked for last
	Error string    `json:"error"`          // why that did not do; empty: it did
	Plan  time.Time `json:"plan,omitzero"`  // the At of the plan that is kept
	Odd   []string  `json:"odd,omitempty"`  // a few events that could not be understood
	Added time.Time `json:"added,omitzero"` // when it was first to be fetched
}

// Book keeps plans and what is known of their fetching. It is safe for concurrent use.
type Book struct {
	store   records.Store
	plans   records.Shelf[Plan]
	fetches records.Shelf[Fetch]
}

// NewBook keeps them in a store.
func NewBook(store records.Store) *Book {
	return &Book{
		store:   store,
		plans:   records.Shelf[Plan]{Store: store, Home: records.House, Kind: KindPlan},
		fetches: records.Shelf[Fetch]{Store: store, Home: records.House, Kind: KindFetch},
	}
}

// Kept is everything that is known of calendars, by the keys of their records.
type Kept struct {
	Plans   map[string]Plan
	Fetches map[string]Fetch
}

// Read reads what is kept. Plans that before has already are not read again.
func (b *Book) Read(ctx context.Context, before *Kept) (*Kept, error) {
	items, err := b.fetches.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("imported: what is known of calendars: %w", err)
	}
	k := &Kept{Plans: map[string]Plan{}, Fetches: map[string]Fetch{}}
	for i := range items {
		f, key := items[i].Of, items[i].Key
		k.Fetches[key] = f
		if f.Plan.IsZero() {
			continue
		}
		if before != nil {
			if p, ok := before.Plans[key]; ok && p.At.Equal(f.Plan) {
				k.Plans[key] = p
				continue
			}
		}
		item, err := b.plans.Get(ctx, key)
		switch {
		case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
			if before != nil {
				if p, ok := before.Plans[key]; ok { // it is read again when it is written anew
					k.Plans[key] = p
				}
			}
		case err != nil:
			return nil, fmt.Errorf("imported: read a calendar of %s: %w", f.Group, err)
		default:
			k.Plans[key] = item.Of
		}
	}
	return k, nil
}

// Same says whether two are alike in what puts people on call or is shown of it.
func (k *Kept) Same(other *Kept) bool {
	if k == nil || other == nil {
		return k == other
	}
	if len(k.Plans) != len(other.Plans) {
		return false
	}
	for key, p := range k.Plans {
		if o, ok := other.Plans[key]; !ok || !o.At.Equal(p.At) {
			return false
		}
	}
	return true
}

// plan is the plan that holds for a source: its own, or the last one of its group, if
// the address is a new one that was never fetched.
func (k *Kept) plan(s *Source) (p Plan, own, ok bool) {
	if p, ok = k.Plans[s.key()]; ok {
		return p, true, true
	}
	for _, other := range k.Plans {
		if other.Group == s.Group && (!ok || other.At.After(p.At)) {
			p, ok = other, true
		}
	}
	return p, false, ok
}

// Status is what is shown of a group's calendar.
type Status struct {
	Group, Host string
	At          time.Time     // when it was taken last; zero: never
	Every       time.Duration // how often it is asked for
	Error       string        // why the last try did not do
	Other       bool          // what holds is of the group's address before this one
	Old         bool          // it was not taken for four times as long as it should
	Unknown     []string      // events that name nobody who is configured
	Odd         []string      // events that could not be understood
	Until       time.Time     // the end of the last turn that names somebody; zero: there is none
}

// oldAfter is how many times it may not be taken until that is a doubt.
const oldAfter = 4

// Doubtful says that somebody should look.
func (s *Status) Doubtful() bool {
	return s.Old || s.Other || len(s.Unknown) > 0 || len(s.Odd) > 0 || s.At.IsZero()
}

// Shifts are whom calendars put on call, of the people and the groups of a directory,
// and what is to be shown of each calendar, in the order of the sources.
func (k *Kept) Shifts(sources []Source, d *contacts.Directory, now time.Time) (shifts []contacts.Shift, all []Status) {
	if k == nil {
		k = &Kept{}
	}
	names := NamesOf(d)
	for i := range sources {
		s := &sources[i]
		if g, ok := d.Group(s.Group); !ok || !g.Imported {
			continue
		}
		f := k.Fetches[s.key()]
		st := Status{Group: s.Group, Host: s.host(), At: f.At, Every: s.Every, Error: f.Error, Odd: f.Odd}
		p, own, ok := k.plan(s)
		if ok {
			p.Group = s.Group
			list, unknown := p.shifts(names, now)
			shifts, st.Unknown, st.Other = append(shifts, list...), unknown, !own
			for _, one := range list {
				if one.To.After(st.Until) {
					st.Until = one.To
				}
			}
		}
		since := f.At
		if since.IsZero() {
			since = f.Added
		}
		st.Old = !since.IsZero() && now.Sub(since) > oldAfter*s.Every
		all = append(all, st)
	}
	return shifts, all
}

// plan writes down that a source is to be fetched at once. One that is known stays.
func (b *Book) begin(ctx context.Context, s *Source, now time.Time) error {
	write, err := b.fetches.Put(s.key(), 0, Fetch{Group: s.Group, Added: records.Instant(now)})
	if err == nil {
		write.Due = now
		_, err = b.store.Write(ctx, records.House, write)
	}
	if err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("imported: begin to fetch the calendar of %s: %w", s.Group, err)
	}
	return nil
}

// end writes what became of a fetch that was claimed, and the plan if that is a new one.
func (b *Book) end(ctx context.Context, item *records.Item[Fetch], f Fetch, p *Plan, due time.Time) error {
	write, err := b.fetches.Put(item.Key, item.Revision, f)
	if err != nil {
		return fmt.Errorf("imported: %w", err)
	}
	write.Due = due
	writes := []records.Write{write}
	if p != nil {
		write, err := b.plans.Put(item.Key, records.Any, *p)
		if err != nil {
			return fmt.Errorf("imported: %w", err)
		}
		writes = append(writes, write)
	}
	if _, err := b.store.Write(ctx, records.House, writes...); err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("imported: write the calendar of %s: %w", f.Group, err)
	}
	return nil
}

// fit drops turns that are over until a plan is as small as a record may be.
func (p *Plan) fit(now time.Time) error {
	for {
		text, err := p.MarshalJSON()
		if err != nil {
			return err
		}
		if len(text) <= ticket.MaxRecordValue {
			return nil
		}
		if len(p.Turns) == 0 || p.Turns[0].To.After(now) {
			return errTooLarge
		}
		over := 0
		for over < len(p.Turns) && over < 1+len(p.Turns)/4 && !p.Turns[over].To.After(now) {
			over++
		}
		p.Turns = p.Turns[over:]
	}
}
