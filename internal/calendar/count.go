package calendar

import (
	"math"
	"time"
)

const (
	// lookAhead bounds the search for the next opening or closing: two years.
	lookAhead = 2 * 366 * secondsPerDay
	// countAhead bounds Add, so that no duration makes it run for long: a century.
	countAhead = 100 * 366 * secondsPerDay
)

// NextOpen is the first instant from t on at which the calendar is open: t
// itself if it is. False if it does not open within two years.
func (c *Calendar) NextOpen(t time.Time) (time.Time, bool) {
	if c.always {
		return t, true
	}
	w := c.walk(t.Unix(), t.Unix()+lookAhead)
	s, ok := w.next()
	if !ok {
		return time.Time{}, false
	}
	return later(t, s.from), true
}

// NextClosed is the first instant from t on at which the calendar is closed:
// the end of the open stretch that t is in, or t itself if it is closed.
// Spans that touch are one stretch, over midnight too. False if it does not
// close within two years, so always for a calendar that is always open.
func (c *Calendar) NextClosed(t time.Time) (time.Time, bool) {
	if c.always {
		return time.Time{}, false
	}
	limit := t.Unix() + lookAhead
	w := c.walk(t.Unix(), limit)
	s, ok := w.next()
	if !ok || s.from > t.Unix() {
		return t, true
	}
	end := s.to
	for end < limit {
		if s, ok = w.next(); !ok || s.from > end {
			return unixIn(end, t), true
		}
		end = s.to
	}
	return time.Time{}, false
}

// Add is the instant at which d of open time has passed since t, t itself
// if d is not positive. One that falls on the end of an open stretch is that
// end, not the next opening: what must be done in eight hours of a day of eight
// is due the same evening. False if it is more than a century away.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, bool) {
	if d <= 0 {
		return t, true
	}
	if c.always {
		return t.Add(d), true
	}
	w := c.walk(t.Unix(), t.Unix()+countAhead)
	for {
		s, ok := w.next()
		if !ok {
			return time.Time{}, false
		}
		from := later(t, s.from)
		open := unixIn(s.to, t).Sub(from)
		if d <= open {
			return from.Add(d), true
		}
		d -= open
	}
}

// Between is the open time from a to b, 0 if b is not after a. It takes time
// in proportion to the days between; beyond the longest Duration it is that.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	a, b = a.Round(0), b.Round(0) // by the wall clock, also if both carry a monotonic reading
	if !b.After(a) {
		return 0
	}
	if c.always {
		return b.Sub(a)
	}
	var total time.Duration
	for w := c.walk(a.Unix(), b.Unix()+1); ; {
		s, ok := w.next()
		if !ok {
			return total
		}
		from, to := later(a, s.from), unixIn(s.to, a)
		if to.After(b) {
			to = b
		}
		if !from.Before(to) {
			return total
		}
		open := to.Sub(from)
		if open > math.MaxInt64-total {
			return math.MaxInt64
		}
		total += open
	}
}

// later is the later of t and the Unix second, in t's location.
func later(t time.Time, unix int64) time.Time {
	if unix > t.Unix() {
		return unixIn(unix, t)
	}
	return t
}

func unixIn(unix int64, like time.Time) time.Time {
	return time.Unix(unix, 0).In(like.Location())
}
