package daemon

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// clocked says whether this world's contract has short promises, of which people are
// warned, and clocks that rest.
func (s *sim) clocked() bool { return s.seed%3 == 1 }

// promises are those of the contract of acme.
func (s *sim) promises() string {
	if !s.clocked() {
		return "gti: {critical: {within: 1h}, major: {within: 4h}}"
	}
	minutes := 6 + int(s.seed/3%9)
	return fmt.Sprintf("gti: {critical: {within: %dm}, major: {within: %dm}, minor: {within: 20m, calendar: business}}, warn: [50%%, 80%%, 100%%], pauses: [waiting_for_customer, agreed_date], respond_within: {critical: {within: %dm}, major: {within: 9m}}, news_within: {critical: {within: 10m}, minor: {within: 30m, calendar: business}}, resolve_within: {critical: {within: 30m}, major: {within: 1h}}, call_back_within: {major: {within: 12m}}",
		minutes, 2*minutes, minutes/2+1)
}

// scriptPauses has people let clocks rest and go on. It draws from its own random source.
func (s *sim) scriptPauses(add func(time.Duration, string, func())) {
	if !s.clocked() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 66))
	for range 4 + rng.IntN(6) {
		at := 15*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-15*time.Second)))
		who, action := []string{"alice", "bruno", "dominique"}[rng.IntN(3)], []string{"pause", "pause", "resume"}[rng.IntN(3)]
		body := map[string]string{"person": who}
		if action == "pause" {
			body["reason"] = string(ticket.PauseReasons()[rng.IntN(2)])
		}
		add(at, fmt.Sprintf("%s: %s a clock", who, action), func() {
			if number := s.someTicket(); number != "" {
				s.beside(func() {
					status, text := s.ask(20*time.Second, "/api/v1/tickets/"+number+"/"+action, apiToken, body)
					s.tell("  %s of the clock of %s: %d %.120s", action, number, status, text)
				})
			}
		})
	}
}

// warns holds a commit's warnings to what the ticket promised: each percentage once, none
// before its time or once somebody has begun, and no page of a warning without its line.
func (h *history) warns(number string, was *ticket.Ticket, c *escalation.Change) {
	lines := 0
	for _, e := range c.Timeline {
		if e.Kind != ticket.EntryClockWarned {
			continue
		}
		lines++
		now := h.s.storeNow()
		if e.Args.Of != "" {
			h.reminds(number, was, c, &e, now)
			continue
		}
		if e.Detail == ticket.SaidWarnedStep { // as if somebody had passed it on
			t := h.tickets[number]
			t.passed = append(t.passed, time.Now())
		}
		switch {
		case !was.PickedUpAt.IsZero() || !was.State.Active():
			h.s.problem("warned", "%s is warned of %d %%, and is %s", number, e.Args.Percent, was.State)
		case was.GTI.WarnAt.IsZero():
			h.s.problem("warned", "%s is warned of %d %%, and nothing was due", number, e.Args.Percent)
		case was.GTI.WarnAt.Sub(now) > simDeadline+h.s.moved():
			h.s.problem("warned", "%s is warned of %d %% at %s, due %s", number, e.Args.Percent, clockOf(now), clockOf(was.GTI.WarnAt))
		case e.Args.Percent <= was.GTI.Warned || c.Ticket.GTI.Warned < e.Args.Percent:
			h.s.problem("warned", "%s is warned of %d %% again: it was of %d %%", number, e.Args.Percent, was.GTI.Warned)
		}
	}
	fresh := slices.ContainsFunc(c.Pages, func(p ticket.Page) bool {
		return p.Kind == ticket.KindClock && !p.Round.Again && p.Round == ticket.Round(was.Progress.Clocked)
	})
	if fresh && lines == 0 {
		h.s.problem("warned", "a warning of %s is paged, and its timeline has no line", number)
	}
	if rest := c.Ticket.GTI.Resting(); rest != nil && !c.Ticket.GTI.WarnAt.IsZero() {
		h.s.problem("warned", "the clock of %s rests, and somebody is warned at %s", number, clockOf(c.Ticket.GTI.WarnAt))
	}
}

// reminds holds a reminder to what was promised besides the GTI: each percentage of a run
// once, none before its time or once the clock has stopped, no step for it.
func (h *history) reminds(number string, was *ticket.Ticket, c *escalation.Change, e *ticket.Entry, now time.Time) {
	clock, ok := was.Clock(e.Args.Of)
	switch {
	case !ok || !was.State.Active() || !was.ClockStopped(&clock).IsZero() || e.Detail == ticket.SaidWarnedStep:
		h.s.problem("warned", "%s is reminded of %d %% of %s, and is %s", number, e.Args.Percent, e.Args.Of, was.State)
	case clock.WarnAt.IsZero() || clock.WarnAt.Sub(now) > simDeadline+h.s.moved():
		h.s.problem("warned", "%s is reminded of %d %% of %s at %s, due %s", number, e.Args.Percent, e.Args.Of, clockOf(now), clockOf(clock.WarnAt))
	case e.Args.Percent <= clock.Warned:
		h.s.problem("warned", "%s is reminded of %d %% of %s again: it was of %d %%", number, e.Args.Percent, e.Args.Of, clock.Warned)
	}
	if ok && !h.tickets[number].back {
		h.remindsOnce(number, was, &clock, e)
	}
	taker := was.AcknowledgedBy.Person()
	if was.State != ticket.Acknowledged || taker == "" || h.s.tookAway(taker) {
		return
	}
	for i := range c.Pages {
		p := &c.Pages[i]
		if p.Kind == ticket.KindReminder && !p.Round.Again && taker != p.Person && p.Step.Kind.Reminds() == e.Args.Of {
			h.s.problem("warned", "%s has %s, and %s is reminded", taker, number, p.Person)
		}
	}
}

// tookAway says whether a reload took a person away: whoever is on duty is reminded in the
// place.
func (s *sim) tookAway(person string) bool {
	return slices.ContainsFunc(s.everyRules(), func(rules *escalation.Rules) bool {
		_, known := rules.Directory.Person(person)
		return !known
	})
}

// putOff says whether a commit put off a promise though no clock has rested.
func putOff(was, now *ticket.GTI) bool {
	if was.DueAt.IsZero() || len(now.Pauses) > 0 {
		return false
	}
	return now.DueAt.IsZero() || now.DueAt.After(was.DueAt)
}
