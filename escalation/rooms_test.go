package escalation_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// inRooms is inHouse with rooms: ops is told by the first step, bosses by the second,
// acme and bellac may show the tickets of their customer alone.
func inRooms(t *testing.T, f func(h *house)) {
	t.Helper()
	inRoomsWith(t, reachable, f)
}

func inRoomsWith(t *testing.T, reach func(p contacts.Person, channel string) bool, f func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(escalation.Saturday()))
		store := storetest.New()
		rules := *escalation.RulesForTest(t)
		rules.Rooms = []escalation.Room{{Name: "ops"}, {Name: "bosses"}, {Name: "bellac", Customers: []string{"bellac"}}, {Name: "acme", Customers: []string{"acme"}}}
		policies := map[string]ticket.Policy{}
		for name, p := range rules.Policies {
			p.Steps = slices.Clone(p.Steps)
			if len(p.Steps) > 0 {
				p.Steps[0].Rooms = []string{"ops", "bellac", "acme", "gone"}
			}
			if len(p.Steps) > 1 {
				p.Steps[1].Rooms = []string{"ops", "bosses"}
			}
			policies[name] = p
		}
		rules.Policies = policies
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: &rules, Reach: reach, Log: zaptest.NewLogger(t),
			Records: store.Records(), Effects: true,
		})
		h := &house{Engine: engine, t: t, store: store, start: time.Now()}
		defer h.run()()
		f(h)
	})
}

// rooms counts the effects that wait, by their rooms.
func (h *house) rooms() map[string]int {
	h.t.Helper()
	list, err := h.store.Records().List(context.Background(), "prometheus", ticket.RoomRecords, "", 100)
	if err != nil {
		h.t.Fatal(err)
	}
	count := map[string]int{}
	for i := range list {
		e, err := ticket.ReadEffect(list[i].Value)
		if err != nil || e.Event != ticket.ToldChanged || e.About.Source != "prometheus" || e.Kind() != ticket.RoomRecords {
			h.t.Fatal(e, err)
		}
		count[e.To]++
	}
	return count
}

// TestRoomsAreToldWithTheCommit: each room by the step that names it, and from then on
// of whatever it shows. Rounds that page the same people again are not told, and a room
// never sees a customer's ticket that is not its own.
func TestRoomsAreToldWithTheCommit(t *testing.T) {
	inRooms(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		is := func(when string, ops, bosses int) {
			t.Helper()
			got := h.rooms()
			if got["chat/ops"] != ops || got["chat/bosses"] != bosses || got["chat/acme"] != ops || got["chat/bellac"]+got["chat/gone"] != 0 {
				t.Errorf("%s: %v, want %d and %d", when, got, ops, bosses)
			}
		}
		is("at the opening", 1, 0)
		h.post(alert("a", ticket.Firing))
		is("after a repeat", 1, 0)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		is("after rounds", 1, 0)
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		is("after the second step began", 2, 1)
		for n, action := range []escalation.Action{escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActNote, escalation.ActResolve} {
			if _, err := h.Act(context.Background(), number, escalation.Acted{Action: action, Actor: *storetest.Person("alice"), Via: "api", Said: ticket.Plain("x")}); err != nil {
				t.Fatal(action, err)
			}
			is(string(action), 3+n, 2+n)
		}
	})
}

// TestRoomsHearWhomALaterRoundPages: a message names who was paged. Who could not be
// reached at first is paged by a later round of the step.
func TestRoomsHearWhomALaterRoundPages(t *testing.T) {
	var here atomic.Bool
	reach := func(p contacts.Person, channel string) bool {
		return reachable(p, channel) && (p.Key != "alice" || here.Load())
	}
	inRoomsWith(t, reach, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		time.Sleep(7 * time.Minute)
		synctest.Wait()
		before := h.rooms()["chat/ops"]
		here.Store(true)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if v := h.view(number); len(v.Ticket.Progress.Paged["alice"]) == 0 {
			t.Fatalf("alice was not paged: %+v", v.Ticket.Progress.Paged)
		}
		if got := h.rooms()["chat/ops"]; got != before+1 {
			t.Errorf("%d effects for the room after alice was paged, %d before", got, before)
		}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if got := h.rooms()["chat/ops"]; got != before+1 {
			t.Errorf("%d effects after rounds that page the same people", got)
		}
	})
}
