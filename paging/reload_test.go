package paging_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// phonebook has something done while devices are read.
type phonebook struct {
	paging.Phonebook
	meanwhile func()
}

// Devices reads them (paging.Phonebook).
func (b phonebook) Devices(ctx context.Context, person string) ([]paging.Device, error) {
	if b.meanwhile != nil {
		b.meanwhile()
	}
	return b.Phonebook.Devices(ctx, person) //nolint:wrapcheck // it is the other's
}

// TestAChannelGoesWhileItsPageIsSent: a reload takes push away between two reads of
// one try. The page is no push any more, and the next step is asked at once.
func TestAChannelGoesWhileItsPageIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, clock, rules := storetest.New(), &escalation.WallClock{}, pigeonRules(t)
		policy := rules.Policies["now"]
		policy.Steps[0].By, policy.Steps[1].By = []string{paging.WayPush}, []string{paging.WaySMS}
		rules.Policies["now"], rules.Channels = policy, []string{paging.WaySMS, paging.WayPush}
		if _, err := store.PutDevice(t.Context(), paging.Device{Person: "alice", Token: "t", Platform: "android"}); err != nil {
			t.Fatal(err)
		}
		pushes, texts := &loft{}, &loft{}
		both := map[string][]paging.Provider{paging.WayPush: {{Name: "pushes", Channel: pushes}}, paging.WaySMS: {{Name: "texts", Channel: texts}}}
		one := map[string][]paging.Provider{paging.WaySMS: both[paging.WaySMS]}
		var outbox *paging.Outbox
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: clock, Rules: rules, Ordered: func() { outbox.Wake() },
			Reach: func(p contacts.Person, channel string) bool {
				return (p.Key == "alice") == (channel == paging.WayPush)
			},
		})
		outbox = paging.NewOutbox(paging.Parts{
			Store: store, Actions: engine, Clock: clock, Settings: paging.Settings{Owner: "one"}, Ways: paging.Ways{Channels: both},
			Directory: phonebook{store, func() { outbox.SetWays(paging.Ways{Channels: one}) }},
		})
		ctx, cancel := context.WithCancel(t.Context())
		running := make(chan struct{})
		go func() {
			defer close(running)
			go func() { _ = engine.Run(ctx) }()
			_ = outbox.Run(ctx)
		}()
		defer func() {
			cancel()
			<-running
			if err := engine.Stop(context.WithoutCancel(ctx)); err != nil {
				t.Error(err)
			}
		}()
		if _, err := engine.Ingest(ctx, ticket.Batch{Source: "lab", Alerts: []ticket.Alert{{
			Fingerprint: "1", Status: ticket.Firing, Labels: map[string]string{"alertname": "HostDown"},
		}}}); err != nil {
			t.Fatal(err)
		}
		after(t, time.Minute)
		want(t, "nobody by push", pushes.told())
		if told := texts.told(); len(told) != 1 {
			t.Errorf("bruno, of the next step, has %q", told)
		}
	})
}
