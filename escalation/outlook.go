package escalation

import (
	"slices"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Never is the duration until something that does not happen.
const Never time.Duration = -1

// LookAhead is how far a course looks for a ticket's first page before it says
// that there is none.
const LookAhead = 14 * 24 * time.Hour

// Outlook says what becomes of a ticket if nobody does anything. Durations
// count from its opening.
type Outlook struct {
	First  time.Duration   // the first page
	Person string          // who gets it
	Second time.Duration   // the first page to somebody else
	Steps  []time.Duration // the first page of each step
	Looked time.Duration   // how far it looked
	// settled says that looking further changes nothing.
	settled bool
}

// nothing is the outlook if nobody is ever paged.
func nothing(p *ticket.Policy) Outlook {
	return Outlook{First: Never, Second: Never, Steps: slices.Repeat([]time.Duration{Never}, len(p.Steps)), settled: true}
}

// run opens a ticket of the policy at t, which is in mark i, and lets time
// pass for it by Step. It goes on until the second person is paged, or to the
// end. It waits at least LookAhead for the first page.
func (c *Course) run(t time.Time, i int, end time.Time) Outlook {
	o := nothing(&c.policy)
	o.settled = false
	s := Simulated{Ticket: Opening("", ticket.Incident, "", Routed{Policy: c.policy, Urgency: DefaultUrgency}, t, c.rules)}
	now, calm := t, calm{since: t, mark: i}
	var event Event = AlertMoved{To: ticket.Firing, Urgency: DefaultUrgency}
	for {
		s.step(event, World{Now: now, Rules: c.rules, Reach: c.reach})
		c.note(&o, s.Pages, t)
		s.Pages, event = s.Pages[:0], Tick{}
		next := s.Ticket.NextPageAt()
		if o.Second != Never || next.IsZero() {
			o.Looked, o.settled = now.Sub(t), true
			return o
		}
		limit := end
		if first := t.Add(LookAhead); o.First == Never && first.After(end) {
			limit = first
		}
		if next.After(limit) {
			o.Looked = max(limit.Sub(t), now.Sub(t))
			return o
		}
		now = c.next(&s.Ticket, &calm, now, next, limit)
	}
}

// note notes the pages of one moment. A group's telephone is in the hands of whoever is
// paged with it: it is nobody else.
func (c *Course) note(o *Outlook, pages []ticket.Page, opened time.Time) {
	for i := range pages {
		p := &pages[i]
		since := p.At.Sub(opened)
		if n, ok := p.Step.In(len(o.Steps)); ok && o.Steps[n] == Never {
			o.Steps[n] = since
		}
		switch {
		case o.First == Never:
			o.First, o.Person = since, p.Person
		case o.Second == Never && p.Person != o.Person:
			if _, telephone := c.rules.Directory.GroupOfPhone(p.Person); !telephone {
				o.Second = since
			}
		}
	}
}

// calm remembers since when the rounds of a ticket have only repeated
// themselves.
type calm struct {
	since time.Time
	mark  int
	shape string
}

// mostRounds is how many rounds may be passed over at once. Over a longer
// stop, Step counts the rounds by its last pace alone.
const mostRounds = 90

// next is the next instant to look at a ticket: when its next round is due. If
// all of its rounds only repeat themselves until something changes, it is just
// before that change. Late rounds are not made up for, and their plan stays.
func (c *Course) next(t *ticket.Ticket, calm *calm, now, due, limit time.Time) time.Time {
	mark := calm.mark
	for mark+1 < len(c.marks) && !c.marks[mark+1].at.After(now) {
		mark++
	}
	if shape := shapeOf(&t.Progress); mark != calm.mark || shape != calm.shape {
		calm.since, calm.mark, calm.shape = now, mark, shape
		return due
	}
	shortest, longest, counted := paces(t)
	if counted || now.Sub(calm.since) <= 2*longest {
		return due
	}
	if mark+1 < len(c.marks) && c.marks[mark+1].at.Before(limit) {
		limit = c.marks[mark+1].at
	}
	for i := range t.Progress.Steps {
		run := &t.Progress.Steps[i]
		if start := t.Progress.Began.Add(t.Policy.Steps[i].After); run.Started.IsZero() && !run.Stopped && start.Before(limit) {
			limit = start
		}
	}
	if most := due.Add(mostRounds * shortest); most.Before(limit) {
		limit = most
	}
	if before := limit.Add(-1); before.After(due) {
		return before
	}
	return due
}

// paces are the shortest and the longest pace of the policy. counted says
// whether rounds are counted of a step that still goes on.
func paces(t *ticket.Ticket) (shortest, longest time.Duration, counted bool) {
	shortest, longest = ticket.DefaultRepeat, ticket.DefaultRepeat
	for i := range t.Policy.Steps {
		step := &t.Policy.Steps[i]
		run := &t.Progress.Steps[i]
		if len(run.Later) > 0 || !run.Next.IsZero() && (step.Times > 0 || run.First.IsZero() && len(step.Repeat) > 1) {
			counted = true // a step that was only skipped so far begins its paces anew each time
		}
		for _, pace := range step.Repeat {
			shortest, longest = min(shortest, pace.Every), max(longest, pace.Every)
		}
	}
	return shortest, longest, counted
}

// shapeOf is all of a ticket's progress that a round can change, except its
// times.
func shapeOf(p *ticket.Progress) string {
	b := make([]byte, 0, 64)
	add := func(run *ticket.StepRun) {
		bits := byte(0)
		for i, set := range []bool{run.Started.IsZero(), run.Next.IsZero(), run.Stopped, run.Exhausted} {
			if set {
				bits |= 1 << i
			}
		}
		b = strconv.AppendInt(append(b, bits), int64(len(run.Reached)), 10)
	}
	for i := range p.Steps {
		add(&p.Steps[i])
	}
	if p.Everybody != nil {
		add(p.Everybody)
	}
	return string(b)
}
