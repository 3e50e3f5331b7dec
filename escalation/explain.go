package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ClockTold is one of a ticket's clocks as it stands at a time, every instant of it
// explained.
type ClockTold struct {
	Kind                ticket.ClockKind // empty: the GTI
	State               ticket.GTIState
	Calendar            string
	Began, Due, Stopped time.Time // Due and Stopped may be zero
	Within, Used        time.Duration
	Left, Late          time.Duration      // never below zero
	Spans               []ticket.ClockSpan // from Began until it stopped, or now
	Ahead               []ticket.ClockSpan // from now until Due
	Missed              int                // of its runs before this one
	EndedBy, EndedTask  string             // who did what ended it, or its run before, and which task that was
	Zone                *time.Location     // that its calendar's days are of
	hours               *calendar.Calendar
}

// TellClock explains a ticket's GTI clock. What counted is told from what the ticket holds;
// the rules only name it.
func (r *Rules) TellClock(t *ticket.Ticket, now time.Time) ClockTold {
	return r.tell(&t.GTI, ClockTold{Began: t.GTIBegan(), Stopped: t.GTIStoppedAt(), hours: r.Hours(t)}, now)
}

// TellClocks explains the ticket's other clocks.
func (r *Rules) TellClocks(t *ticket.Ticket, now time.Time) (all []ClockTold) {
	for _, kind := range ticket.ClockKinds() {
		if c, ok := t.Clock(kind); ok {
			all = append(all, r.tell(&c.GTI, ClockTold{
				Kind: kind, Began: t.ClockBegan(&c), Stopped: t.ClockStopped(&c), Missed: c.Missed, EndedBy: c.EndedBy, EndedTask: c.EndedTask, hours: r.HoursOf(t, &c),
			}, now))
		}
	}
	return all
}

func (r *Rules) tell(g *ticket.GTI, c ClockTold, now time.Time) ClockTold {
	c.State, c.Calendar, c.Due, c.Within = g.State(c.Stopped, now), g.Calendar, g.DueAt, g.Within
	if c.Zone = r.Location; c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.hours != nil && !c.hours.AlwaysOpen() {
		c.Zone = c.hours.Zone()
	}
	if c.State == ticket.GTINone {
		return c
	}
	end := now
	if !c.Stopped.IsZero() {
		end = c.Stopped
	}
	c.Spans = g.Explain(c.hours, c.Began, end, c.Zone)
	c.Used = g.Used(c.hours, c.Began, end)
	c.Left, c.Late = max(c.Within-c.Used, 0), max(c.Used-c.Within, 0)
	if c.State != ticket.GTIRunning {
		return c
	}
	for _, s := range g.Explain(c.hours, c.Began, g.DueAt, c.Zone) {
		if !s.To.After(now) {
			continue
		}
		if s.From.Before(now) {
			if s.From = now; s.Counted > 0 {
				s.Counted = s.To.Sub(now)
			}
		}
		c.Ahead = append(c.Ahead, s)
	}
	return c
}

// Treatment is how long a ticket was treated (S1-37): from its pick-up until it was
// resolved, or now, on the hours of the GTI and without its pauses. It is a value once the
// ticket is resolved.
type Treatment struct {
	From, To time.Time // zero: nobody picked it up, or it goes on
	Counted  time.Duration
	Minutes  int // that its tasks took, by what people wrote
}

// TellTreatment tells a ticket's treatment; sheet may be nil.
func (r *Rules) TellTreatment(t *ticket.Ticket, sheet *ticket.Sheet, now time.Time) Treatment {
	told := Treatment{From: t.PickedUpAt, Minutes: sheet.Treatment()}
	switch {
	case t.PickedUpAt.IsZero():
	case t.ResolvedAt.IsZero():
		told.Counted = t.TreatedOn(r.TreatmentHours(t), now)
	default:
		told.To, told.Counted = t.ResolvedAt, t.TreatedFor()
	}
	return told
}

// Holiday is what a day of the clock's calendar is called, 2026-12-25; empty if it has no
// name.
func (c *ClockTold) Holiday(day string) string {
	d, err := calendar.ParseDate(day)
	if err != nil || c.hours == nil {
		return ""
	}
	return c.hours.HolidayName(d)
}
