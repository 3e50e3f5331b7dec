package escalation_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// writeBack is inHouse with a tool that is told who has the tickets of prometheus, and a
// webhook of that source.
func writeBack(t *testing.T, f func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		rules := *escalation.RulesForTest(t)
		rules.Sources = map[string]escalation.SourceRule{"prometheus": {Back: []string{"icinga/prometheus"}}, "bellac": {}}
		rules.Mark = testMark
		rules.Webhooks = []escalation.Webhook{
			{Name: "source:prometheus", Source: "prometheus", Events: []string{ticket.ToldOpened}},
			{Name: "source:bellac", Source: "bellac", Events: ticket.TellableEvents()},
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

// backs are the effects for the tool, in order.
func (h *house) backs() (events []string) {
	all, _ := h.effects()
	for i := range all {
		if e := &all[i]; e.To == "icinga/prometheus" {
			events = append(events, e.Event+" "+string(e.About.State))
		}
	}
	return events
}

func (h *house) acts(number string, actions ...escalation.Action) {
	h.t.Helper()
	for _, action := range actions {
		_, err := h.Act(context.Background(), number, escalation.Acted{Action: action, Actor: *storetest.Person("alice"), Via: "api", Said: ticket.Plain("x")})
		if err != nil {
			h.t.Fatal(action, err)
		}
	}
}

func TestAToolHearsWhoHasIt(t *testing.T) {
	writeBack(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		h.post(alert("a", ticket.Firing))
		if got := h.backs(); got != nil {
			t.Errorf("of a ticket that nobody has: %v", got)
		}
		h.acts(number, escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActEscalate, escalation.ActAcknowledge, escalation.ActNote)
		h.acts(number, escalation.ActResolve, escalation.ActUndo, escalation.ActResolve)
		h.acts(number, escalation.ActClose)
		want := []string{
			"ticket.acknowledged acknowledged", "ticket.picked_up in_progress", "ticket.released open", "ticket.acknowledged acknowledged",
			"ticket.resolved resolved", "ticket.reopened acknowledged", "ticket.resolved resolved",
		}
		if got := h.backs(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		all, _ := h.effects()
		if hooks := slices.DeleteFunc(eventsOf(all), func(e string) bool { return e[0] == 'i' }); !slices.Equal(hooks, []string{"webhook/source:prometheus ticket.opened open"}) {
			t.Errorf("webhooks of sources: %v", hooks)
		}
	})
}

func TestWhatAToolNeedNotHear(t *testing.T) {
	writeBack(t, func(h *house) {
		h.post(alert("a", ticket.Firing))
		h.post(alert("a", ticket.Resolved)) // nobody had it
		b := alert("b", ticket.Firing, "customer", "bellac")
		number := h.post(b)[0]
		b.Remark = &ticket.Remark{Kind: ticket.RemarkTaken, By: "Zoé", What: "ACKNOWLEDGEMENT"}
		h.post(b) // the tool itself says that somebody has it
		if now := h.view(number).Ticket; now.State != ticket.Acknowledged {
			t.Fatalf("it is %s", now.State)
		}
		h.acts(number, escalation.ActEscalate)
		if got := h.backs(); got != nil {
			t.Errorf("%v", got)
		}
		h.acts(number, escalation.ActResolve) // the tool does not know that
		h.acts(number, escalation.ActReopen)
		c := h.post(alert("c", ticket.Firing, "customer", "vitry"))[0]
		h.acts(c, escalation.ActAcknowledge)
		h.post(alert("c", ticket.Resolved, "customer", "vitry"))
		if got, want := h.backs(), []string{"ticket.resolved resolved", "ticket.acknowledged acknowledged", "ticket.resolved resolved"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestAnAcknowledgementThatEnds: it is over in the tool, too.
func TestAnAcknowledgementThatEnds(t *testing.T) {
	writeBack(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		h.acts(number, escalation.ActAcknowledge)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got, want := h.backs(), []string{"ticket.acknowledged acknowledged", "ticket.released open"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
