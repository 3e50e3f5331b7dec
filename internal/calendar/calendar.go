package calendar

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
)

// Calendar says when something is open. It never changes and is safe for
// concurrent use. Instants it returns are in the location of the one it was
// asked about.
type Calendar struct {
	name    string
	always  bool
	only    bool // open on its holidays alone
	loc     *time.Location
	hours   []timeinterval.TimeInterval // what Open asks, with a time in loc
	week    week                        // the same hours, what the arithmetic walks over
	daysOff daysOff
	given   Holidays // what daysOff was made of
}

// New makes a calendar that is open in the given spans of local time in loc,
// on all days but the holidays. It reports at once everything that is wrong:
// no span, a span that ends before it begins, spans that overlap, a day that
// does not exist, a place whose holidays are not known (an [UnknownPlaceError]).
func New(name string, loc *time.Location, spans []Span, h Holidays) (*Calendar, error) {
	hours, errs := newWeek(spans)
	off, wrong := newDaysOff(h)
	errs = append(errs, wrong...)
	if loc == nil {
		errs = append(errs, errors.New("it has no time zone"))
	}
	if err := named(name, errs); err != nil {
		return nil, err
	}
	return &Calendar{
		name:    name,
		always:  hours.full() && off.none(),
		loc:     loc,
		hours:   intervals(hours),
		week:    hours,
		daysOff: off,
		given:   h,
	}, nil
}

// OnHolidays makes a calendar that is open all day on the holidays and on no other
// day, by the dates of loc. It reports at once everything that is wrong: no
// holiday, a day that does not exist, a place whose holidays are not known.
func OnHolidays(name string, loc *time.Location, h Holidays) (*Calendar, error) {
	off, errs := newDaysOff(h)
	if len(errs) == 0 && off.none() {
		errs = append(errs, errors.New("it has no holiday, so it would never be open"))
	}
	if loc == nil {
		errs = append(errs, errors.New("it has no time zone"))
	}
	if err := named(name, errs); err != nil {
		return nil, err
	}
	c := &Calendar{name: name, only: true, loc: loc, daysOff: off, given: h}
	for day := range c.week {
		c.week[day] = []minutes{{0, minutesPerDay}}
	}
	return c, nil
}

// named is all errors as one, each with the calendar's name; nil without any.
func named(name string, errs []error) error {
	for i, err := range errs {
		errs[i] = fmt.Errorf("calendar %q: %w", name, err)
	}
	return errors.Join(errs...)
}

// Always makes a calendar that is open 24 hours on 7 days.
func Always(name string) *Calendar {
	return &Calendar{name: name, always: true}
}

func intervals(w week) []timeinterval.TimeInterval {
	var list []timeinterval.TimeInterval
	for day, hours := range w {
		if len(hours) == 0 {
			continue
		}
		ti := timeinterval.TimeInterval{
			Weekdays: []timeinterval.WeekdayRange{{InclusiveRange: timeinterval.InclusiveRange{Begin: day, End: day}}},
		}
		for _, m := range hours {
			ti.Times = append(ti.Times, timeinterval.TimeRange{StartMinute: m.from, EndMinute: m.to})
		}
		list = append(list, ti)
	}
	return list
}

// Name is the calendar's key in the configuration.
func (c *Calendar) Name() string { return c.name }

// AlwaysOpen says that the calendar never closes: it was made by [Always], or
// its spans fill the week and it has no holidays.
func (c *Calendar) AlwaysOpen() bool { return c.always }

// HasHolidays says whether there is any day on which it is closed, or open, because it is
// a holiday.
func (c *Calendar) HasHolidays() bool { return !c.daysOff.none() }

// Open says whether t is inside a span, whose end is outside, on a day that is
// no holiday; of a calendar of [OnHolidays], whether it is on one.
func (c *Calendar) Open(t time.Time) bool {
	if c.always {
		return true
	}
	local := t.In(c.loc)
	if c.only {
		return c.daysOff.has(DateOf(local))
	}
	for i := range c.hours {
		if c.hours[i].ContainsTime(local) {
			return !c.daysOff.has(DateOf(local))
		}
	}
	return false
}

// Holiday says whether t falls on a holiday of this calendar, by its local date.
func (c *Calendar) Holiday(t time.Time) bool {
	if c.always || c.daysOff.none() {
		return false
	}
	return c.daysOff.has(DateOf(t.In(c.loc)))
}
