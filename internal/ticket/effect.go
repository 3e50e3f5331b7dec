package ticket

import (
	"encoding/json"
	"fmt"
	"time"
)

// EffectRecords is the kind of the records that hold effects of tickets, and
// LetterRecords that of mails to people, which are effects of no ticket.
const (
	EffectRecords = "effect"
	LetterRecords = "letter"
)

// What a ticket's effects tell, in the words that receivers know.
const (
	ToldOpened       = "ticket.opened"
	ToldAcknowledged = "ticket.acknowledged"
	ToldPickedUp     = "ticket.picked_up"
	ToldResolved     = "ticket.resolved"
	ToldClosed       = "ticket.closed"
	ToldReopened     = "ticket.reopened"
)

// TellableEvents lists all of them, in the order of a ticket's life.
func TellableEvents() []string {
	return []string{ToldOpened, ToldAcknowledged, ToldPickedUp, ToldResolved, ToldClosed, ToldReopened}
}

// Told is one thing that happened to a ticket, as receivers are told it.
type Told struct {
	Event string
	At    time.Time
}

// Tells picks, in order, what receivers can be told of a timeline's entries.
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
	EntryReopened: ToldReopened, EntryUndone: ToldReopened, // either way the ticket is open again
}

// Effect is something that leaves beside pages. It tells one receiver one
// thing that happened to a ticket. It is a record in the home of the ticket's
// source. The commit that causes it writes it, and it stays until its end is
// on the ticket. An effect's key is never used twice.
type Effect struct {
	Ticket string    `json:"ticket"` // its number; of a mail, what names it
	To     string    `json:"to"`     // who is told: "webhook/NAME"; of a mail, by what it goes
	Order  string    `json:"order"`  // of the effects of one ticket to one receiver, by bytes
	Event  string    `json:"event"`
	At     time.Time `json:"at"`     // when that happened
	Queued time.Time `json:"queued"` // when its commit was made: patience counts from then
	// About is the ticket as the commit left it, without what no receiver is
	// told.
	About  Ticket  `json:"about,omitzero"`
	Letter *Letter `json:"letter,omitempty"` // the mail that it is; nil: it is none
	Tries  int     `json:"tries,omitempty"`  // that failed, so far
	Error  string  `json:"error,omitempty"`  // of the last of them
}

// Letter is a mail to a person.
type Letter struct {
	Person  string    `json:"person,omitempty"`  // key; empty: whom it is to is found when it is sent
	Asked   string    `json:"asked,omitempty"`   // then by this name, which somebody typed
	Address string    `json:"address,omitempty"` // where it goes, if that is no person of the configuration
	Subject string    `json:"subject,omitempty"`
	Body    string    `json:"body,omitempty"` // plain text; empty: it is made when it is sent
	Until   time.Time `json:"until,omitzero"` // it is no use after that; zero: it always is
}

// Whom is the person whom the mail is to, or the address; empty: that is not known yet.
func (l *Letter) Whom() string {
	if l.Address != "" {
		return l.Address
	}
	return l.Person
}

// EffectOrder is the Order of the nth effect that a commit on a ticket's
// revision makes.
func EffectOrder(revision int64, n int) string { return fmt.Sprintf("%012d.%04d", revision, n) }

// Key is the key of the effect's record.
func (e *Effect) Key() string { return e.Lane() + e.Order }

// Lane is the beginning of the keys of all effects of its ticket for its
// receiver.
func (e *Effect) Lane() string { return e.Ticket + " " + e.To + " " }

// ID lets the receiver tell effects apart. It is the same at each try.
func (e *Effect) ID() string { return fmt.Sprintf("%s-%s-%d", e.Ticket, e.Order, e.At.UnixMilli()) }

// Value is the value of the effect's record. If that would be too long, it
// leaves out the policy.
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

// Shown is the ticket as effects keep it: the fields that the API's lists
// show.
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

// EffectEnd is the end of an effect. The commit that writes it into the
// ticket's timeline also removes the effect's record.
type EffectEnd struct {
	Home     string // of the record
	Revision int64  // of the claim under which it was sent
	Effect   Effect
	Sent     bool   // its receiver has it
	Why      string // why it was given up, in a provider's words or ours
}
