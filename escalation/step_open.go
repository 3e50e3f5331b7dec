package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// HeldBack says whether a calendar holds back the pages of one of the policy's
// steps at a time, and until when.
func HeldBack(t *ticket.Ticket, step int, rules *Rules, now time.Time) (opens time.Time, held bool) {
	if step < 0 || step >= len(t.Policy.Steps) {
		return now, false
	}
	s := &stepper{World: World{Now: now, Rules: rules}, t: *t}
	opens, free := s.held(&t.Policy.Steps[step])
	return opens, !free
}

// held says whether a step's page may go now. If not, opens is when it may.
func (s *stepper) held(step *ticket.Step) (opens time.Time, ok bool) {
	at := s.Now
	for range 1000 {
		moved := s.openAt(step, at)
		if moved.Equal(at) {
			return at, at.Equal(s.Now)
		}
		at = moved
	}
	return s.Now, true // no time fits for years: page rather than never
}

// openAt is at, or the earliest time after it that one of the restrictions
// allows. A calendar that no longer exists restricts nothing.
func (s *stepper) openAt(step *ticket.Step, at time.Time) time.Time {
	if at2, ok := s.firstOpen(at, step.During); ok && at2.After(at) {
		return at2
	}
	if at2, ok := s.firstOpen(at, s.t.Policy.ActiveIn...); ok && at2.After(at) {
		return at2
	}
	for _, name := range append([]string{step.Outside}, s.t.Policy.MutedIn...) {
		if cal := s.Rules.Calendars[name]; cal != nil && cal.Open(at) {
			if end, ok := cal.NextClosed(at); ok {
				return end
			}
		}
	}
	return at
}

func (s *stepper) firstOpen(at time.Time, names ...string) (first time.Time, ok bool) {
	for _, name := range names {
		cal := s.Rules.Calendars[name]
		if cal == nil {
			continue
		}
		if opens, found := cal.NextOpen(at); found && (!ok || opens.Before(first)) {
			first, ok = opens, true
		}
	}
	return first, ok
}
