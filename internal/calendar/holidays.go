package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Holidays are the days on which a calendar stays closed all day: a country's
// public holidays, and the days in Add, but not those in Remove.
type Holidays struct {
	Country     string // "" for none, "FR" for mainland France
	Add, Remove []Date
}

// Holiday is one public holiday.
type Holiday struct {
	Date Date
	Name string
}

// fixedHolidays are those of mainland France that keep their date, easterHolidays
// those counted in days from Easter Sunday: article L3133-1 of the Code du travail.
func fixedHolidays(year int) [8]Holiday {
	return [...]Holiday{
		{Date{year, time.January, 1}, "Jour de l'an"},
		{Date{year, time.May, 1}, "Fête du Travail"},
		{Date{year, time.May, 8}, "Victoire 1945"},
		{Date{year, time.July, 14}, "Fête nationale"},
		{Date{year, time.August, 15}, "Assomption"},
		{Date{year, time.November, 1}, "Toussaint"},
		{Date{year, time.November, 11}, "Armistice 1918"},
		{Date{year, time.December, 25}, "Noël"},
	}
}

func easterHolidays(year int) [3]Holiday {
	easter := easterSunday(year)
	return [...]Holiday{
		{easter.AddDays(1), "Lundi de Pâques"},
		{easter.AddDays(39), "Ascension"},
		{easter.AddDays(50), "Lundi de Pentecôte"},
	}
}

// FranceHolidays lists the eleven public holidays of mainland France by today's
// law, in order of date. Two can fall on one day (1 May and Ascension in 2008).
func FranceHolidays(year int) []Holiday {
	fixed, moving := fixedHolidays(year), easterHolidays(year)
	all := slices.Concat(fixed[:], moving[:])
	slices.SortStableFunc(all, func(a, b Holiday) int { return a.Date.DaysSince(b.Date) })
	return all
}

func isFranceHoliday(d Date) bool {
	for _, h := range fixedHolidays(d.Year) {
		if h.Date == d {
			return true
		}
	}
	if d.Month < time.March || d.Month > time.June { // Easter Monday is 23 March at the earliest, Whit Monday 14 June at the latest
		return false
	}
	for _, h := range easterHolidays(d.Year) {
		if h.Date == d {
			return true
		}
	}
	return false
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

// daysOff is a checked Holidays.
type daysOff struct {
	france         bool
	added, removed map[Date]bool
}

func newDaysOff(h Holidays) (daysOff, []error) {
	var errs []error
	off := daysOff{added: set(h.Add), removed: set(h.Remove)}
	switch h.Country {
	case "":
	case "FR":
		off.france = true
	default:
		errs = append(errs, fmt.Errorf("holidays of country %q are not known, only those of FR (others can be added by date)", h.Country))
	}
	for _, d := range slices.Concat(h.Add, h.Remove) {
		if !d.Valid() {
			errs = append(errs, fmt.Errorf("holiday %s: there is no such day", d))
		}
	}
	for _, d := range h.Add {
		if off.removed[d] {
			errs = append(errs, fmt.Errorf("holiday %s is both added and removed", d))
		}
	}
	return off, errs
}

func set(dates []Date) map[Date]bool {
	m := make(map[Date]bool, len(dates))
	for _, d := range dates {
		m[d] = true
	}
	return m
}

// none says whether there is no holiday at all.
func (o daysOff) none() bool {
	return !o.france && len(o.added) == 0
}

func (o daysOff) has(d Date) bool {
	return o.added[d] || o.france && !o.removed[d] && isFranceHoliday(d)
}
