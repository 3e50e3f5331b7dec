package contacts

import "time"

// Readiness is how whoever comes on call in a group is asked before that whether they
// can be woken. The zero Readiness asks nobody.
type Readiness struct {
	Ask      time.Duration  // so long before a handover; 0: nobody is asked
	Remind   time.Duration  // … and once more, who has not confirmed; 0: not again
	Channels []string       // by which; one that is not configured is passed over
	Location *time.Location // whose nights are not disturbed; nil: UTC
}

// ManagersOf is who manages a group, in order of key: its own managers, everybody's
// if it has none or is not there.
func (d *Directory) ManagersOf(group string) []Person {
	if r, ok := d.rosters[group]; ok && len(r.Managers) > 0 {
		return d.resolve(distinct(owned(r.Managers)))
	}
	return d.Managers()
}

// Manages says whether somebody of that role may change everybody's duty in a group: a
// manager of it if it names some, else every manager; an admin always.
func (d *Directory) Manages(group, person string, role Role) bool {
	if role == RoleAdmin {
		return true
	}
	r, ok := d.rosters[group]
	if !ok || len(r.Managers) == 0 {
		return role == RoleManager
	}
	for _, key := range r.Managers {
		if key == person && person != "" {
			return true
		}
	}
	return false
}

// Coming are those who come on call in a group at an instant, and were not on call in
// it for a time before: who is back after a few hours has not been away.
func (d *Directory) Coming(group string, at time.Time, away time.Duration) []string {
	r, ok := d.rosters[group]
	if !ok {
		return nil
	}
	was := map[string]bool{}
	for _, p := range r.on(at.Add(-1)) {
		was[p] = true
	}
	coming := func() (list []string) {
		for _, p := range r.on(at) {
			if !was[p] {
				list = append(list, p)
			}
		}
		return list
	}
	if len(coming()) == 0 { // as at nearly every instant: nothing more is looked at
		return nil
	}
	for _, span := range d.Schedule(group, at.Add(-away), at) {
		for _, a := range span.People {
			was[a.Person] = true
		}
	}
	return coming()
}
