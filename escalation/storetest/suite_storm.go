package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func stormCases() []testCase {
	return []testCase{
		{"many tickets in one call", stormTickets},
		{"many alerts of one ticket", stormAlerts},
		{"everything at once", stormTogether},
		{"any name", func(b *bench) { namesHold(b, "/:{}*?[] \"'\\\n\x00é") }},
		{"long names", func(b *bench) { namesHold(b, strings.Repeat("0123456789", 4000)) }},
	}
}

func stormTickets(b *bench) {
	const n = 400
	numbers, err := b.s.Numbers(b.ctx, prometheus, Prefix, n)
	b.ok(err)
	var (
		changes      []escalation.Change
		observations []escalation.Observation
	)
	for i, number := range numbers {
		t := Ticket(prometheus, number)
		a := Alert(prometheus, fmt.Sprint("f", i))
		change := Opening(&t, a)
		change.Pages = []ticket.Page{Page(&t, "alice"), Page(&t, "bob")}
		changes, observations = append(changes, change), append(observations, Observation(a, At(time.Minute)))
	}
	b.apply(changes...)
	for i, item := range b.observe(prometheus, observations...).Items {
		if item.Verdict != escalation.Repeat || item.Ticket != numbers[i] {
			b.Fatalf("observation %d: %+v, want a repeat of %s", i, item, numbers[i])
		}
	}
	records, err := b.s.Load(b.ctx, prometheus, numbers)
	b.ok(err)
	b.same("loaded", len(records), n)
	due, _ := b.due(At(time.Hour), 10*n)
	b.same("due", len(due), 2*n)
	b.same("alerts of the sender's group", len(b.inGroup(prometheus, SenderGroup)), n)
	claims, _ := b.claim("one", At(0), 3*n)
	b.same("claimed", len(claims), 2*n)
	var outcomes []paging.Outcome
	for _, c := range claims {
		outcomes = append(outcomes, sent(c.Page, c.Token, At(0)))
	}
	for i, applied := range b.finish(outcomes...) {
		if !applied {
			b.Fatalf("outcome %d was not applied", i)
		}
	}
	b.same("tickets", counted(b.stats()), map[string]int{"major open": n})
	b.same("queued", b.stats().Queued, 0)
}

func stormAlerts(b *bench) {
	const n = 600
	t := b.ticket(prometheus)
	var alerts []ticket.Alert
	for i := range n {
		alerts = append(alerts, Alert(prometheus, fmt.Sprint("f", i)))
	}
	b.apply(Opening(&t, alerts...))
	b.same("the view's alerts", len(b.view(t.Number).Alerts), ticket.ViewAlerts)
	due, _ := b.due(At(time.Hour), n)
	b.same("due", len(due), n)
	b.closed(b.load(prometheus, t.Number))
	b.same("alerts once it closed", len(b.inGroup(prometheus, SenderGroup)), 0)
	due, _ = b.due(At(time.Hour), n)
	b.same("due once it closed", len(due), 0)
}

// stormTogether makes many changes to a few tickets at once. Afterwards the
// store's counts and indexes must be right.
func stormTogether(b *bench) {
	var numbers []string
	for i := range 6 {
		t := b.paged(sources()[i%3], "alice").Ticket
		numbers = append(numbers, t.Number)
	}
	b.together(8, func(i int) error {
		for j := range 12 {
			k := (i + j) % len(numbers)
			source := sources()[k%3]
			if err := errors.Join(b.stir(source, numbers[k], i, j), b.deliver(fmt.Sprint("owner ", i), j)); err != nil {
				return err
			}
		}
		return nil
	})
	b.consistent(numbers)
}

// stir changes a ticket while others change it too.
func (b *bench) stir(source, number string, i, j int) error {
	records, err := b.s.Load(b.ctx, source, []string{number})
	if err != nil {
		return err
	}
	change := Next(records[0], func(t *ticket.Ticket) {
		t.Urgency = ticket.Urgencies()[(i+j)%4]
		t.State = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.StateResolved}[(i*j)%3]
		NextRound(t, At(time.Duration(i+j)*time.Minute))
		t.Progress.CloseAt = At(time.Duration(i) * time.Hour)
	})
	page := Page(&change.Ticket, fmt.Sprint("person-", i))
	page.Round = ticket.Round(j)
	change.Pages = []ticket.Page{page}
	change.Timeline = []ticket.Entry{Note(At(0), page.String())}
	errs, err := b.s.Commit(b.ctx, source, []escalation.Change{change})
	if err != nil || errors.Is(errs[0], escalation.ErrConflict) {
		return err
	}
	return errs[0]
}

// deliver claims pages and finishes them in different ways.
func (b *bench) deliver(owner string, j int) error {
	now := At(time.Duration(j) * lease)
	claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{Owner: owner, Now: now, Until: now.Add(lease), Limit: 2})
	if err != nil {
		return err
	}
	var outcomes []paging.Outcome
	for k, c := range claims {
		outcome := sent(c.Page, c.Token, now)
		switch (j + k) % 4 {
		case 0:
			continue // never finished: the claim runs out
		case 1:
			outcome.State, outcome.RetryAt = ticket.PageQueued, now.Add(time.Minute)
		}
		outcomes = append(outcomes, outcome)
	}
	if _, err = b.s.Finish(b.ctx, outcomes); err != nil {
		return err
	}
	for i := range outcomes {
		r := paging.Receipt{ProviderID: outcomes[i].ProviderID, State: ticket.PageDelivered, At: now}
		if _, _, err := b.s.Receipt(b.ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// consistent compares what the store counts with what it holds.
func (b *bench) consistent(numbers []string) {
	b.Helper()
	var (
		tickets = map[string]int{}
		due     = map[string]time.Time{}
		queued  int
	)
	for i, number := range numbers {
		t := b.load(sources()[i%3], number).Ticket
		tickets[t.Urgency.String()+" "+string(t.State)]++
		if at := t.NextDeadline(); !at.IsZero() {
			due[number] = at.UTC()
		}
		for _, p := range b.pages(&t) {
			if p.State == ticket.PageQueued {
				queued++
			}
		}
	}
	stats := b.stats()
	b.same("tickets", counted(stats), tickets)
	b.same("queued", stats.Queued, queued)
	listed := map[string]time.Time{}
	deadlines, _ := b.due(At(1000*time.Hour), 100)
	for _, d := range deadlines {
		listed[d.Ticket] = d.At.UTC()
	}
	b.same("deadlines", listed, due)
}

// namesHold uses a name wherever a sender chooses one.
func namesHold(b *bench, name string) {
	t := b.ticket(prometheus)
	t.GroupKey, t.Title = "policy "+name, name
	alert := Alert(prometheus, "f "+name)
	alert.SenderGroup, alert.Labels[name] = "group "+name, name
	b.apply(Opening(&t, alert))
	b.same("the ticket", b.load(prometheus, t.Number).Ticket, t)
	b.same("the alert", b.alert(prometheus, alert.Fingerprint), Record(&t, alert))
	b.same("in its sender's group", b.inGroup(prometheus, alert.SenderGroup), []string{alert.Fingerprint})
	joins := Observation(Alert(prometheus, "f2 "+name), At(0))
	joins.GroupKey = t.GroupKey
	b.same("observed", b.observe(prometheus, Observation(alert, At(0)), joins).Items, []escalation.ObservedAlert{
		{Verdict: escalation.Repeat, Ticket: t.Number}, {Verdict: escalation.New, Ticket: t.Number},
	})
	due, _ := b.due(At(time.Hour), 10)
	b.same("due", dueAlerts(due), []string{"", alert.Fingerprint})
	b.closed(b.load(prometheus, t.Number))
	b.same("alerts once it closed", len(b.alerts(prometheus, alert.Fingerprint)), 0)
}
