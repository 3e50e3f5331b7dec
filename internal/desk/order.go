package desk

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Role is what somebody may do. Each role may also do everything that the
// roles before it may.
type Role int8

// The roles.
const (
	Nobody     Role = iota
	Reader          // look
	Technician      // open tickets, act on them, register one's own devices
	Manager         // reopen, close, assign to others, act for others, see to their devices
	Admin           // everything
)

// RoleOf is the role of a configured person who acts by a link or from a
// phone. Whoever was paged may answer.
func RoleOf(configured contacts.Role) Role {
	switch configured {
	case contacts.RoleManager:
		return Manager
	case contacts.RoleAdmin:
		return Admin
	case contacts.RoleReader, contacts.RoleTechnician:
	}
	return Technician
}

// Actor is who asks, and by what.
type Actor struct {
	Actor  ticket.Actor // what the timeline keeps
	Role   Role
	Via    string // sms, link, api, cli
	Person string // who gets the ticket; empty for a token that names nobody
}

// Order is what to do.
type Order struct {
	Verb   escalation.Action
	Words  string             // of a note, or a word with another action
	Person string             // of an assign: who gets it
	For    time.Duration      // of a snooze; zero: escalation.DefaultSnooze
	Reason ticket.PauseReason // of a pause
	// Edits are those of a qualify (escalation.Rules.Vet has seen them), and Tag the
	// state of the qualification that their author saw (escalation.Acted.Tag).
	Edits []ticket.Edit
	Tag   string
	// Once names the request for this order, if the same request may come again:
	// the order is done once.
	Once string
	// Sure says that the person knows that somebody else may have the ticket, and
	// means it. Otherwise nobody passes on what somebody else has taken.
	Sure bool
	// Pressed is when somebody gave the order, on a phone that had no network
	// until now; zero: now.
	Pressed time.Time
	// Shared marks an order for several tickets at once: it leaves what somebody
	// else has.
	Shared bool
	// Phone is where the answer to a re-check goes, and Code what the ticket has
	// there; empty: whoever asked looks for it.
	Phone string
	Code  int
}

// said is what the timeline tells of the order.
func (o *Order) said() ticket.Said {
	said := ticket.Plain(o.Words)
	if !o.Pressed.IsZero() {
		said.Detail, said.Args.Instant = ticket.SaidPressed, o.Pressed
	}
	return said
}

// Target is a ticket that an order is for.
type Target struct {
	Number string
	// Was is the ticket as the asking surface has read it; nil: Act reads it if a
	// rule needs it.
	Was *ticket.Ticket
	// Seen is what the asking person was shown; nil: the order is meant whatever
	// the state.
	Seen *escalation.Seen
}

// Outcome is what came of an order for one ticket.
type Outcome string

// The outcomes. Only Done changed anything.
const (
	Done       Outcome = "done"
	Already    Outcome = "already"     // the same person had done it already
	Again      Outcome = "again"       // the same order was done before (Order.Once)
	Checking   Outcome = "checking"    // of a re-check: the answer comes by itself
	Busy       Outcome = "busy"        // of a re-check: the actor asks too often
	Taken      Outcome = "taken"       // somebody else has it
	Over       Outcome = "over"        // it is resolved or closed
	Late       Outcome = "late"        // too late to undo
	Overtaken  Outcome = "overtaken"   // of a qualify: somebody else was first (escalation.ConflictError)
	Stale      Outcome = "stale"       // the order was meant for an earlier state
	Full       Outcome = "full"        // the ticket takes no more notes, or no more that is said of it
	Empty      Outcome = "empty"       // a note without words, an assign to nobody, a qualify that changes nothing
	NobodyLeft Outcome = "nobody_left" // there is nobody left to page
	Clocks     Outcome = "clocks"      // the ticket's clock cannot rest, or go on, so
	Forbidden  Outcome = "forbidden"   // the actor may not order it
	Unknown    Outcome = "unknown"     // there is no such ticket
	Failed     Outcome = "failed"      // the store could not be asked: it may be done, or not
)

// Result is what came of an order for one ticket.
type Result struct {
	Number  string
	Outcome Outcome
	Ticket  ticket.Ticket          // as it is now, for Done, Already, Again and Checking
	State   *escalation.StateError // for Taken, Over, Late and Stale: the state, by whom and since when
	Needs   Role                   // for Forbidden
	Err     error                  // nil for Done, Already, Again and Checking
}

// Did reports whether the ticket is now as the order asked.
func (r *Result) Did() bool { return r.Outcome == Done || r.Outcome == Already }

// verbs are what can be ordered, and the least role that each needs.
var verbs = map[escalation.Action]Role{
	escalation.ActAcknowledge: Technician,
	escalation.ActSnooze:      Technician,
	escalation.ActPickUp:      Technician,
	escalation.ActResolve:     Technician,
	escalation.ActUndo:        Technician,
	escalation.ActEscalate:    Technician,
	escalation.ActNote:        Technician,
	escalation.ActRecheck:     Technician,
	escalation.ActAssign:      Technician, // to others: Manager, or who has the ticket
	escalation.ActQualify:     Technician,
	escalation.ActReopen:      Manager,
	escalation.ActClose:       Manager,
	escalation.ActPause:       Technician,
	escalation.ActResume:      Technician,
}

// Verbs lists what can be ordered by a verb and a few words. A qualify has edits
// besides.
func Verbs() []escalation.Action {
	return []escalation.Action{
		escalation.ActAcknowledge, escalation.ActSnooze, escalation.ActPickUp, escalation.ActRecheck, escalation.ActEscalate, escalation.ActResolve,
		escalation.ActUndo, escalation.ActNote, escalation.ActAssign, escalation.ActReopen, escalation.ActClose,
		escalation.ActPause, escalation.ActResume,
	}
}

// Least is the least role that may order a verb of anybody; Nobody if there is
// no such verb.
func Least(verb escalation.Action) Role { return verbs[verb] }

// Needs is the role that an order needs; Nobody if there is no such verb.
func (d *Desk) Needs(o *Order, by *Actor) Role {
	if o.Verb == escalation.ActAssign && (by.Person == "" || o.Person != by.Person) {
		return Manager
	}
	return d.verbs[o.Verb]
}
