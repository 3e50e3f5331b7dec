package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// overflowTold is the least time between two pages about alerts that join an
	// overflow ticket that somebody has taken. That person knows that more will
	// come.
	overflowTold = ticket.DefaultRepeat
	// overflowNew is how long the managers' page may wait to go out. A new
	// episode in that time cancels the page as unwanted, so it pages the managers
	// again.
	overflowNew = time.Minute
)

// entitle has the title of an overflow ticket say what it stands for.
func (s *stepper) entitle() {
	if s.t.Overflow == "" {
		return
	}
	words := lang.In(s.Rules.Language)
	s.t.Title = ticket.Cut(words.Overflow(s.t.Source, s.t.Overflow, s.t.Firing+s.t.Resolved), ticket.MaxTitle)
}

// opening is what the timeline says of a ticket that an alert opens.
func (s *stepper) opening(title string) ticket.Said {
	said := ticket.Plain(title)
	if s.t.Overflow != "" {
		said.Detail, said.Args = ticket.SaidBound, ticket.Args{Source: s.t.Source, Bound: s.t.Overflow}
	}
	return said
}

// adopt gives an overflow ticket the policy and the contract of an alert that
// joins it, if prefers says so. The next episode counts by the new policy.
// Otherwise the ticket takes the contract alone, if that promises more.
func (s *stepper) adopt(e AlertMoved) bool {
	if s.t.Overflow == "" || e.Routed == nil {
		return false
	}
	if !s.prefers(e) {
		gti := s.Rules.Promise(&ticket.Ticket{Contract: e.Routed.Contract, Urgency: e.Urgency, OpenedAt: s.Now, GTI: ticket.GTI{Pauses: s.t.GTI.Pauses}})
		if s.sooner(&gti) {
			counted := s.t.PickupOnAck && s.t.State.Taken() && e.Urgency <= s.t.Urgency
			s.contract(e.Routed.Contract)
			s.t.PickupOnAck = s.t.PickupOnAck || counted // the present acknowledgement stays what it is
			s.putPromise(gti)
		}
		s.soonerClocks()
		return false
	}
	s.t.Policy = e.Routed.Policy
	s.contract(e.Routed.Contract)
	s.promise()
	s.soonerClocks()
	return true
}

// prefers compares the policy of an alert with the ticket's. It is true if the
// alert's policy pages somebody now and the ticket's does not. It is also true
// if the alert is more urgent than all before it. A ticket that somebody has
// taken keeps its policy unless the urgency rises.
func (s *stepper) prefers(e AlertMoved) bool {
	rises := e.Urgency > s.t.Urgency
	if samePolicy(&s.t.Policy, &e.Routed.Policy) || s.t.State.Taken() && !rises {
		return false
	}
	pages, would := s.pagesBy(s.t.Policy), s.pagesBy(e.Routed.Policy)
	return would && !pages || pages == would && rises && len(e.Routed.Policy.Steps) > 0
}

// contract puts the ticket under another contract. What was promised stays.
func (s *stepper) contract(name string) {
	s.changed = true
	s.t.Contract = name
	s.t.PickupOnAck = s.t.PickupOnAck && s.Rules.pickupOnAck(name)
}

func samePolicy(a, b *ticket.Policy) bool {
	return a.Name == b.Name && slices.Equal(a.ActiveIn, b.ActiveIn) && slices.Equal(a.MutedIn, b.MutedIn)
}

// pagesBy says whether the ticket would page somebody now by a policy.
func (s *stepper) pagesBy(p ticket.Policy) bool {
	by := &stepper{World: s.World, t: s.t}
	by.t.Policy = p
	for i := range p.Steps {
		if by.reaches(i) {
			return true
		}
	}
	return false
}

// gathers puts off the page about alerts that join an overflow ticket, if such
// a page went out lately.
func (s *stepper) gathers() bool {
	p := &s.t.Progress
	again := p.JoinedAt.Add(overflowTold)
	if s.t.Overflow == "" || p.JoinedAt.IsZero() || !again.After(s.Now) {
		return false
	}
	p.JoinDue, s.changed = again, true
	return true
}

// managersTold reports whether an overflow ticket has told the managers so
// recently that their pages may not have gone out yet.
func (s *stepper) managersTold() bool {
	return s.t.Overflow != "" && s.t.Progress.Everybody != nil && s.Now.Sub(s.t.OpenedAt) < overflowNew
}

// tellManagers pages every manager once, by all channels, at any hour. It
// leaves out those whom a step pages. It pages nobody if the last resort pages
// all managers anyway.
func (s *stepper) tellManagers() {
	p := &s.t.Progress
	if p.Everybody != nil {
		return
	}
	managers := slices.DeleteFunc(slices.Clone(s.Rules.Directory.Managers()), func(m contacts.Person) bool {
		return slices.ContainsFunc(p.Steps, func(run ticket.StepRun) bool {
			return slices.ContainsFunc(run.Reached, func(r ticket.Means) bool { return r.Person == m.Key })
		})
	})
	s.changed = true
	run := &ticket.StepRun{Started: s.Now, First: s.Now}
	p.Everybody = run
	run.Reached = s.order(ticket.ForEverybody.Key(), run.Round, managers, s.Rules.Channels)
	run.Round++
}
