package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// calmSpans are the stretches in which all is well. In them every promise must
// be kept in time.
func (s *sim) calmSpans(end time.Time) []span {
	s.mu.Lock()
	troubles := slices.Clone(s.troubles)
	s.mu.Unlock()
	slices.SortFunc(troubles, func(a, b span) int { return a.from.Compare(b.from) })
	var out []span
	at := s.began
	for _, t := range troubles {
		if t.from.Sub(at) > time.Minute {
			out = append(out, span{at, t.from})
		}
		if until := t.to.Add(simSettle); until.After(at) {
			at = until
		}
	}
	return append(out, span{at, end})
}

// judgePace compares every open ticket with the rounds of its policy.
func (h *history) judgePace(w span) {
	rules := h.s.covered(h.s.rulesAt(w.from))
	for _, number := range h.numbers() {
		t := h.tickets[number]
		if t.lost {
			continue
		}
		for i := range t.spells {
			sp := &t.spells[i]
			open := span{later(sp.from, w.from), sooner(sp.to, w.to)}
			if sp.state != ticket.Open || sp.muted || !open.to.After(open.from) || sp.from.Before(t.adopted) {
				continue
			}
			p := pace{h: h, t: t, rules: rules, number: number, episode: sp.episode, open: open, began: h.episodeBegan(t, sp.episode)}
			p.quiet = slices.ContainsFunc(t.spells[:i+1], func(x spell) bool { return x.episode == sp.episode && x.quiet })
			p.judge()
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// episodeBegan is when the store first knew of an episode.
func (h *history) episodeBegan(t *life, episode int) time.Time {
	for _, sp := range t.spells {
		if sp.episode == episode {
			return sp.from
		}
	}
	return time.Time{}
}

// pace judges one ticket while it is open in one episode and all is well.
type pace struct {
	h       *history
	t       *life
	rules   *escalation.Rules
	number  string
	episode int
	began   time.Time
	open    span
	quiet   bool
}

func (p *pace) judge() {
	if p.quiet || p.t.back || p.h.s.offsetMoved() {
		p.judgeSomebody()
		return
	}
	for i := range p.t.Policy.Steps {
		p.judgeStep(i)
	}
	p.judgeSomebody()
}

// judgeStep checks the beginning and the repetition of one step.
func (p *pace) judgeStep(i int) {
	step := &p.t.Policy.Steps[i]
	start := p.began.Add(step.After)
	until := p.open.to
	for j := i + 1; j < len(p.t.Policy.Steps); j++ { // who pages instead of it
		if p.t.Policy.Steps[j].Instead {
			until = sooner(until, sooner(p.began.Add(p.t.Policy.Steps[j].After), p.first(j)))
		}
	}
	every := longest(step)
	for _, free := range p.free(step, span{later(p.open.from, start), until}) {
		if !p.reachable(step, free) {
			continue
		}
		fresh := !start.Before(p.open.from) && free.from.Equal(start) && (p.episode == 1 || step.After > 0) &&
			!p.first(i).Before(start) // else it began before its time, as where nobody before could be reached
		latest := start.Add(p.h.s.handover())
		if step.Otherwise == "skip" && p.passedOver(i) { // it began early, and skipped what its calendar did not let go since
			latest = latest.Add(every)
		}
		if fresh && free.to.After(latest) && !p.sentIn(i, start.Add(-time.Second), latest) {
			p.h.s.problem("late", "step %d of %s, episode %d, was due at %.3f and was not sent by %.3f",
				i+1, p.number, p.episode, p.h.s.since(start), p.h.s.since(latest))
		}
		if step.Times > 0 {
			continue
		}
		at := free.from
		for _, o := range append(p.sends(i, free), &sent{at: free.to}) {
			if o.at.Sub(at) > every+p.h.s.handover() {
				p.h.s.problem("pace", "step %d of %s, episode %d, pages each %s at least, and did not from %.3f to %.3f",
					i+1, p.number, p.episode, every, p.h.s.since(at), p.h.s.since(o.at))
			}
			at = o.at
		}
	}
}

// judgeSomebody: an open ticket that may page now pages somebody, whatever its
// policy.
func (p *pace) judgeSomebody() {
	const silence = 5 * time.Minute // no step repeats more seldom, nor starts later
	goesOn, done, free := false, false, false
	for i := range p.t.Policy.Steps {
		step := &p.t.Policy.Steps[i]
		paged := p.first(i).Before(p.open.to)
		if step.Instead && paged {
			return // what comes of it is judged step by step
		}
		done = done || (step.Times > 0 && (paged || p.passedOver(i)))
		spans := p.free(step, p.open)
		if len(spans) != 1 || spans[0] != p.open {
			continue
		}
		if due := p.began.Add(step.After); due.After(p.open.from) && (!paged || !p.first(i).Before(due.Add(-p.h.early(p.began)))) {
			return // its turn comes
		}
		free = true
		if p.reachable(step, p.open) && (step.Times == 0 || (!paged && !p.passedOver(i))) {
			goesOn = !p.quiet || i == len(p.t.Policy.Steps)-1
		}
	}
	p.judgeManagersTried()
	p.judgePassedOn()
	if !goesOn && (done || !free || p.quiet) {
		return // it has done all that the policy says, or has to wait
	}
	at := p.open.from
	for _, o := range append(p.sends(-100, p.open), &sent{at: p.open.to}) {
		if o.at.Sub(at) > silence {
			p.h.s.problem("nobody paged", "ticket %s, open in episode %d, paged nobody from %.3f to %.3f",
				p.number, p.episode, p.h.s.since(at), p.h.s.since(o.at))
		}
		at = o.at
	}
}

// passedOver says whether a later step began early because nobody of this one
// could be reached at its turn.
func (p *pace) passedOver(i int) bool {
	for j := i + 1; j < len(p.t.Policy.Steps); j++ {
		if at := p.first(j); at.Before(p.open.to) && at.Before(p.began.Add(p.t.Policy.Steps[j].After-time.Second)) {
			return true
		}
	}
	return false
}

// judgeManagersTried: if every order was refused for good, every manager who
// can be reached was tried.
func (p *pace) judgeManagersTried() {
	sends := p.sends(-100, span{p.began, p.open.to})
	if len(sends) < 4 || slices.ContainsFunc(sends, func(o *sent) bool { return !o.final }) {
		return
	}
	for _, m := range p.rules.Directory.Managers() {
		tried := slices.ContainsFunc(p.h.sends, func(o *sent) bool {
			return o.key.Ticket == p.number && o.key.Episode == p.episode && o.key.Person == m.Key
		})
		if len(m.Phones) > 0 && !tried {
			p.h.s.problem("managers", "all pages of %s are refused for good, and %s was not tried", p.number, m.Key)
		}
	}
}

// judgePassedOn: if the only step has nobody left, the managers are paged at
// once, not a round later.
func (p *pace) judgePassedOn() {
	if len(p.t.Policy.Steps) != 1 || p.quiet || p.t.back || !p.h.chainBegan(p.t, p.episode).Equal(p.began) {
		return
	}
	step := &p.t.Policy.Steps[0]
	for _, o := range p.sends(0, p.open) {
		due := span{o.at, o.at.Add(p.h.s.handover())}
		people, _ := p.rules.Directory.On(step.Group, o.at)
		left := slices.ContainsFunc(people, func(person contacts.Person) bool {
			return slices.ContainsFunc(step.By, func(channel string) bool {
				return p.h.can(person, channel, o.at) && !p.h.failed(o, person.Key, channel)
			})
		})
		failed := slices.ContainsFunc(p.h.settled[o.key], func(w outcome) bool { return w.state == ticket.PageFailed && w.at.Before(due.to) })
		left = left || slices.ContainsFunc(p.sends(0, p.open), func(x *sent) bool { // by whichever rules
			return x.key.Round == o.key.Round && x.status/100 == 2 &&
				!slices.ContainsFunc(p.h.settled[x.key], func(w outcome) bool { return w.state == ticket.PageUndelivered || w.state == ticket.PageFailed })
		})
		if !failed || left || due.to.After(p.open.to) || len(p.free(step, due)) != 1 || p.free(step, due)[0] != due {
			continue
		}
		if !p.sentIn(ticket.ForEverybody.Key().Number(), p.began, due.to) {
			p.h.s.problem("passed on", "nobody of the only step of %s is left at %.3f, and the managers were not paged by %.3f",
				p.number, p.h.s.since(o.at), p.h.s.since(due.to))
		}
	}
}

func longest(step *ticket.Step) time.Duration {
	var out time.Duration
	for _, r := range step.Repeat {
		out = max(out, r.Every)
	}
	return out
}

// first is when a step first paged in the episode, for whatever reason.
func (p *pace) first(step int) time.Time {
	for _, o := range p.h.sends {
		if o.key.Ticket == p.number && o.key.Episode == p.episode && o.key.Step.Number() == step {
			return o.at
		}
	}
	return p.open.to
}

// sends are the orders of a step in a stretch of time; -100 stands for all
// steps.
func (p *pace) sends(step int, in span) []*sent {
	var out []*sent
	for _, o := range p.h.sends {
		if o.key.Ticket == p.number && o.key.Episode == p.episode && o.kind == ticket.KindPage &&
			(step == -100 || o.key.Step.Number() == step) && !o.at.Before(in.from) && o.at.Before(in.to) {
			out = append(out, o)
		}
	}
	return out
}

func (p *pace) sentIn(step int, from, to time.Time) bool {
	return len(p.sends(step, span{from, to})) > 0
}

// free are the stretches in which a step's calendars let it page.
func (p *pace) free(step *ticket.Step, in span) []span {
	if !in.to.After(in.from) {
		return nil
	}
	if step.During == "" && step.Outside == "" {
		return []span{in}
	}
	open := func(at time.Time) bool {
		during, outside := p.rules.Calendars[step.During], p.rules.Calendars[step.Outside]
		return (during == nil || during.Open(at)) && (outside == nil || !outside.Open(at))
	}
	var out []span
	for at := in.from; at.Before(in.to); at = at.Add(5 * time.Second) {
		next := sooner(at.Add(5*time.Second), in.to)
		switch n := len(out); {
		case !open(at) || !open(next.Add(-time.Nanosecond)):
		case n > 0 && out[n-1].to.Equal(at):
			out[n-1].to = next
		default:
			out = append(out, span{at, next})
		}
	}
	return out
}

// reachable says whether somebody who can be reached by the step's channels is
// on duty for it all the time.
func (p *pace) reachable(step *ticket.Step, in span) bool {
	for at := in.from; at.Before(in.to); at = at.Add(30 * time.Second) {
		people, _ := p.rules.Directory.On(step.Group, at)
		found := false
		for _, person := range people {
			found = found || (slices.Contains(step.By, "sms") && len(person.Phones) > 0)
			if devices, err := p.h.s.memory.Devices(context.Background(), person.Key); err == nil {
				found = found || (slices.Contains(step.By, "push") && len(devices) > 0 && p.h.s.pushes(at))
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// since is a time as the story shows it.
func (s *sim) since(at time.Time) float64 { return at.Sub(s.began).Seconds() }

// offsetMoved says whether the store's clock is not the world's.
func (s *sim) offsetMoved() bool { return s.moved() > 0 }
