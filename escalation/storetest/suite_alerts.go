package storetest

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func alertCases() []testCase {
	return []testCase{
		{"stored as they are", alertsStored},
		{"their ticket is the change's", alertsTicket},
		{"unknown ones left out", alertsUnknown},
		{"by the sender's group", alertsBySenderGroup},
		{"the sender's group follows", alertsSenderGroupMoves},
	}
}

func alertsStored(b *bench) {
	t := b.ticket(prometheus)
	alert := Alert(prometheus, "f1")
	alert.EndsAt, alert.GeneratorURL = At(time.Hour), "http://prometheus.example.net/graph?g0.expr=up+%3D%3D+0"
	alert.Labels["équipe"] = "réseau \"1\"\nzwei"
	change := Opening(&t, alert)
	change.Alerts[0].Record.Count, change.Alerts[0].Record.LastAt = 7, At(90*time.Second)
	b.apply(change)
	b.same("the alert", b.alert(prometheus, "f1"), change.Alerts[0].Record)

	// Counters come from the commit too, even lower ones.
	again := Next(b.load(prometheus, t.Number), nil)
	record := change.Alerts[0].Record
	record.Status, record.Count, record.Labels, record.EndsAt = ticket.Resolved, 2, nil, time.Time{}
	again.Alerts = []escalation.AlertChange{{Record: record, Was: t.Number}}
	b.apply(again)
	b.same("the alert, changed", b.alert(prometheus, "f1"), record)
}

func alertsTicket(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t, Alert(prometheus, "f1"))
	change.Alerts[0].Record.Ticket = ""
	b.apply(change)
	b.same("its ticket", b.alert(prometheus, "f1").Ticket, t.Number)
	b.same("as observed", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(0))).Items[0].Ticket, t.Number)
}

func alertsUnknown(b *bench) {
	b.opened(prometheus, "f1", "f2")
	b.same("known ones", fingerprints(b.alerts(prometheus, "f2", "f9", "f1")), []string{"f1", "f2"})
	if found := b.alerts(grafana, "f1"); len(found) > 0 {
		b.Errorf("of another source: %+v", found)
	}
}

func alertsBySenderGroup(b *bench) {
	t := b.ticket(prometheus)
	states := map[string]ticket.AlertStatus{"f1": ticket.Firing, "f2": ticket.Silent, "f3": ticket.Resolved}
	var alerts []ticket.Alert
	for f, status := range states {
		a := Alert(prometheus, f)
		a.Status = status
		alerts = append(alerts, a)
	}
	other := Alert(prometheus, "f4")
	other.SenderGroup = "another"
	none := Alert(prometheus, "f5")
	none.SenderGroup = ""
	b.apply(Opening(&t, append(alerts, other, none)...))
	b.opened(prometheus, "f6")
	b.opened(grafana, "f1", "f7")
	b.same("the group", b.inGroup(prometheus, SenderGroup), []string{"f1", "f2", "f6"})
	b.same("another group", b.inGroup(prometheus, "another"), []string{"f4"})
	b.same("no such group", b.inGroup(prometheus, "nothing"), []string{})
}

func alertsSenderGroupMoves(b *bench) {
	was := b.opened(prometheus, "f1", "f2")
	move := func(fingerprint string, edit func(r *ticket.AlertRecord)) {
		b.Helper()
		change := Next(b.load(prometheus, was.Ticket.Number), nil)
		record := b.alert(prometheus, fingerprint)
		edit(&record)
		change.Alerts = []escalation.AlertChange{{Record: record, Was: record.Ticket}}
		b.apply(change)
	}
	move("f1", func(r *ticket.AlertRecord) { r.SenderGroup = "another" })
	b.same("without the one that went", b.inGroup(prometheus, SenderGroup), []string{"f2"})
	b.same("where it went", b.inGroup(prometheus, "another"), []string{"f1"})
	move("f1", func(r *ticket.AlertRecord) { r.Status = ticket.Resolved })
	b.same("resolved", b.inGroup(prometheus, "another"), []string{})
	move("f1", func(r *ticket.AlertRecord) { r.Status = ticket.Firing })
	b.same("fires again", b.inGroup(prometheus, "another"), []string{"f1"})
	move("f1", func(r *ticket.AlertRecord) { r.Status = ticket.Silent })
	b.same("silent", b.inGroup(prometheus, "another"), []string{"f1"})
	b.closed(b.load(prometheus, was.Ticket.Number))
	b.same("closed", append(b.inGroup(prometheus, "another"), b.inGroup(prometheus, SenderGroup)...), []string{})
}

func (b *bench) inGroup(source, senderGroup string) []string {
	b.Helper()
	found, err := b.s.Grouped(b.ctx, source, senderGroup)
	b.ok(err)
	records, err := b.s.Alerts(b.ctx, source, found)
	b.ok(err)
	alive := fingerprints(records)
	if len(alive) == len(found) && len(found) > 0 {
		b.same("in order", found, alive)
	}
	return alive
}

// fingerprints, sorted.
func fingerprints(records []ticket.AlertRecord) []string {
	found := []string{}
	for i := range records {
		found = append(found, records[i].Fingerprint)
	}
	slices.Sort(found)
	return found
}
