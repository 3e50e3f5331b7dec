package escalation

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ConflictError refuses a change of a qualification that is not in the state
// that its author saw: somebody else was first.
type ConflictError struct {
	Number string
	Fields []ticket.Overwrite // what was changed meanwhile
	Tag    string             // of the state that it is in (ticket.Tag)
}

// Error names the fields and who changed them.
func (e *ConflictError) Error() string {
	if len(e.Fields) == 0 {
		return fmt.Sprintf("ticket %s has changed since it was read", e.Number)
	}
	said := make([]string, len(e.Fields))
	for i := range e.Fields {
		said[i] = e.Fields[i].Field + " by " + e.Fields[i].By.Name
	}
	return fmt.Sprintf("ticket %s has changed since it was read: %s", e.Number, strings.Join(said, ", "))
}

// qualify changes what people say of a ticket. It does all of the edits or none.
// What it does not change leaves no trace.
func (s *stepper) qualify(e Acted) error {
	if s.t.State == ticket.Closed {
		return s.refuse(e, append(active, ticket.StateResolved)...)
	}
	if err := s.current(&e); err != nil {
		return err
	}
	if err := s.Rules.keeps(&s.t, s.Sheet, e.Edits); err != nil {
		return err
	}
	edited := s.edit().Edit(&s.t, e.Edits, e.Actor, s.Now)
	if len(edited) == 0 {
		s.edited = nil
		return nil
	}
	s.listed(edited)
	s.qualified(e, edited)
	return nil
}

// qualified writes down which fields were changed, and does what follows from it.
func (s *stepper) qualified(e Acted, edited []ticket.Edited) {
	line := len(s.timeline)
	s.log(ticket.EntryQualified, &e.Actor, e.Via, ticket.Said{Args: ticket.Args{Edited: edited}})
	clock, clocks := s.requalified(e)
	s.timeline[line].Args.Clock, s.timeline[line].Args.Clocks = clock, clocks
}

// current refuses edits that were meant for another state of the qualification.
func (s *stepper) current(e *Acted) error {
	tag := ticket.Tag(&s.t, s.Sheet)
	if e.Tag == "" || e.Tag == ticket.AnyTag || e.Tag == tag {
		return nil
	}
	return &ConflictError{Number: s.t.Number, Fields: ticket.Overwritten(&s.t, s.Sheet, e.Tag), Tag: tag}
}

// requalified does what follows from fields of the ticket itself. It says how the GTI clock
// and the others stood and stand, if they were counted again.
func (s *stepper) requalified(e Acted) (clock *ticket.Recount, clocks []ticket.Recount) {
	was := s.t
	for i := range e.Edits {
		s.t.Qualify(&e.Edits[i])
	}
	if s.t.Customer != was.Customer {
		s.underContract()
	}
	if s.t.Customer != was.Customer || s.t.Urgency != was.Urgency {
		clock, clocks = s.promiseAgain()
	}
	if s.t.Customer != was.Customer || s.t.Site != was.Site || s.t.Title != was.Title {
		s.intoPlanAgain(e)
	}
	if s.t.Urgency > was.Urgency && s.t.State.Active() && !s.has(&e.Actor) {
		// Whoever has it does not know. Who raises the own ticket does.
		open := s.t.State == ticket.Open
		s.release()
		s.episode(s.Now, open)
	}
	return clock, clocks
}

// has reports whether an actor has taken the ticket.
func (s *stepper) has(a *ticket.Actor) bool {
	by := s.t.AcknowledgedBy
	if s.t.State == ticket.InProgress && s.t.PickedUpBy != nil {
		by = s.t.PickedUpBy
	}
	return s.t.State.Taken() && by.Same(a)
}

// underContract puts the ticket under the contract of its customer.
func (s *stepper) underContract() {
	set := model.LabelSet{}
	put(set, LabelCustomer, s.t.Customer)
	put(set, LabelSite, s.t.Site)
	s.t.Contract = s.Rules.customer(s.t.Customer).contractOf(set)
	s.t.PickupOnAck = s.Rules.pickupOnAck(s.t.Contract)
}

// promiseAgain makes the promise anew after a person changed the urgency or the
// customer: it counts from the opening. An overflow ticket has alerts of several
// beginnings: its due time only comes forward.
func (s *stepper) promiseAgain() (clock *ticket.Recount, clocks []ticket.Recount) {
	if s.t.Overflow != "" {
		return s.promise(), s.soonerClocks()
	}
	return s.recount(), s.recountClocks()
}
