package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// witness keeps what it is told.
type witness struct {
	proofs []paging.Proof
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
// not, and neither does a token; where that cannot be noted the button works all the
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
