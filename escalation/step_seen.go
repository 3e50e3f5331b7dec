package escalation

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// PressedWithin is how long the same button of a page means the same press. A
// second tap comes within that time; a second thought comes later.
const PressedWithin = 5 * time.Second

// ErrNobodyLeft refuses to pass a ticket on if that would page nobody.
var ErrNobodyLeft = errors.New("there is nobody left to page")

// Seen is what the acting person saw of the ticket: what the page showed when
// its button was drawn.
type Seen struct {
	State   ticket.State
	Episode int
	Steps   int // of the policy, that had begun
	Notes   int // that people had written
	Firing  int // alerts of it that fired
}

// SeenOf says what there is to see of a ticket.
func SeenOf(t *ticket.Ticket) Seen {
	seen := Seen{State: t.State, Episode: t.Progress.Episode, Notes: t.Lines.Notes, Firing: t.Firing}
	for i := range t.Progress.Steps {
		if !t.Progress.Steps[i].Started.IsZero() {
			seen.Steps++
		}
	}
	return seen
}

// pressed compares an action with what the acting person saw. It reports that
// the same press did the action already. It refuses an action that was meant
// for something else than the present state. Both change nothing.
func (s *stepper) pressed(e Acted) (done bool, err error) {
	if e.Seen == nil {
		return false, nil
	}
	now, last := SeenOf(&s.t), &s.t.Progress.Last
	fits := now.State == e.Seen.State && now.Episode == e.Seen.Episode
	switch e.Action {
	case ActNote: // a note is kept in any state
		return now.Notes > e.Seen.Notes && last.Note == noteMark(e), nil
	case ActAcknowledge:
		done = s.t.State.Taken() && s.t.AcknowledgedBy.Same(&e.Actor)
	case ActSnooze:
		done = e.Seen.State == ticket.Open && s.t.State == ticket.Acknowledged && s.t.AcknowledgedBy.Same(&e.Actor)
	case ActPickUp:
		done = s.t.State == ticket.InProgress && s.t.PickedUpBy.Same(&e.Actor)
	case ActResolve:
		done = s.t.State == ticket.StateResolved && s.t.ResolvedBy.Same(&e.Actor) && s.saysSo(e.Edits)
		fits = fits && now.Firing <= e.Seen.Firing // what fired since then was not meant
	case ActEscalate:
		done = s.t.State == ticket.Open && s.lately(last.Passed)
		fits = fits && now.Steps == e.Seen.Steps
	case ActPause, ActResume:
		return false, nil // pause and resume know a second press themselves
	case ActRecheck:
		done = s.t.State.Active() && s.lately(last.Checked)
	case ActTake:
		done = s.t.TakenBy(e.Actor.Person()) && s.t.Assignee == e.Actor.Person()
	case ActTierUp, ActTierDown:
		done = s.lately(s.t.Place.Since)
	default:
	}
	if done || fits {
		return done, nil
	}
	stale := &StateError{}
	errors.As(s.refuse(e), &stale)
	stale.Stale = true
	return false, stale
}

func (s *stepper) lately(at time.Time) bool {
	return !at.IsZero() && s.Now.Before(at.Add(PressedWithin))
}

// remember keeps what a second press of the same button is known by.
func (s *stepper) remember(e Acted) {
	switch last := &s.t.Progress.Last; e.Action {
	case ActEscalate:
		last.Passed = s.Now
	case ActRecheck:
		last.Checked = s.Now
	case ActNote:
		last.Note = noteMark(e)
	default:
	}
}

// noteMark is a short mark of a note. Other words or another author give
// another mark.
func noteMark(e Acted) string {
	sum := sha256.Sum256([]byte(string(e.Actor.Kind) + "\x00" + e.Actor.Name + "\x00" + e.Said.Text))
	return base64.RawStdEncoding.EncodeToString(sum[:9])
}

// pass passes a ticket on. Somebody who saw whom that would page is told if it
// would page nobody; then nothing changes.
func (s *stepper) pass(e Acted) error {
	open, had := s.t.State == ticket.Open, len(s.pages)
	if err := s.escalate(e); err != nil {
		return err
	}
	if e.Seen != nil && open && len(s.pages) == had {
		return ErrNobodyLeft
	}
	return nil
}

// WouldPage lists the keys of the people whom it would page to pass the ticket
// on now. Each is there once, in the order of the pages. It asks Step, and
// changes nothing.
func (e *Engine) WouldPage(t ticket.Ticket) []string {
	d, err := Step(t, Acted{Action: ActEscalate}, World{Now: e.clock.Now(), Rules: e.rules.Load(), Reach: e.reach, Heard: time.Unix(0, e.heard.Load())})
	if err != nil {
		return nil
	}
	var people []string
	for i := range d.Pages {
		if p := &d.Pages[i]; p.Kind == ticket.KindPage && !slices.Contains(people, p.Person) {
			people = append(people, p.Person)
		}
	}
	return people
}
