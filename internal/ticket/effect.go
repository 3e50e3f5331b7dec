package ticket

import (
	"encoding/json"
	"fmt"
	"time"
)

// EffectRecords is the kind of the records that effects are.
const EffectRecords = "effect"

// What a ticket's effects tell of, by the names that receivers know.
const (
	ToldOpened       = "ticket.opened"
	ToldAcknowledged = "ticket.acknowledged"
	ToldPickedUp     = "ticket.picked_up"
	ToldResolved     = "ticket.resolved"
	ToldClosed       = "ticket.closed"
	ToldReopened     = "ticket.reopened"
)

// TellableEvents are all of them, in the order of a ticket's life.
func TellableEvents() []string {
	return []string{ToldOpened, ToldAcknowledged, ToldPickedUp, ToldResolved, ToldClosed, ToldReopened}
}

// Told is what happened to a ticket, as receivers are told.
type Told struct {
	Event string
	At    time.Time
}

// Tells is what of a timeline's entries receivers can be told of, in order.
func Tells(entries []Entry) []Told {
	var all []Told
	for i := range entries {
		if event := tells[entries[i].Kind]; event != "" {
			all = append(all, Told{event, entries[i].At})
		}
	}
	return all
}

var tells = map[EntryKind]string{
	EntryOpened: ToldOpened, EntryAcknowledged: ToldAcknowledged, EntryPickedUp: ToldPickedUp,
	EntryResolved: ToldResolved, EntryClosed: ToldClosed,
	EntryReopened: ToldReopened, EntryUndone: ToldReopened, // either way it is open again
}

// Effect is something that leaves beside pages: it tells one receiver of one
// thing that happened to a ticket. It is a record of the ticket's source, written
// in the commit that causes it, and is there until its end is on the ticket. An
// effect's key is never used twice.
type Effect struct {
	Ticket string    `json:"ticket"` // its number
	To     string    `json:"to"`     // who is told: "webhook/NAME"
	Order  string    `json:"order"`  // of the effects of one ticket to one receiver, by bytes
	Event  string    `json:"event"`
	At     time.Time `json:"at"`     // when that happened
	Queued time.Time `json:"queued"` // when its commit was made: patience counts from then
	// About is the ticket as the commit left it, without what nobody is told of.
	About Ticket `json:"about"`
	Tries int    `json:"tries,omitempty"` // that failed, so far
	Error string `json:"error,omitempty"` // of the last of them
}

// EffectOrder is the Order of the nth effect of a commit on a ticket's revision.
func EffectOrder(revision int64, n int) string { return fmt.Sprintf("%012d.%04d", revision, n) }

// Key is the key of its record.
func (e *Effect) Key() string { return e.Lane() + e.Order }

// Lane begins the keys of all effects of its ticket to its receiver.
func (e *Effect) Lane() string { return e.Ticket + " " + e.To + " " }

// ID tells its receiver one event from another: it is the same at each try.
func (e *Effect) ID() string { return fmt.Sprintf("%s-%s-%d", e.Ticket, e.Order, e.At.UnixMilli()) }

// Value is the value of its record. Where that would be too long, it is told
// without the policy.
func (e *Effect) Value() ([]byte, error) {
	value, err := json.Marshal(e)
	if err == nil && len(value) > MaxRecordValue {
		short := *e
		short.About.Policy, short.About.Progress = Policy{Name: e.About.Policy.Name}, Progress{Episode: e.About.Progress.Episode}
		value, err = json.Marshal(&short)
	}
	if err != nil {
		return nil, fmt.Errorf("ticket: write the effect %s: %w", e.Key(), err)
	}
	return value, nil
}

// ReadEffect reads the value of an effect's record.
func ReadEffect(value []byte) (e Effect, err error) {
	if err = json.Unmarshal(value, &e); err != nil {
		return e, fmt.Errorf("ticket: read an effect: %w", err)
	}
	if e.Ticket == "" || e.To == "" || e.Order == "" {
		return e, fmt.Errorf("ticket: read an effect: it names no ticket or no receiver")
	}
	return e, nil
}

// Shown is the ticket as effects keep it: with what the API's lists show.
func (t *Ticket) Shown() Ticket {
	short := *t
	short.Group, short.GroupKey, short.Undo = nil, "", nil
	p := t.Progress
	short.Progress = Progress{Episode: p.Episode, Began: p.Began, CloseAt: p.CloseAt}
	for i := range p.Steps {
		run := p.Steps[i]
		run.Reached = nil
		short.Progress.Steps = append(short.Progress.Steps, run)
	}
	if p.Everybody != nil {
		short.Progress.Everybody = &StepRun{Next: p.Everybody.Next}
	}
	return short
}

// EffectEnd is the end of an effect: it goes onto the ticket's timeline in the
// commit that removes the effect's record, or not at all.
type EffectEnd struct {
	Home     string // of the record
	Revision int64  // of the claim by which it was sent
	Effect   Effect
	Sent     bool   // its receiver has it
	Why      string // it was given up, in a provider's words or ours
}
