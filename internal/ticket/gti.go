package ticket

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// GTI is a ticket's guaranteed time to intervention: the promise of its
// contract, and the clock that measures it. It counts from the ticket's
// opening (S1-21) to its pick-up (S1-32, S1-56), on the hours of Calendar
// (S1-58), and rests for the reasons that the contract names. The zero value
// promises nothing.
//
// What counts is kept by value, so that no later configuration changes what was
// counted or promised (docs/adr/0066-a-clock-that-explains-itself.md). Only what
// follows a due time that has passed is counted on the calendar in force, until the
// clock stops or rests.
type GTI struct {
	Within   time.Duration `json:"within,omitempty"`
	Calendar string        `json:"calendar,omitempty"`
	// DueAt is zero while the clock rests before it, and after it stopped so.
	DueAt time.Time `json:"due_at,omitzero"`
	// From is when the clock began; zero: at the ticket's opening.
	From time.Time `json:"from,omitzero"`
	// Counted is what counts up to CountedTo, in order, MaxSpans at most. None: all of
	// the time from the beginning to DueAt.
	Counted []calendar.Stretch `json:"counted,omitempty"`
	// CountedTo is up to when Counted and More say what counts; zero: up to DueAt.
	CountedTo time.Time `json:"counted_to,omitzero"`
	// More is what counts besides Counted before CountedTo.
	More time.Duration `json:"more,omitempty"`
	// Holidays are the dates up to DueAt that do not count for being one.
	Holidays []string `json:"holidays,omitempty"`
	// Pauses are those of all the ticket's clocks, MaxPauses at most. Only the last may
	// have no end.
	Pauses []Pause `json:"pauses,omitempty"`
	// Warned is of which percentage of Within people have been warned last, and WarnAt
	// when they are warned next; zero: never.
	Warned int       `json:"warned,omitempty"`
	WarnAt time.Time `json:"warn_at,omitzero"`
}

// Pause is a time in which a ticket's clocks rest.
type Pause struct {
	Reason  PauseReason `json:"reason"`
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to,omitzero"` // zero: it goes on
	By      Actor       `json:"by"`
	EndedBy *Actor      `json:"ended_by,omitempty"`
	// Void says that the ticket's contract does not name the reason, after a change of
	// it: the time counts.
	Void bool `json:"void,omitempty"`
}

// PauseReason is why a clock rests.
type PauseReason string

// The reasons, of which a contract names those that it allows.
const (
	WaitingForCustomer PauseReason = "waiting_for_customer"
	AgreedDate         PauseReason = "agreed_date"
)

// PauseReasons lists them.
func PauseReasons() []PauseReason { return []PauseReason{WaitingForCustomer, AgreedDate} }

// GTIState is what the clock shows.
type GTIState string

// What a GTI clock shows.
const (
	GTINone    GTIState = ""        // nothing was promised
	GTIRunning GTIState = "running" // not picked up, still in time
	GTIPaused  GTIState = "paused"  // it rests, still in time
	GTIMet     GTIState = "met"     // picked up, or over, in time
	GTIMissed  GTIState = "missed"  // the due time passed first
)

// GTIState is what the ticket's clock shows at a time. A ticket that resolves
// before anybody picked it up stops the clock: there is nothing left to do on
// site.
func (t *Ticket) GTIState(now time.Time) GTIState { return t.GTI.State(t.GTIStoppedAt(), now) }

// GTIStoppedAt is when the GTI clock stopped; zero: it has not. If nobody picked the
// ticket up, a reopening has the clock run as if it had not stopped.
func (t *Ticket) GTIStoppedAt() time.Time { return earliest(t.PickedUpAt, t.ResolvedAt) }

// GTIBegan is when the GTI clock began to count.
func (t *Ticket) GTIBegan() time.Time {
	if !t.GTI.From.IsZero() {
		return t.GTI.From
	}
	return t.OpenedAt
}

// State is what a clock shows that stopped then, or has not (zero).
func (g *GTI) State(stopped, now time.Time) GTIState {
	switch {
	case g.DueAt.IsZero() && g.Within == 0:
		return GTINone
	case g.DueAt.IsZero() && stopped.IsZero():
		return GTIPaused
	case g.DueAt.IsZero():
		return GTIMet
	case !stopped.IsZero() && !stopped.After(g.DueAt):
		return GTIMet
	case stopped.IsZero() && !now.After(g.DueAt):
		return GTIRunning
	}
	return GTIMissed
}

// Resting is the pause that the clock is in; nil: it is in none.
func (g *GTI) Resting() *Pause {
	if n := len(g.Pauses); n > 0 && g.Pauses[n-1].To.IsZero() && !g.Pauses[n-1].Void {
		return &g.Pauses[n-1]
	}
	return nil
}

// implied says that all of the time from the beginning to DueAt counts, so that no
// stretch is kept.
func (g *GTI) implied(began time.Time) bool {
	return len(g.Counted) == 0 && g.CountedTo.IsZero() && g.DueAt.Sub(began) == g.Within
}

// holds is the time up to which the clock knows by value what counts; zero: of nothing,
// as in a ticket that an older version opened.
func (g *GTI) holds(began time.Time) time.Time {
	switch {
	case !g.CountedTo.IsZero():
		return g.CountedTo
	case len(g.Counted) > 0, g.implied(began):
		return g.DueAt
	}
	return time.Time{}
}

// Stretches are what counts from began to a time, in order, and what counts besides
// them. cal is the clock's calendar as it is in force; nil: there is no such calendar any
// more, and what is not known by value counts at every hour.
func (g *GTI) Stretches(cal *calendar.Calendar, began, to time.Time) (list []calendar.Stretch, more time.Duration) {
	if p := g.Resting(); p != nil && p.From.Before(to) {
		to = p.From
	}
	holds := g.holds(began)
	switch {
	case holds.IsZero():
		holds = began
	case len(g.Counted) == 0 && g.CountedTo.IsZero():
		list = append(list, calendar.Stretch{From: began, To: earliest(g.DueAt, to)})
	default:
		list = slices.Clone(g.Counted)
	}
	if !to.After(holds) {
		return cutAt(list, to), g.More
	}
	live, rest := open(cal, holds, to, g.Pauses, MaxSpans)
	more = g.More + rest
	for _, s := range live {
		if grown := calendar.Extend(list, s); len(grown) <= MaxSpans {
			list = grown
		} else {
			more += s.Length()
		}
	}
	return list, more
}

// Used is how much of the promise has been used up at a time: the sum of what counted.
func (g *GTI) Used(cal *calendar.Calendar, began, to time.Time) time.Duration {
	list, used := g.Stretches(cal, began, to)
	for _, s := range list {
		used += s.Length()
	}
	return used
}

// When is the first instant at which so much of the promise is used, if nothing changes;
// false while the clock rests. It looks no further than a promise goes.
func (g *GTI) When(cal *calendar.Calendar, began time.Time, used time.Duration) (time.Time, bool) {
	if g.DueAt.IsZero() {
		return time.Time{}, false
	}
	if used >= g.Within {
		return g.DueAt, true
	}
	list, more := g.Stretches(cal, began, g.DueAt)
	if used -= more; used <= 0 {
		return began, true
	}
	for _, s := range list {
		if used <= s.Length() {
			return s.From.Add(used), true
		}
		used -= s.Length()
	}
	return g.DueAt, true
}

// cutAt leaves out what is behind a time. The list is not shared.
func cutAt(list []calendar.Stretch, to time.Time) []calendar.Stretch {
	for i := range list {
		if !list[i].To.Before(to) {
			if !list[i].From.Before(to) {
				return list[:i]
			}
			list[i].To = to
			return list[:i+1]
		}
	}
	return list
}

// open lists the open time of a calendar that no pause takes away.
func open(cal *calendar.Calendar, from, to time.Time, pauses []Pause, most int) (list []calendar.Stretch, rest time.Duration) {
	if cal == nil {
		cal = everyHour
	}
	add := func(a, b time.Time) {
		part, over := cal.Stretches(a, b, most)
		rest += over
		for _, s := range part {
			if grown := calendar.Extend(list, s); len(grown) <= most {
				list = grown
			} else {
				rest += s.Length()
			}
		}
	}
	for i := range pauses {
		p := &pauses[i]
		if p.Void || !p.To.IsZero() && !p.To.After(from) {
			continue
		}
		if !p.From.Before(to) {
			break
		}
		add(from, p.From)
		if p.To.IsZero() {
			return list, rest
		}
		from = p.To
	}
	add(from, to)
	return list, rest
}

var everyHour = calendar.Always("")
