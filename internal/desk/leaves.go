package desk

import (
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Leaves says whether an action on all of a bundle leaves this ticket as it is:
// what somebody else has taken, or resolved, is theirs.
func Leaves(t *ticket.Ticket, action escalation.Action, person string) bool {
	switch action {
	case escalation.ActNote:
		return t.State == ticket.Closed
	case escalation.ActRecheck:
		return !t.State.Active()
	case escalation.ActUndo:
		return t.State != ticket.StateResolved || t.ResolvedBy.Person() != person
	default:
		return t.State.Taken() && !t.TakenBy(person)
	}
}
