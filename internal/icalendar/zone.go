package icalendar

import (
	"context"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// zones knows what the times of one calendar mean.
type zones struct {
	house    *time.Location // of days, and of times without a zone if the calendar has none
	floating *time.Location
	given    map[string]*component // VTIMEZONEs by TZID
	found    map[string]*time.Location
	asked    *int // names that were looked for, of all calendars of a text
	until    time.Time
}

// newZones reads a calendar's zones. house is the zone of its reader.
func newZones(c *component, house *time.Location, until time.Time, asked *int) *zones {
	z := &zones{house: house, floating: house, given: map[string]*component{}, found: map[string]*time.Location{}, asked: asked, until: until}
	for _, child := range c.children {
		if child.name == "VTIMEZONE" {
			z.given[child.text("TZID")] = child
		}
	}
	if in := z.named(c.text("X-WR-TIMEZONE")); in != nil {
		z.floating = in
	}
	return z
}

// named is the zone of a name, unless the text has named too many: each costs a look into
// the database, and the room of a zone.
func (z *zones) named(name string) *time.Location {
	if name == "" || *z.asked >= ticket.MaxCalendarZones {
		return nil
	}
	*z.asked++
	return named(name)
}

// of is the zone of a TZID; nil if nobody knows it. A name that the time zone database
// or Windows knows goes before what the calendar says of it: many describe this year's
// rules alone.
func (z *zones) of(ctx context.Context, id string) *time.Location {
	if in, known := z.found[id]; known {
		return in
	}
	if *z.asked >= ticket.MaxCalendarZones {
		return nil
	}
	in := z.named(id)
	if zone := z.given[id]; in == nil && zone != nil {
		if in = z.named(zone.text("X-LIC-LOCATION")); in == nil {
			in = custom(ctx, zone, z.until)
		}
	}
	z.found[id] = in
	return in
}

// The most that a name of a zone may have: bytes, and parts that are left out at its
// beginning.
const longestZone, mostBefore = ticket.MaxZoneName, ticket.MaxZoneParts

// named is the zone of a name: "Europe/Paris", "/mozilla.org/20050126_1/Europe/Paris",
// "W. Europe Standard Time". Nil if it is none.
func named(name string) *time.Location {
	name = strings.Trim(strings.TrimSpace(name), `"`)
	if name == "" || len(name) > longestZone {
		return nil
	}
	if olson, ok := windows[name]; ok {
		name = olson
	}
	part, more := strings.TrimPrefix(name, "/"), true
	for left := mostBefore; more && left >= 0; left-- {
		if in, err := time.LoadLocation(part); err == nil && in != time.Local && part != "" && part != "Local" {
			return in
		}
		_, part, more = strings.Cut(part, "/")
	}
	return nil
}

// when is a time of an event, or a day.
type when struct {
	at  time.Time
	day bool
}

// The forms of a time (RFC 5545, 3.3.4 and 3.3.5).
const (
	dayForm  = "20060102"
	wallForm = "20060102T150405"
)

// years are those in which an event may begin and end.
const firstYear, lastYear = 1970, 2200

// when reads one time of a line; false if it is none, or its zone is unknown.
func (z *zones) when(ctx context.Context, l *line, value string) (when, bool) {
	value = strings.TrimSpace(value)
	if len(value) == len(dayForm) {
		at, err := time.ParseInLocation(dayForm, value, z.house)
		return when{at, true}, err == nil && possible(at)
	}
	in := z.floating
	if wall, utc := strings.CutSuffix(value, "Z"); utc {
		value, in = wall, time.UTC
	} else if id := l.given().zone; id != "" {
		if in = z.of(ctx, id); in == nil {
			return when{}, false
		}
	}
	at, err := time.ParseInLocation(wallForm, value, in)
	return when{at: at}, err == nil && possible(at)
}

func possible(at time.Time) bool { return at.Year() >= firstYear && at.Year() <= lastYear }
