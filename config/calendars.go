package config

import (
	"errors"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

func (r *reader) calendars(v value) map[string]*calendar.Calendar {
	all := map[string]*calendar.Calendar{}
	for _, e := range v.entries("calendar") {
		all[e.key] = r.calendar(e)
	}
	return all
}

func (r *reader) calendar(e entry) *calendar.Calendar {
	before := len(r.errors)
	t := e.table()
	always := t.get("always")
	hours, holidays, only := t.get("hours"), t.get("holidays"), t.get("holidays_only")
	zone := t.get("time_zone")
	t.done()
	if always.flag(false) {
		excludes(e, "the calendar is always open", hours, holidays, only, zone)
		return calendar.Always(e.key)
	}
	loc := zone.zoneOr(r.location)
	if only.given() {
		excludes(e, "the calendar is open on holidays alone", hours, holidays)
		holidays = only
	} else if !hours.given() {
		hours.errorf("hours wanted, or always: true, or holidays_only")
	}
	spans, off := hours.spans(), holidays.holidays()
	if !only.given() {
		only.holidays() // it says which keys it has
	}
	if len(r.errors) > before {
		return calendar.Always(e.key) // stands in for it: the report has errors
	}
	var c *calendar.Calendar
	var err error
	if only.given() {
		c, err = calendar.OnHolidays(e.key, loc, off)
	} else {
		c, err = calendar.New(e.key, loc, spans, off)
	}
	for _, err := range each(err) {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // the path names the calendar
		}
		at := hours
		if only.given() || strings.Contains(err.Error(), "holiday") {
			at = holidays
		}
		at.errorf("%v", err)
	}
	return c
}

// excludes refuses what a calendar cannot have as well.
func excludes(e entry, why string, others ...value) {
	for _, other := range others {
		if other.given() {
			other.errorf("%s: it has no %s", why, strings.TrimPrefix(other.path, e.path+"."))
		}
	}
}

// each splits errors that were joined.
func each(err error) []error {
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		return joined.Unwrap()
	}
	return []error{err}
}

func (v value) spans() []calendar.Span {
	var spans []calendar.Span
	for _, item := range v.list() {
		t := item.table()
		var days []time.Weekday
		for _, d := range t.need("days", "days of the week").list() {
			if day, ok := d.weekday(); ok {
				days = append(days, day)
			}
		}
		for _, times := range t.need("times", "hours like \"08:30-12:30\"").list() {
			times.note(noteType, `hours like "08:30-12:30"`)
			text, ok := times.text()
			if !ok {
				continue
			}
			from, to, err := calendar.ParseTimes(text)
			if err != nil {
				times.errorf("%s", strings.TrimPrefix(err.Error(), "calendar: "))
				continue
			}
			spans = append(spans, calendar.Span{Days: days, From: from, To: to})
		}
		t.done()
	}
	return spans
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (v value) weekday() (time.Weekday, bool) {
	name := v.oneOf("day", weekdays...)
	for i, w := range weekdays {
		if w == name {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

func (v value) holidays() calendar.Holidays {
	t := v.table()
	h := calendar.Holidays{Add: t.get("add").dates(), Remove: t.get("remove").dates()}
	country, region, city := t.get("country"), t.get("region"), t.get("city")
	country.note(noteType, either(calendar.Countries()))
	region.note(noteType, "region")
	city.note(noteType, "city")
	h.Country, h.Region, h.City = country.textOr(""), region.textOr(""), city.textOr("")
	if h.Country == "" && (h.Region != "" || h.City != "") {
		country.errorf("the country of the region or city wanted: %s", either(calendar.Countries()))
	} else if _, err := calendar.PublicHolidays(h.Country, h.Region, h.City, 2026); err != nil {
		at := country
		var unknown *calendar.UnknownPlaceError
		if errors.As(err, &unknown) {
			at = map[string]value{"country": country, "region": region, "city": city}[unknown.Key]
		}
		at.errorf("%v", err)
	}
	t.done()
	return h
}

func (v value) dates() []calendar.Date {
	var dates []calendar.Date
	for _, item := range v.list() {
		if d, ok := item.date(); ok {
			dates = append(dates, d)
		}
	}
	return dates
}
