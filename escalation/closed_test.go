package escalation_test

import (
	"context"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAClosedTicketIsToBeCounted: the commit that closes a ticket says so, once; no
// commit before or after it does.
func TestAClosedTicketIsToBeCounted(t *testing.T) {
	tellHooks(t, func(h *house) {
		closed := func() []records.Record {
			t.Helper()
			list, err := h.store.Records().List(context.Background(), "prometheus", ticket.ClosedRecords, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		number := h.post(alert("a", ticket.Firing))[0]
		act := func(action escalation.Action) {
			t.Helper()
			if _, err := h.Act(context.Background(), number, escalation.Acted{Action: action, Actor: *storetest.Person("alice"), Via: "api", Said: ticket.Plain("x")}); err != nil {
				t.Fatal(err)
			}
		}
		act(escalation.ActPickUp)
		act(escalation.ActResolve)
		if list := closed(); len(list) != 0 {
			t.Fatalf("%+v before it is closed", list)
		}
		act(escalation.ActClose)
		list := closed()
		if len(list) != 1 || list[0].Key != number || list[0].Due.IsZero() || list[0].Due.After(time.Now()) {
			t.Fatalf("%+v", list)
		}
		act(escalation.ActNote)
		if again := closed(); len(again) != 1 || again[0].Revision != list[0].Revision {
			t.Errorf("a note after the closing has it counted again: %+v", again)
		}
	})
}
