package contacts

import (
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// layer is a checked rotation with what is asked of it again and again.
type layer struct {
	Rotation
	why          string    // what a schedule calls it
	begins, ends time.Time // ends is zero if it never does
	one          bool      // all turns are of the same people
}

// newLayer makes the layer of a checked rotation, the number-th of its group.
func newLayer(r Rotation, number int) layer {
	l := layer{Rotation: r, why: r.Name, one: r.alone()}
	if l.why == "" {
		l.why = fmt.Sprintf("rotation %d", number)
	}
	l.begins, l.ends = r.Span()
	return l
}

// names is who is on duty by the layer at t, nil for nobody.
func (l *layer) names(t time.Time) []string {
	if t.Before(l.begins) || l.over(t) || !l.open(t) {
		return nil
	}
	if l.one {
		return l.People[0]
	}
	return l.People[l.turn(t)%len(l.People)]
}

func (l *layer) over(t time.Time) bool {
	return !l.ends.IsZero() && !t.Before(l.ends)
}

// open says that the calendars let the layer name somebody.
func (l *layer) open(t time.Time) bool {
	return (l.During == nil || l.During.Open(t)) && (l.Outside == nil || !l.Outside.Open(t))
}

// next is the first instant after t at which the layer may name others.
func (l *layer) next(t time.Time) (time.Time, bool) {
	if t.Before(l.begins) {
		return l.begins, true
	}
	if l.over(t) {
		return time.Time{}, false
	}
	var first nearest
	if !l.ends.IsZero() {
		first.offer(l.ends)
	}
	if !l.one && l.open(t) {
		first.offer(l.handover(l.turn(t) + 1))
	}
	for _, c := range []*calendar.Calendar{l.During, l.Outside} {
		if at, ok := edgeAfter(c, t); ok {
			first.offer(at)
		}
	}
	return first.at, first.found
}

// last is the last instant up to t at which the layer may have named others.
func (l *layer) last(t time.Time) (time.Time, bool) {
	if t.Before(l.begins) {
		return time.Time{}, false
	}
	if l.over(t) {
		return l.ends, true
	}
	last := l.begins
	if !l.one {
		last = l.handover(l.turn(t))
	}
	for _, c := range []*calendar.Calendar{l.During, l.Outside} {
		if at, ok := edgeBefore(c, last, t); ok {
			last = at
		}
	}
	return last, true
}

// nearest keeps the earliest of the instants that it is offered.
type nearest struct {
	at    time.Time
	found bool
}

func (n *nearest) offer(t time.Time) {
	if !n.found || t.Before(n.at) {
		n.at, n.found = t, true
	}
}

// edgeAfter is the first instant after t at which the calendar opens or closes.
// False if there is no calendar, or none comes within two years.
func edgeAfter(c *calendar.Calendar, t time.Time) (time.Time, bool) {
	if c == nil || c.AlwaysOpen() {
		return time.Time{}, false
	}
	if c.Open(t) {
		return c.NextClosed(t)
	}
	return c.NextOpen(t)
}

// firstLook is how far back edgeBefore looks first: most calendars have opened
// or closed within a week.
const firstLook = 8 * 24 * time.Hour

// edgeBefore is the last instant after after and up to t at which the calendar
// opened or closed. Calendars are walked forwards only, so it walks from further
// and further back.
func edgeBefore(c *calendar.Calendar, after, t time.Time) (time.Time, bool) {
	if c == nil || c.AlwaysOpen() {
		return time.Time{}, false
	}
	for look := firstLook; ; look *= 2 {
		from := t.Add(-look)
		if from.Before(after) || look > maxTurn {
			from = after
		}
		var last time.Time
		for at, ok := edgeAfter(c, from); ok && !at.After(t); at, ok = edgeAfter(c, at) {
			last = at
		}
		if !last.IsZero() {
			return last, true
		}
		if from.Equal(after) {
			return time.Time{}, false
		}
	}
}
