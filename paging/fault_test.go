package paging_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// phonebook has something done while devices are read, and codes reserved.
type phonebook struct {
	paging.Phonebook
	meanwhile func()
}

// Reserve reserves a code (paging.Phonebook).
func (b phonebook) Reserve(ctx context.Context, r paging.Reservation) (int, error) {
	b.meanwhile()
	return b.Phonebook.Reserve(ctx, r) //nolint:wrapcheck // it is the other's
}

// Devices reads them (paging.Phonebook).
func (b phonebook) Devices(ctx context.Context, person string) ([]paging.Device, error) {
	b.meanwhile()
	return b.Phonebook.Devices(ctx, person) //nolint:wrapcheck // it is the other's
}

// run has engine and outbox work until the test ends.
func run(t *testing.T, engine *escalation.Engine, outbox *paging.Outbox) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	beside.Go(func() { _ = engine.Run(ctx) })
	beside.Go(func() { _ = outbox.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		beside.Wait()
		if err := engine.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
}

// TestAChannelGoesWhileItsPageIsSent: a reload removes push between two reads
// of one try. The page is no push any more, and the next step is asked at
// once.
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
		run(t, engine, outbox)
		if _, err := engine.Ingest(t.Context(), ticket.Batch{Source: "lab", Alerts: []ticket.Alert{{
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

// faulty is a provider whose library panics at first.
type faulty struct {
	loft
	mu     sync.Mutex
	panics int
}

// once panics a few times.
func (f *faulty) once() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panics > 0 {
		f.panics--
		panic("index out of range")
	}
}

// Send sends, unless it panics (paging.Channel).
func (f *faulty) Send(ctx context.Context, m paging.Message) paging.Result {
	f.once()
	return f.loft.Send(ctx, m)
}

// TestAFaultEndsNoDaemon: a provider's library, or the program itself, panics
// over a page. Other pages go out meanwhile, and that one is tried again.
func TestAFaultEndsNoDaemon(t *testing.T) {
	for _, row := range []struct{ over, theirs, ours int }{{0, 2, 0}, {1, 2, 0}, {0, 0, 2}, {1, 0, 2}} {
		synctest.Test(t, func(t *testing.T) {
			over, bundled := row.over, row.over > 0
			store, clock, rules := storetest.New(), &escalation.WallClock{}, pigeonRules(t)
			policy := rules.Policies["now"]
			policy.Steps = policy.Steps[1:]
			policy.Steps[0].By, policy.Steps[0].After = []string{paging.WaySMS}, 0
			rules.Policies["now"] = policy
			texts := &faulty{panics: row.theirs}
			ours := &faulty{panics: row.ours}
			metrics := prometheus.NewPedanticRegistry()
			var outbox *paging.Outbox
			engine := escalation.NewEngine(escalation.Options{
				Store: store, Clock: clock, Rules: rules, Ordered: func() { outbox.Wake() },
				Reach: func(_ contacts.Person, channel string) bool { return channel == paging.WaySMS },
			})
			outbox = paging.NewOutbox(paging.Parts{
				Store: store, Directory: phonebook{store, ours.once}, Actions: engine, Clock: clock, Settings: paging.Settings{Owner: "one"}, Metrics: paging.NewMetrics(metrics),
				Ways: paging.Ways{BundleOver: over, Channels: map[string][]paging.Provider{paging.WaySMS: {{Name: "texts", Channel: texts}}}},
			})
			run(t, engine, outbox)
			var alerts []ticket.Alert
			for _, name := range []string{"A", "B", "C", "D"} {
				alerts = append(alerts, ticket.Alert{Fingerprint: name, Status: ticket.Firing, Labels: map[string]string{"alertname": name}})
			}
			if _, err := engine.Ingest(t.Context(), ticket.Batch{Source: "lab", Alerts: alerts}); err != nil {
				t.Fatal(err)
			}
			after(t, 10*time.Minute)
			if told := texts.told(); len(told) < 4 && !bundled || len(told) == 0 {
				t.Errorf("%+v: %q", row, told)
			}
			if n := gathered(t, metrics, "astreinte_faults_total"); n != 2 {
				t.Errorf("%+v: %g faults are counted", row, n)
			}
		})
	}
}

// gathered is the value of a counter.
func gathered(t *testing.T, from prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("nothing is named %s", name)
	return 0
}
