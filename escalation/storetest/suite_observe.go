package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func observeCases() []testCase {
	cases := []testCase{
		{"nothing", observeNothing},
		{"never heard of", observeNew},
		{"repeat counts and changes nothing else", observeRepeat},
		{"one fingerprint twice in a call", observeTwice},
		{"a new alert finds its group", observeGroup},
		{"a group follows the latest ticket", observeGroupMoved},
		{"sources are apart", observeSources},
		{"tickets that are named", observeTickets},
		{"a later occurrence", observeLater},
	}
	for _, v := range verdicts() {
		cases = append(cases, testCase{v.name, v.run})
	}
	return cases
}

// verdict is one row of what Observe may answer.
type verdict struct {
	name    string
	stored  ticket.AlertStatus
	state   ticket.State
	heard   ticket.AlertStatus
	urgency ticket.Urgency
	want    escalation.Verdict
	counted bool
}

func verdicts() []verdict {
	const (
		firing, resolved, silent = ticket.Firing, ticket.Resolved, ticket.Silent
		major                    = ticket.Major
	)
	return []verdict{
		{"fires on, open", firing, ticket.Open, firing, major, escalation.Repeat, true},
		{"fires on, acknowledged", firing, ticket.Acknowledged, firing, major, escalation.Repeat, true},
		{"fires on, in progress", firing, ticket.InProgress, firing, major, escalation.Repeat, true},
		{"fires on, less urgent", firing, ticket.Open, firing, ticket.Low, escalation.Repeat, true},
		{"fires on, more urgent", firing, ticket.Open, firing, ticket.Critical, escalation.Changed, false},
		{"fires on, ticket resolved by hand", firing, ticket.StateResolved, firing, major, escalation.Changed, true},
		{"resolves", firing, ticket.Open, resolved, major, escalation.Changed, false},
		{"resolves, ticket resolved by hand", firing, ticket.StateResolved, resolved, major, escalation.Changed, false},
		{"resolves after silence", silent, ticket.Acknowledged, resolved, major, escalation.Changed, false},
		{"fires after silence", silent, ticket.Open, firing, major, escalation.Changed, false},
		{"a remark alone", firing, ticket.Open, ticket.Unsaid, major, escalation.Changed, false},
		{"a remark alone, over already", resolved, ticket.Open, ticket.Unsaid, major, escalation.Unknown, false},
		{"fires again", resolved, ticket.Open, firing, major, escalation.Changed, false},
		{"fires again, less urgent", resolved, ticket.Open, firing, ticket.Low, escalation.Changed, false},
		{"over already", resolved, ticket.Open, resolved, major, escalation.Unknown, false},
		{"over already, ticket resolved", resolved, ticket.StateResolved, resolved, major, escalation.Unknown, false},
		{"fires, ticket closed", firing, ticket.Closed, firing, major, escalation.New, false},
		{"fires again, ticket closed", resolved, ticket.Closed, firing, major, escalation.New, false},
		{"resolves, ticket closed", firing, ticket.Closed, resolved, major, escalation.Unknown, false},
	}
}

func (v verdict) run(b *bench) {
	was := v.store(b)
	alert := Alert(prometheus, "f1")
	alert.Status = v.heard
	o := Observation(alert, At(time.Hour))
	o.Urgency, o.GroupKey = v.urgency, was.Ticket.GroupKey
	observed := b.observe(prometheus, o)
	item := observed.Items[0]
	if item.Verdict != v.want {
		b.Fatalf("verdict %d, want %d", item.Verdict, v.want)
	}
	v.check(b, was, observed)
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
}

// store files an alert and its ticket as the row says.
func (v verdict) store(b *bench) ticket.Record {
	t := b.ticket(prometheus)
	alert := Alert(prometheus, "f1")
	alert.Status = v.stored
	b.apply(Opening(&t, alert))
	return b.edited(b.load(prometheus, t.Number), func(t *ticket.Ticket) {
		t.State = v.state
		t.UpdatedAt = At(time.Second)
	})
}

func (v verdict) check(b *bench, was ticket.Record, observed escalation.Observed) {
	b.Helper()
	item, number := observed.Items[0], was.Ticket.Number
	switch v.want {
	case escalation.New, escalation.Unknown:
		b.same("the ticket that is named", item.Ticket, "")
		if item.Alert != nil {
			b.Errorf("an alert is given: %+v", item.Alert)
		}
		return
	case escalation.Repeat:
		if item.Alert != nil {
			b.Errorf("a repeat's alert is given: %+v", item.Alert)
		}
	case escalation.Changed:
		b.same("the record that is given", item.Alert, b.alert(prometheus, "f1"))
		b.same("the tickets that are given", observed.Tickets, map[string]ticket.Record{number: was})
	}
	b.same("the ticket that is named", item.Ticket, number)
	count := int64(1)
	if v.counted {
		count = 2
	}
	b.same("the count", b.alert(prometheus, "f1").Count, count)
}

func observeNothing(b *bench) {
	if observed := b.observe(prometheus); len(observed.Tickets) > 0 {
		b.Errorf("tickets of nothing: %v", observed.Tickets)
	}
}

func observeNew(b *bench) {
	over := Alert(prometheus, "f2")
	over.Status = ticket.Resolved
	observed := b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(0)), Observation(over, At(0)))
	b.same("items", observed.Items, []escalation.ObservedAlert{{Verdict: escalation.New}, {Verdict: escalation.Unknown}})
	if len(observed.Tickets) > 0 {
		b.Errorf("tickets where there are none: %v", observed.Tickets)
	}
	if found := b.alerts(prometheus, "f1", "f2"); len(found) > 0 {
		b.Errorf("observing stored %+v", found)
	}
	// A second call finds it new again: nothing was stored.
	b.same("again", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(0))).Items[0].Verdict, escalation.New)
}

func observeRepeat(b *bench) {
	was := b.opened(prometheus, "f1")
	want := b.alert(prometheus, "f1")
	for i := range 3 {
		repeat := Alert(prometheus, "f1")
		repeat.StartsAt = At(-time.Hour)
		repeat.Labels["new"], repeat.Annotations["summary"] = "label", "another"
		repeat.SenderGroup, repeat.GeneratorURL = "another", "http://prometheus.example.net"
		at := At(time.Duration(i+1) * time.Minute)
		repeat.SilentAt = at.Add(5 * time.Minute)
		observed := b.observe(prometheus, Observation(repeat, at))
		b.same("verdict", observed.Items[0].Verdict, escalation.Repeat)
		if len(observed.Tickets) > 0 {
			b.Errorf("a repeat's ticket is given: %v", observed.Tickets)
		}
		want.Count, want.LastAt, want.SilentAt = want.Count+1, at, repeat.SilentAt
		b.same("the alert", b.alert(prometheus, "f1"), want)
	}
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
	b.same("the timeline", b.texts(was.Ticket.Number), []string{"opened"})
}

func observeTwice(b *bench) {
	was := b.opened(prometheus, "f1")
	over := Alert(prometheus, "f1")
	over.Status = ticket.Resolved
	fresh := Alert(prometheus, "f2")
	freshOver := fresh
	freshOver.Status = ticket.Resolved
	now := At(time.Minute)
	observed := b.observe(prometheus,
		Observation(Alert(prometheus, "f1"), now), Observation(over, now), Observation(Alert(prometheus, "f1"), now),
		Observation(fresh, now), Observation(fresh, now), Observation(freshOver, now))
	want := []escalation.Verdict{
		escalation.Repeat, escalation.Changed, escalation.Repeat,
		escalation.New, escalation.New, escalation.Unknown,
	}
	for i, item := range observed.Items {
		if item.Verdict != want[i] {
			b.Errorf("observation %d: verdict %d, want %d", i, item.Verdict, want[i])
		}
	}
	b.same("the count", b.alert(prometheus, "f1").Count, 3)
	b.same("the ticket", b.load(prometheus, was.Ticket.Number), was)
}

func observeGroup(b *bench) {
	was := b.opened(prometheus, "f1")
	o := Observation(Alert(prometheus, "f2"), At(time.Hour))
	o.GroupKey = was.Ticket.GroupKey
	expect := func(what, number string, want map[string]ticket.Record) {
		b.Helper()
		observed := b.observe(prometheus, o)
		b.same(what+": item", observed.Items[0], escalation.ObservedAlert{Verdict: escalation.New, Ticket: number})
		if len(observed.Tickets)+len(want) > 0 {
			b.same(what+": tickets", observed.Tickets, want)
		}
	}
	number := was.Ticket.Number
	expect("open", number, map[string]ticket.Record{number: was})
	was = b.resolved(was)
	expect("resolved", number, map[string]ticket.Record{number: was})
	b.closed(was)
	expect("closed", "", nil)
	o.GroupKey = "another"
	expect("another group", "", nil)
	o.GroupKey = ""
	expect("no group", "", nil)
}

func observeGroupMoved(b *bench) {
	first := b.resolved(b.opened(prometheus))
	second := b.ticket(prometheus)
	second.GroupKey = first.Ticket.GroupKey
	change := Opening(&second)
	change.GroupWas = first.Ticket.Number
	b.apply(change)

	o := Observation(Alert(prometheus, "f1"), At(time.Hour))
	o.GroupKey = second.GroupKey
	b.same("after the second took it", b.observe(prometheus, o).Items[0].Ticket, second.Number)
	first = b.edited(first, func(t *ticket.Ticket) { t.Title = "changed" })
	b.same("after a change of the first", b.observe(prometheus, o).Items[0].Ticket, second.Number)
	b.closed(first)
	b.same("after the first closed", b.observe(prometheus, o).Items[0].Ticket, second.Number)
}

func observeSources(b *bench) {
	here := b.opened(prometheus, "f1")
	there := b.ticket(grafana)
	there.GroupKey = here.Ticket.GroupKey
	o := Observation(Alert(grafana, "f1"), At(time.Minute))
	o.GroupKey = there.GroupKey
	b.same("before", b.observe(grafana, o).Items[0], escalation.ObservedAlert{Verdict: escalation.New})
	b.apply(Opening(&there, Alert(grafana, "f1")))
	b.same("after", b.observe(grafana, o).Items[0], escalation.ObservedAlert{Verdict: escalation.Repeat, Ticket: there.Number})
	b.same("the other's count", b.alert(prometheus, "f1").Count, 1)
	b.same("its own count", b.alert(grafana, "f1").Count, 2)
}

func observeTickets(b *bench) {
	repeats, changes, grows := b.opened(prometheus, "f1"), b.opened(prometheus, "f2", "f3"), b.opened(prometheus, "f4")
	over := Alert(prometheus, "f2")
	over.Status = ticket.Resolved
	joins := Observation(Alert(prometheus, "f5"), At(time.Minute))
	joins.GroupKey = grows.Ticket.GroupKey
	observed := b.observe(prometheus,
		Observation(Alert(prometheus, "f1"), At(time.Minute)), Observation(over, At(time.Minute)),
		Observation(Alert(prometheus, "f3"), At(time.Minute)), joins, Observation(Alert(prometheus, "f6"), At(time.Minute)))
	b.same("tickets", observed.Tickets, map[string]ticket.Record{
		changes.Ticket.Number: changes, grows.Ticket.Number: grows,
	})
	b.same("the repeat", observed.Items[0].Ticket, repeats.Ticket.Number)
}

// observeLater tests an alert that fires and began later than was known.
// Observe says so, so that its record can be corrected. After that it is a
// repeat. A store that was opened again knows that too.
func observeLater(b *bench) {
	was := b.opened(prometheus, "f1", "f2")
	later := Alert(prometheus, "f1")
	later.StartsAt = At(time.Hour)
	o := Observation(later, At(time.Hour))
	item := b.observe(prometheus, o).Items[0]
	b.same("verdict", item.Verdict, escalation.Changed)
	b.same("the record that is given", item.Alert, b.alert(prometheus, "f1"))
	b.same("the count", item.Alert.Count, 1)

	record := *item.Alert
	record.Alert = later
	change := Next(was, nil)
	change.Alerts = []escalation.AlertChange{{Record: record, Was: was.Ticket.Number}}
	b.apply(change)
	b.same("the same again", b.observe(prometheus, o).Items[0].Verdict, escalation.Repeat)
	o.Alert.StartsAt = At(time.Hour + time.Second)
	b.same("later still", b.observe(prometheus, o).Items[0].Verdict, escalation.Changed)
	o.Alert.StartsAt = time.Time{}
	b.same("of no known begin", b.observe(prometheus, o).Items[0].Verdict, escalation.Repeat)
}
