package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestThePoolByTheAPI: take, give to a group, help, up a tier, back; and what is refused
// says why.
func TestThePoolByTheAPI(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	for _, c := range []struct {
		token, verb, body string
		want              int
		says              string
	}{
		{"technician", "take", `{"person": "bruno"}`, http.StatusOK, `"state":"acknowledged"`},
		{"technician", "take", `{"person": "bruno"}`, http.StatusOK, `"assignee":"bruno"`},
		{"manager", "take", `{"person": "alice"}`, http.StatusConflict, `"by":"bruno"`},
		{"manager", "take", ``, http.StatusBadRequest, "person: it is needed"},
		{"manager", "edit", ``, http.StatusOK, `"assignee":"bruno"`},
		{"manager", "assign", `{"group": "nowhere"}`, http.StatusBadRequest, `no group is named`},
		{"manager", "assign", `{"group": "on-call", "person": "alice"}`, http.StatusBadRequest, "group: "},
		{"manager", "assign", `{"person": "alice", "as": "emperor"}`, http.StatusBadRequest, "as: one of owner, with, without"},
		{"manager", "note", `{"text": "x", "group": "on-call"}`, http.StatusBadRequest, "group: "},
		{"manager", "note", `{"text": "x", "as": "with"}`, http.StatusBadRequest, "as: "},
		{"manager", "assign", `{"person": "alice", "as": "with"}`, http.StatusOK, `"with":[{"person":"alice"}]`},
		{"manager", "assign", `{"person": "alice", "as": "without"}`, http.StatusOK, `"owner":"bruno"`},
		{"manager", "assign", `{"group": "managers"}`, http.StatusOK, `"group":"managers"`},
		{"technician", "release", `{"person": "bruno"}`, http.StatusOK, `"state":"open"`},
		{"manager", "assign", ``, http.StatusBadRequest, "person: it is needed, or a group"},
		{"manager", "escalate_tier", `{"group": "nowhere"}`, http.StatusBadRequest, "no group is named"},
		{"manager", "escalate_tier", `{"group": "on-call"}`, http.StatusBadRequest, `group: \"on-call\" is no group of L2`},
		{"manager", "escalate_tier", `{"text": "a router"}`, http.StatusOK, `"tier":"L2"`},
		{"manager", "escalate_tier", ``, http.StatusOK, `"tier":"L3"`},
		{"manager", "escalate_tier", ``, http.StatusConflict, `"no_tier"`},
		{"manager", "deescalate_tier", ``, http.StatusOK, `L3 → L2`},
	} {
		w := d.call(c.token, http.MethodPost, "/api/v1/tickets/"+number+"/"+c.verb, c.body)
		if w.Code != c.want || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s by %s: %d %s, want %d %s", c.verb, c.body, c.token, w.Code, w.Body, c.want, c.says)
		}
	}
}

// TestProposals by the API: three at most, each with reasons in the caller's language.
func TestProposals(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	w := d.call("technician", http.MethodGet, "/api/v1/tickets/"+number+"/proposal", "", "Accept-Language", "fr")
	var body proposalsBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != http.StatusOK || len(body.Proposals) == 0 || len(body.Proposals) > 3 {
		t.Fatal(w.Code, w.Body)
	}
	if first := body.Proposals[0]; first.Person != "alice" || !strings.Contains(w.Body.String(), "d'astreinte (on-call)") {
		t.Errorf("%s", w.Body)
	}
	d.as("alice", number, "resolve")
	if w := d.call("technician", http.MethodGet, "/api/v1/tickets/"+number+"/proposal", ""); strings.TrimSpace(w.Body.String()) != `{"proposals":[]}` {
		t.Errorf("of what is over: %s", w.Body)
	}
	if w := d.call("reader", http.MethodGet, "/api/v1/tickets/"+number+"/proposal", ""); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
}

// TestWhoElseIsThere: the second who opens a ticket to edit it is told of the first. A GET
// changes nothing.
func TestWhoElseIsThere(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Presence = presence.NewBook(storetest.New().Records()) })
	number := d.alert("HostDown")
	for range 2 {
		if w := d.call("technician", http.MethodGet, "/api/v1/tickets/"+number, ""); strings.Contains(w.Body.String(), `"here"`) {
			t.Fatalf("%s", w.Body)
		}
	}
	first := d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/edit", `{"person": "bruno"}`)
	if first.Code != http.StatusOK || strings.Contains(first.Body.String(), `"here"`) {
		t.Errorf("the first: %d %s", first.Code, first.Body)
	}
	second := d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/edit", `{"person": "alice"}`)
	if second.Code != http.StatusOK || !strings.Contains(second.Body.String(), `"here":[{"person":"bruno"`) || !strings.Contains(second.Body.String(), `"assignee":"bruno"`) {
		t.Errorf("the second: %d %s", second.Code, second.Body)
	}
	if view, err := d.store.View(t.Context(), number); err != nil || view.Ticket.State != ticket.Acknowledged {
		t.Errorf("%v %v", view.Ticket.State, err)
	}
}

// TestTheDeputyArbitrates: whom the configuration names gives away what others have, as a
// manager does (S1-29), until another configuration is in force.
func TestTheDeputyArbitrates(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	inForce := func(deputy string) {
		rules := *d.engine.Rules()
		rules.Desk.Deputy = deputy
		d.engine.SetRules(&rules)
	}
	does := func(token, verb, body string, want int) {
		t.Helper()
		if w := d.call(token, http.MethodPost, "/api/v1/tickets/"+number+"/"+verb, body); w.Code != want {
			t.Errorf("%s %s by %s: %d %s, want %d", verb, body, token, w.Code, w.Body, want)
		}
	}
	does("manager", "take", `{"person": "alice"}`, http.StatusOK)
	does("technician", "assign", `{"person": "carla"}`, http.StatusForbidden)
	inForce("alice")
	does("technician", "assign", `{"person": "carla"}`, http.StatusForbidden)
	inForce("bruno") // the person of that token
	does("technician", "assign", `{"person": "carla"}`, http.StatusOK)
	does("technician", "assign", `{"person": "carla", "as": "owner"}`, http.StatusOK)
	does("technician", "assign", `{"person": "nobody"}`, http.StatusBadRequest)
	does("technician", "escalate_tier", ``, http.StatusOK)
	does("desk", "assign", `{"person": "carla"}`, http.StatusForbidden) // bound to nobody
	does("technician", "close", ``, http.StatusForbidden)               // a manager's still
	does("manager", "assign", `{"person": "carla"}`, http.StatusOK)
	does("technician", "release", ``, http.StatusOK)
	does("manager", "assign", `{"person": "carla"}`, http.StatusOK)
	inForce("")
	does("technician", "release", ``, http.StatusForbidden)
	does("technician", "assign", `{"person": "alice"}`, http.StatusForbidden)
	if got := d.ticket(number); got.Assignee != "carla" {
		t.Errorf("it is %q's", got.Assignee)
	}
	does("manager", "assign", `{"person": "bruno"}`, http.StatusOK)
	does("technician", "assign", `{"person": "alice"}`, http.StatusOK) // whoever has it hands it over
	view, err := d.store.View(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	if last := view.Timeline[len(view.Timeline)-1]; view.Ticket.Assignee != "alice" || last.Kind != ticket.EntryAssigned || last.Actor.Name != "brunos" {
		t.Errorf("it is %q's, by %+v", view.Ticket.Assignee, last.Actor)
	}
}
