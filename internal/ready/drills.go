package ready

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const (
	// DrillFor is how long people have to answer a drill.
	DrillFor = time.Minute
	// drillLate is for how long an answer is still one to it, and told as late.
	drillLate = 10 * time.Minute
	drillKept = 90 * 24 * time.Hour
)

// Kinds of records: a drill under its id, and the last drill of each group and person.
const (
	kindDrill   = "drill"
	kindDrillOf = "drill of"
)

// Drill asks people whether they can be woken, and says who answered.
type Drill struct {
	ID     string    `json:"id"`
	Group  string    `json:"group,omitempty"` // empty: of one person
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	People []Drilled `json:"people"`
}

// Drilled is one of the people of a drill.
type Drilled struct {
	Person   string           `json:"person"`
	Tries    []paging.TestTry `json:"tries,omitempty"` // the messages; none: nothing leads to the person
	Sent     bool             `json:"sent"`            // the providers have answered
	Answered time.Time        `json:"answered,omitzero"`
	How      paging.How       `json:"how,omitempty"`
	Channel  string           `json:"channel,omitempty"`
	Address  string           `json:"address,omitempty"`
	Once     string           `json:"once,omitempty"`
}

// Ends is when the time to answer is over.
func (d *Drill) Ends() time.Time { return d.At.Add(DrillFor) }

// Running says whether somebody may still answer in time.
func (d *Drill) Running(now time.Time) bool {
	if !now.Before(d.Ends()) {
		return false
	}
	for i := range d.People {
		if p := &d.People[i]; p.Answered.IsZero() && (!p.Sent || paging.Taken(p.Tries)) {
			return true
		}
	}
	return false
}

// Errors of drills.
var (
	ErrDrillRuns = errors.New("ready: a drill of it is under way")
	ErrNoDrill   = errors.New("ready: there is no such drill")
	ErrNobody    = errors.New("ready: nobody is in this group")
)

// Drills keeps drills. It is safe for concurrent use.
type Drills struct {
	store  records.Store
	shelf  records.Shelf[Drill]
	latest records.Shelf[time.Time] // when the last one of a group or a person ends
}

// NewDrills keeps them in a store.
func NewDrills(store records.Store) *Drills {
	return &Drills{
		store:  store,
		shelf:  records.Shelf[Drill]{Store: store, Home: records.House, Kind: kindDrill},
		latest: records.Shelf[time.Time]{Store: store, Home: records.House, Kind: kindDrillOf},
	}
}

// Members are the people of a group, in the order in which it names them: whoever is
// always in it, and whoever has a turn.
func Members(d *contacts.Directory, group string) (people []string, ok bool) {
	g, ok := d.Group(group)
	known := map[string]bool{}
	add := func(list []string) {
		for _, p := range list {
			if !known[p] {
				known[p], people = true, append(people, p)
			}
		}
	}
	add(g.People)
	for i := range g.Rotations {
		for _, turn := range g.Rotations[i].People {
			add(turn)
		}
	}
	add(d.Members(group)) // whom a calendar names that is kept elsewhere
	return people, ok
}

// drillKey begins with a time, so that what runs is found by it.
func drillKey(at time.Time) string { return strings.ToLower(at.UTC().Format("20060102T150405")) }

// Start writes a drill down, before anything is sent; ErrDrillRuns while one of the
// same group or person is under way.
func (b *Drills) Start(ctx context.Context, group string, people []string, by string, now time.Time) (Drill, error) {
	now = records.Instant(now)
	d := Drill{ID: drillKey(now) + "-" + strings.ToLower(rand.Text()[:10]), Group: group, By: by, At: now}
	of := "group " + group
	if group == "" && len(people) == 1 {
		of = "person " + people[0]
	}
	for _, p := range people {
		d.People = append(d.People, Drilled{Person: p})
	}
	last, err := paging.Readable(b.latest.Get(ctx, of))
	switch {
	case len(people) == 0:
		return d, ErrNobody
	case err != nil:
		return d, fmt.Errorf("ready: the last drill of %s: %w", ticket.Logged(of), err)
	case now.Before(last.Of):
		return d, ErrDrillRuns
	}
	drill, err1 := b.shelf.Put(d.ID, 0, d)
	drill.Due = now.Add(drillKept)
	lock, err2 := b.latest.Put(of, last.Revision, d.Ends())
	if err := errors.Join(err1, err2); err != nil {
		return d, fmt.Errorf("ready: %w", err)
	}
	switch _, err := b.store.Write(ctx, records.House, drill, lock); {
	case errors.Is(err, records.ErrConflict):
		return d, ErrDrillRuns
	case err != nil:
		return d, fmt.Errorf("ready: write a drill down: %w", err)
	}
	return d, nil
}

// Sent notes what providers said of the messages to one of the people.
func (b *Drills) Sent(ctx context.Context, id, person string, tries []paging.TestTry) error {
	_, err := b.change(ctx, id, person, func(p *Drilled) bool {
		p.Tries, p.Sent = tries, true
		return true
	})
	return err
}

// Get is a drill; ErrNoDrill if there is none of that id.
func (b *Drills) Get(ctx context.Context, id string) (Drill, error) {
	item, err := b.shelf.Get(ctx, id)
	switch {
	case errors.Is(err, records.ErrNotFound), id == "", len(id) > ticket.MaxRecordKey:
		return Drill{}, ErrNoDrill
	case err != nil:
		return Drill{}, fmt.Errorf("ready: read the drill %q: %w", ticket.Logged(id), err)
	}
	return item.Of, nil
}

// Answer notes that a person answered the drills that wait for it. at is when the last
// of them was begun, zero if none waited. The same Once is answered alike.
func (b *Drills) Answer(ctx context.Context, p paging.Proof) (at time.Time, err error) {
	list, err := b.store.List(ctx, records.House, kindDrill, drillKey(p.At.Add(-drillLate-time.Second)), listed)
	if err != nil {
		return at, fmt.Errorf("ready: drills that wait: %w", err)
	}
	for i := range list {
		waited := false
		d, err := b.change(ctx, list[i].Key, p.Person, func(is *Drilled) bool {
			waited = is.Answered.IsZero() || p.Once != "" && is.Once == p.Once
			if !is.Answered.IsZero() {
				return false
			}
			is.Answered, is.How, is.Channel, is.Address, is.Once = records.Instant(p.At), p.How, p.Channel, p.Address, p.Once
			return true
		})
		if err != nil {
			return at, err
		}
		if waited {
			at = latestOf(at, d.At)
		}
	}
	return at, nil
}

// listed is how many drills may wait at once for one answer.
const listed = 100

// change changes what is known of one of the people of a drill.
func (b *Drills) change(ctx context.Context, id, person string, do func(p *Drilled) bool) (Drill, error) {
	for try := 0; ; try++ {
		item, err := b.shelf.Get(ctx, id)
		if errors.Is(err, records.ErrNotFound) || errors.Is(err, records.ErrUnreadable) {
			return Drill{}, nil
		}
		if err == nil {
			changed := false
			for i := range item.Of.People {
				if item.Of.People[i].Person == person {
					changed = do(&item.Of.People[i])
				}
			}
			if !changed {
				return item.Of, nil
			}
			var write records.Write
			if write, err = b.shelf.Put(id, item.Revision, item.Of); err == nil {
				write.Due = item.Due
				_, err = b.store.Write(ctx, records.House, write)
			}
		}
		switch {
		case err == nil:
			return item.Of, nil
		case !errors.Is(err, records.ErrConflict) || try == 10*tries: // all of a group may answer at once
			return item.Of, fmt.Errorf("ready: note an answer to the drill %s: %w", id, err)
		}
	}
}
