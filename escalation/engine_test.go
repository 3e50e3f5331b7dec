package escalation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"
	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// house is an engine over a store in memory, in virtual time.
type house struct {
	*escalation.Engine
	t     testing.TB
	store *storetest.Memory
	start time.Time
}

func reachable(p contacts.Person, _ string) bool { return len(p.Phones) > 0 }

func newEngine(t testing.TB, store escalation.Store) *escalation.Engine {
	return escalation.NewEngine(escalation.Options{
		Store: store, Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(t), Reach: reachable, Log: zaptest.NewLogger(t),
	})
}

// inHouse runs f with an engine that keeps its deadlines. Time starts at
// midnight UTC on 2000-01-01, and passes only when everybody sleeps.
func inHouse(t *testing.T, f func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		h := &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
		stop := h.run()
		defer stop()
		f(h)
	})
}

func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = h.Run(ctx) })
	return func() {
		cancel()
		done.Wait()
		if err := h.Stop(context.Background()); err != nil {
			h.t.Errorf("stop: %v", err)
		}
	}
}

func (h *house) at(d time.Duration) {
	time.Sleep(time.Until(h.start.Add(d))) // virtual time
	synctest.Wait()
}

func alert(name string, status ticket.AlertStatus, labels ...string) ticket.Alert {
	a := ticket.Alert{
		Fingerprint: name, Status: status,
		Labels: map[string]string{"alertname": "HostDown", "instance": name, "customer": "acme", "severity": "critical"},
	}
	for i := 0; i+1 < len(labels); i += 2 {
		a.Labels[labels[i]] = labels[i+1]
	}
	return a
}

func (h *house) post(alerts ...ticket.Alert) []string {
	h.t.Helper()
	ordered, err := h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: alerts})
	if err != nil {
		h.t.Fatal(err)
	}
	if ordered.Accepted != len(alerts) {
		h.t.Errorf("%d of %d alerts were accepted", ordered.Accepted, len(alerts))
	}
	return ordered.Tickets
}

func (h *house) view(number string) ticket.View {
	h.t.Helper()
	v, err := h.store.View(context.Background(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func (h *house) pages(number string) []string {
	h.t.Helper()
	var out []string
	for _, p := range h.view(number).Pages {
		out = append(out, fmt.Sprintf("%s %s/%s", p.At.Sub(h.start), p.Person, p.Channel))
	}
	return out
}

func TestEngineKeepsDeadlines(t *testing.T) {
	inHouse(t, func(h *house) {
		// Nobody is on duty before November 2026: the step is passed over.
		number := h.post(alert("a", ticket.Firing))[0]
		if !strings.HasPrefix(number, "I000101_0001") {
			t.Errorf("number %s", number)
		}
		h.at(7 * time.Minute)
		want := []string{"0s dominique/push", "0s dominique/sms", "3m0s dominique/push", "3m0s dominique/sms", "6m0s dominique/push", "6m0s dominique/sms"}
		if got := h.pages(number); !slices.Equal(got, want) {
			t.Errorf("pages %v", got)
		}
	})
}

// TestWhenDeadlinesWereKept: whoever asks learns that they are not, whether the
// store refuses or never answers.
func TestWhenDeadlinesWereKept(t *testing.T) {
	for _, fault := range []storetest.Fault{storetest.FailBefore, storetest.Block} {
		inHouse(t, func(h *house) {
			h.at(time.Minute)
			if since := time.Since(h.Kept()); since > 2*time.Second {
				h.t.Errorf("kept %s ago", since)
			}
			h.store.Fail(storetest.On(fault, "Due"))
			h.at(10 * time.Minute)
			if since := time.Since(h.Kept()); since < 8*time.Minute {
				h.t.Errorf("nothing was kept, and that is %s ago", since)
			}
			h.store.Fail(nil)
			h.store.Unblock()
			h.at(11 * time.Minute)
			if since := time.Since(h.Kept()); since > 2*time.Second {
				h.t.Errorf("kept %s ago", since)
			}
		})
	}
}

// duty puts alice on call from the start of a bubble.
func (h *house) duty() {
	rules := escalation.RulesForTest(h.t)
	directory, err := contacts.NewDirectory(rules.Directory.People(), []contacts.Group{
		{Key: "on-call", People: []string{"alice"}}, {Key: "managers", People: []string{"dominique"}},
	}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	rules.Directory = directory
	h.SetRules(rules)
}

func TestNotBeforeFifteenMinutes(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		number := h.post(alert("a", ticket.Firing))[0]
		h.at(15*time.Minute - time.Nanosecond)
		if got := h.pages(number); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "dominique") }) {
			t.Errorf("before 15:00: %v", got)
		}
		h.at(15 * time.Minute)
		if got := h.pages(number); !slices.Contains(got, "15m0s dominique/sms") || !slices.Contains(got, "15m0s alice/sms") {
			t.Errorf("at 15:00: %v", got)
		}
	})
}

func TestRepeatsOpenNothing(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		first := h.post(alert("a", ticket.Firing))
		for range 5 {
			h.at(time.Since(h.start) + time.Second)
			if again := h.post(alert("a", ticket.Firing)); !slices.Equal(again, first) {
				t.Fatalf("a repeat went to %v", again)
			}
		}
		v := h.view(first[0])
		if v.Ticket.Firing != 1 || v.Alerts[0].Count != 6 || len(v.Pages) != 2 {
			t.Errorf("firing %d, heard %d times, %d pages", v.Ticket.Firing, v.Alerts[0].Count, len(v.Pages))
		}
		if same := h.post(alert("b", ticket.Firing), alert("b", ticket.Firing)); !slices.Equal(same, first) {
			t.Errorf("a second alert of the group went to %v", same)
		}
		if v := h.view(first[0]); v.Ticket.Firing != 2 || len(v.Pages) != 2 {
			t.Errorf("firing %d, %d pages", v.Ticket.Firing, len(v.Pages))
		}
	})
}

func TestRecoveryReopeningAndAnotherTicket(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		first := h.post(alert("a", ticket.Firing))[0]
		h.at(time.Minute)
		h.post(alert("a", ticket.Resolved))
		if v := h.view(first); v.Ticket.State != ticket.StateResolved {
			t.Fatalf("state %s", v.Ticket.State)
		}
		h.at(2 * time.Minute)
		if again := h.post(alert("a", ticket.Firing)); again[0] != first || h.view(first).Ticket.State != ticket.Open {
			t.Fatalf("within reopen_within it went to %v", again)
		}
		h.post(alert("a", ticket.Resolved))
		h.at(12*time.Minute + time.Second)
		second := h.post(alert("a", ticket.Firing))[0]
		if second == first {
			t.Fatal("after reopen_within the old ticket was reopened")
		}
		if third := h.post(alert("b", ticket.Firing))[0]; third != second {
			t.Errorf("another alert of the group went to %s", third)
		}
		if v := h.view(second); v.Ticket.Firing != 2 || v.Ticket.State != ticket.Open {
			t.Errorf("second: firing %d, %s", v.Ticket.Firing, v.Ticket.State)
		}
	})
}

func TestSourceSilent(t *testing.T) {
	silentIn := func(h *house, d time.Duration) ticket.Alert {
		a := alert("a", ticket.Firing)
		a.SilentAt = time.Now().Add(d)
		return a
	}
	t.Run("an acknowledged ticket resolves", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.duty()
			number := h.post(silentIn(h, 4*time.Minute))[0]
			act(t, h, number, escalation.ActAcknowledge, "alice")
			h.at(3 * time.Minute)
			h.post(silentIn(h, 4*time.Minute)) // heard of again
			h.at(7*time.Minute - time.Second)
			if v := h.view(number); v.Ticket.State != ticket.Acknowledged {
				t.Fatalf("state %s", v.Ticket.State)
			}
			h.at(8 * time.Minute)
			if v := h.view(number); v.Ticket.State != ticket.StateResolved || v.Ticket.ResolvedBy.Name != "source silent" {
				t.Errorf("state %s by %v", v.Ticket.State, v.Ticket.ResolvedBy)
			}
		})
	})
	t.Run("an unacknowledged one goes on paging", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.duty()
			number := h.post(silentIn(h, 4*time.Minute))[0]
			h.at(31 * time.Minute)
			if v := h.view(number); v.Ticket.State != ticket.Open || v.Ticket.Silent != 1 || !slices.Contains(h.pages(number), "30m0s alice/sms") {
				t.Errorf("state %s, pages %v", v.Ticket.State, h.pages(number))
			}
		})
	})
	t.Run("what could not be heard is not silent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := storetest.New()
			h := &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
			h.duty()
			number := h.post(silentIn(h, 4*time.Minute))[0]
			act(t, h, number, escalation.ActAcknowledge, "alice")
			if err := h.Stop(context.Background()); err != nil {
				t.Fatal(err)
			}
			h.at(20 * time.Minute) // the daemon is down
			h.Engine = newEngine(t, store)
			h.duty()
			stop := h.run()
			defer stop()
			h.at(24*time.Minute - time.Second)
			if v := h.view(number); v.Ticket.State != ticket.Acknowledged {
				t.Fatalf("silent %s after a start: state %s", 4*time.Minute-time.Second, v.Ticket.State)
			}
			h.at(25 * time.Minute)
			if v := h.view(number); v.Ticket.State != ticket.StateResolved {
				t.Errorf("state %s", v.Ticket.State)
			}
		})
	})
}

func act(t testing.TB, h *house, number string, a escalation.Action, person string) ticket.Ticket {
	t.Helper()
	tk, err := h.Act(context.Background(), number, escalation.Acted{Action: a, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "api"})
	if err != nil {
		t.Fatal(err)
	}
	return tk
}

func TestTwoPeopleAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		number := h.post(alert("a", ticket.Firing))[0]
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				_, errs[i] = h.Act(context.Background(), number, escalation.Acted{
					Action: escalation.ActAcknowledge, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: fmt.Sprint("p", i)},
				})
			})
		}
		all.Wait()
		won := -1
		for i, err := range errs {
			if err == nil {
				if won >= 0 {
					t.Errorf("both %d and %d won", won, i)
				}
				won = i
			}
		}
		if won < 0 {
			t.Fatal("nobody won")
		}
		for i, err := range errs {
			var state *escalation.StateError
			if i != won && (!errors.As(err, &state) || state.By.Name != fmt.Sprint("p", won)) {
				t.Errorf("%d was told %v", i, err)
			}
		}
	})
}

func TestStoreThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  storetest.Fault
		landed bool
	}{{"before", storetest.FailBefore, false}, {"after it landed", storetest.FailAfter, true}} {
		t.Run(tt.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.duty()
				h.store.Fail(storetest.Once(tt.fault, "Commit"))
				if _, err := h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("a", ticket.Firing)}}); err == nil {
					t.Fatal("what the store did not take was accepted")
				}
				number := h.post(alert("a", ticket.Firing))[0] // the sender sends again
				if v := h.view(number); v.Ticket.Firing != 1 || len(v.Pages) != 2 || (v.Alerts[0].Count == 2) != tt.landed {
					t.Errorf("firing %d, %d pages, heard %d times", v.Ticket.Firing, len(v.Pages), v.Alerts[0].Count)
				}
			})
		})
	}
	t.Run("a deadline is kept once it is back", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.duty()
			number := h.post(alert("a", ticket.Firing))[0]
			h.at(2 * time.Minute)
			h.store.Fail(func(string) storetest.Fault { return storetest.FailBefore })
			h.at(5 * time.Minute)
			h.store.Fail(nil)
			h.at(5*time.Minute + 2*time.Second)
			if got := h.pages(number); len(got) != 4 || !strings.HasSuffix(got[3], "alice/sms") {
				t.Errorf("pages %v", got)
			}
		})
	})
}

func TestPolicyByValueAcrossAReload(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		number := h.post(alert("a", ticket.Firing))[0]
		rules := escalation.RulesForTest(t)
		directory, err := contacts.NewDirectory(rules.Directory.People(), []contacts.Group{{Key: "managers", People: []string{"dominique"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		rules.Directory, rules.Policies = directory, map[string]ticket.Policy{"round-the-clock": {Name: "round-the-clock"}}
		h.SetRules(rules)
		h.at(4 * time.Minute)
		if got := h.pages(number); !slices.Contains(got, "3m0s dominique/sms") {
			t.Errorf("a group that is gone was not passed over: %v", got)
		}
		if again := h.post(alert("a", ticket.Firing)); again[0] != number {
			t.Errorf("an alert left its ticket at a reload: %v", again)
		}
	})
}

// TestAnyBatching: the outcome is the same however alerts are cut into
// requests.
func TestAnyBatching(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := []string{"a", "b", "c"}
		events := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) ticket.Alert {
			status := rapid.SampledFrom([]ticket.AlertStatus{ticket.Firing, ticket.Firing, ticket.Resolved}).Draw(rt, "status")
			severity := rapid.SampledFrom([]string{"critical", "high"}).Draw(rt, "severity")
			return alert(rapid.SampledFrom(names).Draw(rt, "name"), status, "severity", severity)
		}), 1, 12).Draw(rt, "events")
		cuts := rapid.SliceOfN(rapid.IntRange(1, 5), len(events), len(events)).Draw(rt, "cuts")
		outcome := func(cut []int) string {
			store := storetest.New()
			e := newEngine(t, store)
			e.SetRules(escalation.RulesForTest(t))
			rest := events
			for i := 0; len(rest) > 0; i++ {
				n := min(cut[i%len(cut)], len(rest))
				if _, err := e.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: rest[:n]}); err != nil {
					rt.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := e.Stop(context.Background()); err != nil {
				rt.Fatal(err)
			}
			list, _, err := store.Tickets(context.Background(), ticket.Query{Scope: ticket.Everything(), Limit: 100})
			if err != nil {
				rt.Fatal(err)
			}
			var out []string
			for _, tk := range list {
				out = append(out, fmt.Sprintf("%s %s %s firing %d resolved %d episode %d", tk.Number, tk.State, tk.Urgency, tk.Firing, tk.Resolved, tk.Progress.Episode))
			}
			return strings.Join(out, "\n")
		}
		one, some := outcome([]int{1}), outcome(cuts)
		if one != some {
			rt.Fatalf("one by one:\n%s\nin batches of %v:\n%s", one, cuts, some)
		}
	})
}

func TestWhatItsSenderGaveUpIsNotBegun(t *testing.T) {
	inHouse(t, func(h *house) {
		h.store.Fail(storetest.On(storetest.Block, "Observe"))
		var done sync.WaitGroup
		done.Go(func() {
			_, _ = h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("first", ticket.Firing)}})
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		done.Go(func() { // it waits for its turn
			_, err := h.Ingest(ctx, ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("second", ticket.Firing)}})
			if !errors.Is(err, context.Canceled) {
				h.t.Errorf("given up: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		h.store.Fail(nil)
		h.store.Unblock()
		done.Wait()
		h.at(time.Second)
		known, err := h.store.Alerts(context.Background(), "prometheus", []string{"first", "second"})
		if err != nil || len(known) != 1 || known[0].Fingerprint != "first" {
			h.t.Errorf("%d alerts, %v: what was given up may undo what its sender said since", len(known), err)
		}
	})
}

func TestNobodyIsHeardBeforeTheStoreAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		h := &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
		a := alert("srv", ticket.Firing)
		a.SilentAt = h.start.Add(4 * time.Minute)
		h.post(a)
		if err := h.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.at(time.Minute)
		h.Engine = newEngine(t, store) // it starts, and the store is away at first
		h.at(10 * time.Minute)
		stop := h.run()
		h.at(13 * time.Minute)
		known, err := store.Alerts(context.Background(), "prometheus", []string{"srv"})
		if err != nil || len(known) != 1 || known[0].Status != ticket.Firing {
			t.Errorf("nobody could say so, and the alert is %+v, %v", known, err)
		}
		stop()
	})
}
