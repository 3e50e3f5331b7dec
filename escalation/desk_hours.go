package escalation

import "time"

// The desk's hours where the configuration names none: Monday to Friday, by day.
const (
	deskFrom  = 8
	deskUntil = 18
)

// DeskOpen says whether the desk's own hours are on (business_hours).
func (r *Rules) DeskOpen(at time.Time) bool {
	if c := r.Calendars[r.Business]; c != nil {
		return c.Open(at)
	}
	if r.Location != nil {
		at = at.In(r.Location)
	}
	day := at.Weekday()
	return day != time.Saturday && day != time.Sunday && at.Hour() >= deskFrom && at.Hour() < deskUntil
}

// deskOpens is when the desk's hours begin next; false: never.
func (r *Rules) deskOpens(after time.Time) (time.Time, bool) {
	if c := r.Calendars[r.Business]; c != nil {
		return c.NextOpen(after)
	}
	at := after.Truncate(time.Hour)
	for range 7 * 24 {
		if at = at.Add(time.Hour); r.DeskOpen(at) {
			return at, true
		}
	}
	return at, false
}
