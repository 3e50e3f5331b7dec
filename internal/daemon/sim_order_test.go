package daemon

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// judgeTwice: a page goes to an address once, unless the outcome was unknown,
// or there is a reason why it was not recorded.
func (h *history) judgeTwice() {
	type address struct {
		key ticket.PageKey
		to  string
	}
	last := map[address]*sent{}
	for _, o := range h.sends {
		at := address{o.key, o.to}
		before := last[at]
		last[at] = o
		if before == nil || h.vague(&o.claim.page) || before.refused || (before.status == 0 && !before.done.IsZero()) {
			continue
		}
		if before.by == o.by && before.claim.token == o.claim.token && h.claimsBy(o) < h.ordersBy(o) {
			h.s.problem("twice", "%s was ordered for %s more often than it was claimed, at %.3f and %.3f", o.key, o.to, h.s.since(before.at), h.s.since(o.at))
			continue
		}
		recorded := slices.ContainsFunc(h.settled[o.key], func(w outcome) bool {
			return w.at.After(before.at) && w.at.Before(o.claim.at) && w.state != ticket.PageQueued && w.state != ticket.PageCancelled
		})
		excused := before.by.hurt(h.firstClaim(before).Add(-leaseBefore), o.claim.at) || h.s.movedIn(h.firstClaim(before), o.claim.at) ||
			o.by.hurt(h.firstClaim(o).Add(-leaseBefore), o.at) // it was stopped with the page in hand, and went on
		if h.restored(before.claim.at, o.claim.at) || (excused && !recorded) {
			continue
		}
		h.s.problem("twice", "%s was sent to %s at %.3f (answer %d at %.3f, recorded %v) and again at %.3f",
			o.key, o.to, h.s.since(before.at), before.status, h.s.since(before.done), recorded, h.s.since(o.at))
	}
}

// claimsBy and ordersBy count what a daemon did with a page.
func (h *history) claimsBy(o *sent) (n int) {
	for _, c := range h.claims[o.key] {
		if c.by == o.by {
			n++
		}
	}
	return n
}

func (h *history) ordersBy(o *sent) (n int) {
	for _, x := range h.sends {
		if x.key == o.key && x.to == o.to && x.by == o.by {
			n++
		}
	}
	return n
}

// firstClaim is when a daemon first claimed a page. If there are several
// claims, nobody can tell which one an order belongs to.
func (h *history) firstClaim(o *sent) time.Time {
	for _, c := range h.claims[o.key] {
		if c.by == o.by {
			return c.at
		}
	}
	return o.at
}

// leaseBefore is how long before a claim something may have kept its daemon
// from extending it.
const leaseBefore = 4 * time.Second

// judgeManagers: nobody of a later step, and no manager, is paged early,
// unless nobody before can be reached, or somebody passed the ticket on.
func (h *history) judgeManagers(all []*escalation.Rules) {
	for _, o := range h.sends {
		if o.kind != ticket.KindPage || (o.key.Step.Number() <= 0 && o.key.Step.Kind != ticket.ForEverybody) {
			continue
		}
		t := h.tickets[o.key.Ticket]
		if t == nil || t.lost || t.back || h.asked[o.key] || (h.s.moved() > 0 && hasCalendars(&t.Policy)) {
			continue
		}
		if t.Overflow != "" && (o.key.Step.Kind == ticket.ForEverybody || o.at.Before(t.adopted)) {
			continue // the managers are told that the source is at its bound
		}
		var due time.Time
		if step, ok := o.key.Step.In(len(t.Policy.Steps)); ok {
			due = h.chainBegan(t, o.key.Episode).Add(t.Policy.Steps[step].After)
			if !o.at.Before(due.Add(-h.early(h.chainBegan(t, o.key.Episode)))) {
				continue
			}
		}
		if h.wentOn(t, o) || h.lastResort(t, o) || slices.ContainsFunc(t.passed, func(at time.Time) bool { return !at.After(o.at) }) {
			continue
		}
		if slices.ContainsFunc(all, func(r *escalation.Rules) bool { return h.nobodyEver(r, t, o) }) {
			continue
		}
		h.s.problem("too soon", "%s was paged at %.3f, due at %.3f, and somebody before could be reached",
			o.key, h.s.since(o.at), h.s.since(due))
	}
}

// hasCalendars says whether a calendar holds steps of a policy. They go by the
// store's clock, which the judge does not follow.
func hasCalendars(p *ticket.Policy) bool {
	return slices.ContainsFunc(p.Steps, func(s ticket.Step) bool { return s.During != "" || s.Outside != "" })
}

// early is how far before its time a page may go: as far as clocks were moved,
// and as long as a commit took to the store, because an episode counts from
// when it was decided.
func (h *history) early(began time.Time) time.Duration {
	out := h.s.moved() + time.Second
	if h.s.troubled(began, began) {
		out += 11 * time.Second
	}
	return out
}

// chainBegan is when a ticket was last opened or given up, before or in the
// episode. If it only got worse, those who were being paged go on.
func (h *history) chainBegan(t *life, episode int) time.Time {
	var began time.Time
	open := false
	for _, sp := range t.spells {
		if sp.episode > episode {
			break
		}
		if sp.state == ticket.Open && !open && (began.IsZero() || h.episodeBegan(t, sp.episode).Equal(sp.from)) {
			began = sp.from
		}
		open = sp.state == ticket.Open
	}
	return began
}

// wentOn says whether the step had begun before and has not ended since: that
// was judged then.
func (h *history) wentOn(t *life, o *sent) bool {
	began := h.chainBegan(t, o.key.Episode)
	return slices.ContainsFunc(h.sends, func(x *sent) bool {
		return x.kind == ticket.KindPage && x.key.Ticket == o.key.Ticket && x.key.Step == o.key.Step &&
			x.at.Before(o.at) && !x.at.Before(began)
	})
}

// lastResort says whether every manager had been paged before because nobody
// could be reached. That was judged then, and every step has had its turn.
func (h *history) lastResort(t *life, o *sent) bool {
	began := h.chainBegan(t, o.key.Episode)
	return o.key.Step.Kind != ticket.ForEverybody && slices.ContainsFunc(h.sends, func(x *sent) bool {
		return x.kind == ticket.KindPage && x.key.Ticket == o.key.Ticket && x.key.Step.Kind == ticket.ForEverybody && x.at.Before(o.at) && !x.at.Before(began)
	})
}

// nobodyEver says whether that held when the page was ordered, or at an
// earlier try: its step had begun then, and waited only for its calendar.
func (h *history) nobodyEver(rules *escalation.Rules, t *life, o *sent) bool {
	if h.nobodyBefore(rules, t, o) {
		return true
	}
	began := h.chainBegan(t, o.key.Episode)
	return slices.ContainsFunc(h.sends, func(x *sent) bool {
		then := *o
		then.at = x.at.Add(time.Second)
		then.claim.page.At = then.at
		return x.key.Ticket == o.key.Ticket && x.kind == ticket.KindPage && !x.at.Before(began) && !then.at.After(o.at) &&
			h.nobodyBefore(rules, t, &then)
	})
}

// nobodyBefore says whether a step before a page was without anybody when the
// page was ordered. By these rules that step had its turn, and nobody of it or
// of later steps could be reached any more. A step that its calendar holds back
// is passed over.
func (h *history) nobodyBefore(rules *escalation.Rules, t *life, o *sent) bool {
	steps := t.Policy.Steps
	if o.key.Step.Kind == ticket.ForStep {
		steps = steps[:o.key.Step.N]
	}
	at := o.claim.page.At
	p := pace{h: h, t: t, rules: rules}
	for i, step := range slices.Backward(steps) {
		if len(p.free(&step, span{at, at.Add(time.Nanosecond)})) == 0 {
			continue
		}
		people, _ := rules.Directory.On(step.Group, at)
		for _, person := range people {
			for _, channel := range step.By {
				if h.can(person, channel, o.at) && !h.failed(o, person.Key, channel) {
					return false
				}
			}
		}
		began := h.chainBegan(t, o.key.Episode)
		if due := began.Add(steps[i].After - h.early(began)); !at.Before(due) || h.wasPaged(o, i, began) {
			return true
		}
	}
	return false
}

// wasPaged says whether a step had paged before a page went out.
func (h *history) wasPaged(o *sent, step int, began time.Time) bool {
	return slices.ContainsFunc(h.sends, func(x *sent) bool {
		return x.kind == ticket.KindPage && x.key.Ticket == o.key.Ticket && x.key.Step.Number() == step && !x.at.After(o.at) && !x.at.Before(began)
	})
}

func (h *history) can(p contacts.Person, channel string, at time.Time) bool {
	if channel == "sms" {
		return len(p.Phones) > 0
	}
	who := h.s.person(p.Key)
	return who != nil && who.device && h.s.pushes(at)
}

// failed says whether a provider had refused a person for good, by a channel,
// before a page was ordered.
func (h *history) failed(o *sent, person, channel string) bool {
	t := h.tickets[o.key.Ticket]
	began := h.chainBegan(t, o.key.Episode)
	for _, x := range h.sends {
		if x.key.Person != person || x.key.Channel != channel || x.at.After(o.at) {
			continue
		}
		same := x.key.Ticket == o.key.Ticket && !x.at.Before(began)
		if x.final && (channel == "push" || same || h.fellWith(x, o.key.Ticket)) {
			return true // a device that is gone is gone for all tickets
		}
		if same && slices.ContainsFunc(h.settled[x.key], func(w outcome) bool {
			return (w.state == ticket.PageUndelivered || w.state == ticket.PageFailed) && !w.at.After(o.at)
		}) {
			return true
		}
	}
	return false
}

// fellWith says whether a page of the ticket to the same person was refused
// for good together with another's, in the SMS that stood for both.
func (h *history) fellWith(x *sent, number string) bool {
	for key, outcomes := range h.settled {
		if key.Ticket == number && key.Person == x.key.Person && key.Channel == x.key.Channel && slices.ContainsFunc(outcomes, func(w outcome) bool {
			return w.state == ticket.PageFailed && !w.at.Before(x.at) && w.at.Sub(x.at) < time.Second
		}) {
			return true
		}
	}
	return false
}

// movedIn says whether the store's clock was moved in a stretch of time.
func (s *sim) movedIn(from, to time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.shifts, func(at time.Time) bool { return !at.Before(from.Add(-12*time.Second)) && !at.After(to) })
}
