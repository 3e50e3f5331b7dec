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
	hours, holidays := t.get("hours"), t.get("holidays")
	t.refuse("calendars are in the time_zone of the file; "+notYet, "time_zone")
	t.done()
	if always.flag(false) {
		for _, other := range []value{hours, holidays} {
			if other.given() {
				other.errorf("the calendar is always open: it has no %s", strings.TrimPrefix(other.path, e.path+"."))
			}
		}
		return calendar.Always(e.key)
	}
	if !hours.given() {
		hours.errorf("hours wanted, or always: true")
	}
	spans, off := hours.spans(), holidays.holidays()
	if len(r.errors) > before {
		return calendar.Always(e.key) // stands in: the report has errors
	}
	c, err := calendar.New(e.key, r.location, spans, off)
	for _, err := range each(err) {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // the path names the calendar
		}
		at := hours
		if strings.Contains(err.Error(), "holiday") {
			at = holidays
		}
		at.errorf("%v", err)
	}
	return c
}

// each is the errors that were joined.
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
	country := t.get("country")
	country.note(noteType, "FR")
	if c, ok := country.text(); ok {
		if c != "FR" {
			country.errorf("no holidays of %q in this version: FR; days of your own go under add", c)
		} else {
			h.Country = c
		}
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
