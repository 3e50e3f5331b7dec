package pager

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const house = `
server: {public_url: "https://astreinte.example.net"}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
groups:
  everybody: {people: [alice]}
policies:
  page: {steps: [{page: everybody, by: [sms], repeat: 3m}]}
route: {receiver: page}
sms:
  provider: twilio
  replies: none
  twilio: {account_sid: AC00000000000000000000000000000000, auth_token: secret, from: "+33639980000"}
`

func houseRules(t *testing.T) *escalation.Rules {
	t.Helper()
	c, report := config.Parse("astreinte.yml", []byte(house), t.TempDir(), config.Options{})
	if c == nil {
		t.Fatal(report.Errors)
	}
	rules := *c.Rules
	rules.Channels = []string{"sms", "push"}
	rules.Webhooks = []escalation.Webhook{{Name: "desk", Events: ticket.TellableEvents()}}
	return &rules
}

// phone is a provider that notes what it is given.
type phone struct {
	mu   sync.Mutex
	sent []paging.Message
}

// Send notes a message (paging.Channel).
func (p *phone) Send(_ context.Context, m paging.Message) paging.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, m)
	return paging.Result{Class: paging.Accepted, ProviderID: "1"}
}

func (p *phone) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

func by(p *phone) paging.Ways {
	return paging.Ways{
		Channels:  map[string][]paging.Provider{"sms": {{Name: "http", Channel: p}}},
		PublicURL: "https://astreinte.example.net",
	}
}

// running runs a pager of the house until the test ends.
func running(t *testing.T, p *Pager) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	runs.Go(func() { p.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		runs.Wait()
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func newPager(t *testing.T, store Store, to *phone) *Pager {
	t.Helper()
	p, err := New(t.Context(), Options{
		Store: store, Clock: &escalation.WallClock{}, Rules: houseRules(t), Ways: by(to), Effects: true,
		Log: zaptest.NewLogger(t), Metrics: NewMetrics(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fires(t *testing.T, e *escalation.Engine, name string, at time.Time) {
	t.Helper()
	_, err := e.Ingest(t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing,
		Labels: map[string]string{"alertname": name}, StartsAt: at,
	}}})
	if err != nil {
		t.Fatal(err)
	}
}

// effectsOf is how many effects a store holds.
func effectsOf(t *testing.T, store *storetest.Memory) int {
	t.Helper()
	list, err := store.Records().List(t.Context(), "prometheus", ticket.EffectRecords, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestAnotherPagesAsTheFirst: it has the rules and ways in force and another
// name, and tells no receiver.
func TestAnotherPagesAsTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, aside := storetest.New(), storetest.New()
		var old, now, other phone
		p := newPager(t, store, &old)
		running(t, p)
		rules := *p.Rules()
		p.Reload(&rules, by(&now))
		fires(t, p.Engine(), "A", time.Now())
		time.Sleep(time.Second)
		if old.count() != 0 || now.count() != 1 || effectsOf(t, store) == 0 {
			t.Errorf("after a reload: %d pages by the old provider, %d by the new; %d effects", old.count(), now.count(), effectsOf(t, store))
		}

		q, err := p.Another(t.Context(), aside, by(&other), zaptest.NewLogger(t))
		if err != nil {
			t.Fatal(err)
		}
		running(t, q)
		fires(t, q.Engine(), "B", time.Now())
		time.Sleep(time.Second)
		if now.count() != 1 || other.count() != 1 || effectsOf(t, aside) != 0 {
			t.Errorf("of the other pager: %d pages by the first's provider, %d by its own; %d effects", now.count()-1, other.count(), effectsOf(t, aside))
		}
		if q.Rules() != &rules || q.Owner() == p.Owner() {
			t.Errorf("the other pager is %s beside %s, with rules of its own: %t", q.Owner(), p.Owner(), q.Rules() != &rules)
		}
	})
}

// TestThePastIsPagedNow feeds an alert of a minute ago. The ticket is as old
// as that, and the pager sends its page at once.
func TestThePastIsPagedNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		var to phone
		p := newPager(t, store, &to)
		running(t, p)
		began := time.Now().Add(-time.Minute)
		past := p.Past(stopped{p.Clock(), began}, false)
		fires(t, past, "A", began)
		if err := past.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		list, _, err := store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 10})
		if err != nil || len(list) != 1 || !list[0].OpenedAt.Equal(began) || to.count() != 1 {
			t.Errorf("%d pages, %+v, %v", to.count(), list, err)
		}
	})
}

// stopped is a clock that stands still.
type stopped struct {
	escalation.Clock
	at time.Time
}

// Now is always the same (escalation.Clock).
func (s stopped) Now() time.Time { return s.at }

func TestWhoCanBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		store.Fail(storetest.On(storetest.FailBefore))
		var to phone
		p := newPager(t, store, &to)
		alice := contacts.Person{Key: "alice", Phones: []string{"+33612345601"}}
		reachable := func(person contacts.Person, by string, want bool) {
			t.Helper()
			if got := p.reach.can(person, by); got != want {
				t.Errorf("%s by %s: %t", person.Key, by, got)
			}
		}
		reachable(alice, "sms", true)
		reachable(contacts.Person{Key: "bruno"}, "sms", false)
		reachable(alice, "pigeon", false)
		reachable(alice, "push", true) // nobody knows
		if _, known := p.Devices(); known {
			t.Error("the devices are known, though they could not be read")
		}
		store.Fail(nil)
		running(t, p)
		time.Sleep(devicesEvery + time.Second)
		reachable(alice, "push", false)
		device, err := p.Directory().PutDevice(t.Context(), paging.Device{Person: "alice", Token: "t", Platform: "android"})
		if err != nil {
			t.Fatal(err)
		}
		reachable(alice, "push", false) // nobody carries it
		ways := by(&to)
		ways.Channels["push"] = []paging.Provider{{Name: "other", Channel: &to, Carries: func(d *paging.Device) bool { return d.Platform == "ios" }}}
		p.Reload(p.Rules(), ways)
		reachable(alice, "push", false) // not this one
		ways = by(&to)
		ways.Channels["push"] = []paging.Provider{{Name: "fcm", Channel: &to}}
		p.Reload(p.Rules(), ways)
		reachable(alice, "push", true)
		if all, known := p.Devices(); !known || len(all) != 1 {
			t.Errorf("%v, %t", all, known)
		}
		if err := p.Directory().DropDevice(t.Context(), "alice", device.ID); err != nil {
			t.Fatal(err)
		}
		reachable(alice, "push", false)
	})
}

func TestAReceiptThatNobodyKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to phone
		p := newPager(t, storetest.New(), &to)
		defer func() { _ = p.Stop(context.Background()) }()
		err := p.Receive(t.Context(), paging.Receipt{Source: "prometheus", Key: ticket.PageKey{Ticket: "I261121_0001"}, State: ticket.PageDelivered}, paging.Accepted)
		if !errors.Is(err, escalation.ErrNotFound) {
			t.Error(err)
		}
	})
}
