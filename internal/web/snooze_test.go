package web

import (
	"net/http"
	"testing"
	"time"
)

// TestHowLongASnoozeIsAskedFor says until when, and what is no time.
func TestHowLongASnoozeIsAskedFor(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"snooze", `{"for": "0s"}`, http.StatusBadRequest},
		{"snooze", `{"for": "5h"}`, http.StatusBadRequest},
		{"snooze", `{"for": "soon"}`, http.StatusBadRequest},
		{"acknowledge", `{"for": "30m"}`, http.StatusBadRequest},
		{"snooze", `{"for": "45m"}`, http.StatusOK},
	} {
		w := d.call("technician", http.MethodPost, "/api/v1/tickets/"+number+"/"+c.path, c.body)
		if w.Code != c.want {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
		if c.want == http.StatusOK {
			body := decode[ticketBody](t, w)
			if want := d.clock.Now().Add(45 * time.Minute); body.State != "acknowledged" || !body.SnoozedUntil.Equal(want) {
				t.Errorf("%s until %s, want %s", body.State, body.SnoozedUntil, want)
			}
		}
	}
}
