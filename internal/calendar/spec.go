package calendar

import (
	"fmt"
	"time"
)

// Spec is what a calendar is made of, as it is kept for years. [Spec.Calendar] makes
// the same calendar of it. The holidays of a place are kept by its name: which days
// those are is the law's.
type Spec struct {
	Name    string   `json:"name"`
	Always  bool     `json:"always,omitempty"`
	Only    bool     `json:"holidays_only,omitempty"`
	Zone    string   `json:"zone,omitempty"`
	Week    [][2]int `json:"week,omitempty"` // minutes since the beginning of Sunday
	Country string   `json:"country,omitempty"`
	Region  string   `json:"region,omitempty"`
	City    string   `json:"city,omitempty"`
	Add     []string `json:"add,omitempty"`
	Remove  []string `json:"remove,omitempty"`
}

// Spec is what the calendar is made of.
func (c *Calendar) Spec() Spec {
	s := Spec{Name: c.name, Always: c.always && c.loc == nil, Only: c.only}
	if s.Always {
		return s
	}
	s.Zone = c.loc.String()
	s.Country, s.Region, s.City = c.given.Country, c.given.Region, c.given.City
	s.Add, s.Remove = written(c.given.Add), written(c.given.Remove)
	if c.only {
		return s
	}
	for day, hours := range c.week {
		for _, m := range hours {
			s.Week = append(s.Week, [2]int{day*minutesPerDay + m.from, day*minutesPerDay + m.to})
		}
	}
	return s
}

// Calendar makes the calendar; load finds a time zone by its name.
func (s *Spec) Calendar(load func(zone string) (*time.Location, error)) (*Calendar, error) {
	if s.Always {
		return Always(s.Name), nil
	}
	loc, err := load(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("calendar %q: %w", s.Name, err)
	}
	h := Holidays{Country: s.Country, Region: s.Region, City: s.City}
	if h.Add, err = read(s.Add); err != nil {
		return nil, err
	}
	if h.Remove, err = read(s.Remove); err != nil {
		return nil, err
	}
	if s.Only {
		return OnHolidays(s.Name, loc, h)
	}
	var spans []Span
	for _, m := range s.Week {
		day := m[0] / minutesPerDay
		spans = append(spans, Span{Days: []time.Weekday{time.Weekday(day)}, From: m[0] - day*minutesPerDay, To: m[1] - day*minutesPerDay})
	}
	return New(s.Name, loc, spans, h)
}

func written(dates []Date) (list []string) {
	for _, d := range dates {
		list = append(list, d.String())
	}
	return list
}

func read(list []string) (dates []Date, err error) {
	for _, text := range list {
		d, err := ParseDate(text)
		if err != nil {
			return nil, err
		}
		dates = append(dates, d)
	}
	return dates, nil
}

// Bounds are the instants from from on and before to at which the calendar opens or
// closes, in order.
func (c *Calendar) Bounds(from, to time.Time) (list []time.Time) {
	at := from
	for at.Before(to) {
		var next time.Time
		var ok bool
		if c.Open(at) {
			next, ok = c.NextClosed(at)
		} else {
			next, ok = c.NextOpen(at)
		}
		if !ok || !next.Before(to) {
			break
		}
		list, at = append(list, next), next
	}
	return list
}

// Location is the time zone whose clock the calendar goes by; nil if it is always open.
func (c *Calendar) Location() *time.Location { return c.loc }
