package storetest

import (
	"fmt"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func commitCases() []testCase {
	cases := []testCase{
		{"nothing", commitNothing},
		{"stored as it is", commitStored},
		{"revisions rise", commitRevisions},
		{"Load leaves out what is not there", commitLoad},
		{"the others of a call are applied", commitOthers},
		{"one ticket twice in a call", commitTwice},
		{"one group twice in a call", commitGroupTwice},
		{"an alert moves to another ticket", commitAlertMoves},
		{"an alert that was not heard of since", commitSilence},
		{"a page that exists is left as it is", commitPages},
		{"the timeline is appended to, in order", commitTimeline},
		{"what callers hold is theirs", commitMemory},
		{"pages that are claimed already", commitClaimed},
		{"refused, with pages that would be claimed", commitClaimedRefused},
	}
	for _, c := range conflicts() {
		cases = append(cases, testCase{c.name, c.run})
	}
	return cases
}

func commitNothing(b *bench) { b.commit(prometheus) }

func commitStored(b *bench) {
	t := b.ticket(prometheus)
	t.GTI = ticket.GTI{Within: time.Hour, Calendar: "office", DueAt: At(time.Hour)}
	t.Title = "zurück \"à\" l'hôtel\n<b>"
	t.Progress.Paged = map[string][]string{"alice": {"sms", "push"}}
	t.Progress.Failed = []ticket.StepMeans{{Means: ticket.Means{Person: "bob", Channel: "sms"}}}
	t.Undo = &ticket.Undo{Until: At(5 * time.Minute), State: ticket.Open}
	b.apply(Opening(&t))
	got := b.load(prometheus, t.Number)
	b.same("the ticket", got.Ticket, t)
	if got.Revision < 1 {
		b.Errorf("revision %d, want 1 and up", got.Revision)
	}
}

func commitRevisions(b *bench) {
	was := b.opened(prometheus)
	for i := range 3 {
		next := b.edited(was, func(t *ticket.Ticket) { t.Title = fmt.Sprint("title ", i) })
		b.same("title", next.Ticket.Title, fmt.Sprint("title ", i))
		if next.Revision <= was.Revision {
			b.Errorf("revision %d after %d", next.Revision, was.Revision)
		}
		was = next
	}
}

func commitLoad(b *bench) {
	one, two := b.opened(prometheus), b.opened(prometheus)
	other, reserved := b.opened(grafana), b.number(prometheus)
	records, err := b.s.Load(b.ctx, prometheus,
		[]string{two.Ticket.Number, other.Ticket.Number, "I000101_0001", reserved, one.Ticket.Number})
	b.ok(err)
	found := map[string]ticket.Record{}
	for _, r := range records {
		found[r.Ticket.Number] = r
	}
	b.same("records", found, map[string]ticket.Record{one.Ticket.Number: one, two.Ticket.Number: two})
	if len(records) != 2 {
		b.Errorf("%d records, want 2", len(records))
	}
	records, err = b.s.Load(b.ctx, prometheus, nil)
	b.ok(err)
	b.same("of none", len(records), 0)
}

// conflict is one way in which somebody else may have come first.
type conflict struct {
	name string
	make func(b *bench) escalation.Change
}

func conflicts() []conflict {
	return []conflict{
		{"conflict: a revision that is past", func(b *bench) escalation.Change {
			was := b.opened(prometheus)
			b.edited(was, func(t *ticket.Ticket) { t.Title = "first" })
			return Next(was, nil)
		}},
		{"conflict: a revision of what does not exist", func(b *bench) escalation.Change {
			t := b.ticket(prometheus)
			return escalation.Change{Ticket: t, Revision: 1}
		}},
		{"conflict: a new number that exists", func(b *bench) escalation.Change {
			was := b.opened(prometheus)
			return escalation.Change{Ticket: was.Ticket}
		}},
		{"conflict: a new number that was closed", func(b *bench) escalation.Change {
			was := b.closed(b.opened(prometheus))
			return escalation.Change{Ticket: Ticket(prometheus, was.Ticket.Number)}
		}},
		{"conflict: the group was nobody's", func(b *bench) escalation.Change {
			return takes(b, b.opened(prometheus), "")
		}},
		{"conflict: the group was another's", func(b *bench) escalation.Change {
			return takes(b, b.opened(prometheus), b.opened(prometheus).Ticket.Number)
		}},
		{"conflict: the group is nobody's", func(b *bench) escalation.Change {
			t, other := b.ticket(prometheus), b.opened(prometheus)
			change := Opening(&t)
			change.GroupWas = other.Ticket.Number
			return change
		}},
		{"conflict: the alert was nobody's", func(b *bench) escalation.Change {
			b.opened(prometheus, "f0", "f1")
			t := b.ticket(prometheus)
			return Opening(&t, Alert(prometheus, "f2"), Alert(prometheus, "f1"))
		}},
		{"conflict: the alert was another's", func(b *bench) escalation.Change {
			b.opened(prometheus, "f1")
			was := b.opened(prometheus)
			t := b.ticket(prometheus)
			change := Opening(&t, Alert(prometheus, "f1"))
			change.Alerts[0].Was = was.Ticket.Number
			return change
		}},
		{"conflict: the alert is nobody's", func(b *bench) escalation.Change {
			was := b.opened(prometheus)
			t := b.ticket(prometheus)
			change := Opening(&t, Alert(prometheus, "f1"))
			change.Alerts[0].Was = was.Ticket.Number
			return change
		}},
		{"conflict: the alert was heard of since", func(b *bench) escalation.Change {
			was := b.opened(prometheus, "f1")
			change := silenced(was, b.alert(prometheus, "f1"))
			b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(time.Minute)))
			return change
		}},
	}
}

// silenced marks an alert as silent, unless it is heard of meanwhile.
func silenced(was ticket.Record, alert ticket.AlertRecord) escalation.Change {
	change := Next(was, nil)
	heard := alert.LastAt
	alert.Status, alert.SilentAt = ticket.Silent, time.Time{}
	change.Alerts = []escalation.AlertChange{{Record: alert, Was: was.Ticket.Number, Heard: heard}}
	return change
}

func commitSilence(b *bench) {
	was := b.opened(prometheus, "f1")
	b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(time.Minute+time.Nanosecond)))
	b.apply(silenced(was, b.alert(prometheus, "f1")))
	b.same("its status", b.alert(prometheus, "f1").Status, ticket.Silent)
	b.same("as observed", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(time.Hour))).Items[0].Verdict, escalation.Changed)
}

// takes is a new ticket that takes the group of a ticket that exists.
func takes(b *bench, from ticket.Record, groupWas string) escalation.Change {
	t := b.ticket(prometheus)
	t.GroupKey = from.Ticket.GroupKey
	change := Opening(&t)
	change.GroupWas = groupWas
	return change
}

// run commits the change with everything else that a change may carry, and
// checks that nothing of it was stored.
func (c conflict) run(b *bench) {
	change := c.make(b)
	t := &change.Ticket
	t.Title = "refused"
	NextRound(t, At(-time.Hour))
	change.Alerts = append(change.Alerts, escalation.AlertChange{Record: Record(t, Alert(prometheus, "fresh"))})
	change.Timeline = append(change.Timeline, Note(At(0), "refused"))
	change.Pages = append(change.Pages, Page(t, "refused"))
	before := b.everything(t, "f1", "f2", "fresh")
	b.refused(c.name, change)
	b.same("everything", b.everything(t, "f1", "f2", "fresh"), before)
	b.none("a page of the refused change", At(time.Hour))
}

// everything reads all that a change may move.
func (b *bench) everything(t *ticket.Ticket, fingerprints ...string) map[string]any {
	b.Helper()
	records, err := b.s.Load(b.ctx, t.Source, []string{t.Number})
	b.ok(err)
	o := Observation(Alert(t.Source, "never"), At(0))
	o.GroupKey = t.GroupKey
	due, _ := b.due(At(1000*time.Hour), 100)
	for i := range due {
		due[i].At = due[i].At.UTC()
	}
	all := map[string]any{
		"tickets": records, "alerts": b.alerts(t.Source, fingerprints...),
		"pages": len(b.pages(t)), "group": b.observe(t.Source, o), "due": due,
	}
	if len(records) > 0 {
		all["timeline"] = b.texts(t.Number)
	}
	stats := b.stats()
	all["stats"], all["queued"], all["oldest"] = counted(stats), stats.Queued, stats.Oldest.UTC()
	return all
}

func commitOthers(b *bench) {
	one, two := b.opened(prometheus, "f1"), b.opened(prometheus)
	three := b.ticket(prometheus)
	stale := two
	stale.Revision += 10
	errs := b.commit(prometheus,
		Next(one, func(t *ticket.Ticket) { t.Title = "applied" }),
		Next(stale, func(t *ticket.Ticket) { t.Title = "refused" }),
		Opening(&three, Alert(prometheus, "f1")), // its alert is another ticket's
		Opening(&three, Alert(prometheus, "f3")))
	b.ok(errs[0])
	b.is("the stale one", errs[1], escalation.ErrConflict)
	b.is("the alert of another", errs[2], escalation.ErrConflict)
	b.ok(errs[3])
	b.same("applied", b.load(prometheus, one.Ticket.Number).Ticket.Title, "applied")
	b.same("refused", b.load(prometheus, two.Ticket.Number), two)
	b.same("opened", b.load(prometheus, three.Number).Ticket, three)
	b.same("its alert", b.alert(prometheus, "f3").Ticket, three.Number)
	b.same("the other's alert", b.alert(prometheus, "f1").Ticket, one.Ticket.Number)
}

func commitTwice(b *bench) {
	was := b.opened(prometheus)
	errs := b.commit(prometheus,
		Next(was, func(t *ticket.Ticket) { t.Title = "first" }),
		Next(was, func(t *ticket.Ticket) { t.Title = "second" }))
	b.ok(errs[0])
	b.is("the second", errs[1], escalation.ErrConflict)
	b.same("title", b.load(prometheus, was.Ticket.Number).Ticket.Title, "first")
}

func commitGroupTwice(b *bench) {
	first, second := b.ticket(prometheus), b.ticket(prometheus)
	second.GroupKey = first.GroupKey
	errs := b.commit(prometheus, Opening(&first, Alert(prometheus, "f1")), Opening(&second, Alert(prometheus, "f2")))
	b.ok(errs[0])
	b.is("the second", errs[1], escalation.ErrConflict)
	b.same("alerts", fingerprints(b.alerts(prometheus, "f1", "f2")), []string{"f1"})
}

func commitAlertMoves(b *bench) {
	old := b.resolved(b.opened(prometheus, "f1"))
	t := b.ticket(prometheus)
	change := Opening(&t, Alert(prometheus, "f1"))
	change.Alerts[0].Was = old.Ticket.Number
	b.apply(change)
	b.same("its ticket", b.alert(prometheus, "f1").Ticket, t.Number)
	b.same("the old ticket's alerts", len(b.view(old.Ticket.Number).Alerts), 0)
	b.same("the new ticket's alerts", len(b.view(t.Number).Alerts), 1)
	b.closed(old)
	b.same("its ticket, the old one closed", b.alert(prometheus, "f1").Ticket, t.Number)
	b.same("as observed", b.observe(prometheus, Observation(Alert(prometheus, "f1"), At(0))).Items[0],
		escalation.ObservedAlert{Verdict: escalation.Repeat, Ticket: t.Number})
}

func commitPages(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t)
	change.Pages = []ticket.Page{Page(&t, "bob"), Page(&t, "alice")}
	b.apply(change)
	b.same("the pages", b.pages(&t), change.Pages)

	claim := b.claimFirst("one", At(0))
	again := Next(b.load(prometheus, t.Number), nil)
	moved := Page(&t, claim.Page.Person)
	moved.At, moved.Urgency = At(time.Hour), ticket.Low
	third := Page(&t, "carol")
	third.Round = ticket.Round(1)
	again.Pages = []ticket.Page{moved, third}
	b.apply(again)
	b.same("the page that was there", b.page(&t, claim.Page.PageKey), claim.Page)
	var people []string
	for _, p := range b.pages(&t) {
		people = append(people, p.Person)
	}
	b.same("the order", people, []string{"bob", "alice", "carol"})
	pages, err := b.s.Pages(b.ctx, prometheus, "I000101_0001")
	b.ok(err)
	b.same("pages of no ticket", len(pages), 0)
}

func commitTimeline(b *bench) {
	was := b.opened(prometheus)
	var want []string
	want = append(want, "opened")
	for i := range 12 {
		change := Next(was, nil)
		for j := range 3 {
			text := fmt.Sprintf("entry %d.%d", i, j)
			change.Timeline = append(change.Timeline, Note(At(time.Duration(i)*time.Minute), text))
			want = append(want, text)
		}
		b.apply(change)
		was = b.load(prometheus, was.Ticket.Number)
	}
	b.same("the timeline", b.texts(was.Ticket.Number), want)
	b.same("an entry", b.view(was.Ticket.Number).Timeline[1], Note(At(0), "entry 0.0"))
}

func commitMemory(b *bench) {
	t := b.ticket(prometheus)
	alert := Alert(prometheus, "f1")
	change := Opening(&t, alert)
	b.apply(change)
	want, wantAlert := written(b.load(prometheus, t.Number)), written(b.alert(prometheus, "f1"))
	spoil := func(t *ticket.Ticket) {
		t.Group["alertname"] = "spoilt"
		t.Progress.Steps[0].Next = At(-time.Hour)
		t.Policy.Steps[0].By[0] = "spoilt"
	}
	spoil(&t)
	alert.Labels["alertname"] = "spoilt"
	loaded := b.load(prometheus, t.Number)
	spoil(&loaded.Ticket)
	read := b.alert(prometheus, "f1")
	read.Labels["alertname"] = "spoilt"
	if got := written(b.load(prometheus, t.Number)); got != want {
		b.Errorf("the ticket is shared: %s, want %s", got, want)
	}
	if got := written(b.alert(prometheus, "f1")); got != wantAlert {
		b.Errorf("the alert is shared: %s, want %s", got, wantAlert)
	}
}
