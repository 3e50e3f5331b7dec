package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ClockTold is a ticket's GTI clock as it stands at a time, every instant of it explained.
type ClockTold struct {
	State               ticket.GTIState
	Calendar            string
	Began, Due, Stopped time.Time // Due and Stopped may be zero
	Within, Used        time.Duration
	Left, Late          time.Duration      // never below zero
	Spans               []ticket.ClockSpan // from Began until it stopped, or now
	Ahead               []ticket.ClockSpan // from now until Due
	Zone                *time.Location     // that its calendar's days are of
	hours               *calendar.Calendar
}

// TellClock explains a ticket's GTI clock. What counted is told from what the ticket holds;
// the rules only name it.
func (r *Rules) TellClock(t *ticket.Ticket, now time.Time) ClockTold {
	g := &t.GTI
	c := ClockTold{State: t.GTIState(now), Calendar: g.Calendar, Began: t.GTIBegan(), Due: g.DueAt, Stopped: t.GTIStoppedAt(), Within: g.Within}
	c.hours, c.Zone = r.Hours(t), r.Location
	if c.Zone == nil {
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
	if c.State == ticket.GTIRunning {
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
	}
	return c
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
