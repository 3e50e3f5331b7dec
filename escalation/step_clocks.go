package escalation

import (
	"cmp"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The clocks of a contract's other promises. Each counts as the GTI does, and rests and goes
// on with it; what begins and ends it is its own
// (docs/adr/0070-the-other-clocks.md).

// clocks are those that a contract gives a ticket at its opening; nil: it promises nothing
// besides the GTI.
func (r *Rules) clocks(t *ticket.Ticket) (all []ticket.Clock) {
	promised := r.Contracts[t.Contract].Clocks
	if len(promised) == 0 {
		return nil
	}
	for _, kind := range ticket.ClockKinds() {
		c := ticket.Clock{Kind: kind, GTI: r.count(promised[kind][t.Urgency], t.GTI.Pauses, t.OpenedAt)}
		if c.Within == 0 {
			continue
		}
		r.remindNext(t, &c)
		c.Pauses = nil
		all = append(all, c)
	}
	return all
}

// HoursOf is the calendar that one of a ticket's clocks counts on, as it is in force; nil
// if there is none any more.
func (r *Rules) HoursOf(t *ticket.Ticket, c *ticket.Clock) *calendar.Calendar {
	if cal := r.Calendars[c.Calendar]; cal != nil {
		return cal
	}
	return r.Calendars[r.Contracts[t.Contract].Clocks[c.Kind][t.Urgency].Calendar]
}

// eachClock has a function change the ticket's clocks. While it does a clock has the
// ticket's pauses.
func (s *stepper) eachClock(change func(c *ticket.Clock, began time.Time)) {
	for i := range s.t.Clocks {
		c := &s.t.Clocks[i]
		c.Pauses = s.t.GTI.Pauses
		change(c, s.t.ClockBegan(c))
		c.Pauses = nil
	}
}

// eachRunning does so with those that have not stopped.
func (s *stepper) eachRunning(change func(c *ticket.Clock, began time.Time)) {
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		if c.Within > 0 && s.t.ClockStopped(c).IsZero() {
			change(c, began)
		}
	})
}

// restClocks has the clocks that run rest. It comes before the pause is in the ticket.
func (s *stepper) restClocks() {
	s.eachRunning(func(c *ticket.Clock, began time.Time) {
		c.Rest(s.Rules.HoursOf(&s.t, c), began, s.Now)
		c.WarnAt = time.Time{}
	})
}

// wakeClocks has them go on. It comes after the end of the pause is in the ticket.
func (s *stepper) wakeClocks() {
	s.eachRunning(func(c *ticket.Clock, began time.Time) {
		c.Resume(s.Rules.HoursOf(&s.t, c), began, s.Now)
		s.Rules.remindNext(&s.t, c)
	})
}

// stopClocks writes down what counted when a resolve stops them. It may be undone.
func (s *stepper) stopClocks() {
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		if c.Done.IsZero() {
			c.Stop(s.Rules.HoursOf(&s.t, c), began, s.Now)
		}
	})
}

// done stops the clock of a kind: somebody did now what it waits for. It stays so.
func (s *stepper) done(kind ticket.ClockKind, by *ticket.Actor) {
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		if at := s.Now; c.Kind == kind && c.Done.IsZero() {
			c.Done, c.WarnAt, c.EndedBy = at, time.Time{}, author(by)
			c.Stop(s.Rules.HoursOf(&s.t, c), began, at)
		}
	})
}

// clocksAnew begins those clocks anew that a reopening does. It comes before the ticket
// is open again: whether the run before was missed is judged by when it stopped.
func (s *stepper) clocksAnew() {
	s.eachClock(func(c *ticket.Clock, _ time.Time) {
		if c.Kind.Anew() {
			s.anew(c)
		}
	})
}

// anew begins a clock's next run now. Its promise is the contract's as it is in force; if
// that names none any more, the one before.
func (s *stepper) anew(c *ticket.Clock) {
	missed := c.Missed
	if c.State(s.t.ClockStopped(c), s.Now) == ticket.GTIMissed {
		missed++
	}
	p, ok := s.Rules.Contracts[s.t.Contract].Clocks[c.Kind][s.t.Urgency]
	if !ok && c.Within > 0 {
		p = Promise{Within: c.Within, Calendar: c.Calendar}
	}
	*c = ticket.Clock{Kind: c.Kind, GTI: s.Rules.count(p, s.t.GTI.Pauses, s.Now), Missed: missed}
	c.From = s.Now
	s.Rules.remindNext(&s.t, c)
}

// taskClocks says what a task that was written means for the clocks: a call ends the one that
// waits for it, and a public one is news, once: who hides it and shows it again tells nobody
// anything new. was is how it was before; nil: it is new. It gives the clocks that it changed.
func (s *stepper) taskClocks(task, was *ticket.Task) (told []ticket.Recount) {
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		before := s.clockResult(c)
		switch {
		case c.Kind == ticket.ClockCallBack && (task.Kind == ticket.TaskCall || was != nil && was.Kind == ticket.TaskCall):
			call, at := firstCall(s.edited, began, s.Now)
			if at.Equal(c.Done) && call.ID == c.EndedTask {
				return
			}
			s.calledBack(c, began, at)
			c.EndedBy, c.EndedTask = call.By, call.ID
		case c.Kind == ticket.ClockNews && task.Public && !published(was) && s.t.State.Active():
			s.anew(c)
			c.EndedBy, c.EndedTask = task.By, task.ID
		default:
			return
		}
		told = append(told, ticket.Recount{Of: c.Kind, Was: before, Now: s.clockResult(c)})
	})
	return told
}

// published reports whether a task is public, or has been.
func published(t *ticket.Task) bool { return t != nil && (t.Public || !t.Published.IsZero()) }

// calledBack says when the customer was called back; zero: not yet, somebody has corrected
// what was written. Then the clock is counted again from its beginning.
func (s *stepper) calledBack(c *ticket.Clock, began, at time.Time) {
	if !c.Done.IsZero() {
		from := c.From
		c.GTI = s.Rules.count(Promise{Within: c.Within, Calendar: c.Calendar}, s.t.GTI.Pauses, began)
		c.From = from
		s.remindAnew(c)
	}
	if c.Done = at; !at.IsZero() {
		c.WarnAt = time.Time{}
	}
	if stopped := cmp.Or(at, s.t.ResolvedAt); !stopped.IsZero() {
		c.Stop(s.Rules.HoursOf(&s.t, c), began, stopped)
	}
}

// firstCall is the task by which somebody first called after a clock began, and when; zero:
// nobody has. A call that nobody took is none.
func firstCall(sheet *ticket.Sheet, began, now time.Time) (call ticket.Task, first time.Time) {
	if sheet == nil {
		return call, first
	}
	for i := range sheet.Tasks {
		t := &sheet.Tasks[i]
		if t.Kind != ticket.TaskCall || t.At.Before(began.Truncate(time.Second)) {
			continue
		}
		at := t.At
		if at.Before(began) {
			at = began
		}
		if at.After(now) {
			at = now
		}
		if first.IsZero() || at.Before(first) {
			call, first = *t, at
		}
	}
	return call, first
}

// lastNews is when the customer last heard of the ticket, as the tasks say it; zero: never.
func lastNews(sheet *ticket.Sheet, now time.Time) (last time.Time) {
	if sheet == nil {
		return last
	}
	for i := range sheet.Tasks {
		t := &sheet.Tasks[i]
		for _, at := range []time.Time{t.At, t.Until} {
			if t.Public && at.After(last) && !at.After(now) {
				last = at
			}
		}
	}
	return last
}

// recountClocks counts the other clocks again from their beginnings, as recount does the
// GTI, and says what came of those to which something was promised before or after.
func (s *stepper) recountClocks() (told []ticket.Recount) {
	promised := s.Rules.Contracts[s.t.Contract].Clocks
	if len(s.t.Clocks) == 0 && len(promised) == 0 {
		return nil
	}
	was := map[ticket.ClockKind]ticket.ClockResult{}
	s.eachClock(func(c *ticket.Clock, _ time.Time) { was[c.Kind] = s.clockResult(c) })
	s.addClocks()
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		from := c.From
		c.GTI = s.Rules.count(promised[c.Kind][s.t.Urgency], pausesUntil(s.t.GTI.Pauses, s.t.ClockStopped(c)), began)
		c.From, c.Pauses = from, s.t.GTI.Pauses
		s.remindAnew(c)
		if at := s.t.ClockStopped(c); !at.IsZero() {
			c.Stop(s.Rules.HoursOf(&s.t, c), began, at)
		}
		if now := s.clockResult(c); was[c.Kind] != now || now != (ticket.ClockResult{}) {
			told = append(told, ticket.Recount{Of: c.Kind, Was: was[c.Kind], Now: now})
		}
	})
	return told
}

// addClocks gives the ticket the clocks of its contract that it has not, as far as is
// known where they stand. They are not counted yet.
func (s *stepper) addClocks() {
	sheet := cmp.Or(s.edited, s.Sheet)
	for _, kind := range ticket.ClockKinds() {
		_, ok := s.Rules.Contracts[s.t.Contract].Clocks[kind][s.t.Urgency]
		if !ok || slices.ContainsFunc(s.t.Clocks, func(c ticket.Clock) bool { return c.Kind == kind }) {
			continue
		}
		c := ticket.Clock{Kind: kind}
		switch kind {
		case ticket.ClockRespond:
			if c.Done = firstOf(s.t.AcknowledgedAt, s.t.PickedUpAt); !c.Done.IsZero() {
				c.EndedBy = author(cmp.Or(s.t.AcknowledgedBy, s.t.PickedUpBy))
			}
		case ticket.ClockCallBack:
			var call ticket.Task
			call, c.Done = firstCall(sheet, s.t.OpenedAt, s.Now)
			c.EndedBy, c.EndedTask = call.By, call.ID
		case ticket.ClockNews:
			if at := lastNews(sheet, s.Now); at.After(s.t.OpenedAt) {
				c.From = at
			}
		case ticket.ClockResolve:
		}
		s.t.Clocks = append(s.t.Clocks, c)
	}
}

// firstOf is the earlier of two times, of which each may be zero.
func firstOf(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// soonerClocks counts the other clocks again for the urgency that alerts have given the
// ticket, those which are then due sooner, and says what came of it.
func (s *stepper) soonerClocks() (told []ticket.Recount) {
	promised := s.Rules.Contracts[s.t.Contract].Clocks
	if len(promised) == 0 {
		return nil
	}
	s.addClocks()
	s.eachClock(func(c *ticket.Clock, began time.Time) {
		from := c.From
		if s.t.Overflow != "" { // its alerts began at different times
			began, from = s.Now, s.Now
		}
		gti := s.Rules.count(promised[c.Kind][s.t.Urgency], s.t.GTI.Pauses, began)
		if !c.Done.IsZero() || !s.soonerThan(&gti, &c.GTI, s.t.ClockBegan(c)) {
			return
		}
		was := s.clockResult(c)
		c.GTI, c.From = gti, from
		s.remindAnew(c)
		told = append(told, ticket.Recount{Of: c.Kind, Was: was, Now: s.clockResult(c)})
	})
	return told
}

// clockResult is how a clock stands that has the ticket's pauses.
func (s *stepper) clockResult(c *ticket.Clock) ticket.ClockResult {
	if c.Within == 0 {
		return ticket.ClockResult{}
	}
	at := s.t.ClockStopped(c)
	if at.IsZero() {
		at = s.Now
	}
	return ticket.ClockResult{
		Within: ticket.Span(c.Within), Calendar: c.Calendar, DueAt: c.DueAt,
		Used: ticket.Span(c.Used(s.Rules.HoursOf(&s.t, c), s.t.ClockBegan(c), at).Truncate(time.Second)),
	}
}

// treated writes down how long the treatment took, when the ticket is resolved.
func (s *stepper) treated() {
	s.t.Treated = nil
	if s.t.PickedUpAt.IsZero() {
		return
	}
	counted := s.t.TreatedOn(s.Rules.TreatmentHours(&s.t), s.Now)
	if counted != s.Now.Sub(s.t.PickedUpAt) { // else it goes without saying
		span := ticket.Span(counted)
		s.t.Treated = &span
	}
}

// TreatmentHours is the calendar on whose hours a ticket's treatment counts: the GTI's,
// else the hours that its customer subscribed; nil: every hour counts.
func (r *Rules) TreatmentHours(t *ticket.Ticket) *calendar.Calendar {
	if cal := r.Hours(t); cal != nil {
		return cal
	}
	return r.Calendars[r.Contracts[t.Contract].Hours]
}
