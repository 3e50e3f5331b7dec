package lookahead

import (
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// Morning is when managers are told: at a time of day by the clocks of a place, on days
// of business.
type Morning struct {
	Hour, Minute int
	Location     *time.Location
	// Business is open on those days; nil: Monday to Friday are.
	Business *calendar.Calendar
}

// searched is how many days ahead a day of business is looked for.
const searched = 60

// Next is the first one after t. If no day of business comes soon, tomorrow is one.
func (m Morning) Next(t time.Time) time.Time {
	today := calendar.DateOf(t.In(m.Location))
	for n := range searched {
		day := today.AddDays(n)
		if at := day.At(m.Hour, m.Minute, m.Location); at.After(t) && m.business(day) {
			return at.UTC()
		}
	}
	return today.AddDays(1).At(m.Hour, m.Minute, m.Location).UTC()
}

func (m Morning) business(day calendar.Date) bool {
	if m.Business == nil {
		return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}
	_, ok := m.opens(day)
	return ok
}

// opens is when business opens on a day; false if it does not.
func (m Morning) opens(day calendar.Date) (time.Time, bool) {
	begin := day.At(0, 0, m.Location)
	at, ok := m.Business.NextOpen(begin)
	return at, ok && at.Before(day.AddDays(1).At(0, 0, m.Location))
}

// Opening is the first time after t at which business opens on a day on which it is
// closed at midnight; false if none comes soon, or there is no business.
func (m Morning) Opening(t time.Time) (time.Time, bool) {
	if m.Business == nil {
		return time.Time{}, false
	}
	today := calendar.DateOf(t.In(m.Location))
	for n := range searched {
		day := today.AddDays(n)
		at, ok := m.opens(day)
		if ok && at.After(t) && at.After(day.At(0, 0, m.Location)) {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// Closed is when business closed last before t, which is an opening; a week before it at
// most.
func (m Morning) Closed(t time.Time) time.Time {
	last := t.AddDate(0, 0, -7)
	for at := last; at.Before(t); {
		end, ok := m.Business.NextClosed(at)
		if !ok || !end.Before(t) {
			break
		}
		last = end
		next, ok := m.Business.NextOpen(end)
		if !ok || !next.After(end) || !next.Before(t) {
			break
		}
		at = next
	}
	return last.UTC()
}
