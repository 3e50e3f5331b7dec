package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func statsCases() []testCase {
	return []testCase{
		{"nothing", statsNothing},
		{"tickets by urgency and state", statsTickets},
		{"refused changes do not count", statsRefused},
		{"pages that wait", statsQueued},
		{"the oldest page", statsOldest},
	}
}

// counted are the counts of the stats' tickets, without zeros.
func counted(s ticket.Stats) map[string]int {
	found := map[string]int{}
	for u, states := range s.Tickets {
		for state, n := range states {
			if n != 0 {
				found[u.String()+" "+string(state)] = n
			}
		}
	}
	return found
}

func statsNothing(b *bench) {
	stats := b.stats()
	b.same("tickets", counted(stats), map[string]int{})
	b.same("queued", stats.Queued, 0)
	b.isAt("oldest", stats.Oldest, time.Time{})
}

func statsTickets(b *bench) {
	var records []ticket.Record
	for i := range 6 {
		t := b.ticket(sources()[i%3])
		t.Urgency = ticket.Urgencies()[i%2]
		b.apply(Opening(&t))
		records = append(records, b.load(t.Source, t.Number))
	}
	expect := func(what string, want map[string]int) {
		b.Helper()
		b.same(what, counted(b.stats()), want)
	}
	expect("opened", map[string]int{"critical open": 3, "major open": 3})
	b.edited(records[0], func(t *ticket.Ticket) { Acknowledge(t, At(time.Minute)) })
	expect("one acknowledged", map[string]int{"critical open": 2, "critical acknowledged": 1, "major open": 3})
	b.edited(records[1], func(t *ticket.Ticket) { t.Urgency = ticket.Critical })
	expect("one raised", map[string]int{"critical open": 3, "critical acknowledged": 1, "major open": 2})
	over := b.resolved(records[2])
	expect("one resolved", map[string]int{
		"critical open": 2, "critical acknowledged": 1, "critical resolved": 1, "major open": 2,
	})
	over = b.closed(over)
	want := map[string]int{"critical open": 2, "critical acknowledged": 1, "major open": 2}
	expect("it closed", want)
	b.edited(over, func(t *ticket.Ticket) { t.Assignee = "bob" })
	b.edited(records[3], func(t *ticket.Ticket) { t.Assignee = "bob" })
	expect("nothing moved", want)
}

func statsRefused(b *bench) {
	was := b.paged(prometheus, "alice")
	stale := was
	stale.Revision += 5
	change := Next(stale, func(t *ticket.Ticket) { Resolve(t, At(time.Minute)) })
	change.Pages = []ticket.Page{Page(&was.Ticket, "bob")}
	b.refused("stale", change)
	b.refused("exists", escalation.Change{Ticket: was.Ticket, Pages: change.Pages})
	b.same("tickets", counted(b.stats()), map[string]int{"major open": 1})
	b.same("queued", b.stats().Queued, 1)
}

func statsQueued(b *bench) {
	queued := func(what string, want int) {
		b.Helper()
		b.same(what, b.stats().Queued, want)
	}
	one := b.paged(prometheus, "alice", "bob")
	two := b.paged(grafana, "alice")
	queued("ordered", 3)
	b.apply(reorder(one, Page(&one.Ticket, "alice")))
	queued("ordered once more", 3)
	claims, _ := b.claim("one", At(0), 2)
	queued("two claimed", 1)
	outcome := sent(claims[0].Page, claims[0].Token, At(0))
	b.finish(outcome)
	queued("one sent", 1)
	outcome = sent(claims[1].Page, claims[1].Token, At(0))
	outcome.State, outcome.RetryAt = ticket.PageQueued, At(time.Hour)
	b.finish(outcome)
	queued("one to be tried again", 2)
	b.edited(b.load(prometheus, one.Ticket.Number), func(t *ticket.Ticket) { Acknowledge(t, At(0)) })
	b.edited(two, func(t *ticket.Ticket) { Acknowledge(t, At(0)) })
	b.none("acknowledged", At(2*time.Hour))
	queued("cancelled", 0)
	b.isAt("oldest", b.stats().Oldest, time.Time{})
}

func statsOldest(b *bench) {
	for i, m := range []int{3, 1, 2} {
		t := b.ticket(sources()[i])
		t.Urgency = ticket.Urgencies()[i]
		page := Page(&t, "alice")
		page.At = At(time.Duration(m) * time.Minute)
		change := Opening(&t)
		change.Pages = []ticket.Page{page}
		b.apply(change)
	}
	for _, m := range []int{1, 1, 2} { // critical 3, major 1, minor 2
		b.isAt("oldest", b.stats().Oldest, At(time.Duration(m)*time.Minute))
		b.claimFirst("one", At(time.Hour))
	}
	b.isAt("oldest of none", b.stats().Oldest, time.Time{})
	// The claims run out. Until they are claimed again, the pages count as being
	// sent, not as waiting.
	again, _ := b.claim("two", At(2*time.Hour), 1)
	outcome := sent(again[0].Page, again[0].Token, At(2*time.Hour))
	outcome.State, outcome.RetryAt = ticket.PageQueued, At(3*time.Hour)
	b.finish(outcome)
	b.isAt("oldest, to be tried again", b.stats().Oldest, again[0].Page.At)
}

// reorder is a change that only orders pages.
func reorder(was ticket.Record, pages ...ticket.Page) escalation.Change {
	change := Next(was, nil)
	change.Pages = pages
	return change
}
