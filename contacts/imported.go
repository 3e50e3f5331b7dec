package contacts

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Imported is why somebody is on duty by a shift: a calendar of somebody else's says so.
const Imported = "imported"

// Shift is a stretch of time in which somebody is on duty by a calendar that is kept
// elsewhere, To outside. The shifts of a group are its first layer: after whoever is
// always on duty, and before its rotations, so that a rotation can have its hours
// `instead`.
type Shift struct {
	Group, Person string
	From, To      time.Time
}

// Import is the same directory with these shifts in place of those that it has. It
// keeps its overrides. Each is of a group whose rotation is kept elsewhere
// ([Group].Imported), and of somebody who is there.
func (d *Directory) Import(shifts []Shift) (*Directory, error) {
	var errs []error
	given := map[string][]Override{}
	for _, s := range shifts {
		r, ok := d.rosters[s.Group]
		switch {
		case !ok || !r.Imported:
			errs = append(errs, fmt.Errorf("contacts: a shift of group %q, which has no calendar elsewhere", s.Group))
		case !d.known(s.Person):
			errs = append(errs, fmt.Errorf("contacts: a shift in group %q: no person named %q", s.Group, s.Person))
		case s.From.IsZero() || !s.From.Before(s.To):
			errs = append(errs, fmt.Errorf("contacts: a shift of %s in group %q ends before it begins", s.Person, s.Group))
		}
		given[s.Group] = append(given[s.Group], Override{Person: s.Person, From: s.From, To: s.To})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	other := d.copied()
	for group, r := range other.rosters {
		list := given[group]
		slices.SortStableFunc(list, func(a, b Override) int {
			return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Person, b.Person))
		})
		r.imported = newOverrides(list)
	}
	return other, nil
}

// copied is a directory whose rosters can be changed.
func (d *Directory) copied() *Directory {
	other := *d
	other.rosters = make(map[string]*roster, len(d.rosters))
	for group, r := range d.rosters {
		copied := *r
		other.rosters[group] = &copied
	}
	return &other
}

// Members are those whom a group may put on duty by itself: its people, whom its
// rotations name, and whom the calendar names that is kept elsewhere. In order of key,
// nobody twice.
func (d *Directory) Members(group string) []string {
	r, ok := d.rosters[group]
	if !ok {
		return nil
	}
	members := slices.Clone(r.People)
	for i := range r.Rotations {
		members = append(members, slices.Concat(r.Rotations[i].People...)...)
	}
	for i := range r.imported.given {
		members = append(members, r.imported.given[i].Person)
	}
	slices.Sort(members)
	return slices.Compact(members)
}
