package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// A token opens so many tickets a minute and no more; another's has its own.
func TestTicketsByHandHaveABound(t *testing.T) {
	d := newDesk(t)
	open := func(role string) int {
		t.Helper()
		w := d.call(role, http.MethodPost, "/api/v1/tickets", `{"title": "Mail is down"}`)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
		return w.Code
	}
	for i := range ticket.MaxByHand {
		if code := open("desk"); code != http.StatusCreated {
			t.Fatalf("ticket %d: %d", i, code)
		}
	}
	if code := open("desk"); code != http.StatusTooManyRequests {
		t.Errorf("one more: %d", code)
	}
	if code := open("manager"); code != http.StatusCreated {
		t.Errorf("another token's: %d", code)
	}
	if w := d.call("desk", http.MethodPost, "/api/v1/tickets", `{}`); w.Code != http.StatusBadRequest {
		t.Errorf("what is wrong is said first: %d", w.Code)
	}
	d.clock.now = d.clock.now.Add(time.Second)
	if code := open("desk"); code != http.StatusCreated {
		t.Errorf("a second later: %d", code)
	}
	if code := open("desk"); code != http.StatusTooManyRequests {
		t.Errorf("two, a second later: %d", code)
	}
}
