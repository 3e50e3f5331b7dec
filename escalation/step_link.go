package escalation

import (
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// link ties a ticket to another, or unties it. The other ticket hears of it by an
// errand. A duplicate is over: what it is about goes on there.
func (s *stepper) link(e Acted) error {
	l := e.Work.Link.Tie
	if e.Work.Link.Remove {
		return s.unlink(e, l)
	}
	switch {
	case s.Sheet.HasTie(l):
		return nil
	case !slices.Contains(ticket.LinkKinds(), l.Kind):
		return &ticket.FieldError{Field: "kind", Problem: "there is no such kind", Values: ticket.LinkKinds()}
	case l.Number == s.t.Number:
		return &ticket.FieldError{Field: "number", Problem: "it is this ticket's own"}
	case s.Sheet.HasTie(ticket.Tie{Kind: l.Kind, Number: l.Number, Back: !l.Back}) && l.Kind != ticket.LinkSee && !l.Back:
		return &ticket.FieldError{Field: "number", Problem: "that ticket says the same of this one"}
	case l.Kind == ticket.LinkDuplicate && !l.Back && s.Sheet.DuplicateOf() != "":
		return &ticket.FieldError{Field: "number", Problem: "it is a duplicate of " + s.Sheet.DuplicateOf() + " already"}
	case s.Sheet != nil && len(s.Sheet.Links) >= ticket.MaxTies:
		if l.Back { // the ticket that says so has it
			return nil
		}
		return ErrManyParts
	}
	sheet := s.edit()
	sheet.Links = append(sheet.Links, l)
	s.log(ticket.EntryLinked, &e.Actor, e.Via, tied(l, ticket.SaidLinked))
	if l.Back {
		return nil
	}
	s.errand(e, ticket.Errand{Link: &ticket.TieBack{Other: l.Number, Link: ticket.Tie{Kind: l.Kind, Number: s.t.Number, Back: true}}})
	if l.Kind == ticket.LinkDuplicate && s.t.State.Active() {
		was := s.t.State
		s.resolve(e.Actor, e.Via, ticket.Said{Detail: ticket.SaidGoesOn, Args: ticket.Args{Ticket: l.Number}})
		s.t.Undo = &ticket.Undo{Until: s.Now.Add(UndoWithin), State: was}
	}
	return nil
}

func (s *stepper) unlink(e Acted, l ticket.Tie) error {
	if !s.Sheet.HasTie(l) {
		if l.Back { // it is gone from here already
			return nil
		}
		return ErrNoPart
	}
	sheet := s.edit()
	sheet.Links = slices.DeleteFunc(sheet.Links, func(other ticket.Tie) bool { return other == l })
	s.log(ticket.EntryLinked, &e.Actor, e.Via, tied(l, ticket.SaidUnlinked))
	if !e.Work.Link.Told {
		s.errand(e, ticket.Errand{Link: &ticket.TieBack{Other: l.Number, Link: ticket.Tie{Kind: l.Kind, Number: s.t.Number, Back: !l.Back}, Remove: true}})
	}
	return nil
}

func tied(l ticket.Tie, detail ticket.Detail) ticket.Said {
	return ticket.Said{Detail: detail, Args: ticket.Args{Ticket: l.Number, Link: l.Kind, Back: l.Back}}
}
