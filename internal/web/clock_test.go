package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
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

// TestTheOtherClocksAreExplained reads what else was promised, missed, met and begun anew,
// and how long the ticket was treated.
func TestTheOtherClocksAreExplained(t *testing.T) {
	d := newDesk(t)
	contract := d.engine.Rules().Contracts["full-time"]
	contract.Clocks = map[ticket.ClockKind]map[ticket.Urgency]escalation.Promise{}
	for kind, within := range map[ticket.ClockKind]time.Duration{
		ticket.ClockRespond: 30 * time.Minute, ticket.ClockCallBack: time.Hour, ticket.ClockNews: 2 * time.Hour, ticket.ClockResolve: 4 * time.Hour,
	} {
		contract.Clocks[kind] = map[ticket.Urgency]escalation.Promise{ticket.Critical: {Within: within, Calendar: contract.Hours}}
	}
	d.engine.Rules().Contracts["full-time"] = contract
	number := d.alert("HostDown")
	must := func(path, body string) {
		t.Helper()
		if w := d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/"+path, body); w.Code >= 300 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	stand := func(want ...string) clockBody {
		t.Helper()
		b := decode[clockBody](t, d.call("reader", http.MethodGet, "/api/v1/tickets/"+number+"/clock", ""))
		var got []string
		for i := range b.Clocks {
			c := &b.Clocks[i]
			got = append(got, strings.Join([]string{string(c.Kind), c.State, c.Used, c.Left, c.Late, c.DueAt.Sub(saturday).String()}, " "))
			if c.Text == "" || c.State == "running" != c.StoppedAt.IsZero() && c.State != "missed" {
				t.Errorf("%+v", c)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		return b
	}
	d.clock.pass(20 * time.Minute)
	b := stand("respond running 20m 10m  30m0s", "call_back running 20m 40m  1h0m0s", "news running 20m 1h40m  2h0m0s", "resolve running 20m 3h40m  4h0m0s")
	if b.Treatment != nil || b.Clocks[0].Ahead[0].Why != b.Ahead[0].Why {
		t.Errorf("%+v", b)
	}
	must("pickup", `{"person": "alice"}`)
	d.clock.pass(70 * time.Minute)
	must("tasks", `{"kind": "no_answer", "text": "rang", "person": "alice"}`)
	stand("respond met 20m 10m  30m0s", "call_back missed 1h30m 0s 30m 1h0m0s", "news running 1h30m 30m  2h0m0s", "resolve running 1h30m 2h30m  4h0m0s")
	must("tasks", `{"kind": "call", "text": "told them", "public": true, "minutes": 10, "person": "alice"}`)
	d.clock.pass(time.Hour)
	b = stand("respond met 20m 10m  30m0s", "call_back missed 1h20m 0s 20m 1h0m0s", "news running 1h 1h  3h30m0s", "resolve running 2h30m 1h30m  4h0m0s")
	if c := b.Clocks; c[0].EndedBy != "alice" || c[0].EndedTask != "" || c[1].EndedBy != "alice" || c[1].EndedTask == "" || c[2].EndedTask != c[1].EndedTask || c[3].EndedBy != "" {
		t.Errorf("who ended them: %+v", c)
	}
	if b.Treatment == nil || b.Treatment.Counted != "2h10m" || b.Treatment.Minutes != 10 || !b.Treatment.To.IsZero() {
		t.Errorf("%+v", b.Treatment)
	}
	one := decode[ticketBody](t, d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, ""))
	if len(one.Clocks) != 4 || one.Clocks[1].Kind != ticket.ClockCallBack || one.Clocks[1].State != "missed" || one.GTI.State != "met" {
		t.Errorf("%+v", one.Clocks)
	}
	must("resolve", `{"synthesis": "a fuse", "person": "alice"}`)
	d.clock.pass(3 * time.Hour)
	b = stand("respond met 20m 10m  30m0s", "call_back missed 1h20m 0s 20m 1h0m0s", "news met 1h 1h  3h30m0s", "resolve met 2h30m 1h30m  4h0m0s")
	if b.Treatment.Counted != "2h10m" || b.Treatment.To.IsZero() {
		t.Errorf("%+v", b.Treatment)
	}
}

// TestAHundredPausesInAMinute: as many as a ticket takes, and each further one is refused with
// why. Its timeline stays within its limits, and its clock goes on.
func TestAHundredPausesInAMinute(t *testing.T) {
	d := newDesk(t)
	contract := d.engine.Rules().Contracts["full-time"]
	contract.Pauses = []ticket.PauseReason{ticket.WaitingForCustomer}
	d.engine.Rules().Contracts["full-time"] = contract
	number := d.alert("HostDown")
	at := "/api/v1/tickets/" + number
	taken := 0
	for range 100 {
		d.clock.pass(300 * time.Millisecond)
		w := d.call("manager", http.MethodPost, at+"/pause", `{"reason": "waiting_for_customer"}`)
		rests := w.Code == http.StatusOK
		switch {
		case rests && taken < ticket.MaxPauses:
			taken++
		case w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), `"code":"clock"`) || !strings.Contains(w.Body.String(), `"why":"many"`) || !strings.Contains(w.Body.String(), "50 times"):
			t.Fatalf("after %d: %d %s", taken, w.Code, w.Body)
		}
		d.clock.pass(300 * time.Millisecond)
		if w = d.call("manager", http.MethodPost, at+"/resume", ``); rests && w.Code != http.StatusOK {
			t.Fatalf("after %d: %d %s", taken, w.Code, w.Body)
		}
	}
	whole := decode[ticketBody](t, d.call("reader", http.MethodGet, at, ""))
	if taken != ticket.MaxPauses || len(whole.Timeline) > 2*ticket.MaxPauses+10 {
		t.Errorf("%d pauses, %d entries", taken, len(whole.Timeline))
	}
	if b := decode[clockBody](t, d.call("reader", http.MethodGet, at+"/clock", "")); b.State != "running" {
		t.Errorf("it is %s", b.State)
	}
}
