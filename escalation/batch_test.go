package escalation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestSilentAndResolvedInOneBatch(t *testing.T) {
	inHouse(t, func(h *house) {
		a := alert("srv-db-01", ticket.Firing)
		a.SilentAt = h.start.Add(60 * time.Second)
		number := h.post(a)[0]
		h.at(59 * time.Second)
		h.store.Fail(storetest.On(storetest.Block, "Commit"))
		go func() {
			_, _ = h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("other", ticket.Firing, "alertname", "x")}})
		}()
		h.at(59*time.Second + 500*time.Millisecond)
		got := make(chan error, 1)
		go func() {
			_, err := h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("srv-db-01", ticket.Resolved)}})
			got <- err
		}()
		h.at(61 * time.Second)
		h.store.Fail(nil)
		h.store.Unblock()
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		h.at(62 * time.Second)
		v := h.view(number)
		if v.Ticket.State != ticket.StateResolved {
			t.Errorf("the resolve was answered without an error; the ticket is %s, firing %d, silent %d", v.Ticket.State, v.Ticket.Firing, v.Ticket.Silent)
		}
	})
}

func TestClosedInTheSameBatch(t *testing.T) {
	inHouse(t, func(h *house) {
		number := h.post(alert("srv-db-01", ticket.Firing))[0]
		h.at(time.Minute)
		if _, err := h.Act(context.Background(), number, escalation.Acted{Action: escalation.ActResolve, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}}); err != nil {
			t.Fatal(err)
		}
		h.at(2 * time.Minute)
		h.store.Fail(storetest.On(storetest.Block, "Commit"))
		go func() { h.post(alert("other", ticket.Firing, "alertname", "x")) }()
		h.at(2*time.Minute + 100*time.Millisecond)
		go func() {
			_, _ = h.Act(context.Background(), number, escalation.Acted{Action: escalation.ActClose, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}})
		}()
		h.at(2*time.Minute + 200*time.Millisecond)
		got := make(chan []string, 1)
		go func() { got <- h.post(alert("srv-db-01", ticket.Firing)) }()
		h.at(2*time.Minute + 300*time.Millisecond)
		h.store.Fail(nil)
		h.store.Unblock()
		tickets := <-got
		h.at(3 * time.Minute)
		if h.view(tickets[0]).Ticket.State == ticket.Closed {
			t.Error("the alert was accepted into a closed ticket")
		}
	})
}

func TestEverythingInOneRequest(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		tickets := h.post(alert("a", ticket.Firing), alert("a", ticket.Resolved), alert("a", ticket.Firing), alert("x", ticket.Resolved),
			alert("b", ticket.Firing, "alertname", "DiskFull"))
		if len(tickets) != 2 {
			t.Fatalf("tickets %v", tickets)
		}
		v := h.view(tickets[0])
		if v.Ticket.State != ticket.Open || v.Ticket.Firing != 1 || v.Ticket.Progress.Episode != 2 {
			t.Errorf("%s, firing %d, episode %d", v.Ticket.State, v.Ticket.Firing, v.Ticket.Progress.Episode)
		}
	})
}

func TestTruncatedGroupIsResolvedWhole(t *testing.T) {
	inHouse(t, func(h *house) {
		h.duty()
		var alerts []ticket.Alert
		for i := range 10 {
			a := alert(fmt.Sprint("node", i), ticket.Firing)
			a.SenderGroup = "{}:{x}"
			alerts = append(alerts, a)
		}
		number := h.post(alerts...)[0]
		three := slices.Clone(alerts[:3])
		for i := range three {
			three[i].Status = ticket.Resolved
		}
		ordered, err := h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: three, ResolveGroups: []string{"{}:{x}"}})
		if err != nil || len(ordered.Tickets) != 1 {
			t.Fatalf("%+v, %v", ordered, err)
		}
		if v := h.view(number); v.Ticket.State != ticket.StateResolved || v.Ticket.Resolved != 10 {
			t.Errorf("%s, %d resolved", v.Ticket.State, v.Ticket.Resolved)
		}
	})
}

// reading notes how many records were asked for at once.
type reading struct {
	*storetest.Memory
	most int
}

func (r *reading) Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error) {
	r.most = max(r.most, len(fingerprints))
	return r.Memory.Alerts(ctx, source, fingerprints)
}

// A sender's group is ended a batch at a time, whatever its size.
func TestALargeGroupIsNotReadAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		store := &reading{Memory: h.store}
		e := newEngine(t, store)
		defer func() { _ = e.Stop(context.Background()) }()
		var alerts []ticket.Alert
		for i := range 2500 {
			a := alert(fmt.Sprint("node", i), ticket.Firing)
			a.SenderGroup = "g"
			alerts = append(alerts, a)
		}
		number := h.post(alerts...)[0]
		ordered, err := e.Ingest(context.Background(), ticket.Batch{Source: "prometheus", ResolveGroups: []string{"g", "g"}})
		if err != nil || len(ordered.Tickets) != 1 || ordered.Accepted != 0 {
			t.Fatalf("%+v, %v", ordered, err)
		}
		if v := h.view(number); v.Ticket.State != ticket.StateResolved || v.Ticket.Resolved != len(alerts) || store.most != 1000 {
			t.Errorf("%s, %d resolved, %d read at once", v.Ticket.State, v.Ticket.Resolved, store.most)
		}
	})
}

// guessing is a store whose guesses are always wrong: others are faster.
type guessing struct {
	*storetest.Memory
	guesses int
}

func (g *guessing) GuessNumbers(_, prefix string, n int) []string {
	g.guesses++
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("%s%04d", prefix, 1+i)
	}
	return numbers
}

// If a ticket's number was guessed wrong, it gets one that the store was asked
// for. The ticket that has the number stays as it is.
func TestWrongGuess(t *testing.T) {
	inHouse(t, func(h *house) {
		first := h.post(alert("srv-db-01", ticket.Firing))[0]
		store := &guessing{Memory: h.store}
		e := newEngine(t, store)
		defer func() { _ = e.Stop(context.Background()) }()
		ordered, err := e.Ingest(context.Background(), ticket.Batch{
			Source: "prometheus", Alerts: []ticket.Alert{alert("other", ticket.Firing, "alertname", "x")},
		})
		if err != nil || len(ordered.Tickets) != 1 || ordered.Tickets[0] == first || store.guesses != 1 {
			t.Fatalf("tickets %q after %d guesses, %v", ordered.Tickets, store.guesses, err)
		}
		if v := h.view(first); len(v.Alerts) != 1 || v.Alerts[0].Fingerprint != "srv-db-01" {
			t.Errorf("the other's ticket: %+v", v.Alerts)
		}
	})
}

// A critical alert does not wait for a batch of others. If it belongs to an
// existing ticket, it waits for its turn.
func TestCriticalDoesNotWait(t *testing.T) {
	inHouse(t, func(h *house) {
		number := h.post(alert("srv-db-01", ticket.Firing))[0]
		h.store.Fail(storetest.Once(storetest.Block, "Commit"))
		others, joined := make(chan []string, 1), make(chan []string, 1)
		go func() { others <- h.post(alert("other", ticket.Firing, "alertname", "x", "severity", "warning")) }()
		h.at(time.Second)
		if tickets := h.post(alert("worse", ticket.Firing, "alertname", "y")); len(tickets) != 1 || tickets[0] == number {
			t.Fatalf("the critical alert's tickets: %v", tickets)
		}
		go func() { joined <- h.post(alert("srv-db-02", ticket.Firing)) }() // of the first alert's group
		h.at(2 * time.Second)
		if len(others)+len(joined) > 0 {
			t.Error("the batch before was not waited for")
		}
		h.store.Unblock()
		if tickets := <-joined; len(tickets) != 1 || tickets[0] != number {
			t.Errorf("it joined %v, want %s", tickets, number)
		}
		<-others
		if v := h.view(number); v.Ticket.Firing != 2 {
			t.Errorf("%d alerts fire", v.Ticket.Firing)
		}
	})
}

// beaten is a store in which somebody else was faster with the ticket of one
// alert. When the engine tries again, the store is away.
type beaten struct {
	*storetest.Memory
	alert string
	tries atomic.Int32
}

func (b *beaten) Commit(ctx context.Context, source string, changes []escalation.Change) ([]error, error) {
	errs := make([]error, len(changes))
	for i := range changes {
		if slices.ContainsFunc(changes[i].Alerts, func(a escalation.AlertChange) bool { return a.Record.Fingerprint == b.alert }) {
			if b.tries.Add(1) > 1 {
				return nil, storetest.ErrDown
			}
			errs[i] = escalation.ErrConflict
			continue
		}
		one, err := b.Memory.Commit(ctx, source, changes[i:i+1])
		if err != nil {
			return nil, err
		}
		errs[i] = one[0]
	}
	return errs, nil
}

// If a second sender brings an alert that another one brought in the same
// batch, it gets no better answer than the first: what was not committed
// counts for nobody.
func TestTheSecondSenderOfAnAlertWaitsForItsTicket(t *testing.T) {
	other := func(severity string) ticket.Alert {
		return alert("other", ticket.Firing, "alertname", "Other", "severity", severity)
	}
	for name, second := range map[string]func(severity string) []ticket.Alert{
		"the same": func(severity string) []ticket.Alert {
			return []ticket.Alert{alert("a", ticket.Firing, "severity", severity)}
		},
		"the same and another": func(severity string) []ticket.Alert {
			return []ticket.Alert{alert("a", ticket.Firing, "severity", severity), other(severity)}
		},
		"another and the same": func(severity string) []ticket.Alert {
			return []ticket.Alert{other(severity), alert("a", ticket.Firing, "severity", severity)}
		},
		"its end": func(severity string) []ticket.Alert {
			return []ticket.Alert{alert("a", ticket.Resolved, "severity", severity), other(severity)}
		},
	} {
		for _, severity := range []string{"critical", "warning"} { // either lane
			t.Run(name+", "+severity, func(t *testing.T) {
				inHouse(t, func(h *house) {
					store := &beaten{Memory: h.store, alert: "a"}
					e := newEngine(t, store)
					defer func() { _ = e.Stop(context.Background()) }()
					store.Fail(storetest.Once(storetest.Block, "Observe"))
					var errs [3]error
					var all sync.WaitGroup
					for i, alerts := range [][]ticket.Alert{
						{alert("before", ticket.Firing, "alertname", "Before", "severity", severity)},
						{alert("a", ticket.Firing, "severity", severity)},
						second(severity),
					} {
						all.Go(func() {
							_, errs[i] = e.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: alerts})
						})
						synctest.Wait()
					}
					store.Unblock()
					all.Wait()
					if n := store.tries.Load(); n != 2 || errs[0] != nil {
						h.t.Fatalf("%d tries, and of the one before: %v", n, errs[0])
					}
					for i, err := range errs[1:] {
						if !errors.Is(err, storetest.ErrDown) {
							h.t.Errorf("sender %d is answered %v, and nothing is stored", i+1, err)
						}
					}
				})
			})
		}
	}
}
