package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const minutesPerDay = 24 * 60

// Span is one stretch of hours on some days of the week, half-open: From is in
// it, To is not. Both are minutes since local midnight, To up to 1440 (24:00).
// Hours over midnight are two spans, one to 24:00 and one from 00:00.
type Span struct {
	Days     []time.Weekday
	From, To int
}

// ParseTimes reads the hours of a span, "08:30-12:30" or "00:00-24:00", as
// minutes since midnight. Its error says what is wrong with them.
func ParseTimes(s string) (from, to int, err error) {
	first, last, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, fmt.Errorf("calendar: hours %q: write them as 08:30-12:30", s)
	}
	from, errFrom := parseTime(first)
	to, errTo := parseTime(last)
	if err := errors.Join(errFrom, errTo); err != nil {
		return 0, 0, fmt.Errorf("calendar: hours %q: %w", s, err)
	}
	if err := checkTimes(from, to); err != nil {
		return 0, 0, fmt.Errorf("calendar: hours %q: %w", s, err)
	}
	return from, to, nil
}

// parseTime reads HH:MM, 24:00 included.
func parseTime(s string) (int, error) {
	if len(s) != len("08:30") || s[2] != ':' {
		return 0, fmt.Errorf("%q is not a time like 08:30", s)
	}
	hour, okHour := twoDigits(s[:2])
	minute, okMinute := twoDigits(s[3:])
	switch {
	case !okHour || !okMinute:
		return 0, fmt.Errorf("%q is not a time like 08:30", s)
	case minute > 59:
		return 0, fmt.Errorf("%q: an hour has the minutes 00 to 59", s)
	case hour > 24 || hour == 24 && minute > 0:
		return 0, fmt.Errorf("%q: a day ends at 24:00", s)
	}
	return hour*60 + minute, nil
}

func twoDigits(s string) (int, bool) {
	tens, units := int(s[0])-'0', int(s[1])-'0'
	return tens*10 + units, tens >= 0 && tens <= 9 && units >= 0 && units <= 9
}

func checkTimes(from, to int) error {
	switch {
	case from < 0 || to > minutesPerDay:
		return fmt.Errorf("%s is outside the day, which lasts from 00:00 to 24:00", formatTimes(from, to))
	case from == to:
		return errors.New("they end when they begin")
	case from > to:
		return errors.New("they end before they begin (hours over midnight are two: one to 24:00, and one from 00:00 on the next day)")
	}
	return nil
}

func formatTimes(from, to int) string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60)
}

// minutes is the part of a day from..to, half-open, since local midnight.
type minutes struct{ from, to int }

// week is the open hours of each weekday, in order, those that touch joined.
type week [7][]minutes

// newWeek sorts the spans by weekday, and reports all that is wrong with them.
func newWeek(spans []Span) (week, []error) {
	var (
		w    week
		errs []error
	)
	if len(spans) == 0 {
		errs = append(errs, errors.New("it has no hours"))
	}
	for _, s := range spans {
		if err := checkTimes(s.From, s.To); err != nil {
			errs = append(errs, fmt.Errorf("hours %s: %w", formatTimes(s.From, s.To), err))
			continue
		}
		if len(s.Days) == 0 {
			errs = append(errs, fmt.Errorf("hours %s: no day of the week", formatTimes(s.From, s.To)))
		}
		for _, day := range s.Days {
			if day < time.Sunday || day > time.Saturday {
				errs = append(errs, fmt.Errorf("hours %s: %d is no day of the week", formatTimes(s.From, s.To), int(day)))
				continue
			}
			w[day] = append(w[day], minutes{s.From, s.To})
		}
	}
	for day := range w {
		joined, overlaps := join(w[day])
		for _, err := range overlaps {
			errs = append(errs, fmt.Errorf("%s: %w", time.Weekday(day), err))
		}
		w[day] = joined
	}
	return w, errs
}

// join sorts a day's hours and makes one of those that touch.
func join(day []minutes) ([]minutes, []error) {
	var (
		joined []minutes
		errs   []error
	)
	slices.SortFunc(day, func(a, b minutes) int { return a.from - b.from })
	for i, m := range day {
		switch {
		case i > 0 && m.from < day[i-1].to:
			errs = append(errs, fmt.Errorf("%s overlaps %s", formatTimes(m.from, m.to), formatTimes(day[i-1].from, day[i-1].to)))
		case i > 0 && m.from == day[i-1].to:
			joined[len(joined)-1].to = m.to
		default:
			joined = append(joined, m)
		}
	}
	return joined, errs
}

// full says whether the week has no hour that is closed.
func (w week) full() bool {
	for _, day := range w {
		if len(day) != 1 || day[0] != (minutes{0, minutesPerDay}) {
			return false
		}
	}
	return true
}
