package daemon

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// scriptTasks has people call back and write news where clocks wait for it. It draws from
// its own random source.
func (s *sim) scriptTasks(add func(time.Duration, string, func())) {
	if !s.clocked() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 93))
	for range 1 + rng.IntN(4) {
		at := 30*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-30*time.Second)))
		body := map[string]any{
			"kind": []string{"call", "note"}[rng.IntN(2)], "text": "we work on it", "public": rng.IntN(2) == 0,
			"person": []string{"alice", "bruno", "dominique"}[rng.IntN(3)],
		}
		add(at, fmt.Sprintf("somebody writes what was done: %v", body), func() {
			if number := s.someTicket(); number != "" {
				s.beside(func() {
					status, said, _ := s.send(http.MethodPost, number+"/tasks", "", body)
					s.tell("  a task of %s: %d %.120s", number, status, said)
				})
			}
		})
	}
}

// simRun is one run of a clock: what was promised, and of which percentage of it somebody
// was reminded last.
type simRun struct {
	began  time.Time
	within time.Duration
	told   int
	runs   bool      // it does not rest, and its ticket is active
	since  time.Time // so
}

// run is the present run of a ticket's clock.
func (t *life) run(kind ticket.ClockKind) *simRun {
	if t.runs == nil {
		t.runs = map[ticket.ClockKind]*simRun{}
	}
	if t.runs[kind] == nil {
		t.runs[kind] = &simRun{}
	}
	return t.runs[kind]
}

// runsOn follows the clocks of a ticket.
func (h *history) runsOn(t *life) {
	now := h.s.storeNow()
	for _, kind := range ticket.ClockKinds() {
		clock, ok := t.Clock(kind)
		run := t.run(kind)
		if began := t.ClockBegan(&clock); !run.began.Equal(began) || run.within != clock.Within {
			*run = simRun{began: began, within: clock.Within}
		}
		runs := ok && t.State.Active() && t.ClockStopped(&clock).IsZero() && clock.Resting() == nil
		if runs && !run.runs {
			run.since = now
		}
		run.runs = runs
	}
}

// remindsOnce holds a line that says that somebody is reminded to what was promised: each
// percentage of a run once, in its time, within the hours of its clock.
func (h *history) remindsOnce(number string, was *ticket.Ticket, clock *ticket.Clock, e *ticket.Entry) {
	run := h.tickets[number].run(e.Args.Of)
	rules := h.s.rulesAt(time.Now())
	hours := rules.HoursOf(was, clock)
	at, ok := clock.When(hours, was.ClockBegan(clock), clock.Within/100*time.Duration(e.Args.Percent))
	now, moved := h.s.storeNow(), h.s.moved()
	delay := now.Sub(later(at, run.since))
	open := func(at time.Time) bool {
		return hours == nil || hours.Open(at) || hours.Open(at.Add(-time.Minute-moved))
	}
	switch {
	case e.Args.Percent <= run.told:
		h.s.problem("reminder", "%s is reminded of %d %% of %s again: it was of %d %%", number, e.Args.Percent, e.Args.Of, run.told)
	case ok && at.Sub(e.At) > time.Second+moved:
		h.s.problem("reminder", "%s is reminded of %d %% of %s at %s, before %s", number, e.Args.Percent, e.Args.Of, clockOf(e.At), clockOf(at))
	case !open(e.At):
		h.s.problem("reminder", "%s is reminded of %s at %s, outside its hours", number, e.Args.Of, clockOf(e.At))
	case ok && delay > simDeadline+moved && open(at) && !h.s.troubled(time.Now().Add(-delay), time.Now()):
		h.s.problem("reminder", "%s is reminded of %d %% of %s at %s, which was to be at %s", number, e.Args.Percent, e.Args.Of, clockOf(now), clockOf(at))
	}
	run.told = max(run.told, e.Args.Percent)
}

// remindsWhom holds the pages of a commit that remind to it: they go to whoever has the
// ticket, else to who is on duty for its first step; to each once for every line, and
// nothing is paged without one.
func (h *history) remindsWhom(number string, was *ticket.Ticket, c *escalation.Change) {
	lines, to := map[ticket.ClockKind]int{}, map[string]int{}
	for i := range c.Timeline {
		if e := &c.Timeline[i]; e.Kind == ticket.EntryClockWarned && e.Args.Of != "" {
			lines[e.Args.Of]++
		}
	}
	paged := map[ticket.ClockKind]bool{}
	for i := range c.Pages {
		p := &c.Pages[i]
		of := p.Step.Kind.Reminds()
		if p.Kind != ticket.KindReminder || p.Round.Again || p.Round.N < was.Progress.Clocked { // it is tried by another way
			continue
		}
		paged[of] = true
		key := string(of) + "/" + p.Person + "/" + p.Channel
		if to[key]++; to[key] > lines[of] {
			h.s.problem("reminder", "%s: %s is paged %d times of %s, and its timeline has %d lines", number, p.Person, to[key], of, lines[of])
		}
		if !h.mayRemind(was, &c.Ticket, p) {
			h.s.problem("reminder", "%s is %s, and %s is reminded of %s, who neither has it nor is on duty for its first step", number, was.State, p.Person, of)
		}
	}
	if len(was.Policy.Steps) == 0 || c.Ticket.State == ticket.Open && !c.Ticket.Progress.Mute.Until.IsZero() || was.State != c.Ticket.State {
		return
	}
	taker, known := c.Ticket.AcknowledgedBy.Person(), was.State.Taken()
	if c.Ticket.State == ticket.InProgress && c.Ticket.PickedUpBy != nil {
		taker = c.Ticket.PickedUpBy.Person()
	}
	known = known && taker != "" && !h.s.tookAway(taker)
	if step := &was.Policy.Steps[0]; !known && (step.During != "" || step.Outside != "") {
		return
	}
	for of := range lines {
		if !paged[of] {
			h.s.problem("reminder", "%s, which is %s: the timeline says that somebody is reminded of %s, and nobody is", number, was.State, of)
		}
	}
}

// mayRemind says whether a reminder may go to a person.
func (h *history) mayRemind(was, now *ticket.Ticket, p *ticket.Page) bool {
	for _, t := range []*ticket.Ticket{was, now} {
		taker := t.AcknowledgedBy.Person()
		if t.State == ticket.InProgress && t.PickedUpBy != nil {
			taker = t.PickedUpBy.Person()
		}
		if t.State.Taken() && taker != "" {
			if p.Person == taker {
				return true
			}
			if !h.s.tookAway(taker) {
				continue
			}
		}
		if len(t.Policy.Steps) == 0 {
			continue
		}
		early := h.s.moved() + 2*time.Second
		for _, rules := range h.s.rulesSince(time.Time{}, time.Now()) {
			for _, at := range []time.Time{p.At.Add(-early), p.At, p.At.Add(early)} {
				people, _ := rules.Directory.On(t.Policy.Steps[0].Group, at)
				if slices.ContainsFunc(people, func(x contacts.Person) bool { return x.Key == p.Person }) {
					return true
				}
			}
		}
	}
	return false
}

// judgeReminders: when all is well, somebody was reminded of each percentage of a promise
// that was used while its clock ran, or of a later one.
func (h *history) judgeReminders(number string) {
	t, now := h.tickets[number], h.s.storeNow()
	if t.back || !t.State.Active() {
		return
	}
	rules := h.s.rulesAt(time.Now())
	for _, kind := range ticket.ClockKinds() {
		clock, ok := t.Clock(kind)
		run := t.run(kind)
		if !ok || !run.runs {
			continue
		}
		hours := rules.HoursOf(&t.Ticket, &clock)
		for _, percent := range rules.Contracts[t.Contract].Warn {
			at, counts := clock.When(hours, t.ClockBegan(&clock), clock.Within/100*time.Duration(percent))
			slack := simDeadline + h.s.moved()
			open := hours == nil || hours.Open(now) && hours.Open(now.Add(-slack))
			if counts && open && percent > run.told && at.After(run.since) && now.Sub(at) > slack {
				h.s.problem("no reminder", "%d %% of %s of %s was used at %s, and nobody was reminded", percent, kind, number, clockOf(at))
			}
		}
	}
}

// droppedReminder judges a reminder that was not sent: its promise is kept by then, its point
// done, or an hour has passed.
func (h *history) droppedReminder(key ticket.PageKey) {
	t, claims := h.tickets[key.Ticket], h.claims[key]
	if t == nil || t.lost || t.back || len(claims) == 0 || t.Progress.Episode != key.Episode {
		return
	}
	c := claims[len(claims)-1]
	if now := h.s.storeNow(); now.Sub(c.page.At) > 30*time.Minute || len(t.spells) > 0 && t.spells[len(t.spells)-1].from.After(c.at) {
		return
	}
	switch {
	case c.page.Kind == ticket.KindDue && t.State != ticket.Closed && t.list.reminded():
	case c.page.Kind == ticket.KindReminder && t.State.Active():
		clock, ok := t.Clock(key.Step.Kind.Reminds())
		if !ok || !t.ClockStopped(&clock).IsZero() || t.ClockBegan(&clock).After(c.page.At) {
			return
		}
	default:
		return
	}
	h.s.problem("no reminder", "%s was dropped, and what it reminds of is still to do", key)
}
