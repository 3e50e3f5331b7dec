package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A contract can have people warned before its GTI is missed (contracts.X.warn):
//
//	used           somebody has acknowledged   nobody has
//	below 80 %     whoever did is reminded     whoever is on duty for the first step
//	80 % to 99 %   whoever did is reminded     on_gti is paged
//	100 %          on_gti is paged             on_gti is paged
//
// A warning is a deadline of the ticket (ticket.GTI.WarnAt), and is done once, in the commit
// that moves it. Of several that are due at once the last is done. Nobody is warned of a
// ticket that somebody has picked up, or while a silence holds it back.

// warnPages is from which percentage on others are paged where nobody has acknowledged.
const warnPages = 80

// warnNext plans the next warning of a ticket.
func (r *Rules) warnNext(t *ticket.Ticket) {
	g := &t.GTI
	g.WarnAt = time.Time{}
	if len(r.Contracts[t.Contract].Warn) == 0 || !t.PickedUpAt.IsZero() {
		return
	}
	for _, percent := range r.Contracts[t.Contract].Warn {
		if percent > g.Warned {
			g.WarnAt, _ = r.warnedAt(t, percent)
			return
		}
	}
}

func (r *Rules) warnedAt(t *ticket.Ticket, percent int) (time.Time, bool) {
	g := &t.GTI
	return g.When(r.Hours(t), t.GTIBegan(), g.Within/100*time.Duration(percent))
}

// passed is the last percentage that is used by now, and of which nobody was warned; 0:
// there is none.
func (s *stepper) passed() (last int) {
	for _, percent := range s.Rules.Contracts[s.t.Contract].Warn {
		if at, ok := s.Rules.warnedAt(&s.t, percent); ok && percent > s.t.GTI.Warned && due(at, s.Now) {
			last = percent
		}
	}
	return last
}

// warnAnew plans the warnings of a clock that was counted again. What it has used already
// is no news.
func (s *stepper) warnAnew() {
	s.t.GTI.Warned = s.passed()
	s.Rules.warnNext(&s.t)
}

// warn does the warning that is due.
func (s *stepper) warn() {
	s.changed = true
	g := &s.t.GTI
	percent := s.passed()
	if percent == 0 || !s.t.PickedUpAt.IsZero() {
		s.Rules.warnNext(&s.t) // the contract has changed
		return
	}
	if opens, free := s.warnable(); !free {
		g.WarnAt = opens
		return
	}
	muted := s.t.State == ticket.Open && s.t.Progress.Mute.Holds(s.Now)
	pages := percent >= 100 || percent >= warnPages && s.t.State == ticket.Open
	if step := s.unstarted(); !muted && pages && s.t.State == ticket.Open && step >= 0 {
		s.warned(percent, ticket.Said{Detail: ticket.SaidWarnedStep, Args: ticket.Args{Step: toldStep(ticket.PolicyStep(step))}})
		s.start(step, s.Now)
		s.round(step)
		return
	}
	if muted {
		s.warned(percent, ticket.Said{Detail: ticket.SaidWarnedNone})
		return
	}
	people, by := s.warnWhom(pages)
	now, later, wakes := s.awake(people, s.Rules.Channels)
	if len(now) == 0 && len(later) > 0 {
		g.WarnAt = wakes
		return
	}
	s.warned(percent, saidWarned(s.orderClock(ticket.ForClock, now, by, pages)))
}

// warned notes a warning, and plans the next.
func (s *stepper) warned(percent int, said ticket.Said) {
	g := &s.t.GTI
	g.Warned = percent
	said.Args.Percent, said.Args.Instant = percent, g.DueAt
	s.rule(ticket.EntryClockWarned, said)
	s.Rules.warnNext(&s.t)
}

// warnable says whether people may be warned now, and else when. What is not urgent is said
// in the clock's own hours; a calendar of the ticket's route holds warnings back as it
// does pages.
func (s *stepper) warnable() (opens time.Time, free bool) {
	if at, ok := s.held(&ticket.Step{}); !ok {
		return at, false
	}
	if s.t.Urgency >= ticket.Major {
		return s.Now, true
	}
	return s.inHours(s.hours())
}

// inHours says whether a calendar is open, or was until now, and else when it opens.
func (s *stepper) inHours(hours *calendar.Calendar) (opens time.Time, yes bool) {
	if hours == nil || hours.Open(s.Now) || hours.Open(s.Now.Add(-time.Minute)) {
		return s.Now, true
	}
	opens, ok := hours.NextOpen(s.Now)
	return opens, !ok
}

// unstarted is the step that a warning starts: the next one, or the one that pages the
// policy's group for it; below zero: there is none that has not begun.
func (s *stepper) unstarted() int {
	for i := range s.t.Progress.Steps {
		run, group := &s.t.Progress.Steps[i], s.t.Policy.Steps[i].Group
		if run.Started.IsZero() && !run.Stopped && (s.t.Policy.OnGTI == "" || s.t.Policy.OnGTI == group) {
			return i
		}
	}
	return -1
}

// warnWhom are those whom a warning tells, and the channels to try first.
func (s *stepper) warnWhom(pages bool) (people []contacts.Person, by []string) {
	steps := s.t.Policy.Steps
	if person, ok := s.Rules.Directory.Person(s.t.AcknowledgedBy.Person()); ok && s.t.State.Taken() {
		people = append(people, person)
	}
	if len(steps) == 0 && s.t.Policy.OnGTI == "" {
		return people, s.Rules.Channels
	}
	group := s.t.Policy.OnGTI
	if len(steps) > 0 {
		by = steps[0].By
	}
	switch {
	case !pages && len(people) > 0:
		return people, by
	case !pages && len(steps) > 0:
		if _, free := s.held(&steps[0]); !free {
			return nil, nil
		}
		group = steps[0].Group
	case !pages:
		return people, by
	case group == "":
		next := len(steps) - 1
		if i := s.unstarted(); i >= 0 {
			next = i
		}
		if _, free := s.held(&steps[next]); !free {
			return people, by
		}
		group, by = steps[next].Group, steps[next].By
	}
	others, _ := s.Rules.Directory.Paged(group, s.Now)
	for _, p := range others {
		if !slices.ContainsFunc(people, func(had contacts.Person) bool { return had.Key == p.Key }) {
			people = append(people, p)
		}
	}
	return people, by
}

// orderClock orders the pages that tell people of a clock. pages says that they have to act:
// they hear who took it, and that it is over.
func (s *stepper) orderClock(of ticket.KeyKind, people []contacts.Person, by []string, pages bool) (called []ticket.Called) {
	p := &s.t.Progress
	for i := range people {
		channels := s.usable(people[i], by)
		if len(channels) == 0 {
			channels = s.usable(people[i], s.Rules.Channels)
		}
		for _, channel := range channels {
			s.page(of.Side(), of.Key(), ticket.Round(p.Clocked), people[i].Key, channel)
			if !pages || slices.Contains(p.Paged[people[i].Key], channel) {
				continue
			}
			if p.Paged == nil {
				p.Paged = map[string][]string{}
			}
			p.Paged[people[i].Key] = append(p.Paged[people[i].Key], channel)
		}
		if len(channels) > 0 {
			called = append(called, ticket.Called{Person: people[i].Key, Channels: channels})
		}
	}
	p.Clocked++
	return called
}

// saidWarned says whom a warning called.
func saidWarned(called []ticket.Called) ticket.Said {
	if len(called) == 0 {
		return ticket.Said{Detail: ticket.SaidWarnedNone}
	}
	named := called[:min(len(called), ticket.MaxCalled)]
	return ticket.Said{Detail: ticket.SaidWarned, Args: ticket.Args{Called: named, More: len(called) - len(named)}}
}
