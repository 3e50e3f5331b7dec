package daemon

import (
	"context"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// sees judges what else a change does, besides the ticket's state: what it
// orders and what the timeline says of that, who answered, whose alerts it
// has, and what it promises.
func (h *history) sees(number string, was *ticket.Ticket, c *escalation.Change) {
	for i := range c.Pages {
		key := c.Pages[i].PageKey
		notice := c.Pages[i].Kind == ticket.KindTaken || c.Pages[i].Kind == ticket.KindRecovered || c.Pages[i].Kind == ticket.KindClock || c.Pages[i].Kind == ticket.KindDue || c.Pages[i].Kind == ticket.KindReminder
		if h.ordered[key] && !notice { // a notice that failed twice is one page: it has one key
			h.s.problem("one key", "%s was ordered, and there is a page of that key", key)
		}
		h.ordered[key] = true
	}
	for i := range c.Timeline {
		h.handedOut(number, &c.Timeline[i], c.Pages)
		h.wokenAgain(number, was, &c.Timeline[i], c.Pages)
		h.hadSeen(number, &c.Timeline[i])
	}
	if putOff(&was.GTI, &c.Ticket.GTI) {
		h.s.problem("put off", "the promise of %s was due at %s, and is now at %s", number, clockOf(was.GTI.DueAt), clockOf(c.Ticket.GTI.DueAt))
	}
	h.warns(number, was, c)
	for i := range c.Alerts {
		if c.Ticket.Source == heartbeat.Source {
			h.beatTold(number, &c.Alerts[i].Record.Alert)
		}
		_, a := h.s.find(c.Ticket.Source, c.Alerts[i].Record.Fingerprint)
		if a != nil && c.Ticket.Overflow == "" && a.labels["customer"] != c.Ticket.Customer {
			h.s.problem("customers", "an alert of %s is in %s, which is %s's", a.labels["customer"], number, c.Ticket.Customer)
		}
	}
}

// handedOut compares a line about a round with the pages of its change.
func (h *history) handedOut(number string, e *ticket.Entry, pages []ticket.Page) {
	if e.Kind != ticket.EntryPaged {
		return
	}
	var told []ticket.Called
	switch e.Detail {
	case ticket.SaidRound:
		told = e.Args.Called
	case ticket.SaidOnceMore:
		told = []ticket.Called{{Person: e.Args.Person, Channels: []string{e.Args.Channel}}}
	default:
		return
	}
	step := e.Args.Step
	if step > 0 {
		step-- // it counts from one
	}
	for _, called := range told {
		for _, channel := range called.Channels {
			if !slices.ContainsFunc(pages, func(p ticket.Page) bool {
				return p.Kind == ticket.KindPage && p.Step.Number() == step && p.Person == called.Person && p.Channel == channel &&
					(e.Detail == ticket.SaidRound && p.Round == ticket.Round(e.Args.Round-1) || e.Detail == ticket.SaidOnceMore && p.Round.Again)
			}) {
				h.s.problem("told of", "%s says that %s is paged by %s, step %d, round %d, and no page was ordered",
					number, called.Person, channel, e.Args.Step, e.Args.Round)
			}
		}
	}
}

// wokenAgain holds a line that tells who is woken again to the pages of its change,
// and to who asked: at the end of a snooze of his own, who is paged by no step then.
func (h *history) wokenAgain(number string, was *ticket.Ticket, e *ticket.Entry, pages []ticket.Page) {
	if e.Detail != ticket.SaidAsked {
		return
	}
	who := e.Args.Called[0].Person
	if end := was.Progress.Snooze; was.AcknowledgedBy.Person() != who || end.IsZero() {
		h.s.problem("told of", "%s says that %s asked to be woken again, and has not", number, who)
	}
	woken := 0
	for i := range pages {
		p := &pages[i]
		switch {
		case p.Person != who || p.Kind != ticket.KindPage:
		case p.Step.Kind == ticket.ForEverybody && p.Round.Again:
			h.asked[p.PageKey] = true
			woken++
		default:
			h.s.problem("told of", "%s says that %s is woken again, who is paged by %s", number, who, p.PageKey)
		}
	}
	if woken != len(e.Args.Called[0].Channels) {
		h.s.problem("told of", "%s says that %s is woken again by %v, and %d pages were ordered", number, who, e.Args.Called[0].Channels, woken)
	}
}

// judgeOrdered: every page that was ordered is in the store.
func (h *history) judgeOrdered(number string) {
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil || h.tickets[number].back {
		return
	}
	kept := map[ticket.PageKey]bool{}
	for i := range view.Pages {
		kept[view.Pages[i].PageKey] = true
	}
	for key := range h.ordered {
		if key.Ticket == number && !kept[key] {
			h.s.problem("told of", "%s was ordered and is not there", key)
		}
	}
}

// hadSeen checks that whoever took a ticket by a text or a link had a page of
// it, or was told of it.
func (h *history) hadSeen(number string, e *ticket.Entry) {
	took := e.Kind == ticket.EntryAcknowledged || e.Kind == ticket.EntryPickedUp
	who := h.s.person(e.Actor.Person())
	if !took || e.Via != "sms" && e.Via != "link" || who == nil || len(h.restores) > 0 || h.wasPagedFor(number, who.key) {
		return
	}
	if !h.wasTold(number, who) {
		h.s.problem("unseen", "%s: %s by %s of %s, who had no page of it", number, e.Kind, e.Via, who.key)
	}
}

// wasPagedFor says whether a page of a ticket reached somebody, or may have.
func (h *history) wasPagedFor(number, who string) bool {
	for key := range h.claims {
		if key.Ticket != number || key.Person != who {
			continue
		}
		if slices.ContainsFunc(h.settled[key], func(w outcome) bool {
			return w.state == ticket.PageUndelivered || w.state == ticket.PageFailed
		}) {
			continue
		}
		tried := false
		for _, o := range h.sends {
			if o.key == key && !o.refused {
				return true
			}
			tried = tried || o.key == key
		}
		if !tried && h.s.plan.bundle > 0 {
			return true // another's SMS carries it
		}
	}
	return false
}

// wasTold says whether a message that arrived names a ticket: a link of
// several, or the reply to a text.
func (h *history) wasTold(number string, who *simPerson) bool {
	_, name := ticket.Parted(h.tickets[number].Title, h.tickets[number].Host)
	for _, m := range h.s.world.Messages() {
		if m.At.IsZero() || h.s.owner(m.To) != who {
			continue
		}
		link := m.Link()
		if link == "" && strings.Contains(m.Body, name[:min(len(name), 6)]) {
			return true
		}
		found, err := h.s.memory.Link(context.Background(), paging.LinkHash(link[strings.LastIndex(link, "/")+1:]))
		if err == nil && (found.Ticket == number || slices.ContainsFunc(found.Bundle, func(r ticket.Ref) bool { return r.Number == number })) {
			return true
		}
	}
	return false
}

// claimedSettled judges a claim: a page that its provider has reported on is
// not sent again, at whatever moment the report came.
func (h *history) claimedSettled(c *paging.Claim) {
	key := c.Page.PageKey
	if c.Page.State != ticket.PageSending || len(h.restores) > 0 {
		return
	}
	for _, w := range h.settled[key] {
		if w.how == "receipt" && (w.state == ticket.PageDelivered || w.state == ticket.PageSent) {
			h.s.problem("reported", "%s was claimed, and a receipt of %.3f had said %s", key, h.s.since(w.at), w.state)
			return
		}
	}
}

// reordered remembers what a failover left of the pages.
func (h *history) reordered() {
	clear(h.ordered)
	for number := range h.tickets {
		view, err := h.s.memory.View(context.Background(), number)
		if err != nil {
			continue
		}
		for i := range view.Pages {
			h.ordered[view.Pages[i].PageKey] = true
		}
	}
}
