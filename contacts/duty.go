package contacts

import (
	"slices"
	"time"
)

// searchChanges bounds how many handovers and overrides Duty looks at before
// it says that a set of people never changes: with two rotations of the same
// people, turn by turn the other way round, it never does.
const searchChanges = 1000

// Duty is one line of `astreinte oncall`: who is on duty, by key, and what comes
// next. It is about the set of people; their order is that of [Directory.On].
type Duty struct {
	Group  string
	People []string
	Since  time.Time // when this set of people came on duty, zero if it always was
	Until  time.Time // when it changes, zero if it never does
	Next   []string  // who is on duty from then on, can be nobody
}

// Duty is who is on duty in the group at t. False if there is no such group.
func (d *Directory) Duty(group string, t time.Time) (Duty, bool) {
	r, ok := d.rosters[group]
	if !ok {
		return Duty{}, false
	}
	duty := Duty{Group: group, People: r.on(t)}
	duty.Since = r.since(t, duty.People)
	duty.Until, duty.Next = r.until(t, duty.People)
	return duty, true
}

// Changes is the instants from from on and before to at which the people on duty
// may change: handovers, calendars that open and close, and the beginning and end
// of rotations and of overrides, in order. The people can be the same before and after. Nobody if there is no such group.
func (d *Directory) Changes(group string, from, to time.Time) []time.Time {
	r, ok := d.rosters[group]
	if !ok {
		return nil
	}
	return r.changes(from, to)
}

// since is when the people on duty at t came on, zero if they always were.
func (r *roster) since(t time.Time, people []string) time.Time {
	for range searchChanges {
		change, ok := r.last(t)
		if !ok {
			break
		}
		t = change.Add(-1)
		if !sameSet(r.on(t), people) {
			return change
		}
	}
	return time.Time{}
}

// until is when the people on duty at t change, and to whom.
func (r *roster) until(t time.Time, people []string) (time.Time, []string) {
	for range searchChanges {
		change, ok := r.next(t)
		if !ok {
			break
		}
		t = change
		if next := r.on(t); !sameSet(next, people) {
			return change, next
		}
	}
	return time.Time{}, nil
}

// sameSet compares people without regard to order; neither has anybody twice.
func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(p string) bool { return !slices.Contains(b, p) })
}
