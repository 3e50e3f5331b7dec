package contacts

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Directory is everybody, and who of each group is on duty at a time. It never
// changes and is safe for concurrent use.
type Directory struct {
	people  map[string]Person
	keys    []string // of people, sorted
	byPhone map[string][]Person
	rosters map[string]*roster
	phones  map[string]string // number → the group to which the telephone belongs
}

// NewDirectory checks that everybody who is named exists, and reports at once
// all that is wrong: a key used twice or empty, a person or group that is not
// there, a rotation that cannot turn, an override that ends before it begins.
// The arguments are copied. Overrides of one group apply in the order given.
func NewDirectory(people []Person, groups []Group, overrides []Override) (*Directory, error) {
	d := &Directory{
		people:  make(map[string]Person, len(people)),
		byPhone: map[string][]Person{},
		rosters: make(map[string]*roster, len(groups)),
	}
	if err := errors.Join(d.addPeople(people), d.addGroups(groups), d.addPhones(), d.addOverrides(overrides)); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Directory) addPeople(people []Person) error {
	var errs []error
	for _, p := range people {
		if _, twice := d.people[p.Key]; twice {
			errs = append(errs, fmt.Errorf("contacts: two people have the key %q", p.Key))
			continue
		}
		p, err := p.checked()
		if err != nil {
			errs = append(errs, err)
		}
		d.people[p.Key] = p
	}
	d.keys = slices.Sorted(maps.Keys(d.people))
	for _, key := range d.keys {
		person := d.people[key]
		for _, number := range distinct(slices.Clone(person.Phones)) {
			d.byPhone[number] = append(d.byPhone[number], person)
		}
	}
	return errors.Join(errs...)
}

func (d *Directory) addGroups(groups []Group) error {
	var errs []error
	for _, g := range groups {
		if g.Key == "" {
			errs = append(errs, errors.New("contacts: a group has no key"))
		}
		if _, twice := d.rosters[g.Key]; twice {
			errs = append(errs, fmt.Errorf("contacts: two groups have the key %q", g.Key))
			continue
		}
		r, wrong := newRoster(g, d.known)
		for _, err := range wrong {
			errs = append(errs, fmt.Errorf("contacts: group %q: %w", g.Key, err))
		}
		d.rosters[g.Key] = r
	}
	return errors.Join(errs...)
}

func (d *Directory) addOverrides(overrides []Override) error {
	var errs []error
	given := map[string][]Override{}
	for i, o := range overrides {
		wrong := func(err error) {
			errs = append(errs, fmt.Errorf("contacts: override %d of group %q: %w", i+1, o.Group, err))
		}
		if !d.known(o.Person) {
			wrong(fmt.Errorf("no person named %q", o.Person))
		}
		if o.Replaces != "" && !d.known(o.Replaces) {
			wrong(fmt.Errorf("no person named %q to stand in for", o.Replaces))
		}
		if !o.To.IsZero() && !o.From.Before(o.To) {
			wrong(errors.New("it ends before it begins"))
		}
		if _, ok := d.rosters[o.Group]; !ok {
			wrong(errors.New("no such group"))
		}
		given[o.Group] = append(given[o.Group], o)
	}
	for group, r := range d.rosters {
		r.overrides = newOverrides(given[group])
	}
	return errors.Join(errs...)
}

// With is the same directory with these overrides in place of those that it has. It
// keeps its shifts.
func (d *Directory) With(overrides []Override) (*Directory, error) {
	other := d.copied()
	if err := other.addOverrides(overrides); err != nil {
		return nil, err
	}
	return other, nil
}

func (d *Directory) known(key string) bool {
	_, ok := d.people[key]
	return ok
}

// Person finds somebody by key.
func (d *Directory) Person(key string) (Person, bool) {
	p, ok := d.people[key]
	return p, ok
}

// People is everybody, in order of key.
func (d *Directory) People() []Person {
	return d.resolve(d.keys)
}

// Managers is everybody of role manager, in order of key; if there is none,
// everybody of role admin.
func (d *Directory) Managers() []Person {
	for _, role := range []Role{RoleManager, RoleAdmin} {
		list := slices.DeleteFunc(d.People(), func(p Person) bool { return p.Role != role })
		if len(list) > 0 {
			return list
		}
	}
	return []Person{}
}

// ByPhone is those who have the number, in order of key: a phone can be handed
// from one to the next (row S1-54). Numbers compare as written, in E.164.
func (d *Directory) ByPhone(number string) []Person {
	return slices.Clone(d.byPhone[number])
}

// Group finds a group by key. Its rotations have their defaults filled in, First
// on the day of the first handover, and Until on the day on which they end.
func (d *Directory) Group(key string) (Group, bool) {
	r, ok := d.rosters[key]
	if !ok {
		return Group{}, false
	}
	g := r.Group
	g.Rotations = slices.Clone(g.Rotations)
	return g, true
}

// Groups is the keys of all groups, sorted.
func (d *Directory) Groups() []string {
	return slices.Sorted(maps.Keys(d.rosters))
}

// On is the people on duty at t: the group's people, then whom each rotation
// names, overrides applied, nobody twice. It can be nobody. False if there is
// no such group.
func (d *Directory) On(group string, t time.Time) ([]Person, bool) {
	r, ok := d.rosters[group]
	if !ok {
		return nil, false
	}
	list := r.assigned(t)
	people := make([]Person, len(list))
	for i := range list {
		people[i] = d.people[list[i].Person]
	}
	return people, true
}

func (d *Directory) resolve(keys []string) []Person {
	people := make([]Person, len(keys))
	for i, key := range keys {
		people[i] = d.people[key]
	}
	return people
}
