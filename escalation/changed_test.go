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

// TestChangedIsToldOfWhatIsWritten: Changed hears each commit of a ticket
// once, when it is in the store. It hears nothing of a repeat, nor of what
// could not be written.
func TestChangedIsToldOfWhatIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		var told []string
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(t), Reach: reachable, Log: zaptest.NewLogger(t),
			Changed: func(tk *ticket.Ticket) {
				view, err := store.View(context.Background(), tk.Number)
				if err != nil || view.Ticket.State != tk.State {
					t.Errorf("%s was told before it was written: %v", tk.Number, err)
				}
				told = append(told, string(tk.State))
			},
		})
		h := &house{Engine: engine, t: t, store: store, start: time.Now()}
		defer h.run()()
		number := h.post(alert("a", ticket.Firing))[0]
		h.post(alert("a", ticket.Firing))
		store.Fail(storetest.On(storetest.FailBefore, "Commit"))
		taken := escalation.Acted{Action: escalation.ActAcknowledge, Actor: *storetest.Person("alice"), Via: "api"}
		if _, err := h.Act(context.Background(), number, taken); err == nil {
			t.Fatal("it was written though the store was away")
		}
		store.Fail(nil)
		if _, err := h.Act(context.Background(), number, taken); err != nil {
			t.Fatal(err)
		}
		if want := []string{"open", "acknowledged"}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
