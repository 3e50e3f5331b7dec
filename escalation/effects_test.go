package escalation_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// tellHooks is inHouse with two webhooks. One is told everything; the other is
// told when a ticket of bellac ends.
func tellHooks(t *testing.T, f func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		rules := *escalation.RulesForTest(t)
		rules.Webhooks = []escalation.Webhook{
			{Name: "desk", Events: ticket.TellableEvents()},
			{Name: "end", Events: []string{ticket.ToldResolved}, Customers: []string{"bellac"}},
		}
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: &rules, Reach: reachable, Log: zaptest.NewLogger(t),
			Records: store.Records(), Effects: true,
		})
		h := &house{Engine: engine, t: t, store: store, start: time.Now()}
		defer h.run()()
		f(h)
	})
}

func (h *house) effects() (all []ticket.Effect, kept []records.Record) {
	h.t.Helper()
	kept, err := h.store.Records().List(context.Background(), "prometheus", ticket.EffectRecords, "", 100)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := range kept {
		e, err := ticket.ReadEffect(kept[i].Value)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all, kept
}

func eventsOf(effects []ticket.Effect) []string {
	var all []string
	for i := range effects {
		all = append(all, effects[i].To+" "+effects[i].Event+" "+string(effects[i].About.State))
	}
	return all
}

func TestACommitCarriesItsEffects(t *testing.T) {
	tellHooks(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		h.post(alert("a", ticket.Firing)) // a repeat is no event
		for _, action := range []escalation.Action{escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActNote, escalation.ActResolve, escalation.ActUndo} {
			if _, err := h.Act(context.Background(), number, escalation.Acted{Action: action, Actor: *storetest.Person("alice"), Via: "api", Said: ticket.Plain("x")}); err != nil {
				t.Fatal(action, err)
			}
		}
		all, _ := h.effects()
		want := []string{
			"webhook/desk ticket.opened open", "webhook/desk ticket.acknowledged acknowledged", "webhook/desk ticket.picked_up in_progress",
			"webhook/desk ticket.resolved resolved", "webhook/desk ticket.reopened in_progress",
		}
		if got := eventsOf(all); !slices.Equal(got, want) {
			t.Errorf("effects %v, want %v", got, want)
		}
		if all[0].Ticket != number || all[0].About.Number != number || all[0].ID() == all[1].ID() {
			t.Errorf("the first is %+v", all[0])
		}
		h.post(alert("b", ticket.Firing, "customer", "bellac"))
		h.post(alert("b", ticket.Resolved, "customer", "bellac"))
		all, _ = h.effects()
		if got := eventsOf(all); !slices.Contains(got, "webhook/end ticket.resolved resolved") || len(got) != len(want)+3 {
			t.Errorf("effects %v", got)
		}
	})
}

func TestWithoutWebhooksNothingIsQueued(t *testing.T) {
	inHouse(t, func(h *house) {
		h.post(alert("a", ticket.Firing))
		if all, _ := h.effects(); len(all) > 0 {
			t.Errorf("effects %v", eventsOf(all))
		}
	})
}

func TestACommitThatFailsHasNoEffect(t *testing.T) {
	tellHooks(t, func(h *house) {
		h.store.Fail(func(op string) storetest.Fault {
			if op == "Commit" {
				return storetest.FailBefore
			}
			return storetest.NoFault
		})
		if _, err := h.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{alert("a", ticket.Firing)}}); err == nil {
			t.Error("a commit that failed was answered")
		}
		h.store.Fail(nil)
		if all, _ := h.effects(); len(all) > 0 {
			t.Errorf("effects %v", eventsOf(all))
		}
	})
}

func TestAnEffectEndsOnItsTicket(t *testing.T) {
	tellHooks(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		all, kept := h.effects()
		end := ticket.EffectEnd{Home: "prometheus", Revision: kept[0].Revision, Effect: all[0], Sent: true}
		stale := end
		stale.Revision++
		if err := h.EndEffect(context.Background(), stale); !errors.Is(err, escalation.ErrDone) {
			t.Errorf("by another's claim: %v", err)
		}
		lines := len(h.view(number).Timeline)
		if err := h.EndEffect(context.Background(), end); err != nil {
			t.Fatal(err)
		}
		if err := h.EndEffect(context.Background(), end); !errors.Is(err, escalation.ErrDone) {
			t.Errorf("a second time: %v", err)
		}
		view := h.view(number)
		if len(view.Timeline) != lines+1 || view.Timeline[lines].Kind != ticket.EntryEffect {
			t.Errorf("timeline %+v", view.Timeline)
		}
		if all, _ := h.effects(); len(all) > 0 {
			t.Errorf("its end has effects: %v", eventsOf(all))
		}
		gone := end
		gone.Effect.Ticket = "I000101_0999"
		if err := h.EndEffect(context.Background(), gone); err == nil {
			t.Error("it ended on a ticket that is not there")
		}
	})
}

// TestAnEndTwiceAtOnce: if a second call asks while the first is being
// written, the end is done once, and the rest of the ticket is committed all
// the same.
func TestAnEndTwiceAtOnce(t *testing.T) {
	tellHooks(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		all, kept := h.effects()
		end := ticket.EffectEnd{Home: "prometheus", Revision: kept[0].Revision, Effect: all[0], Sent: true}
		lost := end
		h.store.Fail(storetest.Once(storetest.Block, "Commit"))
		var busy, asked sync.WaitGroup
		busy.Go(func() { h.post(alert("b", ticket.Firing)) }) // the lane is busy: the others share a batch
		synctest.Wait()
		errs := make([]error, 3)
		for i, end := range []ticket.EffectEnd{end, end, lost} {
			asked.Go(func() { errs[i] = h.EndEffect(context.Background(), end) })
		}
		var acked error
		asked.Go(func() {
			_, acked = h.Act(context.Background(), number, escalation.Acted{Action: escalation.ActAcknowledge, Actor: *storetest.Person("alice"), Via: "api"})
		})
		synctest.Wait()
		h.store.Unblock()
		busy.Wait()
		asked.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, escalation.ErrDone) {
				t.Error(err)
			}
		}
		if done != 1 || acked != nil {
			t.Errorf("%d were done, the acknowledgement: %v", done, acked)
		}
	})
}
