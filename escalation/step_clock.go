package escalation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ClockWhy says why a clock cannot rest, or go on.
type ClockWhy string

// The reasons.
const (
	ClockNone    ClockWhy = "none"    // nothing was promised
	ClockStopped ClockWhy = "stopped" // it has stopped
	ClockReason  ClockWhy = "reason"  // its contract does not name the reason
	ClockPaused  ClockWhy = "paused"  // it rests already
	ClockRuns    ClockWhy = "runs"    // it does not rest
	ClockMany    ClockWhy = "many"    // it has rested ticket.MaxPauses times
)

// ClockError refuses to have a ticket's clock rest, or go on.
type ClockError struct {
	Number   string
	Action   Action
	Why      ClockWhy
	Contract string
	Reasons  []ticket.PauseReason // that the contract names
	Asked    ticket.PauseReason
	Pause    *ticket.Pause // that the clock is in
	At       time.Time     // since when it has stopped
}

// Error says what stands in the way, and what would not.
func (e *ClockError) Error() string {
	told := fmt.Sprintf("%s: ticket %s: ", e.Action, e.Number)
	switch e.Why {
	case ClockNone:
		return told + "no clock runs: nothing was promised for it"
	case ClockStopped:
		return told + "its clock has stopped at " + e.At.UTC().Format(time.RFC3339)
	case ClockReason:
		if len(e.Reasons) == 0 {
			return told + fmt.Sprintf("the contract %q names no reason for which its clock rests (pauses)", e.Contract)
		}
		names := make([]string, len(e.Reasons))
		for i, r := range e.Reasons {
			names[i] = string(r)
		}
		return told + fmt.Sprintf("%q is no reason for which the contract %q lets its clock rest: %s", ticket.Logged(string(e.Asked)), e.Contract, strings.Join(names, ", "))
	case ClockPaused:
		return told + fmt.Sprintf("its clock rests already, since %s, by %s (%s)", e.Pause.From.UTC().Format(time.RFC3339), e.Pause.By.Name, e.Pause.Reason)
	case ClockMany:
		return told + fmt.Sprintf("its clock has rested %d times already, and rests no more", ticket.MaxPauses)
	case ClockRuns:
	}
	return told + "its clock does not rest"
}

// Is makes errors.Is(err, ErrNotAllowed) hold.
func (e *ClockError) Is(target error) bool { return target == ErrNotAllowed }

// pause has the ticket's clock rest, for a reason that its contract names.
func (s *stepper) pause(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	if err := s.clockless(e); err != nil {
		return err
	}
	named := s.Rules.Contracts[s.t.Contract].Pauses
	rests := s.t.GTI.Resting()
	no := &ClockError{Number: s.t.Number, Action: e.Action, Contract: s.t.Contract, Reasons: named, Asked: e.Reason, Pause: rests}
	switch {
	case !slices.Contains(named, e.Reason):
		no.Why = ClockReason
	case rests != nil && rests.Reason == e.Reason && rests.By.Same(&e.Actor) && s.Now.Before(rests.From.Add(PressedWithin)):
		return nil // the same press
	case rests != nil:
		no.Why = ClockPaused
	case len(s.t.GTI.Pauses) >= ticket.MaxPauses:
		no.Why = ClockMany
	default:
		g := &s.t.GTI
		if s.t.GTIStoppedAt().IsZero() {
			g.Rest(s.hours(), s.t.GTIBegan(), s.Now)
		}
		s.restClocks()
		g.Pauses = append(slices.Clone(g.Pauses), ticket.Pause{Reason: e.Reason, From: s.Now, By: e.Actor})
		g.WarnAt = time.Time{}
		said := e.Said
		if said.Args.Reason = e.Reason; said.Detail == "" {
			said.Detail = ticket.SaidRests
		}
		s.log(ticket.EntryClockPaused, &e.Actor, e.Via, said)
		return nil
	}
	return no
}

// resume has the clock go on.
func (s *stepper) resume(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	if err := s.clockless(e); err != nil {
		return err
	}
	if s.t.GTI.Resting() == nil {
		if n := len(s.t.GTI.Pauses); n > 0 {
			last := &s.t.GTI.Pauses[n-1]
			if last.EndedBy.Same(&e.Actor) && s.Now.Before(last.To.Add(PressedWithin)) {
				return nil // the same press
			}
		}
		return &ClockError{Number: s.t.Number, Action: e.Action, Why: ClockRuns}
	}
	s.wakeClock(&e.Actor, e.Via, e.Said)
	return nil
}

// clockless says why the ticket has no clock that could rest or go on; nil: it has one.
func (s *stepper) clockless(e Acted) error {
	if s.t.Runs() {
		return nil
	}
	var at time.Time // when the last of them stopped
	if s.t.GTIState(s.Now) != ticket.GTINone {
		at = s.t.GTIStoppedAt()
	}
	for i := range s.t.Clocks {
		if c := &s.t.Clocks[i]; c.Within > 0 && s.t.ClockStopped(c).After(at) {
			at = s.t.ClockStopped(c)
		}
	}
	if at.IsZero() {
		return &ClockError{Number: s.t.Number, Action: e.Action, Why: ClockNone}
	}
	return &ClockError{Number: s.t.Number, Action: e.Action, Why: ClockStopped, At: at}
}

// wakeClock ends the pause, and has the clock go on.
func (s *stepper) wakeClock(by *ticket.Actor, via string, said ticket.Said) {
	p := s.endPause(by)
	if p == nil {
		return
	}
	if s.t.GTIStoppedAt().IsZero() {
		s.t.GTI.Resume(s.hours(), s.t.GTIBegan(), s.Now)
		s.Rules.warnNext(&s.t)
	}
	s.wakeClocks()
	if said.Detail == "" {
		said.Detail = ticket.SaidGoesBy
		said.Args.Reason, said.Args.Wait, said.Args.Instant = p.Reason, ticket.Span(s.Now.Sub(p.From).Round(time.Second)), s.t.GTI.DueAt
		if !s.t.GTIStoppedAt().IsZero() || s.t.GTI.Within == 0 {
			said.Args.Instant, said.Args.Of = s.t.Soonest()
		}
	}
	s.log(ticket.EntryClockResumed, by, via, said)
}

// endPause ends the pause that the clock is in; nil if it is in none.
func (s *stepper) endPause(by *ticket.Actor) *ticket.Pause {
	g := &s.t.GTI
	if g.Resting() == nil {
		return nil
	}
	g.Pauses = slices.Clone(g.Pauses)
	p := &g.Pauses[len(g.Pauses)-1]
	p.To, p.EndedBy = s.Now, by
	return p
}

// stopClock writes down what the GTI clock counted when it stops. A pick-up ends its
// pause; a resolve does not, since it may be undone.
func (s *stepper) stopClock(by *ticket.Actor) {
	if !s.t.PickedUpAt.IsZero() {
		if s.endPause(by) != nil {
			s.wakeClocks()
		}
		s.t.GTI.WarnAt = time.Time{}
	}
	s.t.GTI.Stop(s.hours(), s.t.GTIBegan(), s.Now)
}

// hours is the calendar of the GTI clock as it is in force. If the configuration has lost
// it, it is the one that the contract gives the urgency now; nil: there is none.
func (s *stepper) hours() *calendar.Calendar { return s.Rules.Hours(&s.t) }

// Hours is the calendar that a ticket's GTI clock counts on, as it is in force; nil if
// there is none any more.
func (r *Rules) Hours(t *ticket.Ticket) *calendar.Calendar {
	if cal := r.Calendars[t.GTI.Calendar]; cal != nil {
		return cal
	}
	return r.Calendars[r.Contracts[t.Contract].GTI[t.Urgency].Calendar]
}

// result is how the GTI clock stands.
func (s *stepper) result() ticket.ClockResult {
	at := s.t.GTIStoppedAt()
	if at.IsZero() {
		at = s.Now
	}
	g := &s.t.GTI
	return ticket.ClockResult{
		Within: ticket.Span(g.Within), Calendar: g.Calendar, DueAt: g.DueAt,
		Used: ticket.Span(g.Used(s.hours(), s.t.GTIBegan(), at).Truncate(time.Second)),
	}
}

// recount counts the GTI clock again from the opening, for the urgency and the contract
// that the ticket has now, and says what came of it; nil if nothing is promised before
// and after. A clock that has stopped stays so. Pauses whose reason the contract does not
// name count.
func (s *stepper) recount() *ticket.Recount {
	was := s.result()
	t := s.t
	t.OpenedAt = s.t.GTIBegan()
	pauses := s.pausesOf(s.t.Contract)
	t.GTI.Pauses = pausesUntil(pauses, s.t.GTIStoppedAt())
	gti := s.Rules.Promise(&t)
	gti.From, gti.Pauses = s.t.GTI.From, pauses
	s.t.GTI = gti
	s.warnAnew()
	s.changed = true
	if at := s.t.GTIStoppedAt(); !at.IsZero() {
		s.t.GTI.Stop(s.hours(), s.t.GTIBegan(), at)
	}
	now := s.result()
	if was == (ticket.ClockResult{}) && now == was {
		return nil
	}
	return &ticket.Recount{Was: was, Now: now}
}

// putPromise gives the ticket another promise. That of an overflow ticket begins now.
func (s *stepper) putPromise(gti ticket.GTI) {
	gti.Pauses = s.t.GTI.Pauses
	if s.t.Overflow != "" {
		gti.From = s.Now
	}
	s.t.GTI = gti
	if at := s.t.PickedUpAt; !at.IsZero() {
		s.t.GTI.Stop(s.hours(), s.t.GTIBegan(), at)
	}
	s.warnAnew()
}

// pausesOf are the ticket's pauses under a contract. One that it does not name is over.
func (s *stepper) pausesOf(contract string) []ticket.Pause {
	pauses := slices.Clone(s.t.GTI.Pauses)
	for i := range pauses {
		p := &pauses[i]
		p.Void = !slices.Contains(s.Rules.Contracts[contract].Pauses, p.Reason)
		if p.Void && p.To.IsZero() {
			p.To = s.Now
		}
	}
	return pauses
}

// pausesUntil are the pauses that had begun when a clock stopped; zero: it has not.
func pausesUntil(pauses []ticket.Pause, stopped time.Time) []ticket.Pause {
	if stopped.IsZero() {
		return pauses
	}
	for i := range pauses {
		if pauses[i].From.After(stopped) {
			return pauses[:i]
		}
	}
	return pauses
}
