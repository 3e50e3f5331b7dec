package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// claimedOpening opens a ticket whose pages to alice and bob are claimed by
// the commit.
func (b *bench) claimedOpening() escalation.Change {
	b.Helper()
	t := b.ticket(prometheus)
	change := Opening(&t)
	change.Pages = []ticket.Page{Page(&t, "alice"), Page(&t, "bob")}
	change.Claimed = &escalation.Claimed{
		Owner: "one", Until: At(lease), Token: 4711,
		Reserve: []ticket.Reservation{
			{Phone: alicePhone, Hash: "hash-a-" + t.Number, Link: ticket.Link{Person: "alice", Source: prometheus, Ticket: t.Number, At: At(0)}},
			{Hash: "hash-b-" + t.Number, Link: ticket.Link{Person: "bob", Source: prometheus, Ticket: t.Number, At: At(0)}},
		},
	}
	return change
}

func commitClaimed(b *bench) {
	change := b.claimedOpening()
	t := &change.Ticket
	b.apply(change)
	b.same("codes", change.Claimed.Codes, []int{11, 0})
	code := b.codes(alicePhone)
	b.same("the code as stored", code, []paging.Code{{Code: 11, Source: prometheus, Ticket: t.Number, Person: "alice", At: At(0)}})
	for _, r := range change.Claimed.Reserve {
		link, err := b.s.Link(b.ctx, r.Hash)
		b.ok(err)
		b.same("the link", link, r.Link)
	}
	want := Page(t, "alice")
	want.State, want.Attempts = ticket.PageSending, 1
	b.same("the page as stored", b.page(t, want.PageKey), want)
	b.none("until its claim runs out", At(lease))
	b.same("queued", b.stats().Queued, 0)

	outcome := sent(want, 4711, At(time.Second))
	b.same("applied", b.finish(outcome), []bool{true})
	b.same("state", b.page(t, want.PageKey).State, ticket.PageSent)
	b.ok(b.s.Extend(b.ctx, []paging.ClaimRef{{Source: prometheus, Key: change.Pages[1].PageKey, Token: 4711}}, At(2*lease)))
	b.none("it was extended", At(2*lease))
	again := b.claimOne("two", At(3*lease))
	b.same("who is claimed when it ran out", again.Page.Person, "bob")
	b.same("again", again.Again, true)
	b.same("attempts", again.Page.Attempts, 2)
}

func commitClaimedRefused(b *bench) {
	first := b.claimedOpening()
	b.apply(first)
	change := b.claimedOpening()
	change.Ticket.Number = first.Ticket.Number
	for i := range change.Pages {
		change.Pages[i].Ticket = change.Ticket.Number
		change.Pages[i].Round = ticket.Round(7)
	}
	errs, err := b.s.Commit(b.ctx, prometheus, []escalation.Change{change})
	b.ok(err)
	if errs[0] == nil {
		b.Fatal("a ticket that exists was opened")
	}
	pages, err := b.s.Pages(b.ctx, prometheus, change.Ticket.Number)
	b.ok(err)
	for i := range pages {
		b.same("round", pages[i].Round, ticket.Round(0))
	}
}
