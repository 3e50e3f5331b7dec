package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestDevicesHaveABound: each page goes to all devices of a person at once, so
// that there are not any number of them. A phone that registers again stays.
func TestDevicesHaveABound(t *testing.T) {
	d := newDesk(t)
	register := func(person, token string) {
		t.Helper()
		d.clock.pass(time.Second)
		if w := d.call("manager", http.MethodPost, "/api/v1/people/"+person+"/devices", fmt.Sprintf(`{"token": %q, "platform": "android"}`, token)); w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	register("bruno", "of-bruno")
	register("alice", "first")
	register("alice", "second")
	for i := range ticket.MaxDevices {
		register("alice", fmt.Sprint("flood-", i))
		register("alice", "first") // as an app does at each start
	}
	devices, err := d.store.Devices(t.Context(), "alice")
	if err != nil || len(devices) != ticket.MaxDevices {
		t.Fatalf("%d devices, %v", len(devices), err)
	}
	known := map[string]bool{}
	for _, device := range devices {
		known[device.Token] = true
	}
	if !known["first"] || known["second"] || known["flood-0"] || !known["flood-19"] {
		t.Errorf("%v", known)
	}
	if others, err := d.store.Devices(t.Context(), "bruno"); err != nil || len(others) != 1 {
		t.Errorf("bruno's: %d, %v", len(others), err)
	}
}
