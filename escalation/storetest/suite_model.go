package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"pgregory.net/rapid"
)

func modelCases() []testCase {
	return []testCase{{"any sequence of observations and commits", modelHolds}}
}

// modelHolds draws sequences of calls, and compares what is stored with a
// model after each call. All sequences share one store; each has its own
// source.
func modelHolds(b *bench) {
	run := 0
	rapid.Check(b.T, func(t *rapid.T) {
		run++
		m := &model{
			bench: b, source: fmt.Sprintf("source-%d", run), groups: map[string]string{},
			tickets: map[string]ticket.Record{}, alerts: map[string]ticket.AlertRecord{},
			pages: map[string][]string{}, others: counted(b.stats()),
		}
		for range rapid.IntRange(1, 8).Draw(t, "calls") {
			m.minute++
			if rapid.IntRange(0, 2).Draw(t, "what") == 0 {
				m.observe(t)
			} else {
				m.commit(t)
			}
			m.compare(t)
		}
	})
}

// model is what a store must hold of one source.
type model struct {
	bench   *bench
	source  string
	minute  int
	numbers []string // in order of their opening
	tickets map[string]ticket.Record
	groups  map[string]string // group → number, never a closed ticket's
	alerts  map[string]ticket.AlertRecord
	pages   map[string][]string // by ticket, in order
	others  map[string]int      // tickets of other sources, by urgency and state
}

func (m *model) now() time.Time { return At(time.Duration(m.minute) * time.Minute) }

func drawFingerprint(t *rapid.T) string {
	return rapid.SampledFrom([]string{"f1", "f2", "f3"}).Draw(t, "fingerprint")
}

func drawGroup(t *rapid.T) string { return rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "group") }

func drawUrgency(t *rapid.T) ticket.Urgency {
	return rapid.SampledFrom([]ticket.Urgency{ticket.Minor, ticket.Major, ticket.Critical}).Draw(t, "urgency")
}

func (m *model) drawAlert(t *rapid.T, states ...ticket.AlertStatus) ticket.Alert {
	a := Alert(m.source, drawFingerprint(t))
	a.Status = rapid.SampledFrom(states).Draw(t, "status")
	if a.SilentAt = m.now().Add(5 * time.Minute); rapid.Bool().Draw(t, "never silent") {
		a.SilentAt = time.Time{}
	}
	return a
}

// observe draws a request and compares its answer with the model's.
func (m *model) observe(t *rapid.T) {
	var observations []escalation.Observation
	for range rapid.IntRange(1, 4).Draw(t, "observations") {
		o := Observation(m.drawAlert(t, ticket.Firing, ticket.Resolved), m.now())
		o.Urgency, o.GroupKey = drawUrgency(t), drawGroup(t)
		if was, known := m.alerts[o.Alert.Fingerprint]; known && m.state(was.Ticket) == ticket.StateResolved {
			o.Urgency = min(o.Urgency, was.Urgency)
		}
		observations = append(observations, o)
	}
	observed, err := m.bench.s.Observe(m.bench.ctx, m.source, observations)
	if err != nil {
		t.Fatalf("Observe: %v", err)
	}
	before := m.alerts
	m.alerts = map[string]ticket.AlertRecord{}
	for f, record := range before {
		m.alerts[f] = record
	}
	for i := range observations {
		verdict, number := m.judge(before, &observations[i])
		if got := observed.Items[i]; got.Verdict != verdict || got.Ticket != number {
			t.Fatalf("observation %d: verdict %d of ticket %q, want %d of %q", i, got.Verdict, got.Ticket, verdict, number)
		}
	}
}

func (m *model) state(number string) ticket.State { return m.tickets[number].Ticket.State }

// judge says what an observation is, and counts it if it is a repeat.
func (m *model) judge(before map[string]ticket.AlertRecord, o *escalation.Observation) (escalation.Verdict, string) {
	f := o.Alert.Fingerprint
	was, known := before[f]
	if o.Alert.Status == ticket.Resolved {
		if !known || was.Status == ticket.Resolved {
			return escalation.Unknown, ""
		}
		return escalation.Changed, was.Ticket
	}
	if !known {
		return escalation.New, m.groups[o.GroupKey]
	}
	if was.Status != ticket.Firing || o.Urgency > was.Urgency {
		return escalation.Changed, was.Ticket
	}
	record := m.alerts[f]
	record.Count, record.LastAt, record.SilentAt = record.Count+1, o.At, o.Alert.SilentAt
	m.alerts[f] = record
	if m.state(was.Ticket) == ticket.StateResolved {
		return escalation.Changed, was.Ticket
	}
	return escalation.Repeat, was.Ticket
}

// commit draws a commit of one or two changes, right ones and wrong ones.
func (m *model) commit(t *rapid.T) {
	var changes []escalation.Change
	for range rapid.IntRange(1, 2).Draw(t, "changes") {
		changes = append(changes, m.drawChange(t))
	}
	errs, err := m.bench.s.Commit(m.bench.ctx, m.source, changes)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	for i := range changes {
		allowed := m.allows(&changes[i])
		if allowed != (errs[i] == nil) {
			t.Fatalf("change %d: got %v, allowed: %v", i, errs[i], allowed)
		}
		if allowed {
			m.apply(&changes[i])
		}
	}
}

func (m *model) drawChange(t *rapid.T) escalation.Change {
	c := escalation.Change{Ticket: Ticket(m.source, m.bench.number(m.source))}
	c.Ticket.GroupKey = drawGroup(t)
	if len(m.numbers) > 0 && rapid.Bool().Draw(t, "known") {
		was := m.tickets[rapid.SampledFrom(m.numbers).Draw(t, "number")]
		c.Ticket, c.Revision = was.Ticket, was.Revision
		if rapid.IntRange(0, 4).Draw(t, "stale") == 0 {
			c.Revision--
		}
	}
	if c.Ticket.State != ticket.Closed {
		c.Ticket.State = rapid.SampledFrom([]ticket.State{
			ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed,
		}).Draw(t, "state")
	}
	c.Ticket.Urgency = drawUrgency(t)
	NextRound(&c.Ticket, m.now().Add(3*time.Minute))
	c.Ticket.Progress.CloseAt = m.now().Add(time.Hour)
	c.TakeGroup = c.Ticket.State != ticket.Closed && rapid.Bool().Draw(t, "take group")
	c.GroupWas = m.drawWas(t, m.groups[c.Ticket.GroupKey])
	m.drawParts(t, &c)
	return c
}

// drawWas draws what a change expects: mostly what holds.
func (m *model) drawWas(t *rapid.T, right string) string {
	if rapid.IntRange(0, 5).Draw(t, "wrong") > 0 {
		return right
	}
	return rapid.SampledFrom(append([]string{""}, m.numbers...)).Draw(t, "was")
}

func (m *model) drawParts(t *rapid.T, c *escalation.Change) {
	seen := map[string]bool{}
	for range rapid.IntRange(0, 2).Draw(t, "alerts") {
		a := m.drawAlert(t, ticket.Firing, ticket.Resolved, ticket.Silent)
		own := m.alerts[a.Fingerprint].Ticket == c.Ticket.Number
		if seen[a.Fingerprint] || (c.Ticket.State == ticket.Closed && !own) {
			continue // nothing is added to a ticket that closes
		}
		seen[a.Fingerprint] = true
		record := Record(&c.Ticket, a)
		record.LastAt = m.now()
		c.Alerts = append(c.Alerts, escalation.AlertChange{
			Record: record, Was: m.drawWas(t, m.alerts[a.Fingerprint].Ticket),
			Heard: m.drawHeard(t, m.alerts[a.Fingerprint].LastAt),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "pages") {
		page := Page(&c.Ticket, "alice")
		page.Round = ticket.Round(rapid.IntRange(0, 2).Draw(t, "round"))
		c.Pages = append(c.Pages, page)
	}
}

// drawHeard draws the time at which a change expects that an alert was last
// heard of: none, or mostly the right one.
func (m *model) drawHeard(t *rapid.T, right time.Time) time.Time {
	switch rapid.IntRange(0, 5).Draw(t, "heard") {
	case 0:
		return At(-time.Minute)
	case 1, 2:
		return right
	}
	return time.Time{}
}

func (m *model) allows(c *escalation.Change) bool {
	if m.tickets[c.Ticket.Number].Revision != c.Revision {
		return false
	}
	if c.TakeGroup && m.groups[c.Ticket.GroupKey] != c.GroupWas {
		return false
	}
	return !slices.ContainsFunc(c.Alerts, func(a escalation.AlertChange) bool {
		is := m.alerts[a.Record.Fingerprint]
		return is.Ticket != a.Was || !a.Heard.IsZero() && !is.LastAt.Equal(a.Heard)
	})
}

func (m *model) apply(c *escalation.Change) {
	number, group := c.Ticket.Number, c.Ticket.GroupKey
	if _, known := m.tickets[number]; !known {
		m.numbers = append(m.numbers, number)
	}
	// The store chooses the revision; compare reads it.
	m.tickets[number] = ticket.Record{Ticket: c.Ticket, Revision: -1}
	if c.TakeGroup {
		m.groups[group] = number
	}
	for _, a := range c.Alerts {
		m.alerts[a.Record.Fingerprint] = a.Record
	}
	for i := range c.Pages {
		if key := c.Pages[i].String(); !slices.Contains(m.pages[number], key) {
			m.pages[number] = append(m.pages[number], key)
		}
	}
	if c.Ticket.State != ticket.Closed {
		return
	}
	if m.groups[group] == number {
		delete(m.groups, group)
	}
	for f := range m.alerts {
		if m.alerts[f].Ticket == number {
			delete(m.alerts, f)
		}
	}
}

// compare compares the store with the model.
func (m *model) compare(t *rapid.T) {
	m.compareTickets(t)
	alerts, err := m.bench.s.Alerts(m.bench.ctx, m.source, []string{"f1", "f2", "f3"})
	if err != nil {
		t.Fatalf("Alerts: %v", err)
	}
	found := map[string]ticket.AlertRecord{}
	for _, a := range alerts {
		found[a.Fingerprint] = a
	}
	matches(t, "alerts", found, m.alerts)
	matches(t, "the sender's group", m.bench.inGroup(m.source, SenderGroup), m.inGroup())
	m.compareDeadlines(t)
	stats := map[string]int{}
	for key, n := range m.others {
		stats[key] = n
	}
	for _, record := range m.tickets {
		if record.Ticket.State != ticket.Closed {
			stats[record.Ticket.Urgency.String()+" "+string(record.Ticket.State)]++
		}
	}
	matches(t, "stats", counted(m.bench.stats()), stats)
}

func (m *model) compareTickets(t *rapid.T) {
	records, err := m.bench.s.Load(m.bench.ctx, m.source, m.numbers)
	if err != nil || len(records) != len(m.numbers) {
		t.Fatalf("Load: %d records, want %d (%v)", len(records), len(m.numbers), err)
	}
	for _, got := range records {
		want := m.tickets[got.Ticket.Number]
		if want.Revision == -1 {
			want.Revision = got.Revision
			m.tickets[got.Ticket.Number] = want
		}
		matches(t, "ticket", got, want)
		var pages []string
		for _, p := range m.bench.pages(&got.Ticket) {
			pages = append(pages, p.String())
		}
		matches(t, "pages", pages, m.pages[got.Ticket.Number])
	}
}

func (m *model) inGroup() []string {
	found := []string{}
	for f, record := range m.alerts {
		if record.Status != ticket.Resolved {
			found = append(found, f)
		}
	}
	slices.Sort(found)
	return found
}

func (m *model) compareDeadlines(t *rapid.T) {
	due, _ := m.bench.due(At(1000*time.Hour), 1_000_000)
	got := []string{}
	for _, d := range due {
		if d.Source == m.source {
			got = append(got, fmt.Sprint(d.Ticket, " ", d.Alert, " ", d.At.Unix()))
		}
	}
	want := []string{}
	for number, record := range m.tickets {
		if at := record.Ticket.NextDeadline(); !at.IsZero() {
			want = append(want, fmt.Sprint(number, "  ", at.Unix()))
		}
	}
	for f, record := range m.alerts {
		if at := record.SilentAt; record.Status == ticket.Firing && !at.IsZero() {
			want = append(want, fmt.Sprint(record.Ticket, " ", f, " ", at.Unix()))
		}
	}
	slices.SortFunc(got, cmp.Compare)
	slices.SortFunc(want, cmp.Compare)
	matches(t, "deadlines", got, want)
}

func matches(t *rapid.T, what string, got, want any) {
	if g, w := written(got), written(want); g != w {
		t.Fatalf("%s:\n got %s\nwant %s", what, g, w)
	}
}
