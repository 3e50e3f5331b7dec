package words

import "time"

// clock writes times of day as a place shows them.
type clock struct {
	location       *time.Location
	now            time.Time // zero: no dates
	summer, winter string    // what to call an hour that comes twice
}

func (p *phrases) clock(location *time.Location, now time.Time) clock {
	if location == nil {
		location = time.UTC
	}
	return clock{location, now, p.Summer, p.Winter}
}

// at is t as 03:12, or as 21/11 03:12 if that is not the day of now; empty if
// t is zero. In autumn the clocks show some times twice: then it says which
// one it is.
func (c clock) at(t time.Time) string {
	if which := c.which(t); which != "" {
		return c.plain(t) + " (" + which + ")"
	}
	return c.plain(t)
}

// span says since when, and until when the GTI runs. Either may be zero. If
// both times come twice and are of the same kind, it says so once.
func (c clock) span(since, due time.Time) string {
	switch {
	case due.IsZero():
		return c.at(since)
	case c.which(since) == c.which(due):
		return join(" ", c.plain(since), "GTI "+c.at(due))
	}
	return join(" ", c.at(since), "GTI "+c.at(due))
}

func (c clock) plain(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t, now := t.In(c.location), c.now.In(c.location)
	if c.now.IsZero() || t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("02/01 15:04")
}

// which says whether a time that the clocks show twice is of summer or of
// winter. For any other time it is empty.
func (c clock) which(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	_, offset := t.In(c.location).Zone()
	for _, day := range []int{-1, 1} {
		_, other := t.AddDate(0, 0, day).In(c.location).Zone()
		twin := t.Add(time.Duration(offset-other) * time.Second)
		_, twins := twin.In(c.location).Zone()
		switch {
		case other == offset || twins != other:
		case offset > other:
			return c.summer
		default:
			return c.winter
		}
	}
	return ""
}
