package contacts

import (
	"fmt"
	"slices"
	"time"
)

// Group is people who are paged together: on duty are People, always, then each
// rotation's present person, nobody twice. A group can be empty, or be so
// before the first handover of its rotations. Slices of a Group that
// a [Directory] gave out belong to it and must not be changed.
type Group struct {
	Key       string
	People    []string
	Rotations []Rotation
}

// Override is a change made by hand: Person stands in for Replaces, in that
// one's place, from From until To, which is outside. Where Replaces is "",
// Person stands in for everybody, and is on duty where nobody is; where
// Replaces is not on duty it changes nothing. Without To it holds until it is
// taken back (row S0-13).
type Override struct {
	Group, Person, Replaces string
	From, To                time.Time
}

func (o *Override) holds(t time.Time) bool {
	return !t.Before(o.From) && (o.To.IsZero() || t.Before(o.To))
}

// apply puts the stand-in on duty.
func (o *Override) apply(on []string) []string {
	if o.Replaces == "" {
		return append(on[:0], o.Person)
	}
	for i, p := range on {
		if p == o.Replaces {
			on[i] = o.Person
		}
	}
	return on
}

// roster is a checked group with its overrides.
type roster struct {
	Group
	overrides []Override
}

// newRoster checks the group, and says all that is wrong with it; known says
// whether there is such a person.
func newRoster(g Group, known func(string) bool) (*roster, []error) {
	var errs []error
	for _, p := range g.People {
		if !known(p) {
			errs = append(errs, fmt.Errorf("no person named %q", p))
		}
	}
	rotations := make([]Rotation, len(g.Rotations))
	for i, r := range g.Rotations {
		for _, p := range r.People {
			if !known(p) {
				errs = append(errs, fmt.Errorf("rotation %d: no person named %q", i+1, p))
			}
		}
		checked, wrong := r.checked()
		for _, err := range wrong {
			errs = append(errs, fmt.Errorf("rotation %d: %w", i+1, err))
		}
		rotations[i] = checked
	}
	g.People, g.Rotations = owned(g.People), rotations
	return &roster{Group: g}, errs
}

// on is the keys of the people on duty at t.
func (r *roster) on(t time.Time) []string {
	people := make([]string, 0, len(r.People)+len(r.Rotations))
	people = append(people, r.People...)
	for i := range r.Rotations {
		rotation := &r.Rotations[i]
		if p, ok := rotation.person(rotation.turn(t)); ok {
			people = append(people, p)
		}
	}
	people = distinct(people)
	for i := range r.overrides {
		if r.overrides[i].holds(t) {
			people = distinct(r.overrides[i].apply(people))
		}
	}
	return people
}

// next is the first instant after t at which the people on duty may change.
func (r *roster) next(t time.Time) (time.Time, bool) {
	var first time.Time
	found := false
	offer := func(c time.Time) {
		if c.After(t) && (!found || c.Before(first)) {
			first, found = c, true
		}
	}
	for i := range r.Rotations {
		if c, ok := r.Rotations[i].next(t); ok {
			offer(c)
		}
	}
	for _, o := range r.overrides {
		offer(o.From)
		if !o.To.IsZero() {
			offer(o.To)
		}
	}
	return first, found
}

// last is the last instant up to t at which the people on duty may have changed.
func (r *roster) last(t time.Time) (time.Time, bool) {
	var last time.Time
	found := false
	offer := func(c time.Time) {
		if !c.After(t) && (!found || c.After(last)) {
			last, found = c, true
		}
	}
	for i := range r.Rotations {
		if c, ok := r.Rotations[i].last(t); ok {
			offer(c)
		}
	}
	for _, o := range r.overrides {
		if !o.From.IsZero() {
			offer(o.From)
		}
		if !o.To.IsZero() {
			offer(o.To)
		}
	}
	return last, found
}

// distinct keeps the first of each.
func distinct(people []string) []string {
	kept := people[:0]
	for _, p := range people {
		if !slices.Contains(kept, p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// owned is a copy that nobody else holds, and that append copies again.
func owned(list []string) []string {
	return slices.Clip(slices.Clone(list))
}
