package ticket

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// maxOff is how many holidays a clock keeps.
const maxOff = 60

// Count makes the clock of a promise: what counts of Calendar's hours from began on, without
// the pauses, until Within is used. False if that takes more than a century. It is the
// same whatever has been counted before.
func (g *GTI) Count(cal *calendar.Calendar, began time.Time) bool {
	g.DueAt, g.Counted, g.CountedTo, g.More, g.Holidays = time.Time{}, nil, time.Time{}, 0, nil
	at, left := began, g.Within
	if cal.AlwaysOpen() && len(g.Pauses) == 0 {
		g.DueAt = began.Add(left)
		return true
	}
	for i := range g.Pauses {
		p := &g.Pauses[i]
		if p.Void || !p.To.IsZero() && !p.To.After(at) {
			continue
		}
		if p.From.After(at) {
			if due, ok := cal.Add(at, left); ok && due.Before(p.From) {
				break
			}
			list, more := cal.Stretches(at, p.From, MaxSpans)
			left -= g.take(list) + more
			g.More += more
		}
		if p.To.IsZero() {
			g.CountedTo = p.From
			if p.From.Before(began) {
				g.CountedTo = began
			}
			g.Holidays = off(cal, began, g.CountedTo)
			return true
		}
		at = p.To
	}
	if !g.plan(cal, at, left) {
		return false
	}
	if g.CountedTo.IsZero() && g.DueAt.Sub(began) == g.Within {
		g.Counted = nil // it goes without saying
		return true
	}
	g.Holidays = off(cal, began, g.DueAt)
	return true
}

// take appends what counts, and says how long it is. What there is no room for is in More.
func (g *GTI) take(list []calendar.Stretch) (length time.Duration) {
	for _, s := range list {
		length += s.Length()
		if grown := calendar.Extend(g.Counted, s); len(grown) <= MaxSpans {
			g.Counted = grown
		} else {
			g.More += s.Length()
		}
	}
	return length
}

// plan appends what will count from a time on until so much has passed, and sets DueAt.
func (g *GTI) plan(cal *calendar.Calendar, at time.Time, left time.Duration) bool {
	most := MaxSpans - len(g.Counted)
	list, due, ok := cal.Plan(at, left, max(most, 0))
	if !ok {
		return false
	}
	g.DueAt, g.CountedTo = due.In(at.Location()), time.Time{}
	g.take(list)
	if n := len(list); n == 0 && left > 0 {
		g.CountedTo = at
	} else if n > 0 && list[n-1].To.Before(due) {
		g.CountedTo = list[n-1].To // no room for all of it
	}
	return true
}

func off(cal *calendar.Calendar, from, to time.Time) (dates []string) {
	for _, d := range cal.Off(from, to, maxOff) {
		dates = append(dates, d.String())
	}
	return dates
}

// settle writes down what has counted up to a time. What was counted before stays.
func (g *GTI) settle(cal *calendar.Calendar, began, to time.Time) {
	g.Counted, g.More = g.Stretches(cal, began, to)
	g.CountedTo = to
	if cal != nil {
		g.Holidays = merged(g.Holidays, off(cal, began, to), to)
	}
}

// merged are the holidays of two lists up to a time: those that were known stay.
func merged(had, found []string, to time.Time) []string {
	all := slices.Clone(had)
	for _, d := range found {
		if len(all) < maxOff && !slices.Contains(all, d) && (len(had) == 0 || d > had[len(had)-1]) {
			all = append(all, d)
		}
	}
	return slices.DeleteFunc(all, func(d string) bool { return d > to.AddDate(0, 0, 1).Format(time.DateOnly) })
}

// Rest has the clock rest from a time on.
func (g *GTI) Rest(cal *calendar.Calendar, began, at time.Time) {
	if g.State(time.Time{}, at) == GTINone {
		return
	}
	g.settle(cal, began, at)
	if !at.After(g.DueAt) {
		g.DueAt = time.Time{}
	}
}

// Resume has the clock go on: what is left is planned on the calendar in force. It comes
// after the end of the pause is in Pauses.
func (g *GTI) Resume(cal *calendar.Calendar, began, at time.Time) {
	if g.State(time.Time{}, at) == GTINone {
		return
	}
	if cal == nil {
		cal = everyHour
	}
	if !g.DueAt.IsZero() { // it rested after its due time
		g.settle(cal, began, at)
		return
	}
	used := g.More
	for _, s := range g.Counted {
		used += s.Length()
	}
	g.Counted = slices.Clone(g.Counted)
	if !g.plan(cal, at, max(g.Within-used, 0)) {
		g.DueAt = at
	}
	g.Holidays = merged(g.Holidays, off(cal, at, g.DueAt), g.DueAt)
}

// Stop writes down what counted of a clock that stops, or rests, if it is not known by
// value: what came after its due time.
func (g *GTI) Stop(cal *calendar.Calendar, began, at time.Time) {
	if g.State(time.Time{}, at) == GTINone {
		return
	}
	if p := g.Resting(); p != nil {
		at = earliest(at, p.From)
	}
	if at.After(g.holds(began)) {
		g.settle(cal, began, at)
	}
}
