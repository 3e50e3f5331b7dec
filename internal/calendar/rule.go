package calendar

import "time"

// rule says on which day of a year a holiday falls.
type rule struct {
	name        string
	first, last int // years that have it; 0 for no bound

	month time.Month // of a day that keeps its date; 0 for one counted from Easter
	day   int        // of the month, or days from Easter Sunday

	// moved is the day instead of all this, false in a year without one. It is
	// nil for most.
	moved func(year int, easter Date) (Date, bool)
}

// fixed is a day that keeps its date.
func fixed(month time.Month, day int, name string) rule {
	return rule{name: name, month: month, day: day}
}

// easter is a day counted from Easter Sunday.
func easter(days int, name string) rule {
	return rule{name: name, day: days}
}

// moving is a day that is found another way.
func moving(name string, day func(year int, easter Date) (Date, bool)) rule {
	return rule{name: name, moved: day}
}

// since is the rule from that year on.
func (r rule) since(year int) rule {
	r.first = year
	return r
}

// until is the rule up to that year, that one too.
func (r rule) until(year int) rule {
	r.last = year
	return r
}

// in is the day in a year whose Easter Sunday is given, false if it has none.
func (r rule) in(year int, easter Date) (Date, bool) {
	switch {
	case r.first != 0 && year < r.first, r.last != 0 && year > r.last:
		return Date{}, false
	case r.moved != nil:
		return r.moved(year, easter)
	case r.month != 0:
		return Date{year, r.month, r.day}, true
	}
	return easter.AddDays(r.day), true
}

// nth is the nth weekday of a month.
func nth(n int, day time.Weekday, year int, month time.Month) Date {
	first := Date{year, month, 1}
	return first.AddDays(int(day-first.Weekday()+7)%7 + 7*(n-1))
}

// unlessOn is a day that keeps its date and is none on some days of the week.
func unlessOn(month time.Month, day int, name string, not ...time.Weekday) rule {
	return moving(name, func(year int, _ Date) (Date, bool) {
		d := Date{year, month, day}
		for _, weekday := range not {
			if d.Weekday() == weekday {
				return Date{}, false
			}
		}
		return d, true
	})
}

// onlyOn is a day that keeps its date and is one on one day of the week alone.
func onlyOn(month time.Month, day int, name string, weekday time.Weekday) rule {
	return moving(name, func(year int, _ Date) (Date, bool) {
		d := Date{year, month, day}
		return d, d.Weekday() == weekday
	})
}

// easterSunday is the first Sunday after the full moon of the Gregorian computus
// that falls on or after 21 March.
func easterSunday(year int) Date {
	golden, century := year%19, year/100
	// Days from 21 March to the full moon: 19 more each year of the moon's cycle,
	// corrected for the leap days that centuries lack and for the moon's own drift.
	moon := (19*golden + 15 + century - century/4 - (8*century+13)/25) % 30
	if moon == 29 || moon == 28 && golden > 10 {
		moon--
	}
	full := Date{year, time.March, 21}.AddDays(moon)
	return full.AddDays(7 - int(full.Weekday()))
}
