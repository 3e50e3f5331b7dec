package ticket

import (
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// TreatedOn is how long the ticket's treatment (S1-37) has taken at a time: from the
// pick-up on, on the hours of a calendar, without the ticket's pauses; nil: every hour
// counts. It is none of a ticket that nobody picked up.
func (t *Ticket) TreatedOn(cal *calendar.Calendar, to time.Time) (length time.Duration) {
	if t.PickedUpAt.IsZero() || !to.After(t.PickedUpAt) {
		return 0
	}
	list, more := open(cal, t.PickedUpAt, to, t.GTI.Pauses, MaxSpans)
	for _, s := range list {
		length += s.Length()
	}
	return length + more
}

// TreatedFor is how long the treatment took of a ticket that is resolved. It is a value,
// which no later calendar changes; where every hour counted it goes without saying.
func (t *Ticket) TreatedFor() time.Duration {
	if t.Treated != nil {
		return time.Duration(*t.Treated)
	}
	return t.TreatedOn(nil, t.ResolvedAt)
}
