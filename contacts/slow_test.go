package contacts

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// hours is a calendar as one says it, and as the slow implementation reads it.
type hours struct {
	days     []time.Weekday
	from, to int // minutes of the day
	off      []calendar.Date
	loc      *time.Location
}

func (h *hours) calendar(t testing.TB) *calendar.Calendar {
	t.Helper()
	if h == nil {
		return nil
	}
	c, err := calendar.New("hours", h.loc, []calendar.Span{{Days: h.days, From: h.from, To: h.to}}, calendar.Holidays{Add: h.off})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *hours) open(t time.Time) bool {
	local := t.In(h.loc)
	minute := local.Hour()*60 + local.Minute()
	return slices.Contains(h.days, local.Weekday()) && h.from <= minute && minute < h.to && !slices.Contains(h.off, calendar.DateOf(local))
}

// slowLayer is a rotation that looks at the clock on the wall once a minute and
// counts the handovers that the clock has shown. It knows nothing of instants
// at which something changes, nor how to find one.
type slowLayer struct {
	Rotation
	during, outside *hours

	shown     time.Time // the latest that the wall has shown, written as UTC
	first     time.Time // the first handover, likewise
	end       time.Time // likewise, zero for none
	following time.Time // the handover that has not been shown yet
	turns     int       // handovers that were shown
}

// wake has the layer look from t on. It looks a day back first: the clock may
// have gone back since a handover.
func (l *slowLayer) wake(t time.Time) {
	day := func(d calendar.Date) time.Time {
		for !l.isHandover(d) {
			d = d.AddDays(1)
		}
		return time.Date(d.Year, d.Month, d.Day, l.Handover.Hour, l.Handover.Minute, 0, 0, time.UTC)
	}
	l.first = day(l.First)
	if l.Until != (calendar.Date{}) {
		l.end = day(l.Until)
	}
	l.following = l.first
	for s := t.Add(-25 * time.Hour); !s.After(t); s = s.Add(time.Minute) {
		l.look(s)
	}
}

func (l *slowLayer) isHandover(d calendar.Date) bool {
	switch {
	case l.Monthly:
		return d.Day == max(l.Handover.MonthDay, 1)
	case l.Every == 0 || l.Every%(7*24*time.Hour) == 0:
		return d.Weekday() == l.Handover.Day
	}
	return true
}

func (l *slowLayer) look(t time.Time) {
	local := t.In(l.Location)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, time.UTC)
	if wall.After(l.shown) {
		l.shown = wall
	}
	for !l.following.After(l.shown) {
		l.turns++
		switch {
		case l.Monthly:
			l.following = l.following.AddDate(0, 1, 0)
		case l.Every == 0:
			l.following = l.following.AddDate(0, 0, 7)
		default:
			l.following = l.following.Add(l.Every)
		}
	}
}

func (l *slowLayer) names(t time.Time) []string {
	switch {
	case l.turns == 0,
		!l.end.IsZero() && !l.shown.Before(l.end),
		l.during != nil && !l.during.open(t),
		l.outside != nil && l.outside.open(t):
		return nil
	}
	return l.People[(l.turns-1)%len(l.People)]
}

// slowGroup is a group that is asked once a minute, in order.
type slowGroup struct {
	always    []string
	layers    []*slowLayer
	overrides []Override
}

func (g *slowGroup) group(t testing.TB) Group {
	t.Helper()
	made := Group{Key: "on-call", People: g.always}
	for _, l := range g.layers {
		r := l.Rotation
		r.During, r.Outside = l.during.calendar(t), l.outside.calendar(t)
		made.Rotations = append(made.Rotations, r)
	}
	return made
}

func (g *slowGroup) on(t time.Time) []string {
	on := slices.Clone(g.always)
	for _, l := range g.layers {
		l.look(t)
		names := l.names(t)
		if l.Instead && len(names) > 0 {
			on = slices.Clone(g.always)
		}
		on = append(on, names...)
	}
	on = distinct(on)
	for _, o := range g.overrides {
		switch {
		case t.Before(o.From) || !o.To.IsZero() && !t.Before(o.To):
			continue
		case o.Besides:
			on = append(on, o.Person)
		case o.Replaces == "":
			on = []string{o.Person}
		case slices.Contains(on, o.Replaces):
			on[slices.Index(on, o.Replaces)] = o.Person
		}
		on = distinct(on)
	}
	return on
}

// walk asks the group and the directory each minute, the directory by On, by
// Schedule and by Duty, and says where they differ.
func (g *slowGroup) walk(t testing.TB, from, to time.Time) string {
	t.Helper()
	d := directory(t, []Group{g.group(t)}, g.overrides...)
	spans := d.Schedule("on-call", from, to)
	changes := d.Changes("on-call", from, to)
	if wrong := untiled(spans, from, to); wrong != "" {
		return wrong
	}
	for _, l := range g.layers {
		l.wake(from)
	}
	var before []string
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		for !spans[0].To.After(at) {
			spans = spans[1:]
		}
		want := g.on(at)
		if got, _ := d.On("on-call", at.Add(time.Minute-1)); !slices.Equal(keysOf(got), want) {
			return at.String() + ": on duty are " + keys(got) + ", by the minute " + join(want)
		}
		var planned []string
		for _, a := range spans[0].People {
			planned = append(planned, a.Person)
		}
		if !slices.Equal(planned, want) {
			return at.String() + ": the schedule says " + join(planned) + ", by the minute " + join(want)
		}
		if !at.Equal(from) && !slices.Equal(before, want) && !slices.ContainsFunc(changes, at.Equal) {
			return at.String() + ": a change that Changes does not know"
		}
		before = want
	}
	return ""
}

// untiled says where spans leave a gap, overlap, or are alike.
func untiled(spans []Span, from, to time.Time) string {
	at := from
	for i, s := range spans {
		switch {
		case !s.From.Equal(at):
			return "a span begins at " + s.From.String() + ", the one before it ends at " + at.String()
		case !s.From.Before(s.To):
			return "an empty span at " + s.From.String()
		case i > 0 && slices.Equal(s.People, spans[i-1].People):
			return "a span like the one before it at " + s.From.String()
		}
		at = s.To
	}
	if !at.Equal(to) {
		return "the last span ends at " + at.String()
	}
	return ""
}

func keysOf(people []Person) []string {
	list := []string{}
	for _, p := range people {
		list = append(list, p.Key)
	}
	return list
}

func join(names []string) string {
	people := make([]Person, len(names))
	for i := range names {
		people[i].Key = names[i]
	}
	return keys(people)
}
