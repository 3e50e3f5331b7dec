package paging_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// takes is a provider that takes everything at once.
type takes chan paging.Message

// Send takes m.
func (t takes) Send(_ context.Context, m paging.Message) paging.Result {
	t <- m
	return paging.Result{Class: paging.Accepted, ProviderID: "SM" + m.Key.String()}
}

// benchRules page alice by SMS for every alert name.
func benchRules(b *testing.B) *escalation.Rules {
	b.Helper()
	directory, err := contacts.NewDirectory(
		[]contacts.Person{{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}, Language: "fr"}},
		[]contacts.Group{{Key: "on-call", People: []string{"alice"}}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	policy := ticket.Policy{Name: "now", Steps: []ticket.Step{
		{Group: "on-call", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: ticket.DefaultRepeat}}},
	}}
	return &escalation.Rules{
		Location: storetest.Began().Location(), Language: "fr", Directory: directory, Channels: []string{"sms"},
		Policies: map[string]ticket.Policy{policy.Name: policy},
		Route:    dispatch.NewRoute(&config.Route{Receiver: policy.Name, GroupBy: []model.LabelName{"alertname"}}, nil),
	}
}

// benchOutbox is an engine and an outbox over a store in memory that is empty.
func benchOutbox(b *testing.B, provider takes) (engine *escalation.Engine, stop func()) {
	b.Helper()
	store, clock := storetest.New(), &escalation.WallClock{}
	var outbox *paging.Outbox
	engine = escalation.NewEngine(escalation.Options{
		Store: store, Clock: clock, Rules: benchRules(b),
		Reach: func(contacts.Person, string) bool { return true }, Ordered: func() { outbox.Wake() },
	})
	outbox = paging.NewOutbox(paging.Parts{
		Store: store, Directory: store, Actions: engine, Clock: clock, Settings: paging.Settings{Owner: "bench"},
		Ways: paging.Ways{
			PublicURL: "https://astreinte.example.net",
			Channels:  map[string][]paging.Provider{"sms": {{Name: "bench", Channel: provider, Replies: true}}},
		},
	})
	ctx, cancel := context.WithCancel(b.Context())
	var beside sync.WaitGroup
	beside.Go(func() { _ = outbox.Run(ctx) })
	return engine, func() {
		cancel()
		beside.Wait()
		if err := engine.Stop(context.WithoutCancel(ctx)); err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkPage measures a page's way through engine and outbox, from the
// alert until the provider takes it: one at a time, each a new ticket. The
// store in memory is slow when it is full, so it is emptied now and then.
func BenchmarkPage(b *testing.B) {
	const fresh = 128
	provider := make(takes, 1)
	engine, stop := benchOutbox(b, provider)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		if n++; n%fresh == 0 {
			b.StopTimer()
			stop()
			engine, stop = benchOutbox(b, provider)
			b.StartTimer()
		}
		name := fmt.Sprintf("Bench%07d", n)
		if _, err := engine.Ingest(b.Context(), ticket.Batch{Source: "bench", Alerts: []ticket.Alert{{
			Fingerprint: name, Status: ticket.Firing, Labels: map[string]string{"alertname": name, "instance": "srv-db-01"},
		}}}); err != nil {
			b.Fatal(err)
		}
		<-provider
	}
	stop()
}
