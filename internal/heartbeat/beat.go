package heartbeat

import (
	"time"
)

// State says where a heartbeat stands.
type State string

// The states. The last three are an alert.
const (
	New     State = "new" // never heard of, and not late yet
	Up      State = "up"
	Late    State = "late"
	Failed  State = "failed"  // its last run said so
	Overrun State = "overrun" // a run that began has not ended in time
)

// Bad reports whether it is an alert.
func (s State) Bad() bool { return s == Late || s == Failed || s == Overrun }

// Sign is what somebody says of a heartbeat.
type Sign string

// The signs, as addresses spell them.
const (
	SignBeat  Sign = "beat" // all is well
	SignStart Sign = "start"
	SignFail  Sign = "fail"
	SignLog   Sign = "log" // it says nothing
)

// signs are those that an address may end with.
var signs = map[string]Sign{"start": SignStart, "fail": SignFail, "log": SignLog, "ping": SignBeat}

const (
	// apart is how far apart beats are worth a write.
	apart = time.Second
	// repeats is how often an alert of a silence is told again, at most.
	repeats = time.Hour
)

// Beat is what is known of a heartbeat. Its record is due when it is late, or when its
// alert has yet to hear of its state.
type Beat struct {
	State   State     `json:"state"`
	Since   time.Time `json:"since"`            // it is in that state
	From    time.Time `json:"from"`             // its time counts from then: it gave a sign, or was first known
	Heard   time.Time `json:"heard,omitzero"`   // its last beat; zero: never
	Started time.Time `json:"started,omitzero"` // the run that goes on
	Began   time.Time `json:"began,omitzero"`   // its last alert
	Ended   time.Time `json:"ended,omitzero"`   // … and the end of the last that is over
	// Asked is set if nobody could hear for a while since From. A whole interval is
	// asked for from then.
	Asked time.Time `json:"asked,omitzero"`
	// Mark is how long daemons had listened in all when that was asked for after a
	// long break, the first time since From.
	Mark time.Duration `json:"mark,omitempty"`
	Told bool          `json:"told"`           // its alert is what its state says
	Text string        `json:"text,omitempty"` // what came with a failure
}

// later is the later one of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// take hears a sign, and reports whether that is worth a write. deaf says that nobody
// could hear for a while before it: what was told meanwhile, and by whom, is not known, so
// the alert hears of the state again.
func (b *Beat) take(s Sign, text string, at time.Time, deaf bool) bool {
	soon := func(t time.Time) bool { return at.Sub(t) >= 0 && at.Sub(t) < apart }
	switch s {
	case SignStart:
		if soon(b.Started) {
			return false
		}
		b.Started = at
		return true
	case SignFail:
		if b.State == Failed && soon(b.From) {
			return false
		}
		if !b.State.Bad() {
			b.Began = at
		}
		b.State, b.Since, b.Told, b.Text = Failed, at, false, text
	case SignBeat:
		if b.State == Up && b.Told && b.Started.IsZero() && !deaf && soon(b.From) {
			return false
		}
		b.Told = b.Told && !b.State.Bad() && !deaf
		if b.State.Bad() {
			b.Ended = at
		}
		if b.State != Up {
			b.State, b.Since = Up, at
		}
		b.Heard, b.Text = at, ""
	case SignLog:
		return false
	}
	b.From, b.Started, b.Asked, b.Mark = at, time.Time{}, time.Time{}, 0
	return true
}

// ask asks for a whole interval if nobody could hear for a while: after each break that
// was long, until daemons have listened for a whole interval since the first of them, and
// once after breaks that were short (the end of the last is short). So a heartbeat that
// stopped is told of, however often a daemon starts.
func (b *Beat) ask(h *Heartbeat, heard *hearing, short time.Time) {
	if heard.Since.After(later(b.From, b.Asked)) {
		if b.Mark <= 0 || b.Mark > heard.Total {
			b.Mark = heard.Total
		}
		if heard.Total-b.Mark < h.lateAfter() {
			b.Asked = heard.Since
		}
	}
	if b.Asked.IsZero() && short.After(b.From) {
		b.Asked = short
	}
}

// deadline is when it comes to a bad state, and to which, unless it gives a sign.
func (b *Beat) deadline(h *Heartbeat) (at time.Time, becomes State) {
	at = later(b.From, b.Asked).Add(h.lateAfter())
	if h.RunsFor > 0 && !b.Started.IsZero() {
		if over := later(b.Started, b.Asked).Add(time.Duration(h.RunsFor)); over.Before(at) {
			return over, Overrun
		}
	}
	return at, Late
}

// due is when its record asks for work.
func (b *Beat) due(h *Heartbeat, now time.Time) time.Time {
	switch {
	case !b.Told:
		return now
	case b.State == Late, b.State == Overrun:
		return now.Add(max(h.lateAfter(), repeats))
	}
	at, _ := b.deadline(h)
	return at
}

// turn brings it to a bad state.
func (b *Beat) turn(to State, now time.Time) {
	if !b.State.Bad() {
		b.Began = now
	}
	b.State, b.Since, b.Told = to, now, false
}

// rebase is for a clock that went back: nothing of it lies ahead. It reports whether
// anything did. Ended is what the alert was told, and stays.
func (b *Beat) rebase(now time.Time) (moved bool) {
	for _, t := range []*time.Time{&b.Since, &b.From, &b.Heard, &b.Started, &b.Began, &b.Asked} {
		if t.Sub(now) > clockSlack {
			*t, moved = now, true
		}
	}
	return moved
}
