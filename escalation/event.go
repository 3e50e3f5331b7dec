package escalation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Event is something that happened to a ticket. The set is closed: AlertMoved,
// Opened, Acted, Tick, PageFailed,
// PageAgain, PageWorked, Displaced and EffectEnded.
type Event interface{ event() }

// AlertMoved is one alert of the ticket that changed.
type AlertMoved struct {
	From    ticket.AlertStatus // empty: it is new to this ticket
	To      ticket.AlertStatus
	Urgency ticket.Urgency
	Title   string
	Host    string // that the title begins with, where it is new to this ticket
	Source  string
	// Routed is what the rules make of it, where it is new to an overflow ticket.
	Routed *Routed
	// TellManagers has every manager paged once, where the ticket is opened.
	TellManagers bool
}

// Opened is the opening of a ticket by hand.
type Opened struct {
	Actor    ticket.Actor
	Via      string
	Said     ticket.Said
	Managers bool // every manager is paged, once
}

// Acted is what a person did, or an API token.
type Acted struct {
	Action Action
	Actor  ticket.Actor
	Via    string        // sms, link, api, cli
	Said   ticket.Said   // what a note tells, or a word with another action
	Person string        // of an assign
	For    time.Duration // of a snooze; zero: DefaultSnooze
	// Seen is what whoever acts saw. It is judged in the commit that acts: what
	// no longer fits changes nothing. Nil: the action is meant for whatever is so.
	Seen *Seen
	// Once names what asked for it, where that may come again: it is done once,
	// and ErrDone from then on, for OnceFor. Empty: it is done each time.
	Once string
}

// Action is what can be done to a ticket.
type Action string

// The actions, by the names of the API.
const (
	ActAcknowledge Action = "acknowledge"
	ActPickUp      Action = "pickup"
	ActSnooze      Action = "snooze"
	ActEscalate    Action = "escalate"
	ActResolve     Action = "resolve"
	ActReopen      Action = "reopen"
	ActUndo        Action = "undo"
	ActNote        Action = "note"
	ActAssign      Action = "assign"
	ActRecheck     Action = "recheck"
	ActClose       Action = "close"
)

// Tick is the passing of time alone: whatever is due is done.
type Tick struct{}

// PageFailed says that a page failed for good, now or by a receipt.
type PageFailed struct{ Key ticket.PageKey }

// PageAgain asks for a page once more, at once: by Another number of the same
// person, or, where no round follows that would try again anyway, the same.
type PageAgain struct {
	Key     ticket.PageKey
	Another bool
}

// PageWorked says that a channel that had failed took a page.
type PageWorked struct{ Key ticket.PageKey }

// Displaced says that the person of an unsent page is no longer on duty: it was
// cancelled, and whoever is on duty now is paged in the same round.
type Displaced struct{ Key ticket.PageKey }

func (AlertMoved) event() {}
func (Opened) event()     {}
func (Acted) event()      {}
func (Tick) event()       {}
func (PageFailed) event() {}
func (PageAgain) event()  {}
func (PageWorked) event() {}
func (Displaced) event()  {}

// ErrNotAllowed is what errors.Is finds in a refused action.
var ErrNotAllowed = errors.New("not allowed in this state")

// ErrManyNotes refuses a person's note on a ticket that has ticket.MaxNotes.
var ErrManyNotes = fmt.Errorf("the ticket has %d notes already, and takes no more", ticket.MaxNotes)

// StateError refuses an action because of the ticket's state.
type StateError struct {
	Number  string
	Action  Action
	State   ticket.State
	Allowed []ticket.State // states in which it would be allowed
	By      ticket.Actor   // who brought it into its state, where somebody did
	At      time.Time      // when
	Stale   bool           // it was meant for what was so before
}

// Error says what the state is and which would do.
func (e *StateError) Error() string {
	allowed := make([]string, len(e.Allowed))
	for i, s := range e.Allowed {
		allowed[i] = string(s)
	}
	by := ""
	if e.By.Name != "" {
		by = fmt.Sprintf(" by %s at %s", e.By.Name, e.At.UTC().Format(time.RFC3339))
	}
	if e.Stale {
		return fmt.Sprintf("%s: ticket %s is %s%s, and it was meant for what was so before", e.Action, e.Number, strings.ReplaceAll(string(e.State), "_", " "), by)
	}
	return fmt.Sprintf("%s: ticket %s is %s%s; possible while it is %s",
		e.Action, e.Number, strings.ReplaceAll(string(e.State), "_", " "), by, strings.Join(allowed, ", "))
}

// Is makes errors.Is(err, ErrNotAllowed) hold.
func (e *StateError) Is(target error) bool { return target == ErrNotAllowed }
