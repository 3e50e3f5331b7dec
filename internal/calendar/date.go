package calendar

import (
	"fmt"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// Date is a day of the Gregorian calendar, of no particular time zone.
// The zero Date is no day at all.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date as configuration writes it, 2026-05-15.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("calendar: %q is not a date like 2026-05-15: %w", s, err)
	}
	return DateOf(t), nil
}

// DateOf is the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String writes the date as [ParseDate] reads it.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Valid says whether the day exists: no 30 February, and not the zero Date.
func (d Date) Valid() bool {
	return d == DateOf(d.midnightUTC())
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return d.midnightUTC().Weekday()
}

// AddDays is the date n days later, earlier if n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysSince is the number of days from e to d, negative if d is the earlier.
func (d Date) DaysSince(e Date) int {
	return int((d.midnightUTC().Unix() - e.midnightUTC().Unix()) / secondsPerDay)
}

// At is the instant at which the clocks of loc show hour:minute on this day.
// A local time that exists twice is the first of the two; one that does not
// exist is the instant at which the clocks go forward over it.
func (d Date) At(hour, minute int, loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, loc)
	start, end := t.ZoneBounds()
	wanted := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC)
	switch shown := wall(t); { // package time promises neither side of a gap
	case shown.After(wanted): // does not exist, and t lies behind the change
		return start
	case shown.Before(wanted): // does not exist, and t lies before the change
		return end
	}
	if start.IsZero() {
		return t
	}
	// The same local time by the offset before: it exists if it is before the change.
	_, now := t.Zone()
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) {
		return first
	}
	return t
}

// wall is what the clocks show at t, as an instant of UTC.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func (d Date) midnightUTC() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}
