package desk

import (
	"context"
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

// ScopeOf is whose tickets a configured person sees.
func ScopeOf(p *contacts.Person) ticket.Scope {
	if len(p.Customers) == 0 {
		return ticket.Everything()
	}
	return ticket.Limited(p.Key, p.Customers...)
}

// Actor is who asks, and by what.
type Actor struct {
	Actor  ticket.Actor // what the timeline keeps
	Role   Role
	Via    string // sms, link, api, cli
	Person string // who gets the ticket; empty for a token that names nobody
	Deputy bool   // arbitrates beside the managers (S1-29)
	// Scope says on whose tickets. Whoever asks by what a page brought, a code or a link,
	// may act on the ticket of that page: there it is Everything.
	Scope ticket.Scope
}

// Order is what to do.
type Order struct {
	Verb   escalation.Action
	Words  string // of a note, or a word with another action
	Person string // of an assign: who gets it
	Group  string // of an assign: which group gets it; of a tier: which of its groups
	As     escalation.Part
	For    time.Duration      // of a snooze; zero: escalation.DefaultSnooze
	Reason ticket.PauseReason // of a pause
	// Edits are those of a qualify or a resolve (escalation.Rules.Vet has seen them), and Tag the
	// state of the qualification that their author saw (escalation.Acted.Tag).
	Edits []ticket.Edit
	Tag   string
	// Work is what is written down of work, of those verbs that have it.
	Work *ticket.Work
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
	Full       Outcome = "full"        // the ticket takes no more notes, helpers, or no more that is said of it
	Empty      Outcome = "empty"       // a note without words, an assign to nobody, a qualify that changes nothing
	NobodyLeft Outcome = "nobody_left" // there is nobody left to page
	Clocks     Outcome = "clocks"      // the ticket's clock cannot rest, or go on, so
	Unfinished Outcome = "unfinished"  // of a resolve and a close: required points of its checklist are to do (escalation.UnfinishedError)
	NoTier     Outcome = "no_tier"     // there is no tier further on
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
	escalation.ActAssign:      Technician, // to others: see arbitrated
	escalation.ActTake:        Technician,
	escalation.ActEdit:        Technician,
	escalation.ActRelease:     Technician, // arbitrated
	escalation.ActTierUp:      Technician, // arbitrated
	escalation.ActTierDown:    Technician, // arbitrated
	escalation.ActQualify:     Technician,
	escalation.ActAttach:      Technician,
	escalation.ActDetach:      Technician, // who attached it, or a manager
	escalation.ActTask:        Technician,
	escalation.ActIntervene:   Technician,
	escalation.ActLink:        Technician,
	escalation.ActTick:        Technician,
	escalation.ActMeet:        Technician,
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
		escalation.ActUndo, escalation.ActNote, escalation.ActTake, escalation.ActEdit, escalation.ActRelease, escalation.ActTierUp, escalation.ActTierDown,
		escalation.ActAssign, escalation.ActReopen, escalation.ActClose,
		escalation.ActPause, escalation.ActResume,
	}
}

// Least is the least role that may order a verb of anybody; Nobody if there is
// no such verb.
func Least(verb escalation.Action) Role { return verbs[verb] }

// Needs is the role that an order needs, whatever the ticket; Nobody if there is no such
// verb. What takes a ticket from somebody, or gives it to somebody, is arbitrated: it
// needs a manager or a deputy (S1-29). NeedsOf knows when it needs less.
func (d *Desk) Needs(o *Order, by *Actor) Role {
	if o.arbitrated(by) && !by.Deputy {
		return Manager
	}
	return d.verbs[o.Verb]
}

func (o *Order) arbitrated(by *Actor) bool {
	switch o.Verb {
	case escalation.ActAssign:
		return by.Person == "" || o.Person != by.Person || o.Group != "" || o.As != escalation.AsHaving
	case escalation.ActRelease, escalation.ActTierUp, escalation.ActTierDown:
		return true
	default:
		return false
	}
}

// NeedsOf is the role that an order for one ticket needs. Whoever has the ticket may hand
// it over, give it back and move it; what nobody has, any technician may move to another
// tier or pool.
func (d *Desk) NeedsOf(ctx context.Context, o *Order, by *Actor, target *Target) Role {
	needs := d.Needs(o, by)
	if needs != Manager || by.Role != Technician || !o.arbitrated(by) {
		return needs
	}
	t := target.Was
	if t == nil {
		view, err := d.tickets.View(ctx, target.Number)
		if err != nil || !by.Scope.SeesView(&view) {
			return needs
		}
		t = &view.Ticket
	}
	moves := o.Verb == escalation.ActTierUp || o.Verb == escalation.ActTierDown || o.Group != "" && o.As == escalation.AsHaving
	if t.State.Active() && (has(t, by.Person) || moves && t.Pooled() && (!t.State.Taken() || t.AcknowledgedBy.Person() == "")) {
		return Technician
	}
	return needs
}

// has says whether a person has a ticket: it is assigned to that person, or taken by them.
func has(t *ticket.Ticket, person string) bool {
	return person != "" && (t.TakenBy(person) || t.Assignee == person)
}
