package ready

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/paging"
)

// Stays is how long whoever goes off call stays on beside who has not confirmed, at
// most.
const Stays = 24 * time.Hour

// Stage is what is done next about a handover.
type Stage string

// The stages, in their order. Who has confirmed is asked and told of no more.
const (
	Ask    Stage = "ask"    // the first message to who comes
	Remind Stage = "remind" // once more
	Begin  Stage = "begin"  // … and at the handover
	Tell   Stage = "tell"   // the group's managers
	Sum    Stage = "sum"    // what is open, to who comes
	End    Stage = "end"    // nobody stays on any more
	Forget Stage = "forget" // it is kept until then
)

var stages = []Stage{Ask, Remind, Begin, Tell, Sum, End, Forget}

// Handover is that somebody comes on call in a group.
type Handover struct {
	Group  string    `json:"group"`
	Person string    `json:"person"`
	At     time.Time `json:"at"`

	Stage Stage `json:"stage"`
	Tries int   `json:"tries,omitempty"` // of this stage, that reached nobody

	Asked     time.Time  `json:"asked,omitzero"`     // the last message to the person
	Confirmed time.Time  `json:"confirmed,omitzero"` // zero: not yet
	How       paging.How `json:"how,omitempty"`
	Once      string     `json:"once,omitempty"` // what confirmed it, by its name
}

// Key is the record's: one of a handover, however often it is planned.
func (h *Handover) Key() string {
	sum := sha256.Sum256([]byte(h.Group + "\x00" + h.Person))
	return h.At.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(sum[:12])
}

const (
	// overdue is how long after a handover it is still noticed: who takes over now is
	// asked at once.
	overdue = 10 * time.Minute
	// kept is for how long a handover at which somebody stayed on is known: the hours of
	// that are counted later.
	kept = 400 * 24 * time.Hour
)

// Upcoming are the handovers that are to be asked about by now.
func Upcoming(d *contacts.Directory, now time.Time) (list []Handover) {
	for _, key := range d.Groups() {
		g, _ := d.Group(key)
		if g.Readiness.Ask <= 0 {
			continue
		}
		for _, at := range d.Changes(key, now.Add(-overdue), now.Add(g.Readiness.Ask+time.Minute)) {
			for _, person := range d.Coming(key, at, g.Readiness.Ask) {
				list = append(list, Handover{Group: key, Person: person, At: at.UTC().Truncate(time.Second), Stage: Ask})
			}
		}
	}
	return list
}

// Stands says whether a handover is still to come, or was, by who is on call now. One
// of a group that asks nobody is not.
func (h *Handover) Stands(d *contacts.Directory) bool {
	g, ok := d.Group(h.Group)
	return ok && g.Readiness.Ask > 0 && slices.Contains(d.Coming(h.Group, h.At, g.Readiness.Ask), h.Person)
}

// night says whether people sleep at t; it ends at 07:00.
func night(t time.Time, loc *time.Location) (until time.Time, yes bool) {
	if loc == nil {
		loc = time.UTC
	}
	t = t.In(loc)
	morning := time.Date(t.Year(), t.Month(), t.Day(), 7, 0, 0, 0, loc)
	switch {
	case t.Hour() < 7:
		return morning, true
	case t.Hour() >= 22:
		return morning.AddDate(0, 0, 1), true
	}
	return t, false
}

// When is when a stage is due, false if it is left out: a message waits until 07:00,
// unless the handover is at night itself and there is no morning before it.
func (h *Handover) When(s Stage, r contacts.Readiness) (time.Time, bool) {
	switch s {
	case Ask:
		at := h.At.Add(-r.Ask)
		if morning, yes := night(at, r.Location); yes {
			at = morning
		}
		return at, at.Before(h.At)
	case Remind:
		at := h.At.Add(-r.Remind)
		_, sleeps := night(at, r.Location)
		_, nightly := night(h.At, r.Location)
		asked, ok := h.When(Ask, r)
		return at, r.Remind > 0 && (!sleeps || nightly) && (!ok || at.After(asked))
	case Begin, Tell, Sum:
		return h.At, true
	case End:
		return h.At.Add(Stays), true
	case Forget:
		return h.At.Add(kept), true
	}
	return h.At, true
}

// Turn is the stage that is to be done now, or else the next one: what is overtaken is
// left out, and so is asking who has confirmed.
func (h *Handover) Turn(r contacts.Readiness, now time.Time) Stage {
	s := h.Stage
	for {
		next := s.after()
		at, ok := h.When(next, r)
		switch due, wanted := h.When(s, r); {
		case (s == Ask || s == Remind || s == Begin || s == Tell) && !h.Confirmed.IsZero():
		case !wanted, (s == Ask || s == Remind) && ok && !now.Before(at):
		case s == Ask && !now.Before(h.At) && !due.After(now):
		default:
			return s
		}
		s = next
	}
}

func (s Stage) after() Stage {
	i := slices.Index(stages, s)
	if i < 0 || i == len(stages)-1 {
		return Forget
	}
	return stages[i+1]
}

// Waits says whether a handover waits for its person to confirm: a message is out.
func (h *Handover) Waits(now time.Time) bool {
	return h.Confirmed.IsZero() && !h.Asked.IsZero() && now.Before(h.At.Add(Stays))
}
