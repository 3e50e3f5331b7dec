package storetest

import (
	"fmt"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func dueCases() []testCase {
	return []testCase{
		{"nothing", dueNothing},
		{"earliest first, over all sources", dueOrder},
		{"limit and next", dueLimit},
		{"stands until a commit moves it", dueStands},
		{"follows the state", dueStates},
		{"silent alerts", dueSilent},
		{"heard of in the meantime", dueHeard},
		{"heard of while the ticket is resolved", dueHeardResolved},
		{"alerts that do not fire", dueNotFiring},
		{"a silence that is committed", dueSilentMoved},
		{"alerts that never go silent", dueFar},
	}
}

func dueNothing(b *bench) {
	due, next := b.due(At(0), 10)
	b.same("due", len(due), 0)
	b.isAt("next", next, time.Time{})
}

// deadlines opens tickets whose deadlines are at these minutes, spread over
// the sources, and returns their numbers.
func (b *bench) deadlines(minutes ...int) []string {
	b.Helper()
	var numbers []string
	for i, m := range minutes {
		t := b.ticket(sources()[i%3])
		NextRound(&t, At(time.Duration(m)*time.Minute))
		b.apply(Opening(&t))
		numbers = append(numbers, t.Number)
	}
	return numbers
}

func dueTickets(due []escalation.Deadline) []string {
	numbers := []string{}
	for _, d := range due {
		numbers = append(numbers, d.Ticket)
	}
	return numbers
}

func dueOrder(b *bench) {
	n := b.deadlines(5, 2, 9, 1, 4, 30)
	due, next := b.due(At(9*time.Minute), 10)
	b.same("due", dueTickets(due), []string{n[3], n[1], n[4], n[0], n[2]})
	b.isAt("next", next, At(30*time.Minute))
	for i, m := range []int{1, 2, 4, 5, 9} {
		b.isAt("at", due[i].At, At(time.Duration(m)*time.Minute))
	}
	b.same("source", due[0].Source, sources()[0])
	b.same("alert", due[0].Alert, "")
	due, next = b.due(At(59*time.Second), 10)
	b.same("due before the first", len(due), 0)
	b.isAt("next before the first", next, At(time.Minute))
	_, next = b.due(At(time.Hour), 10)
	b.isAt("next after the last", next, time.Time{})
}

func dueLimit(b *bench) {
	n := b.deadlines(5, 2, 9, 1, 4, 30)
	due, next := b.due(At(time.Hour), 4)
	b.same("due", dueTickets(due), []string{n[3], n[1], n[4], n[0]})
	b.isAt("next", next, At(9*time.Minute))
	due, next = b.due(At(4*time.Minute), 3)
	b.same("as many as the limit", dueTickets(due), []string{n[3], n[1], n[4]})
	b.isAt("next after as many", next, At(5*time.Minute))
}

func dueStands(b *bench) {
	n := b.deadlines(1)
	first, _ := b.due(At(time.Minute), 10)
	second, _ := b.due(At(2*time.Minute), 10)
	b.same("listed", dueTickets(first), n)
	b.same("listed again", dueTickets(second), n)
	b.edited(b.load(prometheus, n[0]), func(t *ticket.Ticket) { NextRound(t, At(4*time.Minute)) })
	due, next := b.due(At(2*time.Minute), 10)
	b.same("moved", len(due), 0)
	b.isAt("moved to", next, At(4*time.Minute))
	b.edited(b.load(prometheus, n[0]), func(t *ticket.Ticket) { NextRound(t, At(time.Minute)) })
	due, _ = b.due(At(time.Minute), 10)
	b.same("moved back", dueTickets(due), n)
	b.edited(b.load(prometheus, n[0]), func(t *ticket.Ticket) { NextRound(t, time.Time{}) })
	due, next = b.due(At(time.Hour), 10)
	b.same("taken away", len(due), 0)
	b.isAt("no next", next, time.Time{})
}

func dueStates(b *bench) {
	was := b.opened(prometheus)
	expect := func(what string, at time.Time) {
		b.Helper()
		due, next := b.due(At(0), 10)
		b.same(what+": due", len(due), 0)
		b.isAt(what, next, at)
	}
	expect("open", At(3*time.Minute))
	was = b.edited(was, func(t *ticket.Ticket) { Acknowledge(t, At(time.Minute)) })
	expect("acknowledged", time.Time{})
	was = b.edited(was, func(t *ticket.Ticket) { t.Progress.AckUntil = At(time.Hour) })
	expect("acknowledged for an hour", At(time.Hour))
	was = b.edited(was, func(t *ticket.Ticket) { t.Progress.SilentUntil = At(30 * time.Minute) })
	expect("silent", At(30*time.Minute))
	was = b.resolved(was)
	expect("resolved", was.Ticket.Progress.CloseAt)
	b.closed(was)
	expect("closed", time.Time{})
}

// quiet opens a ticket that has these alerts, and no deadline except theirs.
func (b *bench) quiet(source string, alerts ...ticket.Alert) ticket.Record {
	b.Helper()
	t := b.ticket(source)
	NextRound(&t, time.Time{})
	b.apply(Opening(&t, alerts...))
	return b.load(source, t.Number)
}

func dueSilent(b *bench) {
	late := Alert(grafana, "f2")
	late.SilentAt = At(7 * time.Minute)
	never := Alert(zabbix, "f3")
	never.SilentAt = time.Time{}
	one, two := b.quiet(prometheus, Alert(prometheus, "f1")), b.quiet(grafana, late)
	b.quiet(zabbix, never)
	due, next := b.due(At(6*time.Minute), 10)
	b.same("how many", len(due), 1)
	b.isAt("at", due[0].At, At(5*time.Minute))
	b.isAt("next", next, At(7*time.Minute))
	b.same("ticket", due[0].Ticket, one.Ticket.Number)
	due, next = b.due(At(time.Hour), 10)
	b.isAt("next after the last", next, time.Time{})
	for i := range due {
		due[i].At = due[i].At.UTC()
	}
	b.same("both", due, []escalation.Deadline{
		{Source: prometheus, Ticket: one.Ticket.Number, Alert: "f1", At: At(5 * time.Minute)},
		{Source: grafana, Ticket: two.Ticket.Number, Alert: "f2", At: At(7 * time.Minute)},
	})
}

// dueFar sets a deadline too late to be counted in nanoseconds. It must not
// become a deadline of the past, which would be due for ever and hide the
// others.
func dueFar(b *bench) {
	for _, year := range []int{2262, 2263, 2500, 5000, 9999} {
		far := Alert(zabbix, fmt.Sprintf("f%d", year))
		far.SilentAt = time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC)
		b.quiet(zabbix, far)
		again := far
		again.SilentAt = far.SilentAt.Add(-time.Second)
		b.observe(zabbix, Observation(again, At(time.Minute)))
	}
	b.quiet(prometheus, Alert(prometheus, "f1"))
	due, _ := b.due(At(time.Hour), 1)
	b.same("due", dueAlerts(due), []string{"f1"})
}

func dueHeard(b *bench) {
	other := Alert(prometheus, "f2")
	other.SilentAt = At(6 * time.Minute)
	b.quiet(prometheus, Alert(prometheus, "f1"), other)
	again := Alert(prometheus, "f1")
	again.SilentAt = At(9 * time.Minute)
	b.observe(prometheus, Observation(again, At(4*time.Minute)))
	// An alert that was heard of does not take the place of one that was not.
	due, next := b.due(At(7*time.Minute), 1)
	b.same("due with a limit", dueAlerts(due), []string{"f2"})
	// A store may find out late that the deadline has moved on. It then asks to
	// be called sooner, never later.
	if next.IsZero() || next.After(At(9*time.Minute)) {
		b.Errorf("next %v, want %v at the latest", next, At(9*time.Minute))
	}
	due, _ = b.due(At(7*time.Minute), 10)
	b.same("due", dueAlerts(due), []string{"f2"})
	due, _ = b.due(At(9*time.Minute), 10)
	b.same("due later", dueAlerts(due), []string{"f2", "f1"})
}

func dueHeardResolved(b *bench) {
	was := b.resolved(b.quiet(prometheus, Alert(prometheus, "f1")))
	again := Alert(prometheus, "f1")
	again.SilentAt = At(9 * time.Minute)
	b.same("verdict", b.observe(prometheus, Observation(again, At(4*time.Minute))).Items[0].Verdict, escalation.Changed)
	due, _ := b.due(At(6*time.Minute), 10)
	b.same("due", len(due), 0)
	b.isAt("silent at", b.alert(prometheus, "f1").SilentAt, At(9*time.Minute))
	b.isAt("last heard of", b.alert(prometheus, "f1").LastAt, At(4*time.Minute))
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
}

func dueNotFiring(b *bench) {
	over, silent := Alert(prometheus, "f1"), Alert(prometheus, "f2")
	over.Status, silent.Status = ticket.Resolved, ticket.Silent
	was := b.quiet(prometheus, over, silent, Alert(prometheus, "f3"))
	due, next := b.due(At(time.Hour), 10)
	b.same("due", dueAlerts(due), []string{"f3"})
	b.isAt("next", next, time.Time{})
	b.setAlert(was, "f3", func(r *ticket.AlertRecord) { r.Status = ticket.Resolved })
	due, next = b.due(At(time.Hour), 10)
	b.same("due after it resolved", len(due), 0)
	b.isAt("next after it resolved", next, time.Time{})
	b.setAlert(b.load(prometheus, was.Ticket.Number), "f1", func(r *ticket.AlertRecord) {
		r.Status, r.SilentAt = ticket.Firing, At(8*time.Minute)
	})
	due, _ = b.due(At(time.Hour), 10)
	b.same("due after it fired again", dueAlerts(due), []string{"f1"})
}

func dueSilentMoved(b *bench) {
	was := b.quiet(prometheus, Alert(prometheus, "f1"))
	b.setAlert(was, "f1", func(r *ticket.AlertRecord) { r.Status = ticket.Silent })
	due, _ := b.due(At(time.Hour), 10)
	b.same("due after it went silent", len(due), 0)
	b.setAlert(b.load(prometheus, was.Ticket.Number), "f1", func(r *ticket.AlertRecord) {
		r.Status, r.SilentAt = ticket.Firing, At(20*time.Minute)
	})
	due, next := b.due(At(19*time.Minute), 10)
	b.same("due before", len(due), 0)
	b.isAt("next", next, At(20*time.Minute))
	due, _ = b.due(At(20*time.Minute), 10)
	b.same("due", dueAlerts(due), []string{"f1"})
}

// setAlert commits a change of one alert of a ticket.
func (b *bench) setAlert(was ticket.Record, fingerprint string, edit func(r *ticket.AlertRecord)) {
	b.Helper()
	change := Next(was, nil)
	record := b.alert(was.Ticket.Source, fingerprint)
	edit(&record)
	change.Alerts = []escalation.AlertChange{{Record: record, Was: record.Ticket}}
	b.apply(change)
}

func dueAlerts(due []escalation.Deadline) []string {
	found := []string{}
	for _, d := range due {
		found = append(found, d.Alert)
	}
	return found
}
