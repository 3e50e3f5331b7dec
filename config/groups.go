package config

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

func (r *reader) groups(v value, calendars map[string]*calendar.Calendar) []contacts.Group {
	var all []contacts.Group
	for _, e := range v.entries("group") {
		t := e.table()
		g := contacts.Group{Key: e.key, People: t.get("people").namesOf("person"), Managers: t.get("managers").namesOf("person")}
		location := t.get("time_zone").zoneOr(r.location)
		g.Readiness = t.get("readiness").readiness(location)
		if hours := t.get("hours").workingHours(calendars); hours != nil {
			r.hoursOf[e.key] = hours
		}
		r.ical(t.get("ical"), &g, location)
		g.Phones, g.Tier = t.get("phones").groupPhones(), t.get("tier").oneOf("tier", "L1", "L2", "L3")
		layers := t.get("rotations").list()
		before := len(r.errors)
		for _, item := range layers {
			g.Rotations = append(g.Rotations, r.rotation(item, location, calendars))
		}
		twice(layers)
		if len(r.errors) == before {
			r.neverNamed(layers, g.Rotations, g.Imported)
		}
		t.refuse(notYet, "overrides", "calendar", "schedule")
		t.done()
		all = append(all, g)
	}
	return all
}

// zoneOr is a time zone. If none is given, it is other.
func (v value) zoneOr(other *time.Location) *time.Location {
	v.note(noteType, "time zone")
	name, ok := v.text()
	if !ok {
		return other
	}
	if loc, ok := v.zone(name); ok {
		return loc
	}
	return other
}

// twice refuses a second layer of the same name, because a schedule calls
// layers by name.
func twice(layers []value) {
	first := map[string]value{}
	for _, layer := range layers {
		name := layer.child("name")
		if !name.given() || name.n.kind != scalar {
			continue
		}
		if other, ok := first[name.n.text]; ok {
			name.errorf("%s has this name: another one wanted", other.path)
			continue
		}
		first[name.n.text] = layer
	}
}

// The handover if the file names none: Thursday (S1-53), at nine; for a month,
// on the first.
const (
	defaultHandoverDay   = 4
	defaultHandoverHour  = 9
	defaultHandoverMonth = 1
)

// month is a turn's length that is no fixed time.
const month = "month"

func (r *reader) rotation(v value, location *time.Location, calendars map[string]*calendar.Calendar) contacts.Rotation {
	t := v.table()
	rotation := contacts.Rotation{
		Name: t.get("name").layerName(), People: t.need("people", "people who take turns").turns(), Location: location,
		During:  calendars[t.get("during").name("calendar")],
		Outside: calendars[t.get("outside").name("calendar")],
		Instead: t.get("instead").flag(false),
	}
	known := t.length(&rotation)
	t.get("handover").handover(&rotation, known)
	first := t.need("first", "the day on which the first of them takes over")
	rotation.First = first.handoverDate(&rotation, "the first turn begins")
	rotation.Until = t.get("until").handoverDate(&rotation, "it ends")
	t.done()
	return rotation
}

// layerName reads the name by which a schedule calls a layer.
func (v value) layerName() string {
	name, ok := v.text()
	if ok {
		if why := oddName("calendar", name); why != "" {
			v.errorf("%s", why)
		}
	}
	return name
}

// turns reads people in order. An item is one name, or a list of people who
// have their turn together.
func (v value) turns() [][]string {
	var all [][]string
	for _, item := range v.list() {
		if item.n.kind != list {
			if name := item.name("person"); name != "" {
				all = append(all, []string{name})
			}
			continue
		}
		together := map[string]bool{}
		var names []string
		for _, one := range item.list() {
			name := one.name("person")
			if name == "" {
				continue
			}
			if together[name] {
				one.errorf("%s has this turn already", name)
				continue
			}
			together[name] = true
			names = append(names, name)
		}
		if len(item.n.items) == 0 {
			item.errorf("nobody has this turn")
		}
		all = append(all, names)
	}
	if v.given() && v.n.kind == list && len(v.n.items) == 0 {
		v.errorf("nobody is in it")
	}
	return all
}

// length reads how long a turn is, by every or by weeks. It is false if the
// length cannot be known.
func (t *table) length(rotation *contacts.Rotation) bool {
	every, weeks := t.get("every"), t.get("weeks")
	every.note(noteType, "a duration in whole hours, or month")
	every.note(noteDefault, "1w")
	n := weeks.integer(1, 1)
	if n > 520 {
		weeks.errorf("a turn lasts 520 weeks at most")
		n = 1
	}
	rotation.Every = time.Duration(n) * week
	if !every.given() {
		return true
	}
	if weeks.given() {
		weeks.errorf("every says how long a turn is: leave it out")
	}
	text, ok := every.scalar("a length like 12h, 1d, 2w or month", "!!str", "!!int", "!!float")
	if !ok {
		return false
	}
	if text == month {
		rotation.Monthly, rotation.Every = true, 0
		return true
	}
	d, err := model.ParseDuration(text)
	switch long := time.Duration(d); {
	case err != nil:
		every.errorf("%q is no length of a turn: write 12h, 1d, 2w or month", text)
	case long < time.Hour || long > 520*week || long%time.Hour != 0:
		every.errorf("a turn of %s: it lasts from 1h to 520w, in whole hours", text)
	default:
		rotation.Every = long
		return true
	}
	return false
}

const week = 7 * 24 * time.Hour

// handover reads when duty passes on. If the length of a turn is not known, it
// does not check the day.
func (v value) handover(rotation *contacts.Rotation, known bool) {
	t := v.table()
	on := t.get("day")
	switch {
	case rotation.Monthly:
		rotation.Handover.MonthDay = on.integer(defaultHandoverMonth, 1)
		if rotation.Handover.MonthDay > 28 {
			on.errorf("day %d is not in each month: 28 at most", rotation.Handover.MonthDay)
		}
	case rotation.Weekly():
		on.note(noteDefault, weekdays[defaultHandoverDay])
		rotation.Handover.Day = defaultHandoverDay
		if !known {
			break
		}
		if day, ok := on.weekday(); ok {
			rotation.Handover.Day = day
		}
	case on.given():
		on.errorf("a turn that is not whole weeks begins on any day: leave it out; first says on which the first one does")
	}
	rotation.Handover.Hour, rotation.Handover.Minute = t.get("time").clock(defaultHandoverHour, 0)
	t.done()
}

// handoverDate reads the day from which on the next handover counts. It warns
// if that handover is on another day.
func (v value) handoverDate(rotation *contacts.Rotation, what string) calendar.Date {
	d, ok := v.date()
	if !ok {
		return calendar.Date{}
	}
	switch {
	case rotation.Monthly && d.Day != rotation.Handover.MonthDay:
		v.warnf("%s is not on day %d of a month: %s on the next that is", d, rotation.Handover.MonthDay, what)
	case rotation.Weekly() && d.Weekday() != rotation.Handover.Day:
		v.warnf("%s is a %s: %s at the %s after it", d, d.Weekday(), what, rotation.Handover.Day)
	}
	return d
}

// neverNamed refuses layers that can never name anybody. The present time does
// not matter: what is accepted today is accepted in ten years. imported says that a
// calendar elsewhere is a layer above them.
func (r *reader) neverNamed(layers []value, rotations []contacts.Rotation, imported bool) {
	sure := len(r.errors) == 0 // otherwise a calendar with an error may have a stand-in
	for i := range rotations {
		rotation := &rotations[i]
		begins, ends := rotation.Span()
		switch {
		case !ends.IsZero() && !begins.Before(ends):
			layers[i].child("until").errorf("the layer ends on %s, and its first turn begins on %s: it names nobody", ends.Format(time.DateOnly), begins.Format(time.DateOnly))
		case sure && !opens(rotation, begins, ends):
			layers[i].errorf("its calendars never let it name anybody")
		}
		for j := i + 1; j < len(rotations); j++ {
			if hides(&rotations[j], rotation) {
				layers[i].errorf("it names nobody: while it would, %s does instead", layers[j].path)
				break
			}
		}
		if i == 0 && rotation.Instead && !imported {
			layers[i].child("instead").warnf("no layer is above it: it means nothing here")
		}
		if !ends.IsZero() && !ends.After(r.opts.Now) {
			layers[i].warnf("it is over since %s", ends.Format(time.DateOnly))
		}
	}
}

// mostEdges bounds how many hours of calendars are tried before a layer counts
// as one that never names anybody: a century of days.
const mostEdges = 100 * 366

// opens says whether the calendars let the layer name somebody before the
// layer ends.
func opens(rotation *contacts.Rotation, begins, ends time.Time) bool {
	during, outside := rotation.During, rotation.Outside
	if during == nil {
		during = calendar.Always("")
	}
	t, ok := during.NextOpen(begins)
	for range mostEdges {
		if !ok || !ends.IsZero() && !t.Before(ends) {
			return false
		}
		if outside == nil || !outside.Open(t) {
			return true
		}
		if t, ok = outside.NextClosed(t); ok {
			t, ok = during.NextOpen(t)
		}
	}
	return false
}

// hides says whether one layer names somebody whenever the layer above it
// would, and so in its place.
func hides(below, above *contacts.Rotation) bool {
	if !below.Instead || below.During != nil && below.During != above.During || below.Outside != nil && below.Outside != above.Outside {
		return false
	}
	begins, ends := below.Span()
	first, last := above.Span()
	return !first.Before(begins) && (ends.IsZero() || !last.IsZero() && !last.After(ends))
}
