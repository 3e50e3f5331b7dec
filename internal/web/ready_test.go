package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// witness keeps what it is told.
type witness struct {
	proofs []paging.Proof
	drill  ready.Drill
	err    error
}

func (k *witness) Proved(_ context.Context, p paging.Proof) { k.proofs = append(k.proofs, p) }

func (k *witness) Answered(_ context.Context, p paging.Proof) (paging.Waited, error) {
	k.proofs = append(k.proofs, p)
	return paging.Waited{}, k.err
}

func (k *witness) Proofs(_ context.Context, person string) (list []paging.Proof, err error) {
	for _, p := range k.proofs {
		if p.Person == person {
			list = append(list, p)
		}
	}
	return list, k.err
}

// TestProofsAreTold: to everybody, the addresses in part to whoever may not see them.
func TestProofsAreTold(t *testing.T) {
	k := &witness{proofs: []paging.Proof{
		{Person: "bruno", Channel: "sms", Address: "+33612345602", At: saturday, How: paging.ByAnswer},
		{Person: "bruno", Channel: "push", Address: "web-0123456789abcdef", At: saturday, How: paging.ByShown},
		{Person: "bruno", Channel: "app", At: saturday, How: paging.ByApp},
	}}
	d := newDesk(t, func(o *Options) { o.Ready = k })
	whole := `{"proofs":[{"channel":"sms","address":"+33612345602","at":"2026-11-21T02:12:00Z","how":"answer"},` +
		`{"channel":"push","address":"web-0123456789abcdef","at":"2026-11-21T02:12:00Z","how":"shown"},{"channel":"app","at":"2026-11-21T02:12:00Z","how":"app"}]}`
	part := strings.NewReplacer("+33612345602", "+33…02", "web-0123456789abcdef", "…").Replace(whole)
	for token, want := range map[string]string{"reader": part, "desk": part, "technician": whole, "manager": whole} {
		if w := d.call(token, http.MethodGet, "/api/v1/people/bruno/proofs", ""); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s", token, w.Code, w.Body)
		}
	}
	if w := d.call("reader", http.MethodGet, "/api/v1/people/carla/proofs", ""); strings.TrimSpace(w.Body.String()) != `{"proofs":[]}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.call("reader", http.MethodGet, "/api/v1/people/nobody/proofs", ""); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := newDesk(t).call("reader", http.MethodGet, "/api/v1/people/bruno/proofs", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestWhoPressesIsProven: the button behind a link proves its holder, the page does
// not, and neither does a token; if that cannot be noted the button works all the
// same.
func TestWhoPressesIsProven(t *testing.T) {
	k := &witness{}
	d := newDesk(t, func(o *Options) { o.Ready = k })
	number := d.alert("HostDown")
	link := d.linkOf("alice", number)
	d.look(link)
	d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/note", `{"person": "alice", "text": "x"}`)
	if len(k.proofs) != 0 {
		t.Errorf("%+v", k.proofs)
	}
	k.err = errors.New("the store is away")
	d.press(link, "action=acknowledge")
	if len(k.proofs) != 1 || k.proofs[0].Person != "alice" || k.proofs[0].How != paging.ByLink || !k.proofs[0].At.Equal(saturday) {
		t.Errorf("%+v", k.proofs)
	}
	if v := d.ticket(number); v.State != ticket.Acknowledged {
		t.Errorf("it is %s", v.State)
	}
	d.server.Acted(t.Context(), Token{Name: "brunos", Person: "bruno"})
	if d.server.Acted(t.Context(), Token{Name: "bruno", Person: "bruno", Signed: true}); len(k.proofs) != 2 || k.proofs[1].Channel != paging.ChannelApp {
		t.Errorf("%+v", k.proofs)
	}
}

func (k *witness) ReadyLink(_ context.Context, token string) (ready.Link, error) {
	if token != "good" {
		return ready.Link{}, ready.ErrNoLink
	}
	return ready.Link{Person: "carla", Channel: "sms", Address: "+393331234567"}, k.err
}

func (k *witness) StartDrill(_ context.Context, group, person, by string) (ready.Drill, error) {
	people := []string{person}
	if group != "" {
		people = []string{"alice", "bruno"}
	}
	k.drill = ready.Drill{ID: "1", Group: group, By: by, At: saturday}
	for _, p := range people {
		k.drill.People = append(k.drill.People, ready.Drilled{Person: p, Sent: true, Tries: []paging.TestTry{{Channel: "sms", Address: "+33612345601", State: ticket.PageSent}}})
	}
	return k.drill, k.err
}

func (k *witness) Drill(_ context.Context, id string) (ready.Drill, error) {
	if id != k.drill.ID {
		return ready.Drill{}, ready.ErrNoDrill
	}
	return k.drill, k.err
}

// TestTheLinkOfAMessage: its page has one button, which proves; looking at it does not.
func TestTheLinkOfAMessage(t *testing.T) {
	k := &witness{}
	d := newDesk(t, func(o *Options) { o.Ready = k })
	visit := func(method, token string) *httptest.ResponseRecorder {
		return d.send(httptest.NewRequest(method, "https://astreinte.example.net/r/"+token, nil))
	}
	if w := visit(http.MethodGet, "good"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Sono pronto") || len(k.proofs) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := visit(http.MethodGet, "other"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := visit(http.MethodPost, "good")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk/r/good?done=1" || len(k.proofs) != 1 || k.proofs[0].Address != "+393331234567" {
		t.Errorf("%d %s %+v", w.Code, w.Header(), k.proofs)
	}
	if w := visit(http.MethodGet, "good?done=1"); !strings.Contains(w.Body.String(), "annotato") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	k.err = errors.New("the store is away")
	if w := visit(http.MethodPost, "good"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestDrillsByTheAPI: who may begin one, what is refused, what is told.
func TestDrillsByTheAPI(t *testing.T) {
	k := &witness{}
	d := newDesk(t, func(o *Options) { o.Ready = k })
	const drills = "/api/v1/drills"
	for _, c := range []struct {
		token, body string
		err         error
		want        int
		says        string
	}{
		{"manager", `{"group": "on-call"}`, nil, http.StatusCreated, `"running":true,"people":[{"person":"alice","messages":[{"channel":"sms","address":"+33612345601","state":"sent"}]},{"person":"bruno"`},
		{"technician", `{"group": "on-call"}`, nil, http.StatusForbidden, "no manager of the group"},
		{"technician", `{"person": "bruno"}`, nil, http.StatusCreated, `"person":"bruno"`},
		{"technician", `{"person": "carla"}`, nil, http.StatusForbidden, "a drill of"},
		{"reader", `{"group": "on-call"}`, nil, http.StatusForbidden, ""},
		{"manager", `{"group": "on-call", "person": "bruno"}`, nil, http.StatusBadRequest, "one of the two"},
		{"manager", `{}`, nil, http.StatusBadRequest, "one of the two"},
		{"manager", `{"group": "x"}`, nil, http.StatusNotFound, "no group"},
		{"manager", `{"person": "x"}`, nil, http.StatusNotFound, "nobody"},
		{"manager", `{"group": "on-call"}`, ready.ErrDrillRuns, http.StatusConflict, "under way"},
		{"manager", `{"group": "nobody"}`, ready.ErrNobody, http.StatusUnprocessableEntity, "nobody is in the group"},
	} {
		k.err = c.err
		if w := d.call(c.token, http.MethodPost, drills, c.body); w.Code != c.want || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.token, c.body, w.Code, w.Body)
		}
	}
	k.err = nil
	d.call("manager", http.MethodPost, drills, `{"group": "on-call"}`)
	p := &k.drill.People[0]
	p.Answered, p.How, p.Channel, p.Address = saturday.Add(20*time.Second), paging.ByAnswer, "sms", "+33612345601"
	if w := d.call("reader", http.MethodGet, drills+"/1", ""); !strings.Contains(w.Body.String(), `{"person":"alice","answered_at":"2026-11-21T02:12:20Z","how":"answer","channel":"sms","address":"+33…01"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.clock.pass(ready.DrillFor)
	if w := d.call("reader", http.MethodGet, drills+"/1", ""); !strings.Contains(w.Body.String(), `"running":false`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.call("reader", http.MethodGet, drills+"/2", ""); w.Code != http.StatusNotFound {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
