package calendar

import (
	"math"
	"time"
)

// stretch is a half-open stretch of open time in Unix seconds: spans begin and
// end on whole local minutes, and offsets are whole seconds.
type stretch struct{ from, to int64 }

// period is a half-open stretch of Unix seconds in which the offset of local
// time to UTC stays what it is.
type period struct{ from, to, offset int64 }

// periodFrom is the period that unix is in, from there on.
func periodFrom(unix int64, loc *time.Location) period {
	t := time.Unix(unix, 0).In(loc)
	_, offset := t.Zone()
	p := period{unix, math.MaxInt64, int64(offset)}
	if _, end := t.ZoneBounds(); !end.IsZero() {
		p.to = end.Unix()
	}
	// Behind the years of its table, package time ends the last period of a leap
	// year after 365 days. What is left is 31 December, in UTC.
	if p.to <= unix {
		p.to = (floorDiv(unix, secondsPerDay) + 1) * secondsPerDay
	}
	return p
}

// walk goes through open time in order, one local day of one period after the
// other, so a day on which the clocks change is walked in two parts. Stretches
// that it yields can touch, at midnight and where the clocks change.
type walk struct {
	cal    *Calendar
	limit  int64
	period period
	day    int64     // days since 1 January 1970, local
	hours  []minutes // of the day, those still to come
}

// walk starts at unix, inside a stretch or not, and ends with the first day that
// begins at or after limit.
func (c *Calendar) walk(unix, limit int64) walk {
	w := walk{cal: c, limit: limit}
	w.enter(unix)
	return w
}

// enter begins with the rest of the local day and period that unix is in.
func (w *walk) enter(unix int64) {
	w.period = periodFrom(unix, w.cal.loc)
	w.begin(floorDiv(unix+w.period.offset, secondsPerDay))
}

func (w *walk) begin(day int64) {
	w.day, w.hours = day, w.cal.week.on(day)
	if len(w.hours) > 0 && !w.cal.daysOff.none() && w.cal.daysOff.has(dateOfDay(day)) != w.cal.only {
		w.hours = nil
	}
}

// next is the next stretch of open time; false once the limit is reached.
func (w *walk) next() (stretch, bool) {
	for {
		midnight := w.day*secondsPerDay - w.period.offset
		for len(w.hours) > 0 {
			m := w.hours[0]
			w.hours = w.hours[1:]
			s := stretch{
				max(midnight+int64(m.from)*60, w.period.from),
				min(midnight+int64(m.to)*60, w.period.to),
			}
			if s.from < s.to {
				return s, true
			}
		}
		following := midnight + secondsPerDay
		if min(following, w.period.to) >= w.limit {
			return stretch{}, false
		}
		if following < w.period.to {
			w.begin(w.day + 1)
		} else {
			w.enter(w.period.to)
		}
	}
}

// on is the hours of a day counted from 1 January 1970, a Thursday.
func (w *week) on(day int64) []minutes {
	return w[(day%7+7+int64(time.Thursday))%7]
}

func dateOfDay(day int64) Date {
	return DateOf(time.Unix(day*secondsPerDay, 0).UTC())
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
