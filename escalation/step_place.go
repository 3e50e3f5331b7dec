package escalation

import (
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Where a ticket stands at the desk is one thing, whether somebody has its pages another
// (docs/adr/0067-the-pool.md). Only two of these actions touch pages: to take an open
// ticket acknowledges it, and to give back one that somebody had taken begins an
// episode. To assign it, and to move it to a group or a tier, silences nothing and
// wakes nobody.

// assign gives a ticket to a person or into a group's pool, names its owner, or who helps.
func (s *stepper) assign(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	p, helper := &s.t.Place, ticket.Helper{Person: e.Person, Group: e.Group}
	said := ticket.Said{Args: ticket.Args{Person: e.Person, Group: e.Group}}
	switch {
	case e.As == AsOwner:
		p.Owner, said.Detail = e.Person, ticket.SaidOwner
	case e.As == AsHelper && slices.Contains(p.With, helper):
		return nil
	case e.As == AsHelper && len(p.With) >= ticket.MaxHelpers:
		return ErrManyHelpers
	case e.As == AsHelper:
		p.With, said.Detail = append(p.With, helper), ticket.SaidHelps
	case e.As == AsNoHelper:
		i := slices.Index(p.With, helper)
		if i < 0 {
			return nil
		}
		p.With, said.Detail = slices.Delete(p.With, i, i+1), ticket.SaidNoHelper
	case e.Group != "":
		s.toPool(e.Group, &said)
	default:
		s.t.Assignee = e.Person
		if e.Said.Detail == ticket.SaidNight {
			said.Detail, said.Args.Called = e.Said.Detail, e.Said.Args.Called
		}
	}
	s.log(ticket.EntryAssigned, &e.Actor, e.Via, said)
	return nil
}

// toPool puts a ticket into the pool of a group, and so into the group's tier. Whoever has
// the ticket keeps it if he is of that group.
func (s *stepper) toPool(group string, said *ticket.Said) {
	s.owned()
	p := &s.t.Place
	p.Group, said.Detail = group, ticket.SaidToGroup
	if !slices.Contains(s.Rules.Directory.Members(group), s.t.Assignee) {
		s.t.Assignee = ""
	}
	g, _ := s.Rules.Directory.Group(group)
	if was, is := p.Tier.Known(), ticket.Tier(g.Tier); is != "" && is != was {
		p.Tier, p.Since, p.Lowered = is, s.Now, !is.Above(was)
		said.Args.Tier, said.Args.WasTier = is, was
	}
}

// owned has somebody answer for the ticket from here on over tiers, if nobody does:
// whoever has it.
func (s *stepper) owned() {
	if s.t.Place.Owner != "" {
		return
	}
	s.t.Place.Owner = s.t.Assignee
	if s.t.State.Taken() && s.t.Place.Owner == "" {
		s.t.Place.Owner = s.t.AcknowledgedBy.Person()
	}
}

// take has somebody volunteer (S2-15). Of a ticket that is open that is an acknowledgement:
// whoever takes it is awake and at it, so nobody else is to be woken. Of one that is in a
// pool although somebody acknowledged it, he has the acknowledgement from now on. Whoever
// takes it in the last tier answers for it from end to end (S3-18).
func (s *stepper) take(e Acted) error {
	person := e.Actor.Person()
	switch {
	case person == "" || !s.t.State.Active():
		return s.refuse(e, active...)
	case s.t.State == ticket.Open:
		if err := s.acknowledge(e); err != nil {
			return err
		}
	case s.t.Assignee != "" && s.t.Assignee != person:
		return s.hasIt(e)
	case s.t.Assignee == person && s.t.TakenBy(person):
		return nil
	default:
		s.takeOver(e, person)
	}
	if s.t.Place.Owner == "" || s.t.Place.Tier == ticket.L3 {
		s.t.Place.Owner = person
	}
	return nil
}

// takeOver has a person go on with what another one acknowledged. It goes on where it is:
// a clock that a pick-up stopped stays stopped.
func (s *stepper) takeOver(e Acted, person string) {
	s.t.AcknowledgedBy = &e.Actor
	if s.t.State == ticket.InProgress {
		s.t.PickedUpBy = &e.Actor
	} else {
		s.t.Progress.Snooze = ticket.Progress{}.Snooze // another one asked for it
		s.lapses()
	}
	s.t.Assignee = person
	s.log(ticket.EntryTaken, &e.Actor, e.Via, e.Said)
}

// hasIt refuses what is another one's, and names that one.
func (s *stepper) hasIt(e Acted) error {
	err := &StateError{Number: s.t.Number, Action: e.Action, State: s.t.State, Allowed: []ticket.State{ticket.Open}}
	err.By, err.At = ticket.Actor{Kind: ticket.ActorPerson, Name: s.t.Assignee}, s.t.AcknowledgedAt
	return err
}

// openedForEdit takes what nobody has (S2-16). What somebody has it leaves.
func (s *stepper) openedForEdit(e Acted) error {
	if !s.t.Pooled() || e.Actor.Person() == "" {
		return nil
	}
	return s.take(e)
}

// giveBack puts a ticket back into its pool. If somebody had taken it, nobody has its
// pages any more: an episode begins, as at the end of an acknowledgement.
func (s *stepper) giveBack(e Acted) error {
	taken := s.t.State.Taken()
	if !taken && (s.t.State != ticket.Open || s.t.Assignee == "") {
		return s.refuse(e, ticket.Acknowledged, ticket.InProgress)
	}
	s.log(ticket.EntryReleased, &e.Actor, e.Via, e.Said)
	had := s.t.Assignee
	if had == "" {
		had = s.t.AcknowledgedBy.Person()
	}
	if s.t.Place.Owner == had {
		s.t.Place.Owner = ""
	}
	s.t.Assignee = ""
	if taken {
		s.release()
		s.episode(s.Now, false)
	}
	return nil
}

// moveTier has a person move a ticket to the tier above or below.
func (s *stepper) moveTier(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	to, ok := s.t.Place.Tier.Next(e.Action == ActTierUp)
	if !ok {
		return ErrNoTier
	}
	if g, known := s.Rules.Directory.Group(e.Group); e.Group != "" && (!known || ticket.Tier(g.Tier) != to) {
		return &ticket.FieldError{Field: "group", Problem: fmt.Sprintf("%q is no group of %s", ticket.Logged(e.Group), to)}
	}
	said := ticket.Said{Detail: ticket.SaidTier, Text: e.Said.Text}
	s.toTier(to, e.Group, &said)
	s.log(ticket.EntryTier, &e.Actor, e.Via, said)
	return nil
}

// toTier puts a ticket into the pool of a group of a tier. Whoever had it answers for it
// until somebody takes it there, and for its pages too.
func (s *stepper) toTier(to ticket.Tier, group string, said *ticket.Said) {
	s.owned()
	p := &s.t.Place
	if g, known := s.Rules.Directory.Group(group); !known || ticket.Tier(g.Tier) != to {
		group = s.Rules.GroupOf(to)
	}
	said.Args.Tier, said.Args.WasTier, said.Args.Group = to, p.Tier.Known(), group
	p.Lowered = !to.Above(p.Tier)
	p.Tier, p.Since, p.Group, s.t.Assignee = to, s.Now, group, ""
}

// GroupOf is the group of a tier; empty if none has it, or several do: then it is in the
// pool of all of them.
func (r *Rules) GroupOf(tier ticket.Tier) (only string) {
	for _, key := range r.Directory.Groups() {
		g, _ := r.Directory.Group(key)
		switch {
		case ticket.Tier(g.Tier) != tier:
		case only != "":
			return ""
		default:
			only = key
		}
	}
	return only
}
