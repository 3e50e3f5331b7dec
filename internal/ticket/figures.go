package ticket

import (
	"slices"
	"time"
)

// Figure is how a customer's tickets of a time did: all of them, or those of one
// urgency.
type Figure struct {
	Opened   int `json:"opened"`   // in it
	Resolved int `json:"resolved"` // in it, whenever they were opened
	// Of those that were opened in it: picked up within their guaranteed time; not picked
	// up in it; still in time; and without a promise.
	Within   int `json:"within"`
	Breached int `json:"breached"`
	Running  int `json:"running"`
	Promised int `json:"promised"` // those three together
	// Pickup is the median time from the opening to the pick-up of those that were opened
	// in it and picked up, in seconds; nil: none was.
	Pickup *float64 `json:"median_pickup_seconds"`
}

// Figures are those of all tickets, and by urgency.
type Figures struct {
	Since     time.Time         `json:"since"`
	Until     time.Time         `json:"until"` // the end of the month
	All       Figure            `json:"all"`
	ByUrgency map[string]Figure `json:"by_urgency"` // those that had a ticket
}

// Counted is what figures count of a ticket.
type Counted struct {
	Urgency                      Urgency
	OpenedAt, PickedUp, Resolved time.Time
	Clock                        GTIState // none, running, paused, met, missed
}

// Count counts tickets of a time from since until.
func Count(list []Counted, since, until time.Time) Figures {
	f := Figures{Since: since, Until: until, ByUrgency: map[string]Figure{}}
	f.All = figure(list, since, until)
	for _, u := range Urgencies() {
		var of []Counted
		for i := range list {
			if list[i].Urgency == u {
				of = append(of, list[i])
			}
		}
		if one := figure(of, since, until); one != (Figure{}) {
			f.ByUrgency[u.String()] = one
		}
	}
	return f
}

func figure(list []Counted, since, until time.Time) (f Figure) {
	in := func(t time.Time) bool { return !t.Before(since) && t.Before(until) }
	var waits []time.Duration
	for i := range list {
		c := &list[i]
		if !c.Resolved.IsZero() && in(c.Resolved) {
			f.Resolved++
		}
		if !in(c.OpenedAt) {
			continue
		}
		f.Opened++
		if !c.PickedUp.IsZero() {
			waits = append(waits, c.PickedUp.Sub(c.OpenedAt))
		}
		switch c.Clock {
		case GTIMet:
			f.Within++
		case GTIMissed:
			f.Breached++
		case GTIRunning, GTIPaused:
			f.Running++
		case GTINone:
			continue
		}
		f.Promised++
	}
	if n := len(waits); n > 0 {
		slices.Sort(waits)
		middle := (waits[(n-1)/2] + waits[n/2]).Seconds() / 2
		f.Pickup = &middle
	}
	return f
}
