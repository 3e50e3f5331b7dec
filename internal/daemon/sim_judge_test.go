package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// judge compares the whole past with what was promised.
func (s *sim) judge() {
	s.judgeAlerts()
	s.judgeToken()
	s.judgeBeats()
	s.judgeArchive()
	h := s.past
	h.mu.Lock()
	defer h.mu.Unlock()
	rules := slices.Concat(s.rulesSince(time.Time{}, time.Now()), s.allRules())
	end := time.Now()
	slices.SortStableFunc(h.sends, func(a, b *sent) int { return a.at.Compare(b.at) }) // those that were carried came late
	for _, w := range s.calmSpans(end) {
		h.judgePace(w)
	}
	for _, number := range h.numbers() {
		if t := h.tickets[number]; !t.lost {
			h.judgePages(number)
			h.judgeLines(number)
			h.judgeCounted(number)
			h.judgeAgain(number)
			h.judgeAlone(number)
			h.judgeOrdered(number)
			h.judgeJoined(number, rules[len(rules)-1])
			h.judgeHeld(number)
		}
	}
	h.judgeTwice()
	h.judgeWords()
	s.judgeReplies()
	h.judgeNotices()
	h.judgeFlood()
	h.judgeManagers(rules)
	h.judgeEffects(s.began.Add(s.plan.trouble))
	h.judgeBack()
	h.judgeChecks()
	h.judgeSheets()
	s.tell("busiest second: %d calls", h.busy)
}

// judgeLines: a timeline has no more lines than its ticket counts. So it is
// bounded, whatever providers and receipts do.
func (h *history) judgeLines(number string) {
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil {
		return // judgePages says so
	}
	l := view.Ticket.Lines
	if counted := l.Minor + l.Rule + l.Acts + l.Small + l.Notes; len(view.Timeline) > counted || counted > ticket.MaxEntries {
		h.s.problem("timeline", "%s has %d lines and counts %d", number, len(view.Timeline), counted)
	}
}

func (h *history) numbers() []string {
	var out []string
	for number := range h.tickets {
		out = append(out, number)
	}
	slices.Sort(out)
	return out
}

// allRules are the rules of every configuration that was in force.
func (s *sim) allRules() []*escalation.Rules {
	var out []*escalation.Rules
	for _, c := range s.configs {
		out = append(out, c.rules)
	}
	return out
}

// rulesAt are the rules in force at a time.
func (s *sim) rulesAt(at time.Time) *escalation.Rules {
	rules := s.configs[0].rules
	for _, c := range s.configs {
		if !c.from.After(at) {
			rules = c.rules
		}
	}
	return rules
}

// judgeAlerts: if a tool was told that an alert is kept, it must be stored. An
// alert that fires has a ticket that pages, or that somebody took.
func (s *sim) judgeAlerts() {
	for _, tool := range s.tools {
		for _, a := range tool.alerts {
			tool.mu.Lock()
			dirty, said, fires, known, unsure := a.dirty, a.said, a.fires, !a.accepted.IsZero(), a.unsure
			tool.mu.Unlock()
			if dirty {
				s.problem("not heard", "what %s says of %s is not accepted, though all is well", tool.source, a.name)
			}
			if !known || dirty {
				continue
			}
			records, err := s.memory.Alerts(context.Background(), tool.source, []string{a.fingerprint})
			switch {
			case err != nil:
				s.problem("judge", "%v", err)
			case said == ticket.Resolved && len(records) == 1 && records[0].Status != ticket.Resolved && !unsure && !s.past.takenBack(a.accepted):
				s.problem("not over", "alert %s is over and stands as %s", a.name, records[0].Status)
			case fires && s.past.takenBack(a.accepted):
			case fires && len(records) == 0 && s.past.closed(tool.source+"/"+a.fingerprint) && tool.every > time.Hour:
				// It was closed by hand, or after a resolve by hand: its next repeat opens
				// another.
			case fires && len(records) == 0:
				s.problem("lost", "alert %s was accepted and is not there", a.name)
			case fires:
				s.judgeFiring(a.name, &records[0], tool.every)
			}
		}
	}
}

// closed says whether the ticket that an alert had is closed.
func (h *history) closed(alert string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tickets[h.belonged[alert]]
	return t != nil && t.State == ticket.Closed
}

// takenBack says whether a failover lost what was written at a time. An alert
// that fires is said again. That an alert is over is said only once.
func (h *history) takenBack(at time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.failovers, func(f span) bool { return f.meets(at, at.Add(10*time.Second)) })
}

// judgeFiring looks at the ticket of an alert that fires and is repeated at
// that interval.
func (s *sim) judgeFiring(name string, r *ticket.AlertRecord, every time.Duration) {
	view, err := s.memory.View(context.Background(), r.Ticket)
	if err != nil {
		s.problem("lost", "alert %s has the ticket %q: %v", name, r.Ticket, err)
		return
	}
	t := &view.Ticket
	byHand := t.ResolvedBy != nil && (t.ResolvedBy.Kind == ticket.ActorPerson || t.ResolvedBy.Kind == ticket.ActorToken)
	switch {
	case r.Status != ticket.Firing && !byHand:
		s.problem("lost", "alert %s fires and stands as %s", name, r.Status)
	case t.State == ticket.Closed && every < time.Hour: // by hand; a repeat opens another
		s.problem("lost", "alert %s fires and its ticket %s is closed", name, t.Number)
	case t.State == ticket.StateResolved:
		waits := t.Policy.ReopenWithin + every + 10*time.Second
		if !byHand || s.storeNow().Sub(t.ResolvedAt) > waits+s.moved() {
			s.problem("lost", "alert %s fires and its ticket %s was resolved by %s at %s", name, t.Number, t.ResolvedBy, clockOf(t.ResolvedAt))
		}
	}
}

// judgePages: what the store says of a page is true.
func (h *history) judgePages(number string) {
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil {
		h.s.problem("lost", "ticket %s: %v", number, err)
		return
	}
	messages := h.s.world.Messages()
	for i := range view.Pages {
		p := &view.Pages[i]
		if h.vague(p) {
			continue
		}
		var taken, final, tried, unsure bool
		for _, o := range h.sends {
			if o.key == p.PageKey {
				tried = true
				taken = taken || o.taken(messages)
				final = final || o.final
				unsure = unsure || (o.status == 0)
			}
		}
		word := slices.ContainsFunc(h.settled[p.PageKey], func(o outcome) bool {
			return o.how == "receipt" && (o.state == ticket.PageUndelivered || o.state == ticket.PageFailed)
		})
		delivered := slices.ContainsFunc(h.settled[p.PageKey], func(o outcome) bool {
			return o.state == ticket.PageDelivered && !h.restored(o.at, time.Now())
		})
		switch p.State {
		case ticket.PageSent, ticket.PageDelivered, ticket.PageBundled:
			if !taken {
				h.s.problem("never sent", "%s stands as %s, and no provider has it", p.PageKey, p.State)
			}
		case ticket.PageFailed, ticket.PageUndelivered:
			if tried && !final && !word && !strings.HasPrefix(p.Error, "no_device") {
				h.s.problem("given up", "%s stands as %s (%s), and no provider refused it for good", p.PageKey, p.State, p.Error)
			}
		case ticket.PageCancelled:
			if p.Error == "" && p.Kind == ticket.KindPage && view.Ticket.State == ticket.Open && view.Ticket.Progress.Episode == p.Episode &&
				!h.undone(number, p.Episode) {
				h.s.problem("given up", "%s was cancelled, and its ticket is open in its episode", p.PageKey)
			}
		case ticket.PageQueued, ticket.PageSending, ticket.PageUnknown:
		}
		if delivered && p.State != ticket.PageDelivered && !unsure {
			h.s.problem("backwards", "%s was delivered and stands as %s", p.PageKey, p.State)
		}
	}
}

// vague says whether the pushes of a ticket to a person cannot be told apart.
func (h *history) vague(p *ticket.Page) bool {
	return slices.ContainsFunc(h.sends, func(o *sent) bool {
		return o.vague && o.key.Ticket == p.Ticket && o.key.Person == p.Person && p.Channel == "push"
	})
}

// undone says whether a ticket was resolved, or taken, in an episode that
// went on: an UNDO, or a failover.
func (h *history) undone(number string, episode int) bool {
	return slices.ContainsFunc(h.tickets[number].spells, func(sp spell) bool {
		return sp.episode == episode && sp.state != ticket.Open
	})
}

// overdue looks for what the store should no longer have when all is well.
func (s *sim) overdue() {
	if s.troubled(time.Now(), time.Now()) {
		return
	}
	now := s.storeNow()
	due, _, err := s.memory.Due(context.Background(), now.Add(-simDeadline), 10)
	if err != nil {
		s.problem("judge", "%v", err)
	}
	for _, d := range due {
		s.problem("overdue", "a deadline of %s %s was due at %s and it is %s", d.Ticket, d.Alert, clockOf(d.At), clockOf(now))
	}
	s.past.mu.Lock()
	defer s.past.mu.Unlock()
	for _, number := range s.past.numbers() {
		if s.past.tickets[number].lost {
			continue
		}
		s.past.oversleeps(number, now)
		s.past.judgePoints(number)
		s.past.judgeReminders(number)
		t := s.past.tickets[number]
		pages, err := s.memory.Pages(context.Background(), t.source, number)
		if err != nil {
			continue
		}
		for i := range pages {
			s.past.waits(&t.Ticket, &pages[i], now)
		}
	}
}

// waits finds a page that waits for nothing.
func (h *history) waits(t *ticket.Ticket, p *ticket.Page, now time.Time) {
	since := p.At
	if p.RetryAt.After(since) {
		since = p.RetryAt
	}
	switch p.State {
	case ticket.PageQueued:
		if now.Sub(since) > h.s.handover() && p.WantedFor(t.State, t.Progress.Episode) {
			h.s.problem("waits", "%s could be sent since %s and it is %s", p.PageKey, clockOf(since), clockOf(now))
		}
	case ticket.PageSending:
		claims := h.claims[p.PageKey]
		if n := len(claims); n > 0 && time.Since(claims[n-1].at) > 20*time.Second && now.Sub(since) > 20*time.Second {
			h.s.problem("waits", "%s was claimed %.0f s ago and is still being sent", p.PageKey, time.Since(claims[n-1].at).Seconds())
		}
	default:
	}
}
