package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Stretch is a part of time, half-open, whose every instant counts. As text it is an
// interval of ISO 8601 in UTC: "2026-11-19T13:00:00Z/2026-11-19T17:00:00Z".
type Stretch struct{ From, To time.Time }

// Length is how long it is.
func (s Stretch) Length() time.Duration { return s.To.Sub(s.From) }

// MarshalText writes the interval.
func (s Stretch) MarshalText() ([]byte, error) {
	text := make([]byte, 0, 2*len(time.RFC3339Nano)+1)
	text = s.From.UTC().AppendFormat(text, time.RFC3339Nano)
	return s.To.UTC().AppendFormat(append(text, '/'), time.RFC3339Nano), nil
}

// UnmarshalText reads it.
func (s *Stretch) UnmarshalText(text []byte) (err error) {
	from, to, ok := strings.Cut(string(text), "/")
	if !ok {
		return fmt.Errorf("calendar: %q is no interval like 2026-11-19T13:00:00Z/2026-11-19T17:00:00Z", text)
	}
	if s.From, err = time.Parse(time.RFC3339Nano, from); err != nil {
		return fmt.Errorf("calendar: the beginning of %q: %w", text, err)
	}
	if s.To, err = time.Parse(time.RFC3339Nano, to); err != nil {
		return fmt.Errorf("calendar: the end of %q: %w", text, err)
	}
	return nil
}

// Extend appends a stretch to a list in order; one that touches the last makes that one
// longer. An empty one adds nothing.
func Extend(list []Stretch, s Stretch) []Stretch {
	if !s.From.Before(s.To) {
		return list
	}
	if n := len(list); n > 0 && list[n-1].To.Equal(s.From) {
		list[n-1].To = s.To
		return list
	}
	return append(list, s)
}

// Plan lists the open time that d from t on is made of, in UTC, and says when it has
// passed, as [Calendar.Add] does. It lists so many stretches at most: the last one then
// ends before due. False if it takes more than a century.
func (c *Calendar) Plan(t time.Time, d time.Duration, most int) (list []Stretch, due time.Time, ok bool) {
	t = t.UTC()
	if d <= 0 {
		return nil, t, true
	}
	if c.always {
		due = t.Add(d)
		return []Stretch{{t, due}}, due, true
	}
	w := c.walk(t.Unix(), t.Unix()+countAhead)
	full := false
	for {
		s, more := w.next()
		if !more {
			return nil, time.Time{}, false
		}
		part := Stretch{later(t, s.from), unixIn(s.to, t)}
		open := part.Length()
		if d <= open {
			part.To = part.From.Add(d)
		}
		if !full {
			if list = Extend(list, part); len(list) > most {
				list, full = list[:most], true
			}
		}
		if d <= open {
			return list, part.To, true
		}
		d -= open
	}
}

// Stretches lists the open time from a to b in UTC, so many stretches at most; rest is
// the open time of those that are left out.
func (c *Calendar) Stretches(a, b time.Time, most int) (list []Stretch, rest time.Duration) {
	a, b = a.UTC().Round(0), b.UTC().Round(0)
	if !b.After(a) {
		return nil, 0
	}
	if c.always {
		return []Stretch{{a, b}}, 0
	}
	for w := c.walk(a.Unix(), b.Unix()+1); ; {
		s, ok := w.next()
		if !ok {
			return list, rest
		}
		part := Stretch{later(a, s.from), unixIn(s.to, a)}
		if part.To.After(b) {
			part.To = b
		}
		if !part.From.Before(part.To) {
			return list, rest
		}
		if list = Extend(list, part); len(list) > most {
			list = list[:most]
			return list, c.Between(part.From, b)
		}
	}
}

// Off lists the holidays from a to b, so many at most, whose hours it would be open
// otherwise. One of [OnHolidays] has none.
func (c *Calendar) Off(a, b time.Time, most int) (dates []Date) {
	if c.always || c.only || c.daysOff.none() {
		return nil
	}
	last := DateOf(b.In(c.loc))
	for d := DateOf(a.In(c.loc)); len(dates) < most && last.DaysSince(d) >= 0; d = d.AddDays(1) {
		if c.daysOff.has(d) && len(c.week[d.Weekday()]) > 0 {
			dates = append(dates, d)
		}
	}
	return dates
}

// Zone is where its hours are told; UTC if it never closes.
func (c *Calendar) Zone() *time.Location {
	if c.loc == nil {
		return time.UTC
	}
	return c.loc
}

// HolidayName is what a holiday is called where it is one by law; empty for every other
// day.
func (c *Calendar) HolidayName(d Date) string { return c.daysOff.name(d) }
