package web

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
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

// TestASubscriptionReplacesAnother: a device whose push service ended its subscription
// goes on with another under its own id, unproven until it shows something; nobody
// takes another person's device over.
func TestASubscriptionReplacesAnother(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Push = openDoor{} })
	register := func(person, endpoint, replaces string) string {
		t.Helper()
		d.clock.pass(time.Second)
		body := fmt.Sprintf(`{"platform": "web", "subscription": {"endpoint": %q, "keys": {"p256dh": "x", "auth": "y"}}, "replaces": %q}`, "https://push.example.net/"+endpoint, replaces)
		w := d.call("manager", http.MethodPost, "/api/v1/people/"+person+"/devices", body)
		if w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return decode[map[string]string](t, w)["id"]
	}
	has := func(person string, want ...string) {
		t.Helper()
		devices, err := d.store.Devices(t.Context(), person)
		if err != nil || len(devices) != len(want) {
			t.Fatalf("%s has %+v, %v", person, devices, err)
		}
		for i := range devices {
			if got := devices[i].Push.Endpoint; got != "https://push.example.net/"+want[i] {
				t.Errorf("%s: device %d at %s, want %s", person, i, got, want[i])
			}
		}
	}
	id := register("alice", "1", "")
	if err := d.store.DeviceShown(t.Context(), "alice", id, d.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if again := register("alice", "2", id); again != id {
		t.Errorf("it is %s now, and was %s", again, id)
	}
	has("alice", "2")
	if devices, err := d.store.Devices(t.Context(), "alice"); err != nil || devices[0].Proven(d.clock.Now()) {
		t.Errorf("it is proven by what its former subscription showed: %v", err)
	}
	register("bruno", "3", id)
	has("alice", "2")
	has("bruno", "3")
	register("alice", "4", "web-none")
	has("alice", "2", "4")
	register("alice", "4", id) // it is there already, and the former one is forgotten
	has("alice", "4")
}

// openDoor takes each subscription.
type openDoor struct{}

func (openDoor) Key(context.Context) (string, error) { return "key", nil }

func (openDoor) Check(s paging.Subscription) (paging.Subscription, error) { return s, nil }

func (openDoor) Shown(context.Context, string) error { return nil }
