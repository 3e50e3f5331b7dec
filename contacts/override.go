package contacts

import (
	"cmp"
	"slices"
	"time"
)

// Override is a change made by hand: Person stands in for Replaces, in that
// one's place, from From until To, which is outside. If Replaces is "",
// Person stands in for everybody, and is on duty if nobody is; if
// Replaces is not on duty it changes nothing. Without To it holds until it is
// taken back (row S0-13).
type Override struct {
	Group, Person, Replaces string
	From, To                time.Time
	Besides                 bool   // Person is on duty as well, in nobody's place
	Name                    string // what a schedule calls it; "override" if it has none
}

// apply puts the stand-in on duty.
func (o *Override) apply(on []Assignment) []Assignment {
	stand := Assignment{Person: o.Person, Why: cmp.Or(o.Name, "override")}
	if o.Besides {
		return append(on, stand)
	}
	if o.Replaces == "" {
		return append(on[:0], stand)
	}
	for i := range on {
		if on[i].Person == o.Replaces {
			on[i] = stand
		}
	}
	return on
}

// overrides is the overrides of one group, found by time: what is asked costs
// by how many hold then, not by how many there ever were.
type overrides struct {
	given   []Override
	starts  []int       // of given, by From
	latest  []time.Time // by node of a tree over starts: the latest end below it, zero for never
	changes []time.Time // when one begins or ends, in order
}

func newOverrides(given []Override) overrides {
	o := overrides{given: given, starts: make([]int, len(given)), latest: make([]time.Time, len(given))}
	for i := range given {
		o.starts[i] = i
		if !given[i].From.IsZero() {
			o.changes = append(o.changes, given[i].From)
		}
		if !given[i].To.IsZero() {
			o.changes = append(o.changes, given[i].To)
		}
	}
	slices.SortStableFunc(o.starts, func(a, b int) int { return given[a].From.Compare(given[b].From) })
	slices.SortFunc(o.changes, time.Time.Compare)
	o.changes = slices.CompactFunc(o.changes, time.Time.Equal)
	o.plant(0, len(given))
	return o
}

// plant fills latest for the starts from low to high. A node is the middle of
// its stretch.
func (o *overrides) plant(low, high int) (latest time.Time, endless bool) {
	if low >= high {
		return time.Time{}, false
	}
	middle := (low + high) / 2
	latest = o.given[o.starts[middle]].To
	endless = latest.IsZero()
	for _, part := range [2][2]int{{low, middle}, {middle + 1, high}} {
		at, without := o.plant(part[0], part[1])
		endless = endless || without
		if at.After(latest) {
			latest = at
		}
	}
	if endless {
		latest = time.Time{}
	}
	o.latest[middle] = latest
	return latest, endless
}

// at is the places of those that hold at t, in the order given.
func (o *overrides) at(t time.Time) []int {
	if len(o.given) == 0 {
		return nil
	}
	found := o.collect(nil, 0, len(o.given), t)
	slices.Sort(found)
	return found
}

func (o *overrides) collect(found []int, low, high int, t time.Time) []int {
	for low < high {
		middle := (low + high) / 2
		if end := o.latest[middle]; !end.IsZero() && !t.Before(end) {
			return found
		}
		found = o.collect(found, low, middle, t)
		i := o.starts[middle]
		if t.Before(o.given[i].From) {
			return found
		}
		if to := o.given[i].To; to.IsZero() || t.Before(to) {
			found = append(found, i)
		}
		low = middle + 1
	}
	return found
}

// next is the first instant after t at which one begins or ends.
func (o *overrides) next(t time.Time) (time.Time, bool) {
	i := o.after(t)
	if i == len(o.changes) {
		return time.Time{}, false
	}
	return o.changes[i], true
}

// last is the last instant up to t at which one began or ended.
func (o *overrides) last(t time.Time) (time.Time, bool) {
	i := o.after(t)
	if i == 0 {
		return time.Time{}, false
	}
	return o.changes[i-1], true
}

// after is the place of the first change after t.
func (o *overrides) after(t time.Time) int {
	i, found := slices.BinarySearchFunc(o.changes, t, time.Time.Compare)
	if found {
		i++
	}
	return i
}
