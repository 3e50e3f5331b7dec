package effect

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// manual is a clock that a test moves. Its timers do not wait: nothing that a
// queue promises hangs on them.
type manual struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manual) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manual) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (*manual) NewTimer(time.Duration) (<-chan time.Time, func()) {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c, func() {}
}

// desk is a receiver that writes down what it is sent, and answers what it is told.
type desk struct {
	mu     sync.Mutex
	sent   []string
	answer func(e *ticket.Effect) Result
}

func (d *desk) Send(_ context.Context, e *ticket.Effect) Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, e.Ticket+" "+e.Event)
	if d.answer == nil {
		return Result{Class: Taken}
	}
	return d.answer(e)
}

func (d *desk) got(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.Sort(d.sent)
	slices.Sort(want)
	if !slices.Equal(d.sent, want) {
		t.Errorf("sent\n %s\nwant\n %s", strings.Join(d.sent, "\n "), strings.Join(want, "\n "))
	}
	d.sent = nil
}

func (d *desk) answers(r Result) { d.answer = func(*ticket.Effect) Result { return r } }

// rig is a queue over a store, with tickets.
type rig struct {
	*Queue
	t      *testing.T
	store  storetest.Store
	engine *escalation.Engine
	clock  *manual
	desk   *desk
	hooks  []escalation.Webhook
	told   *prometheus.Registry
}

// counts is the sum of a metric.
func (r *rig) counts(name string) (sum float64) {
	r.t.Helper()
	families, err := r.told.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func newRig(t *testing.T, store storetest.Store) *rig {
	t.Helper()
	r := &rig{
		t: t, store: store, clock: &manual{now: storetest.Began()}, desk: &desk{},
		hooks: []escalation.Webhook{{Name: "desk", Events: ticket.TellableEvents()}}, told: prometheus.NewRegistry(),
	}
	r.engine = escalation.NewEngine(escalation.Options{
		Store: store, Clock: r.clock, Rules: &escalation.Rules{Location: time.UTC}, Records: store.Records(),
		Reach: func(contacts.Person, string) bool { return false },
	})
	t.Cleanup(func() {
		if err := errors.Join(r.engine.Stop(context.Background()), store.Close()); err != nil {
			t.Error(err)
		}
	})
	r.Queue = r.another("one")
	r.o.Metrics = NewMetrics(r.told)
	r.told.MustRegister(NewWaiting(store.Records(), func() []string { return []string{"prometheus", "other"} }, r.clock.Now))
	return r
}

func (r *rig) another(owner string) *Queue {
	q := New(Options{
		Records: r.store.Records(), Tickets: r.engine, Clock: r.clock, Owner: owner,
		Over:   func(err error) bool { return errors.Is(err, escalation.ErrDone) },
		Gone:   func(err error) bool { return errors.Is(err, escalation.ErrNotFound) },
		Chance: func() float64 { return 1 },
	})
	q.SetReceivers(map[string]Receiver{"webhook/desk": r.desk})
	return q
}

// opened is a ticket with one effect of its opening.
func (r *rig) opened() string {
	r.t.Helper()
	numbers, err := r.store.Numbers(r.t.Context(), "prometheus", storetest.Prefix, 1)
	if err != nil {
		r.t.Fatal(err)
	}
	t := storetest.Ticket("prometheus", numbers[0])
	r.commit(t, 0, ticket.ToldOpened)
	return t.Number
}

// happens commits what happened to a ticket, with its effects.
func (r *rig) happens(number string, events ...string) {
	r.t.Helper()
	is, err := r.store.Load(r.t.Context(), "prometheus", []string{number})
	if err != nil || len(is) != 1 {
		r.t.Fatal(len(is), err)
	}
	r.commit(is[0].Ticket, is[0].Revision, events...)
}

func (r *rig) commit(t ticket.Ticket, revision int64, events ...string) {
	r.t.Helper()
	told := make([]ticket.Told, len(events))
	for i := range events {
		told[i] = ticket.Told{Event: events[i], At: r.clock.Now()}
	}
	writes, err := escalation.EffectWrites(escalation.Effects(r.hooks, &t, revision, told, r.clock.Now()))
	if err != nil {
		r.t.Fatal(err)
	}
	errs, err := r.store.Commit(r.t.Context(), "prometheus", []escalation.Change{{Ticket: t, Revision: revision, Records: writes, TakeGroup: revision == 0}})
	if err := errors.Join(append(errs, err)...); err != nil {
		r.t.Fatal(err)
	}
}

// work has the queue do all that is due now.
func (r *rig) work() { r.workOf(r.Queue) }

func (r *rig) workOf(q *Queue) {
	r.t.Helper()
	for range 50 {
		n, err := q.claimDue(r.t.Context())
		q.working.Wait()
		if err != nil {
			r.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	r.t.Fatal("a queue finds work again and again")
}

// waits are the events of the effects that the store has.
func (r *rig) waits() (events []string) {
	r.t.Helper()
	list, err := r.store.Records().List(r.t.Context(), "prometheus", ticket.EffectRecords, "", 100)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range list {
		e, err := ticket.ReadEffect(list[i].Value)
		if err != nil {
			r.t.Fatal(err)
		}
		events = append(events, e.Event)
	}
	return events
}

// ends are the lines of a ticket's timeline that tell of effects.
func (r *rig) ends(number string) (lines []string) {
	r.t.Helper()
	v, err := r.store.View(r.t.Context(), number)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range v.Timeline {
		if e.Kind == ticket.EntryEffect || e.Kind == ticket.EntryEffectFailed {
			lines = append(lines, fmt.Sprintf("%s %s %s %s", e.Kind, e.Args.Receiver, e.Args.Event, e.Args.Error))
		}
	}
	return lines
}

func (r *rig) same(what string, got, want []string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// onEach runs a test on a store in memory, on a file and on a Redis.
func onEach(t *testing.T, f func(r *rig)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { f(newRig(t, storetest.New())) })
	t.Run("bolt", func(t *testing.T) {
		s, err := boltstore.Open(filepath.Join(t.TempDir(), "effects.db"), boltstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f(newRig(t, s))
	})
	t.Run("redis", func(t *testing.T) {
		server := redistest.Single(t)
		s, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f(newRig(t, s))
	})
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEffectsOfATicketGoInOrder(t *testing.T) {
	onEach(t, func(r *rig) {
		a, b := r.opened(), r.opened()
		r.happens(a, ticket.ToldAcknowledged, ticket.ToldResolved)
		r.desk.answer = func(e *ticket.Effect) Result {
			if e.Ticket == a && e.Event == ticket.ToldOpened && e.Tries == 0 {
				return Result{Error: "HTTP 500"}
			}
			return Result{Class: Taken}
		}
		r.work()
		r.clock.pass(500 * time.Millisecond)
		r.work()
		if slices.Contains(r.desk.sent, a+" "+ticket.ToldAcknowledged) {
			t.Errorf("the second went before the first: %v", r.desk.sent)
		}
		for range 10 {
			r.clock.pass(time.Second)
			r.work()
		}
		r.desk.mu.Lock()
		var order []string
		for _, s := range r.desk.sent {
			if event, ok := strings.CutPrefix(s, a+" "); ok {
				order = append(order, event)
			}
		}
		r.desk.mu.Unlock()
		r.same("of one ticket", order, []string{ticket.ToldOpened, ticket.ToldOpened, ticket.ToldAcknowledged, ticket.ToldResolved})
		r.desk.got(t, a+" ticket.opened", a+" ticket.opened", a+" ticket.acknowledged", a+" ticket.resolved", b+" ticket.opened")
		r.same("waits", r.waits(), nil)
		r.same("ends", r.ends(a), []string{
			"effect webhook/desk ticket.opened ", "effect webhook/desk ticket.acknowledged ", "effect webhook/desk ticket.resolved ",
		})
	})
}

func TestAnEffectIsSentOnce(t *testing.T) {
	onEach(t, func(r *rig) {
		a := r.opened()
		second := r.another("two")
		r.work()
		r.workOf(second)
		r.clock.pass(2 * lease)
		r.work()
		r.workOf(second)
		r.desk.got(t, a+" ticket.opened")
		if sent := r.counts("astreinte_effects_sent_total"); sent != 1 {
			t.Errorf("%v were counted as sent", sent)
		}
	})
}

func TestAClaimThatRanOutIsTakenOver(t *testing.T) {
	onEach(t, func(r *rig) {
		a := r.opened()
		now := r.clock.Now()
		dead, err := r.store.Records().Claim(t.Context(), records.Claim{Kind: ticket.EffectRecords, Owner: "dead", Now: now, Until: now.Add(lease), Most: 9})
		if err != nil || len(dead) != 1 {
			t.Fatal(len(dead), err)
		}
		r.work()
		r.desk.got(t)
		r.clock.pass(lease + time.Second)
		r.work()
		r.desk.got(t, a+" ticket.opened")
		e, _ := ticket.ReadEffect(dead[0].Value)
		late := ticket.EffectEnd{Home: "prometheus", Revision: dead[0].Revision, Effect: e, Sent: true}
		if err := r.engine.EndEffect(t.Context(), late); !errors.Is(err, escalation.ErrDone) {
			t.Errorf("whoever lost the claim ends it: %v", err)
		}
		r.same("ends", r.ends(a), []string{"effect webhook/desk ticket.opened "})
	})
}

func TestPatienceEnds(t *testing.T) {
	onEach(t, func(r *rig) {
		a := r.opened()
		r.happens(a, ticket.ToldAcknowledged)
		r.desk.answers(Result{Error: "HTTP 503"})
		for passed := time.Duration(0); passed < 23*time.Hour; passed += 10 * time.Minute {
			r.work()
			r.clock.pass(10 * time.Minute)
		}
		tries := len(r.desk.sent)
		if tries < 40 || tries > 200 {
			t.Errorf("%d tries in 23 hours", tries)
		}
		r.same("nothing is over yet", r.ends(a), nil)
		for range 20 {
			r.work()
			r.clock.pass(10 * time.Minute)
		}
		r.same("ends", r.ends(a), []string{
			"effect_failed webhook/desk ticket.opened HTTP 503", "effect_failed webhook/desk ticket.acknowledged HTTP 503",
		})
		if !slices.Contains(r.desk.sent, a+" "+ticket.ToldAcknowledged) {
			t.Error("the second was given up without a try")
		}
		r.same("waits", r.waits(), nil)
		if failed := r.counts("astreinte_effects_failed_total"); failed != 2 {
			t.Errorf("%v were counted as failed", failed)
		}
	})
}

func TestAReceiverThatIsGone(t *testing.T) {
	onEach(t, func(r *rig) {
		a := r.opened()
		r.SetReceivers(nil)
		r.work()
		r.same("another daemon may know it", r.waits(), []string{ticket.ToldOpened})
		for range 12 {
			r.clock.pass(goneEvery)
			r.work()
		}
		r.desk.got(t)
		r.same("ends", r.ends(a), []string{"effect_failed webhook/desk ticket.opened it is in the configuration no more"})
		r.same("waits", r.waits(), nil)
	})
}

func TestAReceiverThatFailsRests(t *testing.T) {
	r := newRig(t, storetest.New())
	r.desk.answers(Result{Error: "no answer in time"})
	for range 30 {
		r.opened()
	}
	r.work()
	if n := len(r.desk.sent); n > perReceiver {
		t.Errorf("a receiver that fails was tried %d times at once", n)
	}
	for range 60 {
		r.clock.pass(time.Second)
		r.work()
	}
	if n := len(r.desk.sent); n > 40 {
		t.Errorf("a receiver that fails was tried %d times in a minute", n)
	}
	r.desk.answer = nil
	for range 200 {
		r.clock.pass(time.Second)
		r.work()
	}
	r.same("waits", r.waits(), nil)
}

func TestATicketThatIsGone(t *testing.T) {
	r := newRig(t, storetest.New())
	a := r.opened()
	e := ticket.Effect{Ticket: "I261121_9999", To: "webhook/desk", Order: "1", Event: ticket.ToldClosed, Queued: r.clock.Now()}
	writes, _ := escalation.EffectWrites([]ticket.Effect{e})
	if _, err := r.store.Records().Write(t.Context(), "prometheus", writes...); err != nil {
		t.Fatal(err)
	}
	r.work()
	r.desk.got(t, a+" ticket.opened", "I261121_9999 ticket.closed")
	r.same("waits", r.waits(), nil)
}

func TestARecordThatIsNoEffect(t *testing.T) {
	r := newRig(t, storetest.New())
	core, log := observer.New(zap.ErrorLevel)
	r.o.Log = zap.New(core)
	_, err := r.store.Records().Write(t.Context(), "prometheus", records.Write{Kind: ticket.EffectRecords, Key: "x", Value: []byte("{"), Due: r.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	r.opened()
	r.work()
	r.same("waits", r.waits(), nil)
	if log.Len() != 1 {
		t.Errorf("%d lines of the log", log.Len())
	}
}

// TestAnEndThatFailedIsTriedAgain: whether or not it landed, the effect is sent
// once and its ticket says so once.
func TestAnEndThatFailedIsTriedAgain(t *testing.T) {
	for _, how := range []storetest.Fault{storetest.FailBefore, storetest.FailAfter} {
		store := storetest.New()
		r := newRig(t, store)
		a := r.opened()
		var mu sync.Mutex
		failures := 2
		store.Fail(func(op string) storetest.Fault {
			mu.Lock()
			defer mu.Unlock()
			if op == "Commit" && failures > 0 {
				failures--
				return how
			}
			return storetest.NoFault
		})
		r.work()
		store.Fail(nil)
		r.clock.pass(2 * lease)
		r.work()
		r.desk.got(t, a+" ticket.opened")
		r.same("ends", r.ends(a), []string{"effect webhook/desk ticket.opened "})
	}
}

func TestWhatWaitsIsCounted(t *testing.T) {
	r := newRig(t, storetest.New())
	r.opened()
	r.clock.pass(90 * time.Second)
	r.opened()
	if queued, age := r.counts("astreinte_effects_queued"), r.counts("astreinte_oldest_effect_age_seconds"); queued != 2 || age != 90 {
		t.Errorf("%v wait, for %v s", queued, age)
	}
}
