package escalation

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A contract's warnings (contracts.X.warn) are of its other promises too. There they only
// remind whoever has the ticket; if nobody has, whoever is on duty for the first step.
// They page no on_gti, start no step, and come in the clock's own hours alone: a
// promise to call back is no trouble that wakes people. Each is a deadline of the ticket
// (ticket.Clock.WarnAt), and is done once, in the commit that moves it.

// remindNext plans the next reminder of a clock, which has the ticket's pauses.
func (r *Rules) remindNext(t *ticket.Ticket, c *ticket.Clock) {
	c.WarnAt = time.Time{}
	if c.Within == 0 || !c.Done.IsZero() {
		return
	}
	for _, percent := range r.Contracts[t.Contract].Warn {
		if percent > c.Warned {
			c.WarnAt, _ = r.remindedAt(t, c, percent)
			return
		}
	}
}

func (r *Rules) remindedAt(t *ticket.Ticket, c *ticket.Clock, percent int) (time.Time, bool) {
	return c.When(r.HoursOf(t, c), t.ClockBegan(c), c.Within/100*time.Duration(percent))
}

// remindAnew plans the reminders of a clock that was counted again. What it has used
// already is no news.
func (s *stepper) remindAnew(c *ticket.Clock) {
	c.Warned = s.reminded(c)
	s.Rules.remindNext(&s.t, c)
}

// reminded is the last percentage that is used by now, and of which nobody was reminded;
// 0: there is none.
func (s *stepper) reminded(c *ticket.Clock) (last int) {
	if c.Within == 0 {
		return 0
	}
	for _, percent := range s.Rules.Contracts[s.t.Contract].Warn {
		if at, ok := s.Rules.remindedAt(&s.t, c, percent); ok && percent > c.Warned && due(at, s.Now) {
			last = percent
		}
	}
	return last
}

// remindClocks does the reminders that are due.
func (s *stepper) remindClocks() {
	s.eachClock(func(c *ticket.Clock, _ time.Time) {
		if due(c.WarnAt, s.Now) {
			s.changed = true
			s.remindOf(c)
		}
	})
}

func (s *stepper) remindOf(c *ticket.Clock) {
	percent := s.reminded(c)
	if percent == 0 || !c.Done.IsZero() {
		s.Rules.remindNext(&s.t, c) // the contract has changed
		return
	}
	if at, free := s.held(&ticket.Step{}); !free {
		c.WarnAt = at
		return
	}
	if at, free := s.inHours(s.Rules.HoursOf(&s.t, c)); !free {
		c.WarnAt = at
		return
	}
	var told []ticket.Called
	if s.t.State != ticket.Open || !s.t.Progress.Mute.Holds(s.Now) {
		people, by := s.remindWhom()
		now, later, wakes := s.awake(people, s.Rules.Channels)
		if len(now) == 0 && len(later) > 0 {
			c.WarnAt = wakes
			return
		}
		told = s.orderClock(ticket.ForReminder(c.Kind), now, by, false)
	}
	c.Warned = percent
	said := saidWarned(told)
	said.Args.Percent, said.Args.Instant, said.Args.Of = percent, c.DueAt, c.Kind
	s.rule(ticket.EntryClockWarned, said)
	s.Rules.remindNext(&s.t, c)
}

// remindWhom is whoever has the ticket, else who is on duty for its first step; and the
// channels to try first.
func (s *stepper) remindWhom() (people []contacts.Person, by []string) {
	taker := s.t.AcknowledgedBy
	if s.t.State == ticket.InProgress && s.t.PickedUpBy != nil {
		taker = s.t.PickedUpBy
	}
	steps := s.t.Policy.Steps
	if len(steps) > 0 {
		by = steps[0].By
	}
	if person, ok := s.Rules.Directory.Person(taker.Person()); ok && s.t.State.Taken() {
		return append(people, person), by
	}
	if len(steps) == 0 {
		return nil, by
	}
	if _, free := s.held(&steps[0]); !free {
		return nil, by
	}
	people, _ = s.Rules.Directory.Paged(steps[0].Group, s.Now)
	return people, by
}
