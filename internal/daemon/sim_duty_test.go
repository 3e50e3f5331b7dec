package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// scriptHandover has something paged shortly before duty passes on, so that
// the page may wait until after the handover.
func (s *sim) scriptHandover(add func(time.Duration, string, func())) {
	at := s.plan.handover - s.seconds(1, 15)
	tool := s.tools[s.rng.IntN(len(s.tools))]
	a := tool.alerts[s.rng.IntN(len(tool.alerts))]
	length := s.seconds(5, 25)
	f := phonetest.Fault{Times: 2 + s.rng.IntN(6), Status: 503}
	switch s.rng.IntN(4) {
	case 0:
		add(at, "the providers refuse before the handover", func() {
			s.trouble(s.plan.trouble)
			s.world.SetFault(f)
		})
	case 1:
		f.Code, f.Status, f.RetryAfter = 20429, 429, length
		add(at, "the providers ask for patience before the handover", func() {
			s.trouble(s.plan.trouble)
			s.world.SetFault(f)
		})
	case 2:
		add(at, "pages cannot be claimed before the handover", func() { s.storeFault(-1, length, 1, "before", "Claim") })
	default:
	}
	add(at+s.seconds(0, 2), a.name+" fires before the handover", func() { tool.set(a, true) })
}

// everyRules are the rules of every configuration so far: a daemon may still
// have older ones.
func (s *sim) everyRules() []*escalation.Rules {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allRules()
}

// onDuty judges an order as it goes out. A step pages whoever is on duty then,
// or was when the page was claimed, by the store's clock.
func (h *history) onDuty(o *sent) {
	t := h.tickets[o.key.Ticket]
	if o.kind != ticket.KindPage || t == nil {
		return
	}
	step, ok := o.key.Step.In(len(t.Policy.Steps))
	if !ok {
		return
	}
	from, now := h.firstClaim(o), time.Now()
	early := h.s.moved() + 2*time.Second
	offset := h.s.storeNow().Sub(now)
	for _, rules := range h.goneBy(o, from) {
		for _, at := range []time.Time{from.Add(offset - early), now.Add(offset), now.Add(offset + early)} {
			people, _ := rules.Directory.On(t.Policy.Steps[step].Group, at)
			if slices.ContainsFunc(people, func(p contacts.Person) bool { return p.Key == o.key.Person }) {
				return
			}
		}
	}
	h.s.problem("off duty", "%s was paged by step %d, for which somebody else is on duty", o.key, step+1)
}

// displaced judges a page that was dropped. If its person is no longer on
// duty, whoever is must have been paged instead by then.
func (h *history) displaced(o *paging.Outcome) {
	k := o.Key
	view, err := h.s.memory.View(context.Background(), k.Ticket)
	t := h.tickets[k.Ticket]
	if err != nil || t == nil || t.back || k.Step.Kind != ticket.ForStep || h.undone(k.Ticket, k.Episode) {
		return
	}
	p := &view.Ticket.Progress
	if view.Ticket.State != ticket.Open || p.Episode != k.Episode || k.Step.N >= len(p.Steps) || p.Steps[k.Step.N].Stopped {
		return
	}
	later := slices.ContainsFunc(view.Pages, func(x ticket.Page) bool {
		return x.Step == k.Step && x.Episode == k.Episode && x.Person == k.Person && x.Channel == k.Channel && x.Round.Number() > k.Round.Number()
	})
	if later {
		return // that one is judged
	}
	missing := ""
	for _, rules := range h.s.rulesSince(time.Time{}, time.Now()) {
		gone, left := h.unpaged(rules, &view, k)
		if gone && left == "" {
			return
		}
		if gone {
			missing = left
		}
	}
	if missing != "" {
		h.s.problem("handover", "%s was not sent because somebody else is on duty, and %s is not paged in the place", k, missing)
	}
}

// unpaged says whether these rules have a page's person off duty. It lists the
// people on duty who were not paged in that round or later.
func (h *history) unpaged(rules *escalation.Rules, view *ticket.View, k ticket.PageKey) (gone bool, left string) {
	step := &view.Ticket.Policy.Steps[k.Step.N]
	if _, known := rules.Directory.Person(k.Person); !known {
		return false, ""
	}
	people, _ := rules.Directory.On(step.Group, h.s.storeNow())
	for _, person := range people {
		if person.Key == k.Person {
			return false, ""
		}
		paged := slices.ContainsFunc(view.Pages, func(x ticket.Page) bool {
			return x.Step == k.Step && x.Episode == k.Episode && x.Person == person.Key && (x.Round.Number() >= k.Round.Number() || k.Round.Again)
		})
		devices, _ := h.s.memory.Devices(context.Background(), person.Key)
		reachable := (slices.Contains(step.By, "sms") && len(person.Phones) > 0) || (slices.Contains(step.By, "push") && len(devices) > 0 && h.s.pushes(time.Now()))
		if reachable && !paged {
			left = person.Key
		}
	}
	return true, left
}

// judgeAgain: for a page that did not arrive, or whose person was on duty no more,
// another is tried out of turn once, however often the receipt comes.
func (h *history) judgeAgain(number string) {
	if h.tickets[number].back {
		return
	}
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil {
		return
	}
	again, failed := 0, 0
	for i := range view.Pages {
		p := &view.Pages[i]
		if p.Round.Again && !h.asked[p.PageKey] {
			again++
		}
		offDuty := p.State == ticket.PageCancelled && p.Error == string(ticket.WhyOffDuty) // as one daemon knew it before another did
		if offDuty || slices.ContainsFunc(h.settled[p.PageKey], func(w outcome) bool {
			return w.how == "receipt" && (w.state == ticket.PageUndelivered || w.state == ticket.PageFailed)
		}) {
			failed++
		}
	}
	if again > failed {
		h.s.problem("again", "%d pages of %s did not arrive, and it was paged once more %d times", failed, number, again)
	}
}
