package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func forgetCases() []testCase {
	return []testCase{
		{"a closed ticket leaves with all that is its own", forgetAll},
		{"what is open, resolved or closed since stays", forgetNothingElse},
		{"a number is never given again", forgetNumbers},
		{"a little at a time", forgetSlowly},
		{"a ticket with much of everything", forgetLarge},
		{"a ticket whose page waits stays", forgetWaiting},
		{"opened early, closed late", forgetLater},
		{"links end after their tickets", forgetLinks},
		{"a bundle's link ends with its last ticket", forgetBundles},
		{"a code is given again", forgetCodes},
		{"at once, with alerts coming in", forgetAtOnce},
	}
}

// day is a long time in these cases; links end 30 days after their tickets.
const day = 24 * time.Hour

// forget calls Forget until nothing more leaves.
func (b *bench) forget(past ticket.Past) (all ticket.Forgotten) {
	b.Helper()
	past.Limit = max(past.Limit, 4)
	for idle := 0; idle < 16; { // at the end of the tickets it may begin anew
		done, err := b.s.Forget(b.ctx, past)
		b.ok(err)
		if idle++; !done.Nothing() {
			idle = 0
		}
		all.Add(done)
	}
	return all
}

// past400 keeps tickets for 400 days, and links for 30.
func past400(now time.Time) ticket.Past {
	return ticket.Past{Tickets: now.Add(-400 * day), Links: now.Add(-30 * day)}
}

// filed is a ticket that was paged and that nobody answered. It has a link and
// a code.
func (b *bench) filed(source string) (ticket.Record, paging.Outcome, paging.Reservation) {
	b.Helper()
	t := b.ticket(source)
	change := Opening(&t, Alert(source, "f-"+t.Number))
	change.Pages = []ticket.Page{Page(&t, "alice")}
	b.apply(change)
	claim := b.claimOne("one", At(0))
	outcome := sent(claim.Page, claim.Token, At(time.Second))
	b.same("applied", b.finish(outcome), []bool{true})
	r := paging.Reservation{
		Phone: alicePhone, Hash: "hash-" + t.Number,
		Link: paging.Link{Person: "alice", Source: source, Ticket: t.Number, At: At(0)},
	}
	b.reserve(r)
	return b.load(source, t.Number), outcome, r
}

func (b *bench) closedAt(was ticket.Record, at time.Time) ticket.Record {
	b.Helper()
	return b.edited(b.resolved(was), func(t *ticket.Ticket) { Close(t, at) })
}

// isGone checks that nothing tells of a ticket any more.
func (b *bench) isGone(was ticket.Record, outcome paging.Outcome, r paging.Reservation) {
	b.Helper()
	number, source := was.Ticket.Number, was.Ticket.Source
	_, err := b.s.View(b.ctx, number)
	b.is("View", err, escalation.ErrNotFound)
	_, err = b.s.Locate(b.ctx, number)
	b.is("Locate", err, escalation.ErrNotFound)
	records, err := b.s.Load(b.ctx, source, []string{number})
	b.ok(err)
	b.same("Load", len(records), 0)
	b.same("Pages", len(b.pages(&was.Ticket)), 0)
	_, err = b.s.Link(b.ctx, r.Hash)
	b.is("Link", err, escalation.ErrNotFound)
	for _, c := range b.codes(r.Phone) {
		if c.Ticket == number {
			b.Errorf("its code is left: %+v", c)
		}
	}
	for _, receipt := range []paging.Receipt{{ProviderID: outcome.ProviderID}, {Source: source, Key: outcome.Key}} {
		receipt.State, receipt.At = ticket.PageDelivered, At(time.Hour)
		_, _, err = b.s.Receipt(b.ctx, receipt)
		b.is("Receipt", err, escalation.ErrNotFound)
	}
	tickets, _, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 100})
	b.ok(err)
	if slices.ContainsFunc(tickets, func(t ticket.Ticket) bool { return t.Number == number }) {
		b.Error("it is listed")
	}
}

func forgetAll(b *bench) {
	for _, source := range sources() {
		was, outcome, r := b.filed(source)
		was = b.closedAt(was, At(day))
		b.forget(past400(At(401*day - time.Second)))
		b.same("a second before", b.load(source, was.Ticket.Number), was)
		done := b.forget(past400(At(401*day + time.Second)))
		b.same("tickets", done.Tickets, 1)
		b.isGone(was, outcome, r)
		b.same("a commit for it", b.commit(source, Next(was, nil)), []error{escalation.ErrConflict})
		b.same("its alert again", b.observe(source, Observation(Alert(source, "f-"+was.Ticket.Number), At(402*day))).Items[0],
			escalation.ObservedAlert{Verdict: escalation.New})
	}
}

func forgetNothingElse(b *bench) {
	type kept struct {
		was     ticket.Record
		outcome paging.Outcome
		r       paging.Reservation
	}
	var all []kept
	for i := range 3 {
		was, outcome, r := b.filed(prometheus)
		switch i {
		case 1:
			was = b.resolved(was)
		case 2:
			was = b.closedAt(was, At(900*day))
		}
		all = append(all, kept{was, outcome, r})
	}
	views := make([]ticket.View, len(all))
	for i, k := range all {
		views[i] = b.view(k.was.Ticket.Number)
	}
	stats := b.stats()
	done := b.forget(past400(At(901 * day)))
	b.same("forgotten", done.Nothing(), true)
	b.same("stats", b.stats(), stats)
	for i, k := range all {
		b.same("the view", b.view(k.was.Ticket.Number), views[i])
		link, err := b.s.Link(b.ctx, k.r.Hash)
		b.ok(err)
		b.same("the link", link, k.r.Link)
		_, moved, err := b.s.Receipt(b.ctx, paging.Receipt{ProviderID: k.outcome.ProviderID, State: ticket.PageDelivered, At: At(time.Hour)})
		b.ok(err)
		b.same("a receipt moves it", moved, true)
	}
	b.same("codes", len(b.codes(alicePhone)), 3)
}

func forgetNumbers(b *bench) {
	given := map[string]bool{}
	for range 3 {
		was, _, _ := b.filed(prometheus)
		given[was.Ticket.Number] = true
		b.closedAt(was, At(day))
	}
	b.same("tickets", b.forget(past400(At(402*day))).Tickets, 3)
	for range 10 {
		for _, source := range sources() {
			if n := b.number(source); given[n] {
				b.Errorf("%s was given twice", n)
			} else {
				given[n] = true
			}
		}
	}
}

func forgetSlowly(b *bench) {
	for i := range 9 {
		b.closedAt(b.opened(sources()[i%3], fmt.Sprint("f", i)), At(day))
	}
	left := b.opened(prometheus, "open")
	sum := 0
	for range 40 {
		past := past400(At(402 * day))
		past.Limit = 2
		done, err := b.s.Forget(b.ctx, past)
		b.ok(err)
		if done.Tickets > 2 {
			b.Errorf("%d tickets in one call, 2 are the limit", done.Tickets)
		}
		if sum += done.Tickets; sum < 9 && !done.More && done.Tickets > 0 {
			b.Errorf("after %d of 9 it says that there are no more", sum)
		}
	}
	b.same("in all", sum, 9)
	b.same("the open one", b.load(prometheus, left.Ticket.Number), left)
}

func forgetLarge(b *bench) {
	was := b.opened(prometheus, "f1")
	text := strings.Repeat("x", 200)
	for range 3 {
		change := Next(was, nil)
		for i := range 500 {
			change.Timeline = append(change.Timeline, Note(At(time.Duration(i)*time.Second), text))
		}
		for i := range 250 {
			p := Page(&was.Ticket, fmt.Sprintf("person %d at %d", i, was.Revision))
			change.Pages = append(change.Pages, p)
		}
		b.apply(change)
		was = b.load(prometheus, was.Ticket.Number)
	}
	was = b.closedAt(was, At(day))
	for claims, _ := b.claim("one", At(day), 100); len(claims) > 0; claims, _ = b.claim("one", At(day), 100) {
		b.Fatalf("pages of a closed ticket: %s", keys(claims))
	}
	b.same("tickets", b.forget(past400(At(402*day))).Tickets, 1)
	_, err := b.s.View(b.ctx, was.Ticket.Number)
	b.is("View", err, escalation.ErrNotFound)
	b.same("pages", len(b.pages(&was.Ticket)), 0)
}

func forgetWaiting(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	was = b.closedAt(was, At(day))
	other := b.closedAt(b.opened(prometheus, "f2"), At(day))
	b.same("tickets", b.forget(past400(At(402*day))).Tickets, 1)
	b.same("what waits", b.load(prometheus, was.Ticket.Number), was)
	b.same("its outcome", b.finish(sent(claim.Page, claim.Token, At(402*day))), []bool{true})
	b.same("tickets, then", b.forget(past400(At(402*day))).Tickets, 1)
	for _, r := range []ticket.Record{was, other} {
		_, err := b.s.View(b.ctx, r.Ticket.Number)
		b.is("View", err, escalation.ErrNotFound)
	}
}

// forgetLater tests that old tickets that stay do not keep later ones from
// being removed, and are themselves removed in the end.
func forgetLater(b *bench) {
	var late []ticket.Record
	for i := range 30 {
		late = append(late, b.closedAt(b.opened(prometheus, fmt.Sprint("late", i)), At(300*day)))
	}
	for i := range 5 {
		b.closedAt(b.opened(prometheus, fmt.Sprint("early", i)), At(day))
	}
	past := past400(At(500 * day))
	past.Limit = 4
	b.same("the early ones", b.forget(past).Tickets, 5)
	b.same("a late one", b.load(prometheus, late[0].Ticket.Number), late[0])
	past = past400(At(701 * day))
	past.Limit = 4
	b.same("the late ones", b.forget(past).Tickets, 30)
}

func forgetLinks(b *bench) {
	was, _, r := b.filed(prometheus)
	open, _, openLink := b.filed(grafana)
	orphan := reservation(bobPhone, 9999, At(0))
	young := reservation(bobPhone, 9998, At(1000*day-time.Hour))
	b.reserve(orphan)
	b.reserve(young)
	was = b.closedAt(was, At(1000*day))
	past := ticket.Past{Links: At(1000*day - time.Hour)}
	b.forget(past)
	for _, kept := range []paging.Reservation{r, openLink, young} {
		link, err := b.s.Link(b.ctx, kept.Hash)
		b.ok(err)
		b.same("link", link, kept.Link)
	}
	_, err := b.s.Link(b.ctx, orphan.Hash)
	b.is("an old link of no ticket", err, escalation.ErrNotFound)
	b.forget(ticket.Past{Links: At(1000*day + time.Second)})
	_, err = b.s.Link(b.ctx, r.Hash)
	b.is("the closed ticket's link", err, escalation.ErrNotFound)
	_, err = b.s.Link(b.ctx, openLink.Hash)
	b.ok(err)
	b.same("the tickets", []ticket.Record{b.load(prometheus, was.Ticket.Number), b.load(grafana, open.Ticket.Number)},
		[]ticket.Record{was, open})
	b.same("the closed one's code", b.codes(alicePhone)[0].Ticket, was.Ticket.Number)
}

func forgetBundles(b *bench) {
	first, second := b.opened(prometheus, "f1"), b.opened(grafana, "f2")
	r := paging.Reservation{Phone: bobPhone, Hash: "bundle", Link: paging.Link{
		Person: "bob", Ticket: "a bundle", At: At(0), Bundle: []ticket.Ref{
			{Source: prometheus, Number: first.Ticket.Number}, {Source: grafana, Number: second.Ticket.Number},
		},
	}}
	b.reserve(r)
	b.closedAt(first, At(day))
	b.forget(past400(At(500 * day)))
	link, err := b.s.Link(b.ctx, r.Hash)
	b.ok(err)
	b.same("one is open", link, r.Link)
	b.same("the code", len(b.codes(bobPhone)), 1)
	b.closedAt(second, At(500*day))
	b.forget(past400(At(531 * day)))
	_, err = b.s.Link(b.ctx, r.Hash)
	b.is("30 days after the last", err, escalation.ErrNotFound)
	b.same("the code of a ticket that is there", len(b.codes(bobPhone)), 1)
	b.forget(past400(At(901 * day)))
	b.same("codes", len(b.codes(bobPhone)), 0)
}

func forgetCodes(b *bench) {
	was, _, r := b.filed(prometheus)
	stays, _, _ := b.filed(prometheus)
	b.release(r, At(day))
	b.closedAt(was, At(day))
	b.same("codes", b.forget(past400(At(402*day))).Codes, 1)
	codes := b.codes(alicePhone)
	if len(codes) != 1 || codes[0].Ticket != stays.Ticket.Number {
		b.Fatalf("codes: %+v", codes)
	}
	next := reservation(alicePhone, 500, At(402*day))
	b.same("the free code", b.reserve(next), 11)
	b.same("again", b.reserve(next), 11)
	b.same("and the next", b.reserve(reservation(alicePhone, 501, At(402*day))), 13)
}

func forgetAtOnce(b *bench) {
	for i := range 30 {
		b.closedAt(b.opened(sources()[i%3], fmt.Sprint("f", i)), At(day))
	}
	past := past400(At(402 * day))
	past.Limit = 5
	b.together(6, func(i int) error {
		if i < 2 {
			for j := range 5 {
				b.opened(sources()[j%3], fmt.Sprint("new", i, j))
			}
			return nil
		}
		for range 8 {
			if _, err := b.s.Forget(b.ctx, past); err != nil {
				return err
			}
		}
		return nil
	})
	b.forget(past)
	tickets, _, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 100})
	b.ok(err)
	b.same("what is left", len(tickets), 10)
	for i := range tickets {
		b.same("its state", tickets[i].State, ticket.Open)
	}
}
