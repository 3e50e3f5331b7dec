package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func closingCases() []testCase {
	return []testCase{
		{"drops alerts, group and deadline, keeps the rest", closingDrops},
		{"drops the alerts of the same change", closingOwnAlerts},
		{"the group is free again", closingGroup},
		{"pages of a closed ticket go out", closingPages},
		{"a closed ticket can be changed", closingChanged},
	}
}

func closingDrops(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t, Alert(prometheus, "f1"), Alert(prometheus, "f2"))
	change.Pages = []ticket.Page{Page(&t, "alice")}
	b.apply(change)
	kept := b.opened(prometheus, "f3")
	was := b.closed(b.resolved(b.load(prometheus, t.Number)))
	b.same("the state", was.Ticket.State, ticket.Closed)
	b.same("alerts", fingerprints(b.alerts(prometheus, "f1", "f2", "f3")), []string{"f3"})
	b.same("alerts of the sender's group", b.inGroup(prometheus, SenderGroup), []string{"f3"})
	b.same("pages", len(b.pages(&t)), 1)
	b.same("timeline", b.texts(t.Number), []string{"opened"})
	view := b.view(t.Number)
	b.same("the view's alerts", len(view.Alerts), 0)
	b.same("the view's ticket", view.Ticket, was.Ticket)
	due, next := b.due(At(1000*time.Hour), 10)
	for _, d := range due {
		if d.Ticket != kept.Ticket.Number {
			b.Errorf("due after closing: %+v", d)
		}
	}
	b.isAt("the next deadline", next, time.Time{})
	source, err := b.s.Locate(b.ctx, t.Number)
	b.ok(err)
	b.same("its source", source, prometheus)
}

func closingOwnAlerts(b *bench) {
	was := b.resolved(b.opened(prometheus, "f1"))
	change := Next(was, func(t *ticket.Ticket) { Close(t, At(time.Hour)) })
	change.Alerts = []escalation.AlertChange{{Record: b.alert(prometheus, "f1"), Was: was.Ticket.Number}}
	change.Timeline = []ticket.Entry{Note(At(time.Hour), "closed")}
	b.apply(change)
	b.same("alerts", len(b.alerts(prometheus, "f1")), 0)
	b.same("timeline", b.texts(was.Ticket.Number), []string{"opened", "closed"})
	b.same("observed", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(0))).Items[0],
		escalation.ObservedAlert{Verdict: escalation.New})
}

func closingGroup(b *bench) {
	old := b.closed(b.opened(prometheus, "f1"))
	t := b.ticket(prometheus)
	t.GroupKey = old.Ticket.GroupKey
	b.apply(Opening(&t, Alert(prometheus, "f1")))
	o := Observation(Alert(prometheus, "f2"), At(time.Hour))
	o.GroupKey = t.GroupKey
	b.same("the group's ticket", b.observe(prometheus, o).Items[0].Ticket, t.Number)
	b.same("the alert's ticket", b.alert(prometheus, "f1").Ticket, t.Number)
}

func closingPages(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t)
	recovered := Page(&t, "alice")
	recovered.Kind, recovered.Step = ticket.KindRecovered, ticket.ForRecovered.Key()
	change.Pages = []ticket.Page{recovered, Page(&t, "bob")}
	b.apply(change)
	was := b.closed(b.load(prometheus, t.Number))
	claim := b.claimOne("one", At(time.Hour))
	b.same("the page", claim.Page.PageKey, recovered.PageKey)
	b.same("its ticket", claim.Ticket, was.Ticket)
	b.same("the other page", b.page(&t, Page(&t, "bob").PageKey).State, ticket.PageCancelled)
}

func closingChanged(b *bench) {
	was := b.closed(b.opened(prometheus))
	change := Next(was, func(t *ticket.Ticket) { t.Assignee = "bob" })
	change.Timeline = []ticket.Entry{Note(At(time.Hour), "after")}
	b.apply(change)
	b.same("the assignee", b.load(prometheus, was.Ticket.Number).Ticket.Assignee, "bob")
	b.same("timeline", b.texts(was.Ticket.Number), []string{"opened", "after"})
	due, next := b.due(At(1000*time.Hour), 10)
	b.same("due", len(due), 0)
	b.isAt("next", next, time.Time{})
}
