package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestTheClockIsExplained has a clock rest and go on, and reads what the API says of it.
func TestTheClockIsExplained(t *testing.T) {
	d := newDesk(t)
	contract := d.engine.Rules().Contracts["full-time"]
	contract.Pauses = []ticket.PauseReason{ticket.WaitingForCustomer}
	d.engine.Rules().Contracts["full-time"] = contract
	number := d.alert("HostDown")
	post := func(path, body string) (int, string) {
		w := d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/"+path, body)
		return w.Code, w.Body.String()
	}
	clock := func(language string) clockBody {
		return decode[clockBody](t, d.call("reader", http.MethodGet, "/api/v1/tickets/"+number+"/clock", "", "Accept-Language", language))
	}
	d.clock.pass(20 * time.Minute)
	if code, said := post("pause", `{"reason": "lunch"}`); code != http.StatusConflict || !strings.Contains(said, `"why":"reason"`) || !strings.Contains(said, `"reasons":["waiting_for_customer"]`) {
		t.Errorf("%d %s", code, said)
	}
	if code, said := post("resume", ``); code != http.StatusConflict || !strings.Contains(said, `"why":"runs"`) {
		t.Errorf("%d %s", code, said)
	}
	if code, said := post("pause", `{"reason": "waiting_for_customer", "person": "alice"}`); code != http.StatusOK || !strings.Contains(said, `"state":"paused"`) {
		t.Errorf("%d %s", code, said)
	}
	d.clock.pass(30*time.Minute + 30*time.Second)
	if code, said := post("pause", `{"reason": "waiting_for_customer"}`); code != http.StatusConflict || !strings.Contains(said, `"why":"paused"`) {
		t.Errorf("%d %s", code, said)
	}
	if b := clock("en"); b.State != "paused" || b.Used != "20m" || b.Left != "40m" || !b.DueAt.IsZero() {
		t.Errorf("while it rests: %+v", b)
	}
	if code, said := post("resume", `{"person": "alice"}`); code != http.StatusOK {
		t.Errorf("%d %s", code, said)
	}
	d.clock.pass(10 * time.Minute)
	b := clock("fr")
	if b.State != "running" || b.Used != "30m" || b.Left != "30m" || !b.DueAt.Equal(saturday.Add(90*time.Minute+30*time.Second)) {
		t.Errorf("%+v", b)
	}
	counted := []bool{}
	for _, s := range b.Spans {
		counted = append(counted, s.Counted)
	}
	if !slices.Equal(counted, []bool{true, false, true}) || b.Spans[1].Why != "pause de Alice Martin : en attente du client" || b.Spans[1].By != "alice" {
		t.Errorf("spans %+v", b.Spans)
	}
	if len(b.Ahead) != 1 || !b.Ahead[0].To.Equal(b.DueAt) {
		t.Errorf("ahead %+v", b.Ahead)
	}
	if !strings.Contains(b.Text, "Consommé : 30 min") {
		t.Errorf("text %q", b.Text)
	}
	if code, said := post("pickup", ``); code != http.StatusOK {
		t.Errorf("%d %s", code, said)
	}
	d.clock.pass(time.Hour)
	if b := clock("en"); b.State != "met" || b.Used != "30m" || b.StoppedAt.IsZero() || len(b.Ahead) != 0 {
		t.Errorf("when it has stopped: %+v", b)
	}
	if code, said := post("pause", `{"reason": "waiting_for_customer"}`); code != http.StatusConflict || !strings.Contains(said, `"why":"stopped"`) {
		t.Errorf("%d %s", code, said)
	}
	if w := d.call("reader", http.MethodPost, "/api/v1/tickets/"+number+"/pause", `{"reason": "waiting_for_customer"}`); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
}
