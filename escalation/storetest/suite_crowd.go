package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func crowdCases() []testCase {
	return []testCase{
		{"active tickets are counted", crowdActive},
		{"tickets of the last minute are counted", crowdOpened},
		{"no more active ones than the change allows", crowdMostActive},
		{"no more new ones in a minute than the change allows", crowdMostOpened},
		{"together in one call", crowdTogether},
		{"sources do not count for each other", crowdApart},
		{"a bound is for new tickets", crowdKnown},
		{"alerts are counted", crowdAlerts},
	}
}

// has is the Crowd that Observe tells of a source for a new alert.
func (b *bench) has(source string, at time.Time) escalation.Crowd {
	b.Helper()
	return b.observe(source, Observation(Alert(source, "another"), at)).Has
}

// crowdAlerts tests that the alerts of all tickets that are not closed are
// counted.
func crowdAlerts(b *bench) {
	kept := func() int {
		return b.observe(prometheus, Observation(Alert(prometheus, "another"), At(time.Hour))).Alerts
	}
	b.same("nothing", kept(), 0)
	one := b.opened(prometheus, "f1", "f2")
	two := b.opened(prometheus, "f3")
	b.opened(grafana, "f1", "g1", "g2")
	b.same("of all tickets", kept(), 3)
	again := Next(b.load(prometheus, one.Ticket.Number), nil)
	record := b.alert(prometheus, "f1")
	record.Status = ticket.Resolved
	again.Alerts = []escalation.AlertChange{{Record: record, Was: record.Ticket}}
	b.apply(again)
	b.same("one that is resolved is one", kept(), 3)
	moved := Next(b.load(prometheus, two.Ticket.Number), nil)
	record.Status, record.Ticket = ticket.Firing, two.Ticket.Number
	moved.Alerts = []escalation.AlertChange{{Record: record, Was: one.Ticket.Number}}
	b.apply(moved)
	b.same("one that moves is one", kept(), 3)
	b.closed(b.load(prometheus, one.Ticket.Number))
	b.same("one ticket is closed", kept(), 2)
	b.closed(b.load(prometheus, two.Ticket.Number))
	b.same("both are", kept(), 0)
}

// openedAt opens a ticket at a time.
func (b *bench) openedAt(source string, at time.Time) ticket.Record {
	b.Helper()
	t := b.ticket(source)
	t.OpenedAt = at
	b.apply(Opening(&t))
	return b.load(source, t.Number)
}

// openingMost is the change that opens one more ticket, unless there are this
// many already.
func (b *bench) openingMost(source string, at time.Time, active, opened int) escalation.Change {
	t := b.ticket(source)
	t.OpenedAt = at
	c := Opening(&t)
	c.Most = escalation.Crowd{Active: active, Opened: opened}
	return c
}

func crowdActive(b *bench) {
	b.same("nothing", b.has(prometheus, At(time.Hour)), escalation.Crowd{})
	one, two, three := b.opened(prometheus), b.opened(prometheus), b.opened(prometheus)
	for i, edit := range []func(t *ticket.Ticket){
		func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) },
		func(t *ticket.Ticket) { PickUp(t, At(2*time.Second)) },
		func(t *ticket.Ticket) { t.Urgency = ticket.Critical },
	} {
		one = b.edited(one, edit)
		if got := b.has(prometheus, At(time.Hour)); got.Active != 3 {
			b.Errorf("after edit %d: %d active", i, got.Active)
		}
	}
	two = b.resolved(two)
	b.same("one is resolved", b.has(prometheus, At(time.Hour)).Active, 2)
	two = b.edited(two, func(t *ticket.Ticket) { t.State = ticket.Open })
	b.same("it is reopened", b.has(prometheus, At(time.Hour)).Active, 3)
	b.closed(b.resolved(two))
	b.closed(three)
	b.same("one is left", b.has(prometheus, At(time.Hour)).Active, 1)
}

func crowdOpened(b *bench) {
	for i := range 5 {
		b.openedAt(prometheus, At(time.Duration(i)*20*time.Second))
	}
	for _, row := range []struct {
		at   time.Duration
		want int
	}{{80 * time.Second, 3}, {80*time.Second - time.Microsecond, 4}, {2 * time.Minute, 1}, {140 * time.Second, 0}} {
		if got := b.has(prometheus, At(row.at)); got.Opened != row.want || got.Active != 5 {
			b.Errorf("at %s: %+v, want %d opened in the last minute", row.at, got, row.want)
		}
	}
}

func crowdMostActive(b *bench) {
	one := b.opened(prometheus)
	b.apply(b.openingMost(prometheus, At(time.Hour), 2, 0))
	full := b.openingMost(prometheus, At(time.Hour), 2, 0)
	b.refused("the third of two", full)
	b.same("it is not there", len(b.loadAll(prometheus, full.Ticket.Number)), 0)
	b.resolved(one)
	b.apply(full)
}

func crowdMostOpened(b *bench) {
	b.openedAt(prometheus, At(0))
	b.closed(b.openedAt(prometheus, At(30*time.Second)))
	full := b.openingMost(prometheus, At(59*time.Second), 0, 2)
	b.refused("the third of two in a minute", full)
	full.Ticket.OpenedAt = At(61 * time.Second)
	b.apply(full)
	b.refused("the next one", b.openingMost(prometheus, At(62*time.Second), 100, 2))
}

func crowdTogether(b *bench) {
	var changes []escalation.Change
	for range 5 {
		changes = append(changes, b.openingMost(prometheus, At(time.Hour), 3, 0))
	}
	changes = append(changes, b.openingMost(prometheus, At(time.Hour), 0, 0), b.openingMost(prometheus, At(time.Hour), 0, 4))
	for i, err := range b.commit(prometheus, changes...) {
		if refused := i == 3 || i == 4 || i == 6; (err != nil) != refused {
			b.Errorf("change %d: %v", i, err)
		}
	}
	b.same("all", b.has(prometheus, At(time.Hour)), escalation.Crowd{Active: 4, Opened: 4})
}

func crowdApart(b *bench) {
	b.openedAt(prometheus, At(time.Hour))
	b.same("the other's", b.has(grafana, At(time.Hour)), escalation.Crowd{})
	b.apply(b.openingMost(grafana, At(time.Hour), 1, 1))
	b.refused("its own", b.openingMost(grafana, At(time.Hour), 1, 1))
}

func crowdKnown(b *bench) {
	was := b.opened(prometheus)
	b.opened(prometheus)
	change := Next(was, func(t *ticket.Ticket) { t.Title = "changed" })
	change.Most = escalation.Crowd{Active: 1, Opened: 1}
	b.apply(change)
}

func (b *bench) loadAll(source string, numbers ...string) []ticket.Record {
	b.Helper()
	records, err := b.s.Load(b.ctx, source, numbers)
	b.ok(err)
	return records
}
