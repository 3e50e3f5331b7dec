package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatWasPressedWithoutNetwork comes late, and says when it was pressed.
func TestWhatWasPressedWithoutNetwork(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	link := d.linkOf("bruno", number)
	d.clock.pass(40 * time.Minute)
	for text, why := range map[string]string{
		"3 a.m.":                  "no time",
		"2026-11-20T02:51:00Z":    "it is too late",
		"2026-11-21T02:13:00Z%zz": "",
	} {
		if w := d.press(link, "action=acknowledge&pressed_at="+text, "Accept", "application/json"); w.Code != http.StatusBadRequest {
			t.Errorf("%s (%s): %d %s", text, why, w.Code, w.Body)
		}
	}
	if w := d.press(link, "action=acknowledge&pressed_at=2026-11-21T02:13:00Z", "Accept", "application/json"); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := d.ticket(number)
	if got.State != ticket.Acknowledged || !got.AcknowledgedAt.Equal(saturday.Add(40*time.Minute)) {
		t.Errorf("%s at %s", got.State, got.AcknowledgedAt)
	}
	has(t, d.look(link), "pressed at 03:13, when the phone had no network")
}

// TestPressedAMomentAgo: a phone's clock may be off.
func TestPressedAMomentAgo(t *testing.T) {
	d := newDesk(t)
	for i, text := range []string{"2026-11-21T02:11:30Z", "2026-11-21T03:40:00Z"} {
		number := d.alert("HostDown" + string(rune('A'+i)))
		w := d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", `{"pressed_at":"`+text+`"}`)
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, e := range decode[ticketBody](t, w).Timeline {
			if e.Detail == ticket.SaidPressed {
				t.Errorf("%s: %+v", text, e)
			}
		}
	}
}
