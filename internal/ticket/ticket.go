package ticket

import (
	"slices"
	"time"
)

// Kind tells an incident from a service request (S3-19).
type Kind string

// The kinds of tickets.
const (
	Incident Kind = "incident"
	Request  Kind = "request"
)

// State is where a ticket stands.
type State string

// The states of a ticket:
//
//	open ⇄ acknowledged → in_progress
//	any of the three → resolved → closed
//	resolved → open (reopened)
const (
	Open          State = "open"
	Acknowledged  State = "acknowledged"
	InProgress    State = "in_progress"
	StateResolved State = "resolved"
	Closed        State = "closed"
)

// Active reports whether a ticket in this state still asks for work.
func (s State) Active() bool { return s == Open || s == Acknowledged || s == InProgress }

// Taken reports whether somebody has taken it.
func (s State) Taken() bool { return s == Acknowledged || s == InProgress }

// Ticket is the one object that everything is about
// (docs/adr/0002-the-ticket-is-one-object.md). Its size does not depend on how
// many alerts, pages or timeline entries it has: those are stored beside it.
type Ticket struct {
	Number string `json:"number"`
	Source string `json:"source"`
	Kind   Kind   `json:"kind"`
	State  State  `json:"state"`

	Urgency  Urgency `json:"urgency"`
	Customer string  `json:"customer,omitempty"` // key, empty if nobody's
	Site     string  `json:"site,omitempty"`
	Contract string  `json:"contract,omitempty"`
	Title    string  `json:"title"`
	// Host is the host that the title begins with; empty if there is none. Domain
	// is the domain that the hosts of all alerts share. A short text leaves them
	// out of the title, because it says them first.
	Host   string `json:"host,omitempty"`
	Domain string `json:"domain,omitempty"`
	// Overflow is set if the ticket stands for what its source brings beyond a
	// bound: it names the bound. Such a ticket holds one customer's alerts of any
	// group, and has the policy of the most urgent of them.
	Overflow Bound `json:"overflow,omitempty"`

	Group    map[string]string `json:"group,omitempty"`     // the values it groups by
	GroupKey string            `json:"group_key,omitempty"` // policy and group in one string, unique in its source

	OpenedAt       time.Time `json:"opened_at"`
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
	AcknowledgedBy *Actor    `json:"acknowledged_by,omitempty"`
	PickedUpAt     time.Time `json:"picked_up_at,omitzero"`
	PickedUpBy     *Actor    `json:"picked_up_by,omitempty"`
	ResolvedAt     time.Time `json:"resolved_at,omitzero"`
	ResolvedBy     *Actor    `json:"resolved_by,omitempty"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	Assignee       string    `json:"assignee,omitempty"` // who has it; empty: nobody, it is in a pool
	Place          Place     `json:"place,omitzero"`

	GTI    GTI     `json:"gti,omitzero"`
	Clocks []Clock `json:"clocks,omitempty"` // of other promises, each kind once
	// Treated is how long the treatment took by the GTI's hours, where they left any of it
	// out: see TreatedFor.
	Treated     *Span  `json:"treated,omitempty"`
	PickupOnAck bool   `json:"pickup_on_ack,omitempty"` // the contract counts an acknowledgement as pick-up
	Policy      Policy `json:"policy"`

	Rooms []string `json:"rooms,omitempty"` // of chat, that know of it

	// Points are those of its checklist that nobody has ticked, and that are required or due
	// some time.
	Points []OpenPoint `json:"points,omitempty"`

	Firing   int `json:"firing"`   // alerts of it that fire, silent ones included
	Silent   int `json:"silent"`   // those of them that were not heard of in time
	Resolved int `json:"resolved"` // alerts of it that are over

	Progress Progress `json:"progress"`
	Lines    Lines    `json:"lines,omitzero"`
	Undo     *Undo    `json:"undo,omitempty"`

	UpdatedAt time.Time `json:"updated_at"`
}

// Progress is how far the escalation of a ticket has come. Only
// escalation.Step changes it.
type Progress struct {
	Episode int       `json:"episode"` // 1 at the opening
	Began   time.Time `json:"began"`   // when this episode began
	Steps   []StepRun `json:"steps,omitempty"`
	Joined  int       `json:"joined,omitempty"`  // pages of kind joined ordered so far
	Clocked int       `json:"clocked,omitempty"` // warnings ordered so far
	// Reminded counts the reminders of points of the checklist that were ordered so far.
	Reminded int `json:"reminded,omitempty"`
	Again    int `json:"again,omitempty"` // pages ordered once more, out of turn
	// Recoveries counts how often the ticket was resolved.
	Recoveries int `json:"recoveries,omitempty"`
	// JoinedAt is when the last page for alerts that joined was ordered. Alerts
	// that join in the same instant share one page.
	JoinedAt time.Time `json:"joined_at,omitzero"`
	// JoinDue is when people are told of alerts that joined meanwhile. It is set
	// for an overflow ticket, or if the policy waits for a calendar.
	JoinDue time.Time `json:"join_due,omitzero"`
	// Side says who is told of the alert that joined last.
	Side *SideRun `json:"side,omitempty"`

	// Everybody is the run of the last resort: nobody of the policy can be
	// reached, so every manager is paged. Its Next is zero while it rests.
	Everybody *StepRun `json:"everybody,omitempty"`

	// Paged names the people who were paged since the ticket opened or reopened,
	// and the channels. They hear who took it, and that it is over.
	Paged map[string][]string `json:"paged,omitempty"`
	// Failed lists what failed for good in this episode.
	Failed []StepMeans `json:"failed,omitempty"`

	LastPagedAt time.Time `json:"last_paged_at,omitzero"` // a page of the first step was last ordered

	// Mute holds back the ticket's pages for as long as a silence does. MuteLook is when
	// an open ticket next looks whether that one still does, and MuteLooks how often it
	// has: somebody may have ended it when a daemon had not heard of that.
	Mute      Mute      `json:"mute,omitzero"`
	MuteLook  time.Time `json:"mute_look,omitzero"`
	MuteLooks int       `json:"mute_looks,omitempty"`

	// Held are alerts that joined while a silence held them back, so that nobody was told
	// of them. HeldLook is when it is next looked whether those silences still hold, and
	// HeldLooks how often it was.
	Held      []Held    `json:"held,omitempty"`
	HeldLook  time.Time `json:"held_look,omitzero"`
	HeldLooks int       `json:"held_looks,omitempty"`

	// Last is how a second press of a page's button is known.
	Last Last `json:"last,omitzero"`

	// Back says that the ticket's tool was told that somebody has it, and was not told
	// yet that nobody has.
	Back bool `json:"back,omitempty"`

	AckUntil    time.Time `json:"ack_until,omitzero"`    // the acknowledgement ends, unless picked up
	Snooze      time.Time `json:"snooze,omitzero"`       // whoever took it asked to be woken again then
	SilentUntil time.Time `json:"silent_until,omitzero"` // taken with every alert silent: it resolves then
	CloseAt     time.Time `json:"close_at,omitzero"`
}

// Mute is a silence that holds back pages. The zero Mute holds nothing back.
type Mute struct {
	Until   time.Time `json:"until"`
	Silence string    `json:"silence"` // its ID; of several that follow each other all, with + between
}

// Holds reports whether pages are held back at a time.
func (m Mute) Holds(now time.Time) bool { return m.Until.After(now) }

// Held is an alert that a silence holds back in a ticket whose pages it does not hold
// back as a whole.
type Held struct {
	Mute
	Alert   string  `json:"alert,omitempty"` // its fingerprint; empty: several that there was no room for
	Title   string  `json:"title"`
	Urgency Urgency `json:"urgency"`
	Over    bool    `json:"over,omitempty"` // it is over, and may fire again
	// Policy and Contract are its own, in an overflow ticket, which has alerts of several.
	Policy   string `json:"policy,omitempty"`
	Contract string `json:"contract,omitempty"`
}

// HeldAt is where an alert is among those that are held back; below zero: nowhere.
func (p *Progress) HeldAt(alert string) int {
	return slices.IndexFunc(p.Held, func(h Held) bool { return h.Alert == alert })
}

// HeldDue is when an alert that is held back is to be looked at; zero: never.
func (p *Progress) HeldDue() (at time.Time) {
	for i := range p.Held {
		if h := &p.Held[i]; !h.Over {
			at = earliest(at, earliest(h.Until, p.HeldLook))
		}
	}
	return at
}

// Last is what people last did, of the actions that are done once however
// often their button is pressed.
type Last struct {
	Passed  time.Time `json:"passed,omitzero"`  // it was passed on
	Checked time.Time `json:"checked,omitzero"` // the last word was asked for
	Note    string    `json:"note,omitempty"`   // who wrote what, in short
	Remark  string    `json:"remark,omitempty"` // what a tool last said besides, in short
}

// StepRun is one step's run in one episode.
type StepRun struct {
	Started   time.Time `json:"started,omitzero"` // zero: not yet
	First     time.Time `json:"first,omitzero"`   // its first round
	Next      time.Time `json:"next,omitzero"`    // its next round; zero: none
	Round     int       `json:"round"`            // the next round's number
	Stopped   bool      `json:"stopped,omitempty"`
	Reached   []Means   `json:"reached,omitempty"`   // ordered in the latest round
	Exhausted bool      `json:"exhausted,omitempty"` // nobody in it has a channel left
	Gone      []string  `json:"gone,omitempty"`      // who went off duty in the latest round before a page went out
	Later     []Later   `json:"later,omitempty"`     // pages of the latest round whose time is still to come
	Asleep    bool      `json:"asleep,omitempty"`    // Next waits because all whom it reaches sleep
	// Since is when those were first paged who want more channels some time after that.
	Since map[string]time.Time `json:"since,omitempty"`
}

// Later is a page that is ordered at a time, unless its round is replaced or nobody
// wants it any more.
type Later struct {
	Means
	At time.Time `json:"at"`
}

// SideRun is the telling of one alert that joined a taken ticket: whom and by
// what it was meant for so far, and what of that failed for good.
type SideRun struct {
	Reached  []Means `json:"reached,omitempty"`
	Failed   []Means `json:"failed,omitempty"`
	Channels bool    `json:"channels,omitempty"` // all channels of theirs were tried
	Managers bool    `json:"managers,omitempty"` // every manager was
}

// Undo is what `UNDO` brings back after a person resolved the ticket.
type Undo struct {
	Until time.Time `json:"until"`
	State State     `json:"state"`
}

// ActorKind says what sort of somebody acted.
type ActorKind string

// Who can act on a ticket.
const (
	ActorPerson ActorKind = "person"
	ActorToken  ActorKind = "token"  // an API token that named no person
	ActorSender ActorKind = "sender" // the monitoring tool
	ActorUser   ActorKind = "user"   // somebody whom the monitoring tool names
	ActorSystem ActorKind = "system" // a rule and a deadline
)

// Actor is who did something: a person's key, a token's name, a source.
type Actor struct {
	Kind ActorKind `json:"kind"`
	Name string    `json:"name"`
	// Token is the name of the API token by which a person acted; empty if it was
	// none.
	Token string `json:"token,omitempty"`
	// Phone is the group's telephone by which a person acted; empty if it was none.
	Phone string `json:"phone,omitempty" holds:"personal"`
}

// Same reports whether both are the same actor, by whatever token.
func (a *Actor) Same(other *Actor) bool {
	if a == nil || other == nil {
		return a == other
	}
	return a.Kind == other.Kind && a.Name == other.Name
}

// String is the name as the API shows it.
func (a *Actor) String() string {
	if a == nil {
		return ""
	}
	return a.Name
}

// Person is the key of the person who acted; empty if no person did.
func (a *Actor) Person() string {
	if a == nil || a.Kind != ActorPerson {
		return ""
	}
	return a.Name
}

// TakenBy reports whether this person has the ticket. If somebody works on it,
// that one has it.
func (t *Ticket) TakenBy(person string) bool {
	by := t.AcknowledgedBy
	if t.State == InProgress && t.PickedUpBy != nil {
		by = t.PickedUpBy
	}
	return t.State.Taken() && by.Person() == person
}

// Reached is the furthest step of the policy that has started in this episode,
// counted from 0.
func (t *Ticket) Reached() int {
	reached := 0
	for i, s := range t.Progress.Steps {
		if !s.Started.IsZero() {
			reached = i
		}
	}
	return reached
}

// NextPageAt is when the next round of pages is due; zero if none is.
func (t *Ticket) NextPageAt() time.Time {
	if t.State != Open {
		return time.Time{}
	}
	if !t.Progress.Mute.Until.IsZero() {
		return t.Progress.Mute.Until
	}
	var next time.Time
	for i := range t.Progress.Steps {
		run := &t.Progress.Steps[i]
		switch {
		case run.Stopped:
		case run.Started.IsZero() && i < len(t.Policy.Steps):
			next = earliest(next, t.Progress.Began.Add(t.Policy.Steps[i].After))
		default:
			next = earliest(next, run.Next)
			for _, l := range run.Later {
				next = earliest(next, l.At)
			}
		}
	}
	if t.Progress.Everybody != nil {
		next = earliest(next, t.Progress.Everybody.Next)
	}
	return next
}

// NextDeadline is when the ticket has to be looked at again if nothing happens
// to it; zero: never. Stores index it.
func (t *Ticket) NextDeadline() time.Time {
	at := t.remindAt()
	switch {
	case t.State == Open:
		for _, other := range []time.Time{t.NextPageAt(), t.Progress.MuteLook, t.Progress.HeldDue(), t.warnAt(), t.Place.Due} {
			at = earliest(at, other)
		}
		return at
	case t.State.Taken():
		for _, other := range []time.Time{t.Progress.AckUntil, t.Progress.SilentUntil, t.Progress.JoinDue, t.Progress.HeldDue(), t.warnAt(), t.Place.Due} {
			at = earliest(at, other)
		}
		return at
	case t.State == StateResolved:
		return earliest(at, t.Progress.CloseAt)
	}
	return time.Time{}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
