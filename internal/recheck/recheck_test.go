package recheck_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/recheck"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// tool is a tool whose answers a test says.
type tool struct {
	asked atomic.Int32
	say   func(ctx context.Context, a *ticket.Alert) ticket.Finding
}

func (*tool) Name() string { return "icinga" }

func (t *tool) Ask(ctx context.Context, a *ticket.Alert) ticket.Finding {
	t.asked.Add(1)
	return t.say(ctx, a)
}

func down(context.Context, *ticket.Alert) ticket.Finding {
	return ticket.Finding{State: ticket.FoundDown, Text: "HTTP 503"}
}

// slowly answers after d, or when nobody waits any more.
func slowly(d time.Duration) func(context.Context, *ticket.Alert) ticket.Finding {
	return func(ctx context.Context, _ *ticket.Alert) ticket.Finding {
		select {
		case <-time.After(d): // of the bubble
			return ticket.Finding{State: ticket.FoundBack}
		case <-ctx.Done():
			return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonToolSlow}
		}
	}
}

// mortal are records that a daemon which died reaches no more.
type mortal struct {
	records.Store
	dead atomic.Bool
}

var errDead = errors.New("this daemon is dead")

func (m *mortal) Get(ctx context.Context, home, kind, key string) (records.Record, error) {
	if m.dead.Load() {
		return records.Record{}, errDead
	}
	return m.Store.Get(ctx, home, kind, key)
}

func (m *mortal) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.Store.Write(ctx, home, writes...)
}

func (m *mortal) Claim(ctx context.Context, c records.Claim) ([]records.Record, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.Store.Claim(ctx, c)
}

// town is a store with a ticket, a tool, and phones that are told.
type town struct {
	t      *testing.T
	store  *storetest.Memory
	engine *escalation.Engine
	tool   *tool
	number string
	clock  *escalation.WallClock

	mu      sync.Mutex
	told    []string // "phone: what was found"
	refuses int      // so many messages are not taken
}

// rules page nobody.
func rules(t *testing.T) *escalation.Rules {
	t.Helper()
	directory, err := contacts.NewDirectory(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	silent := ticket.Policy{Name: "silent", CloseAfter: time.Hour}
	return &escalation.Rules{
		Location: time.UTC, Language: "en", Directory: directory, Policies: map[string]ticket.Policy{"silent": silent},
		Route: dispatch.NewRoute(&config.Route{Receiver: "silent"}, nil),
	}
}

func newTown(t *testing.T, alerts int) *town {
	t.Helper()
	w := &town{t: t, store: storetest.New(), tool: &tool{say: down}, clock: &escalation.WallClock{}}
	w.engine = escalation.NewEngine(escalation.Options{
		Store: w.store, Clock: w.clock, Rules: rules(t), Records: w.store.Records(),
		Reach: func(contacts.Person, string) bool { return false },
	})
	var list []ticket.Alert
	for i := range alerts {
		list = append(list, ticket.Alert{
			Source: "mon", Fingerprint: fmt.Sprint(i), Status: ticket.Firing, StartsAt: w.clock.Now(), Labels: map[string]string{"alertname": "HostDown"},
		})
	}
	got, err := w.engine.Ingest(t.Context(), ticket.Batch{Source: "mon", Alerts: list})
	if err != nil || len(got.Tickets) != 1 {
		t.Fatal(got, err)
	}
	w.number = got.Tickets[0]
	return w
}

// daemon starts one; kill ends it as kill -9 does, stop in peace.
func (w *town) daemon(name string) (c *recheck.Checks, kill, stop func()) {
	store := &mortal{Store: w.store.Records()}
	ctx, cancel := context.WithCancel(w.t.Context())
	c = recheck.New(recheck.Options{
		Records: store, Tickets: w.store, Engine: w.engine, Clock: w.clock, Owner: name,
		Tell: func(_ context.Context, to desk.Asked, _ string, f *ticket.Found, _ bool) error {
			if store.dead.Load() {
				return errDead
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.refuses > 0 {
				w.refuses--
				return errors.New("not now")
			}
			w.told = append(w.told, fmt.Sprintf("%s: %s %s", to.Phone, f.State, f.Reason))
			return nil
		},
	})
	c.SetMeans(&recheck.Means{Tools: map[string]recheck.Tool{"mon": w.tool}})
	var runs sync.WaitGroup
	runs.Go(func() { c.Run(ctx) })
	return c, func() { store.dead.Store(true); cancel() }, func() { cancel(); runs.Wait() }
}

func (w *town) asks(c *recheck.Checks, phone, once string) error {
	w.t.Helper()
	view, err := w.store.View(w.t.Context(), w.number)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Ask(w.t.Context(), &view, &desk.Asked{
		Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "p" + phone}, Via: "sms", Phone: phone, Code: 12, Once: once,
	})
}

// heard waits until so many phones were told, a minute at most, and says what.
func (w *town) heard(n int) []string {
	w.t.Helper()
	for range 60 {
		synctest.Wait()
		w.mu.Lock()
		told := append([]string(nil), w.told...)
		w.mu.Unlock()
		if len(told) >= n {
			return told
		}
		time.Sleep(time.Second)
	}
	w.t.Fatalf("not all were told within a minute: %q", w.told)
	return nil
}

// lines are the lines of the timeline that tell of checks.
func (w *town) lines() (list []ticket.Entry) {
	view, err := w.store.View(w.t.Context(), w.number)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range view.Timeline {
		if e.Kind == ticket.EntryRecheck {
			list = append(list, e)
		}
	}
	return list
}

func within(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// TestAnswer: whoever asked is told once, the timeline has one line, and the ticket is as
// it was.
func TestAnswer(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		before, _ := w.store.View(t.Context(), w.number)
		c, _, stop := w.daemon("a")
		defer stop()
		if err := w.asks(c, "+1", ""); err != nil {
			t.Fatal(err)
		}
		if told := w.heard(1); told[0] != "+1: down " {
			t.Error(told)
		}
		time.Sleep(30 * time.Second)
		lines := w.lines()
		if len(lines) != 1 || len(w.told) != 1 {
			t.Fatalf("%d lines, %q", len(lines), w.told)
		}
		f := lines[0].Args.Found
		if lines[0].Detail != ticket.SaidFound || lines[0].Actor.Name != "p+1" || lines[0].Via != "sms" || f.Text != "HTTP 503" || f.By != "icinga" || f.Since.IsZero() || f.At.IsZero() {
			t.Errorf("%+v, %+v", lines[0], f)
		}
		state, err := c.State(t.Context(), "mon", w.number)
		if err != nil || state.Waits() || state.Found == nil {
			t.Errorf("%+v, %v", state, err)
		}
		after, _ := w.store.View(t.Context(), w.number)
		if before.Ticket.State != after.Ticket.State || before.Ticket.Firing != after.Ticket.Firing {
			t.Error("a check changed the ticket")
		}
		time.Sleep(11 * time.Minute)
		if state, err = c.State(t.Context(), "mon", w.number); err != nil || !state.Asked.IsZero() {
			t.Errorf("it is not forgotten: %+v, %v", state, err)
		}
	})
}

// TestJoin: who asks meanwhile, or again, has the same check.
func TestJoin(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		w.tool.say = slowly(20 * time.Second)
		c, _, stop := w.daemon("a")
		defer stop()
		for _, phone := range []string{"+1", "+2", "+1", "+1"} {
			if err := w.asks(c, phone, ""); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		told := w.heard(2)
		time.Sleep(time.Minute)
		if len(w.told) != 2 || w.tool.asked.Load() != 1 || told[0] == told[1] {
			t.Errorf("%q, asked %d times", w.told, w.tool.asked.Load())
		}
		if state, err := c.State(t.Context(), "mon", w.number); err != nil || state.Found == nil || state.Found.State != ticket.FoundBack {
			t.Errorf("%+v, %v", state, err)
		}
	})
}

// TestKilled: a daemon that dies at any second of a check leaves it to another one.
func TestKilled(t *testing.T) {
	for _, after := range []time.Duration{0, 500 * time.Millisecond, 3 * time.Second, 9 * time.Second, 14 * time.Second, 40 * time.Second} {
		within(t, func(t *testing.T) {
			w := newTown(t, 1)
			w.tool.say = slowly(14 * time.Second)
			one, kill, _ := w.daemon("a")
			if err := w.asks(one, "+1", "+1 SM1"); err != nil {
				t.Fatal(err)
			}
			_, _, stop := w.daemon("b")
			defer stop()
			began := time.Now()
			time.Sleep(after)
			kill()
			told := w.heard(1)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("killed after %s: answered after %s", after, took)
			}
			time.Sleep(2 * time.Minute)
			if len(w.told) != 1 || told[0] != "+1: back " {
				t.Errorf("killed after %s: %q", after, w.told)
			}
			if lines := w.lines(); len(lines) != 1 {
				t.Errorf("killed after %s: %d lines", after, len(lines))
			}
		})
	}
}

// TestNobodyWasThere: what nobody could find out in time is said.
func TestNobodyWasThere(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		w.tool.say = slowly(20 * time.Second)
		one, kill, _ := w.daemon("a")
		if err := w.asks(one, "+1", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		kill()
		time.Sleep(10 * time.Minute)
		_, _, stop := w.daemon("b")
		defer stop()
		if told := w.heard(1); told[0] != "+1: unclear too_late" {
			t.Error(told)
		}
	})
}

// TestAToolThatHangs: the answer comes within a minute all the same.
func TestAToolThatHangs(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		w.tool.say = slowly(time.Hour)
		c, _, stop := w.daemon("a")
		defer stop()
		if err := w.asks(c, "+1", ""); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if told := w.heard(1); told[0] != "+1: unclear tool_slow" || time.Since(began) > time.Minute {
			t.Error(told, time.Since(began))
		}
	})
}

// TestStop: a daemon that stops gives back what it has not found out.
func TestStop(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		w.tool.say = slowly(5 * time.Second)
		one, _, stop := w.daemon("a")
		if err := w.asks(one, "+1", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		stop()
		began := time.Now()
		_, _, stop = w.daemon("b")
		defer stop()
		if told := w.heard(1); told[0] != "+1: back " || time.Since(began) > 8*time.Second {
			t.Error(told, time.Since(began))
		}
	})
}

// TestAPhoneThatIsOff is told again.
func TestAPhoneThatIsOff(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		w.refuses = 2
		c, _, stop := w.daemon("a")
		defer stop()
		if err := w.asks(c, "+1", ""); err != nil {
			t.Fatal(err)
		}
		w.heard(1)
		time.Sleep(5 * time.Minute)
		if len(w.told) != 1 || len(w.lines()) != 1 {
			t.Errorf("%q, %d lines", w.told, len(w.lines()))
		}
	})
}

// TestTheSameTextAgain asks once.
func TestTheSameTextAgain(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		c, _, stop := w.daemon("a")
		defer stop()
		for range 3 {
			if err := w.asks(c, "+1", "+1 SM1"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
		}
		if len(w.told) != 1 || w.tool.asked.Load() != 1 {
			t.Errorf("%q, asked %d times", w.told, w.tool.asked.Load())
		}
	})
}

// TestAFlood: a phone that asks a hundred times within seconds is told a few times.
func TestAFlood(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		c, _, stop := w.daemon("a")
		defer stop()
		for i := range 100 {
			if err := w.asks(c, "+1", fmt.Sprint("text ", i)); err != nil && !errors.Is(err, desk.ErrBusy) {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		if n := len(w.heard(1)); n > ticket.MaxRechecks {
			t.Errorf("it was told %d times", n)
		}
	})
}

// TestBounds: a person begins so many checks a minute, and a ticket of many alerts has so
// many checked and says how many were not.
func TestBounds(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 300)
		c, _, stop := w.daemon("a")
		defer stop()
		began := 0
		for range 3 * ticket.MaxRechecks {
			switch err := w.asks(c, "+1", ""); {
			case err == nil:
				began++
			case !errors.Is(err, desk.ErrBusy):
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second) // longer than a new answer is new
		}
		if most := ticket.MaxRechecks + 8; began < ticket.MaxRechecks || began > most {
			t.Errorf("%d checks within 72 s", began)
		}
		state, err := c.State(t.Context(), "mon", w.number)
		if err != nil || state.Found == nil || state.Found.Checked() != ticket.MaxRechecked || state.Found.Left != 300-ticket.MaxRechecked {
			t.Errorf("%+v, %v", state.Found, err)
		}
	})
}

// TestWhatCannotBeAsked: a ticket about which nothing can be asked is left alone, and a
// tool that does not answer is named.
func TestWhatCannotBeAsked(t *testing.T) {
	within(t, func(t *testing.T) {
		w := newTown(t, 1)
		c, _, stop := w.daemon("a")
		defer stop()
		view, err := w.store.View(t.Context(), w.number)
		if err != nil || !c.Can(&view) {
			t.Fatal(err)
		}
		w.tool.say = func(context.Context, *ticket.Alert) ticket.Finding {
			return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonToolAway}
		}
		if err := w.asks(c, "+1", ""); err != nil {
			t.Fatal(err)
		}
		w.heard(1)
		if list := c.Silent(); len(list) != 1 || list[0].Source != "mon" || list[0].Tool != "icinga" {
			t.Errorf("%+v", list)
		}
		if c.SetMeans(&recheck.Means{}); c.Can(&view) || len(c.Silent()) != 0 {
			t.Error("without means it can ask")
		}
	})
}
