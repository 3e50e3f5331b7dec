package desk

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Role is what somebody may do: each may all that those before it may.
type Role int8

// The roles.
const (
	Nobody     Role = iota
	Reader          // look
	Technician      // open tickets, act on them, register one's own devices
	Manager         // reopen, close, assign to others, act for others, see to their devices
	Admin           // everything
)

// RoleOf is the role of one of ours, who acts by a link or from a phone: whoever was
// paged may answer.
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

// Actor is who asks, and by which way.
type Actor struct {
	Actor  ticket.Actor // what the timeline keeps
	Role   Role
	Via    string // sms, link, api, cli
	Person string // whose the ticket is then; of a token that is bound to nobody: empty
}

// Order is what to do.
type Order struct {
	Verb   escalation.Action
	Words  string        // of a note, or a word with something else
	Person string        // who gets it, of an assign
	For    time.Duration // of a snooze; zero: escalation.DefaultSnooze
	// Once names what asks for it, where that may come again: it is done once.
	Once string
	// Sure is said by whoever knows that somebody else may have the ticket, and
	// means it. Without it nobody passes on what somebody else has taken.
	Sure bool
	// Pressed is when whoever orders it did so, on a phone that had no network until
	// now; zero: now.
	Pressed time.Time
	// Shared is an order for all of several: it leaves what somebody else has.
	Shared bool
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
	// Was is the ticket as whoever asks has read it; nil: it is read where a rule
	// needs it.
	Was *ticket.Ticket
	// Seen is what whoever asks was shown; nil: the order is for whatever is so.
	Seen *escalation.Seen
}

// Outcome is what came of an order for one ticket.
type Outcome string

// The outcomes. Only Done changed anything.
const (
	Done       Outcome = "done"
	Already    Outcome = "already"     // it was so, by the same person
	Again      Outcome = "again"       // the same order was done before (Order.Once)
	Taken      Outcome = "taken"       // somebody else has it
	Over       Outcome = "over"        // it is resolved or closed
	Late       Outcome = "late"        // too late to undo
	Stale      Outcome = "stale"       // it was meant for what was so before
	Full       Outcome = "full"        // the ticket takes no more notes
	Empty      Outcome = "empty"       // a note without words, an assign to nobody
	NobodyLeft Outcome = "nobody_left" // there is nobody left to page
	Forbidden  Outcome = "forbidden"   // whoever asks may not
	Unknown    Outcome = "unknown"     // there is no such ticket
	Failed     Outcome = "failed"      // the store could not be asked: it may be done, or not
)

// Result is what came of it.
type Result struct {
	Number  string
	Outcome Outcome
	Ticket  ticket.Ticket          // as it is now, of Done, Already and Again
	State   *escalation.StateError // of Taken, Over, Late and Stale: what is so, by whom and since when
	Needs   Role                   // of Forbidden
	Err     error                  // nil for Done, Already and Again
}

// Did reports whether it is as it was ordered.
func (r *Result) Did() bool { return r.Outcome == Done || r.Outcome == Already }

// verbs are what can be ordered, with the role that each needs.
var verbs = map[escalation.Action]Role{
	escalation.ActAcknowledge: Technician,
	escalation.ActSnooze:      Technician,
	escalation.ActPickUp:      Technician,
	escalation.ActResolve:     Technician,
	escalation.ActUndo:        Technician,
	escalation.ActEscalate:    Technician,
	escalation.ActNote:        Technician,
	escalation.ActRecheck:     Technician,
	escalation.ActAssign:      Technician, // to others: Manager
	escalation.ActReopen:      Manager,
	escalation.ActClose:       Manager,
}

// Verbs lists what can be ordered.
func Verbs() []escalation.Action {
	return []escalation.Action{
		escalation.ActAcknowledge, escalation.ActSnooze, escalation.ActPickUp, escalation.ActRecheck, escalation.ActEscalate, escalation.ActResolve,
		escalation.ActUndo, escalation.ActNote, escalation.ActAssign, escalation.ActReopen, escalation.ActClose,
	}
}

// Least is the least role that may order a verb of anybody, Nobody of what is no
// verb.
func Least(verb escalation.Action) Role { return verbs[verb] }

// Needs is the role that an order needs, Nobody of what is no verb.
func (d *Desk) Needs(o *Order, by *Actor) Role {
	if o.Verb == escalation.ActAssign && (by.Person == "" || o.Person != by.Person) {
		return Manager
	}
	return d.verbs[o.Verb]
}
