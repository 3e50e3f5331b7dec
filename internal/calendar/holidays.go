package calendar

import (
	"fmt"
	"slices"
)

// Holidays are days of a calendar's own: the public holidays of a place, and
// the days in Add, but not those in Remove.
//
// A calendar stays closed on them all day; one made by [OnHolidays] is open on
// them alone.
type Holidays struct {
	Country string // an ISO 3166-1 code of [Countries]; "" for none
	Region  string // an ISO 3166-2 code of [Regions]; "" for the days of the whole country
	City    string // one of [Cities], for its patron saint; "" for none

	Add, Remove []Date
}

// daysOff is a checked Holidays. It never changes.
type daysOff struct {
	public         *table // nil for none
	added, removed map[Date]bool
}

func newDaysOff(h Holidays) (daysOff, []error) {
	var errs []error
	off := daysOff{added: set(h.Add), removed: set(h.Remove)}
	rules, err := rulesOf(h.Country, h.Region, h.City)
	if err != nil {
		errs = append(errs, err)
	}
	if len(rules) > 0 {
		off.public = newTable(rules)
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

// name is what the law calls a public holiday; empty for a day that was added, and for no
// holiday.
func (o daysOff) name(d Date) string {
	if o.public == nil || o.removed[d] {
		return ""
	}
	easter := easterSunday(d.Year)
	for _, r := range o.public.rules {
		if day, ok := r.in(d.Year, easter); ok && day == d {
			return r.name
		}
	}
	return ""
}

// none says whether there is no holiday at all.
func (o daysOff) none() bool {
	return o.public == nil && len(o.added) == 0
}

func (o daysOff) has(d Date) bool {
	return o.public != nil && o.public.has(d) && !o.removed[d] || o.added[d]
}

// Years that a table holds, those that a daemon meets. Others are reckoned at each
// question.
const firstYear, lastYear = 2015, 2060

// days are those of one year: a bit a day, bit 1 for the first of the month.
type days [12]uint32

// table is the days of rules, year by year, so that a question costs two look-ups.
type table struct {
	rules []rule
	years []days // from firstYear on
}

func newTable(rules []rule) *table {
	t := &table{rules: rules, years: make([]days, 0, lastYear-firstYear+1)}
	for year := firstYear; year <= lastYear; year++ {
		t.years = append(t.years, daysOf(rules, year))
	}
	return t
}

func daysOf(rules []rule, year int) days {
	var all days
	easter := easterSunday(year)
	for _, r := range rules {
		if d, ok := r.in(year, easter); ok {
			all[d.Month-1] |= 1 << d.Day
		}
	}
	return all
}

func (t *table) has(d Date) bool {
	if d.Year < firstYear || d.Year > lastYear {
		of := daysOf(t.rules, d.Year)
		return of[d.Month-1]>>d.Day&1 == 1
	}
	return t.years[d.Year-firstYear][d.Month-1]>>d.Day&1 == 1
}
