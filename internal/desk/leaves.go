package desk

import (
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// leaves refuses orders that must not change a ticket, whoever asks. An order
// for several tickets leaves out those that somebody else has taken or
// resolved. Nobody passes on a ticket that somebody else has taken unless they
// are sure.
func (o *Order) leaves(t *ticket.Ticket, person string) *escalation.StateError {
	others := t.State.Taken() && !t.TakenBy(person)
	switch {
	case o.Shared && o.leavesOf(t, person, others):
	case o.Verb == escalation.ActEscalate && others && !o.Sure:
	default:
		return nil
	}
	e := &escalation.StateError{Number: t.Number, Action: o.Verb, State: t.State, Allowed: []ticket.State{ticket.Open}}
	by := t.AcknowledgedBy
	switch {
	case t.State == ticket.InProgress && t.PickedUpBy != nil:
		by, e.At = t.PickedUpBy, t.PickedUpAt
	case t.State.Taken():
		e.At = t.AcknowledgedAt
	default:
		by, e.At = t.ResolvedBy, t.ResolvedAt
	}
	if by != nil {
		e.By = *by
	}
	return e
}

func (o *Order) leavesOf(t *ticket.Ticket, person string, others bool) bool {
	switch o.Verb {
	case escalation.ActNote:
		return false
	case escalation.ActRecheck:
		return !t.State.Active()
	case escalation.ActUndo:
		return t.State != ticket.StateResolved || t.ResolvedBy.Person() != person
	default:
		return others
	}
}
