package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func listCases() []testCase {
	return []testCase{
		{"nothing", listNothing},
		{"every filter, every limit", listFilters},
		{"tickets that move and open while a list is read", listMoves},
		{"a cursor that no list gave out", listForged},
		{"a view", viewWhole},
		{"a view's sample of alerts", viewSample},
		{"a view of nothing", viewNothing},
		{"what fires of a ticket", firingOf},
	}
}

func listNothing(b *bench) {
	tickets, next, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 10})
	b.ok(err)
	b.same("tickets", len(tickets), 0)
	b.same("next", next, "")
}

// assorted stores tickets of every state, urgency and owner over all sources,
// some of them opened at the same time, and returns them as stored.
func assorted(b *bench) []ticket.Ticket {
	b.Helper()
	states := []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed}
	customers, assignees := []string{"acme", "", "Müller"}, []string{"", "alice", "bob", ""}
	var all []ticket.Ticket
	for i := range 30 {
		t := b.ticket(sources()[i%3])
		t.State, t.Urgency = states[i%5], ticket.Urgencies()[i%4]
		t.Customer, t.Assignee = customers[i%3], assignees[i%4]
		t.Title, t.Site = fmt.Sprintf("Host %d DOWN", i), fmt.Sprintf("Site-%c", 'A'+rune(i%7))
		t.OpenedAt = At(time.Duration(i/2*7%15) * time.Minute)
		c := Opening(&t)
		c.TakeGroup = t.State != ticket.Closed
		b.apply(c)
		all = append(all, t)
	}
	return all
}

func queries() []ticket.Query {
	all := []ticket.Query{
		{},
		{Scope: ticket.Limited("bob", "acme")},
		{Scope: ticket.Limited("zoe", "Müller"), States: []ticket.State{ticket.Open}},
		{Scope: ticket.Limited("zoe")},
		{Scope: ticket.Limited("zoe", "acme"), Customer: "Müller"},
		{States: []ticket.State{ticket.Open}},
		{States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}},
		{States: []ticket.State{ticket.StateResolved, ticket.Closed}},
		{Source: grafana, States: []ticket.State{ticket.Open, ticket.Acknowledged}},
		{States: []ticket.State{ticket.Closed}, Urgencies: []ticket.Urgency{ticket.Low}},
		{Urgencies: []ticket.Urgency{ticket.Critical, ticket.Minor}},
		{Customer: "acme"},
		{Customer: "Müller", States: []ticket.State{ticket.InProgress}},
		{Customer: "nobody"},
		{Assignee: "bob"},
		{Since: At(5 * time.Minute)},
		{Until: At(5 * time.Minute)},
		{Since: At(3 * time.Minute), Until: At(9 * time.Minute)},
		{Since: At(time.Hour)},
		{Text: "host 2"},
		{Text: "mÜLLER"},
		{Text: "site-c"},
		{Text: Prefix + "0007"},
		{Text: "nowhere"},
		{Text: "down", Assignee: "alice", Since: At(time.Minute), States: []ticket.State{ticket.Open}},
	}
	for i := range all {
		if all[i].Scope.Err() != nil {
			all[i].Scope = ticket.Everything()
		}
	}
	return all
}

func listFilters(b *bench) {
	all := assorted(b)
	if _, _, err := b.s.Tickets(b.ctx, ticket.Query{Limit: 1}); !errors.Is(err, ticket.ErrNoScope) {
		b.Errorf("a list for nobody: %v", err)
	}
	for i, q := range queries() {
		want := map[string]ticket.Ticket{}
		for _, t := range all {
			if q.Matches(&t) {
				want[t.Number] = t
			}
		}
		for _, limit := range []int{1, 3, len(want) + 1, 1000} {
			q.Limit, q.Cursor = limit, ""
			what := fmt.Sprintf("query %d by %d", i, limit)
			got := map[string]ticket.Ticket{}
			for _, t := range b.list(what, q) {
				got[t.Number] = t
			}
			b.same(what, got, want)
		}
	}
}

// list reads a list to its end. It checks that the list is in order, has no
// ticket twice and keeps to its limit.
func (b *bench) list(what string, q ticket.Query) []ticket.Ticket {
	b.Helper()
	var all []ticket.Ticket
	seen := map[string]bool{}
	for range 100 {
		tickets, next, err := b.s.Tickets(b.ctx, q)
		b.ok(err)
		if len(tickets) > q.Limit {
			b.Errorf("%s: %d tickets, limit %d", what, len(tickets), q.Limit)
		}
		for _, t := range tickets {
			if seen[t.Number] {
				b.Errorf("%s: %s listed twice", what, t.Number)
			}
			if n := len(all); n > 0 && t.OpenedAt.After(all[n-1].OpenedAt) {
				b.Errorf("%s: %s, of %v, after %v", what, t.Number, t.OpenedAt, all[n-1].OpenedAt)
			}
			seen[t.Number] = true
			all = append(all, t)
		}
		if next == "" {
			return all
		}
		q.Cursor = next
	}
	b.Fatalf("%s: the list does not end", what)
	return nil
}

func listForged(b *bench) {
	b.opened(prometheus)
	for _, cursor := range []string{"x", "nonsense", "NaN/I261121_0001", "0123456789abcdeX/I261121_0001", "/", "\xff\x00"} {
		_, _, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 3, Cursor: cursor})
		if !errors.Is(err, escalation.ErrCursor) {
			b.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

func listMoves(b *bench) {
	var records []ticket.Record
	for i := range 9 {
		t := b.ticket(sources()[i%3])
		t.OpenedAt = At(time.Duration(i) * time.Minute)
		b.apply(Opening(&t))
		records = append(records, b.load(t.Source, t.Number))
	}
	q := ticket.Query{Scope: ticket.Everything(), Limit: 4}
	tickets, next, err := b.s.Tickets(b.ctx, q)
	b.ok(err)
	b.same("the newest", tickets[0].Number, records[8].Ticket.Number)
	// The ticket that the cursor stands at moves, and newer ones open.
	b.edited(records[5], func(t *ticket.Ticket) { Acknowledge(t, At(time.Hour)) })
	b.closed(records[2])
	for range 3 {
		t := b.ticket(grafana)
		t.OpenedAt = At(time.Hour)
		b.apply(Opening(&t))
	}
	q.Cursor = next
	rest := b.list("the rest", q)
	got := []string{}
	for i := range rest {
		got = append(got, rest[i].Number)
	}
	var want []string
	for _, r := range slices.Backward(records[:5]) {
		want = append(want, r.Ticket.Number)
	}
	b.same("the rest", got, want)
	b.same("closed ones, as they are now", len(b.list("closed", ticket.Query{Scope: ticket.Everything(), Limit: 5, States: []ticket.State{ticket.Closed}})), 1)
	active := ticket.Query{Scope: ticket.Everything(), Limit: 5, States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}}
	b.same("active ones", len(b.list("active", active)), 11)
}

func viewWhole(b *bench) {
	t := b.ticket(grafana)
	change := Opening(&t, Alert(grafana, "f1"))
	change.Pages = []ticket.Page{Page(&t, "carol"), Page(&t, "alice"), Page(&t, "bob")}
	change.Timeline = append(change.Timeline, Note(At(time.Minute), "two"), Note(At(2*time.Minute), "three"))
	b.apply(change)
	b.opened(grafana, "f2")
	b.same("the view", b.view(t.Number), ticket.View{
		Ticket: t, Alerts: []ticket.AlertRecord{Record(&t, Alert(grafana, "f1"))},
		Pages: change.Pages, Timeline: change.Timeline,
	})
}

func viewSample(b *bench) {
	t := b.ticket(prometheus)
	var alerts []ticket.Alert
	for i := range 30 {
		a := Alert(prometheus, fmt.Sprintf("f%02d", i*7%30))
		if i%2 == 0 {
			a.Status = ticket.Resolved
		}
		alerts = append(alerts, a)
	}
	b.apply(Opening(&t, alerts...))
	sample := b.view(t.Number).Alerts
	b.same("how many", len(sample), ticket.ViewAlerts)
	for i := range sample {
		if firing := sample[i].Status == ticket.Firing; firing != (i < 15) {
			b.Errorf("alert %d is %s", i, sample[i].Status)
		}
	}
	b.setAlert(b.load(prometheus, t.Number), sample[0].Fingerprint, func(r *ticket.AlertRecord) { r.Status = ticket.Resolved })
	firing := 0
	for _, a := range b.view(t.Number).Alerts {
		if a.Status == ticket.Firing {
			firing++
		}
	}
	b.same("firing after one resolved", firing, 14)
}

// firingOf is every alert that is not over, however many there are.
func firingOf(b *bench) {
	t := b.ticket(prometheus)
	var alerts []ticket.Alert
	for i := range 60 {
		a := Alert(prometheus, fmt.Sprintf("f%02d", i*7%60))
		if i%3 == 0 {
			a.Status = ticket.Resolved
		}
		alerts = append(alerts, a)
	}
	b.apply(Opening(&t, alerts...))
	b.setAlert(b.load(prometheus, t.Number), alerts[1].Fingerprint, func(r *ticket.AlertRecord) { r.Status = ticket.Silent })
	for _, c := range []struct{ most, want int }{{100, 40}, {40, 40}, {10, 10}} {
		list, err := b.s.Firing(b.ctx, t.Number, c.most)
		b.ok(err)
		b.same("how many", len(list), c.want)
		for i := range list {
			if want := ticket.Firing; list[i].Status != want && (i != 39 || list[i].Status != ticket.Silent) || list[i].Ticket != t.Number {
				b.Errorf("alert %d of %d is %s", i, len(list), list[i].Status)
			}
		}
	}
	_, err := b.s.Firing(b.ctx, "I000101_0001", 10)
	b.is("what fires of nothing", err, escalation.ErrNotFound)
}

func viewNothing(b *bench) {
	for _, number := range []string{"I000101_0001", b.number(prometheus), "nonsense", ""} {
		_, err := b.s.View(b.ctx, number)
		b.is("view of "+number, err, escalation.ErrNotFound)
	}
}
