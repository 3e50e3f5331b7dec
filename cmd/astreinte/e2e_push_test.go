package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestPushToABrowser: the program pages a browser over real connections. The
// phone shows the push and reports it, a test page proves it, and a
// subscription that is gone is forgotten.
func TestPushToABrowser(t *testing.T) {
	config := strings.Replace(siteConfig, "push:\n", "push:\n  web: {subject: \"mailto:ops@example.net\"}\n  allow: [\"${PROVIDERS}\"]\n", 1)
	s := newSiteWith(t, build(t), "bolt:site.db", config)
	var key struct{ Key string }
	s.ask(t, http.MethodGet, "/api/v1/push", nil, http.StatusOK, &key)
	add := func(sub phonetest.Subscription) (put struct{ ID string }) {
		t.Helper()
		s.ask(t, http.MethodPost, "/api/v1/people/alice/devices", map[string]any{"platform": "web", "subscription": sub, "name": "Pixel"}, http.StatusCreated, &put)
		return put
	}
	kept, gone := add(s.alice.Subscribe(key.Key)), s.alice.Subscribe(key.Key)
	add(gone)

	out, err := exec.Command(s.program, "page", "alice", "--channel", "push", "--url", "http://"+s.address, "--token", apiToken).CombinedOutput()
	if err != nil || strings.Count(string(out), "delivered") != 2 || !strings.Contains(string(out), kept.ID) || !strings.Contains(string(out), "webpush-other") {
		t.Errorf("%v\n%s", err, out)
	}
	s.alice.ExpectPush(t, "TEST")
	s.alice.ExpectPush(t, "TEST")

	s.alice.Unsubscribe(gone)
	number, err := s.alert("srv-db-01")
	if err != nil {
		t.Fatal(err)
	}
	push := s.alice.ExpectPush(t, "srv-db-01")
	if push.Data["acknowledge"] == "" || push.PushUrgency != "high" {
		t.Errorf("%+v", push)
	}
	await(t, "the page to be shown", func() error {
		for _, p := range s.ticket(t, number).Pages {
			if p.Channel == "push" && p.State == string(ticket.PageDelivered) {
				return nil
			}
		}
		return errors.New("it is not")
	})
	await(t, "the phone that is gone to be forgotten", func() error {
		var list struct{ Devices []struct{ ID string } }
		s.ask(t, http.MethodGet, "/api/v1/people/alice/devices", nil, http.StatusOK, &list)
		if len(list.Devices) != 1 || list.Devices[0].ID != kept.ID {
			return fmt.Errorf("%+v", list)
		}
		return nil
	})
}
