package contacts

import (
	"fmt"
	"slices"
	"time"
)

// Group is people who are paged together: on duty are People, always, then whom
// a calendar elsewhere names, then whom each rotation names, nobody twice. A group can be empty, or be so
// before the first handover of its rotations. Slices of a Group that
// a [Directory] gave out belong to it and must not be changed.
type Group struct {
	Key       string
	People    []string
	Rotations []Rotation
	Managers  []string // who may change its duty; nobody: every manager
	Readiness Readiness
	// Imported says that a calendar is kept elsewhere that names people as well
	// ([Directory.Import]).
	Imported bool
	Phones   []string // E.164, telephones that belong to it: whoever is on duty holds them
	Tier     string   // "L1", "L2", "L3", or ""
}

// Assignment is a person on duty, by key, and why: the name of the rotation or
// of the override, or [Always].
type Assignment struct{ Person, Why string }

// Always is why the people of a group who take no turns are on duty.
const Always = "always"

// roster is a checked group with its overrides.
type roster struct {
	Group
	layers    []layer
	imported  overrides // shifts: who is on duty beside others from when until when
	overrides overrides
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
	for _, p := range g.Managers {
		if !known(p) {
			errs = append(errs, fmt.Errorf("managers: no person named %q", p))
		}
	}
	r := &roster{Group: g}
	r.Managers, r.Readiness.Channels = owned(g.Managers), owned(g.Readiness.Channels)
	r.People, r.Rotations = owned(g.People), make([]Rotation, len(g.Rotations))
	names := map[string]bool{}
	for i, rotation := range g.Rotations {
		for _, p := range slices.Concat(rotation.People...) {
			if !known(p) {
				errs = append(errs, fmt.Errorf("rotation %d: no person named %q", i+1, p))
			}
		}
		checked, wrong := rotation.checked()
		if rotation.Name != "" && names[rotation.Name] {
			wrong = append(wrong, fmt.Errorf("another one has the name %q", rotation.Name))
		}
		names[rotation.Name] = true
		for _, err := range wrong {
			errs = append(errs, fmt.Errorf("rotation %d: %w", i+1, err))
		}
		r.Rotations[i] = checked
		if len(wrong) == 0 {
			r.layers = append(r.layers, newLayer(checked, i+1))
		}
	}
	return r, errs
}

// assigned is the people on duty at t, and why each.
func (r *roster) assigned(t time.Time) []Assignment {
	list := make([]Assignment, 0, len(r.People)+2*len(r.layers))
	for _, p := range r.People {
		list = append(list, Assignment{p, Always})
	}
	always := len(list)
	for _, i := range r.imported.at(t) {
		list = append(list, Assignment{r.imported.given[i].Person, Imported})
	}
	for i := range r.layers {
		l := &r.layers[i]
		people := l.names(t)
		if len(people) > 0 && l.Instead {
			list = list[:always]
		}
		for _, p := range people {
			list = append(list, Assignment{p, l.why})
		}
	}
	list = once(list)
	for _, i := range r.overrides.at(t) {
		list = once(r.overrides.given[i].apply(list))
	}
	return list
}

// on is the keys of the people on duty at t.
func (r *roster) on(t time.Time) []string {
	list := r.assigned(t)
	people := make([]string, len(list))
	for i := range list {
		people[i] = list[i].Person
	}
	return people
}

// next is the first instant after t at which the people on duty may change.
func (r *roster) next(t time.Time) (time.Time, bool) {
	var first nearest
	for i := range r.layers {
		if c, ok := r.layers[i].next(t); ok {
			first.offer(c)
		}
	}
	for _, o := range []*overrides{&r.imported, &r.overrides} {
		if c, ok := o.next(t); ok {
			first.offer(c)
		}
	}
	return first.at, first.found
}

// last is the last instant up to t at which the people on duty may have changed.
func (r *roster) last(t time.Time) (time.Time, bool) {
	last, found := r.overrides.last(t)
	if c, ok := r.imported.last(t); ok && (!found || c.After(last)) {
		last, found = c, true
	}
	for i := range r.layers {
		if c, ok := r.layers[i].last(t); ok && (!found || c.After(last)) {
			last, found = c, true
		}
	}
	return last, found
}

// changes is the instants from from on and before to at which the people on
// duty may change, in order. Each layer is walked for itself.
func (r *roster) changes(from, to time.Time) []time.Time {
	var all []time.Time
	walk := func(next func(time.Time) (time.Time, bool)) {
		for c, ok := next(from.Add(-1)); ok && c.Before(to); c, ok = next(c) {
			all = append(all, c)
		}
	}
	for i := range r.layers {
		walk(r.layers[i].next)
	}
	walk(r.imported.next)
	walk(r.overrides.next)
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// once keeps the first of each person.
func once(list []Assignment) []Assignment {
	kept := list[:0]
	for _, a := range list {
		if !slices.ContainsFunc(kept, func(k Assignment) bool { return k.Person == a.Person }) {
			kept = append(kept, a)
		}
	}
	return kept
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
