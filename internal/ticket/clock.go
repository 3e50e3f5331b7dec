package ticket

import "time"

// ClockKind is what a ticket's clock measures, besides the GTI.
type ClockKind string

// The kinds of clocks.
const (
	ClockRespond  ClockKind = "respond"   // until somebody takes the ticket, or begins (S3-24, S3-30)
	ClockResolve  ClockKind = "resolve"   // until it is resolved (S3-31)
	ClockCallBack ClockKind = "call_back" // until somebody has called (S2-17)
	ClockNews     ClockKind = "news"      // since the customer last heard of it (S3-13)
)

// ClockKinds lists them, in the order in which people read them.
func ClockKinds() []ClockKind {
	return []ClockKind{ClockRespond, ClockCallBack, ClockNews, ClockResolve}
}

// Anew reports whether such a clock begins anew when its ticket is reopened. The others
// go on as if the ticket had never been resolved.
func (k ClockKind) Anew() bool { return k == ClockRespond || k == ClockNews }

// Clock is another promise of a ticket's contract, counted as the GTI is
// (docs/adr/0070-the-other-clocks.md). Its pauses are the ticket's.
type Clock struct {
	Kind ClockKind `json:"kind"`
	GTI
	// Done is when that was done which the clock waits for; zero: it was not, or the clock
	// waits for the resolution alone.
	Done time.Time `json:"done,omitzero"`
	// EndedBy says who did what ended it, and EndedTask the ID of the task that did; empty: it
	// was no task. Of news, whose clock runs on, it is what ended the run before.
	EndedBy   string `json:"ended_by,omitempty" holds:"personal"`
	EndedTask string `json:"ended_task,omitempty"`
	// Missed is how many of its runs were missed that ended before this one began.
	Missed int `json:"missed,omitempty"`
}

// Clock finds a clock of the ticket's, with the ticket's pauses; false if the contract
// promises nothing of the kind.
func (t *Ticket) Clock(kind ClockKind) (c Clock, ok bool) {
	for i := range t.Clocks {
		if t.Clocks[i].Kind == kind {
			c = t.Clocks[i]
			c.Pauses = t.GTI.Pauses
			return c, c.Within > 0
		}
	}
	return c, false
}

// ClockBegan is when a clock of the ticket's began to count.
func (t *Ticket) ClockBegan(c *Clock) time.Time {
	if !c.From.IsZero() {
		return c.From
	}
	return t.OpenedAt
}

// ClockStopped is when a clock of the ticket's stopped; zero: it has not. A resolve stops
// each while it stands.
func (t *Ticket) ClockStopped(c *Clock) time.Time { return earliest(c.Done, t.ResolvedAt) }

// Runs reports whether one of the ticket's clocks has not stopped: it may rest.
func (t *Ticket) Runs() bool {
	if (t.GTI.Within > 0 || !t.GTI.DueAt.IsZero()) && t.GTIStoppedAt().IsZero() {
		return true
	}
	for i := range t.Clocks {
		if c := &t.Clocks[i]; c.Within > 0 && t.ClockStopped(c).IsZero() {
			return true
		}
	}
	return false
}

// Soonest is the promise that is due first of those whose clock runs: empty is the GTI.
// Zero: none runs, or all rest.
func (t *Ticket) Soonest() (due time.Time, of ClockKind) {
	if t.GTIStoppedAt().IsZero() {
		due = t.GTI.DueAt
	}
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if c.Within > 0 && !c.DueAt.IsZero() && t.ClockStopped(c).IsZero() && (due.IsZero() || c.DueAt.Before(due)) {
			due, of = c.DueAt, c.Kind
		}
	}
	return due, of
}

// NextDue is when the first of the other promises is due whose clock runs; zero: none runs,
// or all rest.
func (t *Ticket) NextDue() (due time.Time) {
	for i := range t.Clocks {
		if c := &t.Clocks[i]; c.Within > 0 && t.ClockStopped(c).IsZero() {
			due = earliest(due, c.DueAt)
		}
	}
	return due
}

// Missed reports whether one of the other promises was missed whose clock has stopped, or
// began anew.
func (t *Ticket) Missed() bool {
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if at := t.ClockStopped(c); c.Missed > 0 || !at.IsZero() && c.State(at, at) == GTIMissed {
			return true
		}
	}
	return false
}

// Breach reports whether one of the ticket's promises was missed.
func (t *Ticket) Breach(now time.Time) bool {
	due := t.NextDue()
	return t.GTIState(now) == GTIMissed || t.Missed() || !due.IsZero() && due.Before(now)
}

// warnAt is when people are next told that a promise is being used up; zero: never.
func (t *Ticket) warnAt() time.Time {
	at := t.GTI.WarnAt
	for i := range t.Clocks {
		at = earliest(at, t.Clocks[i].WarnAt)
	}
	return at
}
