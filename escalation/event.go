package escalation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Event is something that happened to a ticket. The set is closed: AlertMoved,
// Remarked, Silenced, Opened, Acted, Tick, PageFailed, PageAgain, PageWorked,
// Displaced, Reconsidered and EffectEnded.
type Event interface{ event() }

// AlertMoved says that one alert of the ticket changed.
type AlertMoved struct {
	Alert   string             // its fingerprint
	From    ticket.AlertStatus // empty: the alert is new to this ticket
	To      ticket.AlertStatus
	Urgency ticket.Urgency
	Title   string
	Host    string // the host that the title begins with, if the alert is new to this ticket
	Source  string
	// Routed is what the rules make of the alert, if it is new to an overflow
	// ticket.
	Routed *Routed
	// TellManagers has every manager paged once, if the ticket is opened.
	TellManagers bool
	// Remark is what the sender says besides; nil: nothing. If somebody has taken
	// the alert in its tool, the episode that would begin pages nobody: that
	// person has the ticket from its first moment on.
	Remark *ticket.Remark
	// Mute is the silence that holds back the alert, if it fires; zero: none does.
	Mute ticket.Mute
}

// Remarked is what a tool says of one of the ticket's alerts besides that it
// fires or is over.
type Remarked struct {
	Remark ticket.Remark
	Source string
}

// Silenced says what silences make of those alerts of the ticket that fire, as they
// were when the ticket was read. It says nothing of a ticket that changed since then.
type Silenced struct {
	Mute    ticket.Mute    // holds back all of them; zero: one at least is not held back
	Urgency ticket.Urgency // the highest of those that are not held back
	Read    time.Time      // the ticket's UpdatedAt when it was read
	// Held says it of those that wait for the end of a silence by themselves
	// (ticket.Progress.Held), by their fingerprints, as far as they were seen.
	Held map[string]ticket.Mute
}

// Opened says that somebody opened the ticket by hand.
type Opened struct {
	Actor    ticket.Actor
	Via      string
	Said     ticket.Said
	Managers bool // every manager is paged, once
}

// Acted is what a person or an API token did.
type Acted struct {
	Action Action
	Actor  ticket.Actor
	Via    string             // sms, link, api, cli
	Said   ticket.Said        // what a note tells, or the word that comes with another action
	Person string             // for an assign
	Group  string             // for an assign to a pool or of a group's help; for a tier, if several groups have it
	As     Part               // for an assign: what for
	Reason ticket.PauseReason // for a pause
	For    time.Duration      // for a snooze; zero: DefaultSnooze
	// Seen is what the acting person saw. The commit that acts judges it: an
	// action that no longer fits changes nothing. Nil: the action is meant
	// whatever the state.
	Seen *Seen
	// Edits are those of a qualify or a resolve, as ticket.Edit.Check left them. Tag is the state
	// in which its author saw the ticket (ticket.Tag); empty, or ticket.AnyTag: they
	// are meant whatever it is.
	Edits []ticket.Edit
	Tag   string
	// Work is what a verb brings that writes down work.
	Work *ticket.Work
	// Once names the request for this action, if the same request may come again.
	// The action is done once; ErrDone answers the others for OnceFor. Empty: it
	// is done each time.
	Once string
}

// Part is what a person or a group gets of a ticket by an assign.
type Part string

// The parts.
const (
	AsHaving   Part = ""        // it is theirs: a person has it, or it is in the group's pool
	AsOwner    Part = "owner"   // the person answers for it from end to end, over tiers (S3-18)
	AsHelper   Part = "with"    // they help (S1-03)
	AsNoHelper Part = "without" // they help no more
)

// Parts are all of them but the first.
func Parts() []Part { return []Part{AsOwner, AsHelper, AsNoHelper} }

// Action is something that can be done to a ticket.
type Action string

// The actions, with the names that the API uses.
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
	ActQualify     Action = "qualify"
	ActPause       Action = "pause"   // the clocks rest
	ActResume      Action = "resume"  // and go on
	ActTake        Action = "take"    // out of a pool
	ActEdit        Action = "edit"    // opened to be edited: it takes what nobody has (S2-16)
	ActRelease     Action = "release" // back into its pool
	ActTierUp      Action = "escalate_tier"
	ActTierDown    Action = "deescalate_tier"
	ActAttach      Action = "attach"
	ActDetach      Action = "detach"
	ActTask        Action = "task"
	ActIntervene   Action = "intervention"
	ActLink        Action = "link"
	ActTick        Action = "tick" // a point of its checklist
	ActMeet        Action = "meeting"
)

// Tick says that time passed: whatever is due is done.
type Tick struct{}

// PageFailed says that a page failed for good, now or by a receipt.
type PageFailed struct{ Key ticket.PageKey }

// PageAgain asks for a page once more, at once. It goes to Another number of
// the same person. If no later round would try again anyway, it may go to the
// same number.
type PageAgain struct {
	Key     ticket.PageKey
	Another bool
}

// PageWorked says that a channel that had failed took a page.
type PageWorked struct{ Key ticket.PageKey }

// Reconsidered says that the configuration, or who is on call, has changed: what waits
// because people sleep is judged anew.
type Reconsidered struct{}

// Displaced says that the person of an unsent page is no longer on duty. The
// page was cancelled. Whoever is on duty now is paged in the same round.
type Displaced struct{ Key ticket.PageKey }

func (AlertMoved) event()   {}
func (Remarked) event()     {}
func (Silenced) event()     {}
func (Opened) event()       {}
func (Acted) event()        {}
func (Tick) event()         {}
func (Reconsidered) event() {}
func (PageFailed) event()   {}
func (PageAgain) event()    {}
func (PageWorked) event()   {}
func (Displaced) event()    {}

// ErrNotAllowed is what errors.Is finds in a refused action.
var ErrNotAllowed = errors.New("not allowed in this state")

// ErrManyNotes refuses a person's note on a ticket that has ticket.MaxNotes.
var ErrManyNotes = fmt.Errorf("the ticket has %d notes already, and takes no more", ticket.MaxNotes)

// ErrManyLines refuses what a person does where the timeline has no room to tell of it.
// Whoever takes or ends a ticket is never refused.
var ErrManyLines = fmt.Errorf("the timeline has no room to tell of it: too many such things were done to the ticket already (%w)", ErrManyParts)

// ErrNoTier refuses to move a ticket above the last tier, or below the first.
var ErrNoTier = errors.New("there is no tier further on")

// ErrManyHelpers refuses one more who helps with a ticket that has ticket.MaxHelpers.
var ErrManyHelpers = fmt.Errorf("%d people and groups help with the ticket already, and it takes no more", ticket.MaxHelpers)

// StateError refuses an action because of the ticket's state.
type StateError struct {
	Number  string
	Action  Action
	State   ticket.State
	Allowed []ticket.State // states in which it would be allowed
	By      ticket.Actor   // who brought it into its state, if somebody did
	At      time.Time      // when
	Stale   bool           // the action was meant for an earlier state
	Left    bool           // it is closed and in the archive alone: no state would allow anything
}

// Error says which state the ticket is in, and which states would allow the
// action.
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
	if e.Left {
		return fmt.Sprintf("%s: ticket %s is %s%s, and only read now; a new one can name it", e.Action, e.Number, e.State, by)
	}
	return fmt.Sprintf("%s: ticket %s is %s%s; possible while it is %s",
		e.Action, e.Number, strings.ReplaceAll(string(e.State), "_", " "), by, strings.Join(allowed, ", "))
}

// Is makes errors.Is(err, ErrNotAllowed) hold.
func (e *StateError) Is(target error) bool { return target == ErrNotAllowed }
