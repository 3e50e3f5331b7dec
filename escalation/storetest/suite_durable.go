package storetest

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// RunDurable tests what must survive closing and opening again. open gives an
// empty store and reopen. reopen ends the open store, by Close or by a crash,
// and returns one over the same data. RunDurable closes the last one.
func RunDurable(t *testing.T, open func(t *testing.T) (s Store, reopen func() Store)) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(b *bench, reopen func())
	}{
		{"tickets", durableTickets},
		{"alerts", durableAlerts},
		{"deadlines", durableDeadlines},
		{"numbers", durableNumbers},
		{"pages and claims", durablePages},
		{"holds", durableHolds},
		{"stats", durableStats},
		{"codes, links, devices", durableDirectory},
		{"lists", durableLists},
		{"the log of changes", durableLog},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, reopen := open(t)
			b := &bench{T: t, s: s, ctx: t.Context()}
			t.Cleanup(func() { b.ok(b.s.Close()) })
			c.run(b, func() { b.s = reopen() })
		})
	}
}

func durableTickets(b *bench, reopen func()) {
	was := b.edited(b.opened(prometheus), func(t *ticket.Ticket) { t.Title = "changed" })
	over := b.closed(b.opened(grafana))
	view := b.view(was.Ticket.Number)
	reopen()
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
	b.same("the closed ticket", b.load(grafana, over.Ticket.Number), over)
	b.same("the view", b.view(was.Ticket.Number), view)
	source, err := b.s.Locate(b.ctx, over.Ticket.Number)
	b.ok(err)
	b.same("its source", source, grafana)
	stale := was
	stale.Revision--
	b.refused("a stale revision", Next(stale, nil))
	b.refused("a number that exists", escalation.Change{Ticket: was.Ticket})
	b.edited(was, func(t *ticket.Ticket) { t.Title = "changed again" })
	reopen()
	b.same("the title", b.load(prometheus, was.Ticket.Number).Ticket.Title, "changed again")
}

func durableAlerts(b *bench, reopen func()) {
	was := b.opened(prometheus, "f1", "f2")
	for range 5 {
		b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(time.Minute)))
	}
	reopen()
	// The counters may have lost what a crash may take.
	if n := b.alert(prometheus, "f1").Count; n < 1 || n > 6 {
		b.Errorf("count %d, want 1 to 6", n)
	}
	b.same("the other", b.alert(prometheus, "f2"), Record(&was.Ticket, Alert(prometheus, "f2")))
	b.same("the sender's group", b.inGroup(prometheus, SenderGroup), []string{"f1", "f2"})
	o := Observation(Alert(prometheus, "f3"), At(time.Minute))
	o.GroupKey = was.Ticket.GroupKey
	b.same("the group", b.observe(prometheus, o).Items[0].Ticket, was.Ticket.Number)
	b.same("a repeat", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(time.Hour))).Items[0].Verdict,
		escalation.Repeat)
	later := Alert(prometheus, "f1")
	later.StartsAt = At(time.Hour)
	b.same("a later one", b.observe(prometheus, Observation(later, At(time.Hour))).Items[0].Verdict, escalation.Changed)
}

func durableDeadlines(b *bench, reopen func()) {
	n := b.deadlines(5, 2, 9)
	quiet := b.quiet(prometheus, Alert(prometheus, "f1"))
	late := Alert(prometheus, "f1")
	late.SilentAt = At(7 * time.Minute)
	b.setAlert(quiet, "f1", func(r *ticket.AlertRecord) { r.SilentAt = late.SilentAt })
	reopen()
	due, next := b.due(At(8*time.Minute), 10)
	b.same("due", dueTickets(due), []string{n[1], n[0], quiet.Ticket.Number})
	b.isAt("next", next, At(9*time.Minute))
}

func durableNumbers(b *bench, reopen func()) {
	last := 0
	for i := range 4 {
		for _, v := range b.numbers(sources()[i%3], Prefix, 3) {
			if v <= last {
				b.Errorf("%d after %d", v, last)
			}
			last = v
		}
		reopen()
	}
}

func durableHolds(b *bench, reopen func()) {
	want, _ := b.receipt(undelivered(b.sentPage(prometheus)))
	reopen()
	b.none("held", At(2*time.Minute))
	claim := b.claimOne("two", At(2*time.Minute+time.Second))
	b.same("the page", claim.Page, want)
	b.same("told", b.finish(told(want, claim.Token)), []bool{true})
	reopen()
	b.none("told", At(time.Hour))
}

func durablePages(b *bench, reopen func()) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	b.paged(grafana, "bob")
	out := b.claimOne("one", At(0))
	b.same("applied", b.finish(sent(out.Page, out.Token, At(0))), []bool{true})
	waits := b.paged(zabbix, "carol")
	reopen()
	b.same("what waits", b.claimOne("two", At(time.Second)).Page.Source, zabbix)
	b.same("its ticket's pages", len(b.pages(&waits.Ticket)), 1)
	again := b.claimOne("two", At(lease+time.Second/2))
	b.same("again", again.Again, true)
	b.same("its key", again.Page.PageKey, claim.Page.PageKey)
	b.same("attempts", again.Page.Attempts, 2)
	if again.Token == claim.Token {
		b.Errorf("the token %d is given twice", claim.Token)
	}
	b.same("the old token", b.finish(sent(claim.Page, claim.Token, At(lease))), []bool{false})
	reopen()
	b.same("the new token", b.finish(sent(again.Page, again.Token, At(lease))), []bool{true})
	reopen()
	b.same("state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageSent)
	for _, p := range []ticket.Page{claim.Page, out.Page} {
		page, changed, err := b.s.Receipt(b.ctx, paging.Receipt{
			ProviderID: "SM-" + p.String(), State: ticket.PageDelivered, At: At(time.Hour),
		})
		b.ok(err)
		b.same("changed", changed, true)
		b.same("the page by its id", page.PageKey, p.PageKey)
	}
}

func durableStats(b *bench, reopen func()) {
	one := b.paged(prometheus, "alice", "bob")
	b.claimFirst("one", At(0))
	b.edited(b.opened(grafana), func(t *ticket.Ticket) { Acknowledge(t, At(0)) })
	b.closed(b.opened(zabbix))
	reopen()
	stats := b.stats()
	b.same("tickets", counted(stats), map[string]int{"major open": 1, "major acknowledged": 1})
	b.same("queued", stats.Queued, 1)
	b.isAt("oldest", stats.Oldest, Began())
	b.resolved(one)
	b.same("tickets, moved on", counted(b.stats()), map[string]int{"major resolved": 1, "major acknowledged": 1})
}

func durableDirectory(b *bench, reopen func()) {
	one, two := reservation(alicePhone, 1, At(0)), reservation(alicePhone, 2, At(0))
	b.reserve(one)
	code := b.reserve(two)
	b.release(one, At(time.Hour))
	put := b.putDevice(device("alice", "t1", 1))
	reopen()
	b.same("the code", b.reserve(two), code)
	if got := b.reserve(reservation(alicePhone, 3, At(2*time.Hour))); got == 11 || got == code {
		b.Errorf("code %d is given twice", got)
	}
	link, err := b.s.Link(b.ctx, one.Hash)
	b.ok(err)
	b.same("the link", link, one.Link)
	b.same("devices", b.devices(""), []paging.Device{put})
	b.same("its id", b.putDevice(device("bob", "t1", 2)).ID, put.ID)
}

func durableLists(b *bench, reopen func()) {
	for range 7 {
		b.opened(prometheus)
	}
	q := ticket.Query{Scope: ticket.Everything(), Limit: 3}
	before := b.list("before", q)
	_, next, err := b.s.Tickets(b.ctx, q)
	b.ok(err)
	reopen()
	b.same("the list", b.list("after", q), before)
	q.Cursor = next
	b.same("from the cursor", b.list("from the cursor", q), before[3:])
}
