package contacts

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// Ring is a channel by which somebody wants to be woken, so long after the first page
// of a step.
type Ring struct {
	Channel string
	After   time.Duration
}

// Quiet is when somebody is not to be paged for what is not urgent.
type Quiet struct {
	Name      string // of the calendar
	During    *calendar.Calendar
	Urgencies []string // by name; never the worst
}

// Sleeps says until when somebody is not to be paged for an urgency at t; false if the
// person is.
func (p *Person) Sleeps(urgency string, t time.Time) (until time.Time, yes bool) {
	q := p.Quiet
	if q == nil || q.During == nil || !slices.Contains(q.Urgencies, urgency) || !q.During.Open(t) {
		return t, false
	}
	return q.During.NextClosed(t) // if it never closes, nothing is held back
}
