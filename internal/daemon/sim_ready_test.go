package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
)

// asks says whether people are asked in a world before its handover: in half of those
// that have one, but for those that lose what was written, or have people take over.
func (s *sim) asks() bool {
	return s.plan.handover > 0 && s.seed%2 == 1 && !s.hasCovers() && !s.plan.kinds["failover"] && !s.plan.kinds["store clock"] && !s.plan.kinds["reload"]
}

// isNote says whether a push is no page: a message before a handover, or at it.
func isNote(data map[string]string) bool {
	return slices.Contains([]string{ready.KindAsk, ready.KindTell, ready.KindSummary, ready.KindTry, ready.KindLapsed, lookahead.KindAhead, lookahead.KindNightNote}, data["kind"])
}

// readiness is how the group on call asks.
func (s *sim) readiness() string {
	if !s.asks() {
		return "off"
	}
	return "{ask: 24h, remind: 1m}"
}

// handovers are those that the store knows.
func (s *sim) handovers() []ready.Handover {
	list, err := ready.NewHandovers(s.memory.Records()).All(context.Background())
	if err != nil {
		s.problem("judge", "handovers: %v", err)
	}
	return list
}

// stayingRules are rules with those who stay on beside somebody who has not confirmed,
// as they are known now, and as they were before somebody confirmed.
func (s *sim) stayingRules(base []*escalation.Rules) (all []*escalation.Rules) {
	if !s.asks() {
		return nil
	}
	now := s.handovers()
	before := slices.Clone(now)
	for i := range before {
		before[i].Confirmed = time.Time{}
	}
	for _, list := range [][]ready.Handover{now, before} {
		for _, rules := range base {
			directory, err := rules.Directory.With(ready.Overrides(rules.Directory, list))
			if err != nil {
				s.problem("judge", "who stays on: %v", err)
				return nil
			}
			with := *rules
			with.Directory = directory
			all = append(all, &with)
		}
	}
	return all
}

// judgeAlone: whoever came on call and has not confirmed is not paged alone: in each
// round whoever went off call is paged, too, who can be.
func (h *history) judgeAlone(number string) {
	s := h.s
	if !s.asks() {
		return
	}
	view, err := s.memory.View(context.Background(), number)
	if err != nil {
		return
	}
	early := s.moved() + simLearns
	for _, o := range s.handovers() {
		until := o.At.Add(ready.Stays)
		if !o.Confirmed.IsZero() {
			until = o.Confirmed
		}
		left := s.leaving(&o)
		for i := range view.Pages {
			p := &view.Pages[i]
			n, ok := p.Step.In(len(view.Ticket.Policy.Steps))
			if !ok || p.Person != o.Person || p.Round.Again || p.At.Before(o.At.Add(early)) || !p.At.Before(until.Add(-early)) || view.Ticket.Policy.Steps[n].Group != o.Group {
				continue
			}
			for _, one := range left {
				if one.Key == o.Person || !h.reachedBy(&one, view.Ticket.Policy.Steps[n].By) {
					continue
				}
				beside := slices.ContainsFunc(view.Pages, func(x ticket.Page) bool {
					return x.Person == one.Key && x.Step == p.Step && x.Episode == p.Episode && x.Round == p.Round
				})
				if !beside {
					s.problem("alone", "%s was paged at %s and has not confirmed, and %s was not paged beside: %+v", p.PageKey, p.At, one.Key, o)
				}
			}
		}
	}
}

// leaving are those who went off call at a handover, by each configuration that there
// was: what a reload changed is judged by nothing.
func (s *sim) leaving(o *ready.Handover) (left []contacts.Person) {
	for i, rules := range s.everyRules() {
		before, _ := rules.Directory.On(o.Group, o.At.Add(-1))
		if !o.Stands(rules.Directory) {
			return nil
		}
		if i == 0 {
			left = before
			continue
		}
		left = slices.DeleteFunc(left, func(p contacts.Person) bool {
			return !slices.ContainsFunc(before, func(b contacts.Person) bool { return b.Key == p.Key })
		})
	}
	return left
}

// reachedBy says whether somebody has a channel of a step, as far as nothing hurts it.
func (h *history) reachedBy(p *contacts.Person, by []string) bool {
	return slices.Contains(by, "sms") && len(p.Phones) > 0
}
