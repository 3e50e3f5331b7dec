package demo

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// wait waits until something is so.
func wait(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); <-realAfter(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// push is the last one on a person's phone, as the page shows it.
func (d *Demo) push(t *testing.T, person string) *message {
	t.Helper()
	s, err := d.state(t.Context(), lang.In("en"))
	if err != nil {
		t.Fatal(err)
	}
	var last *message
	for _, p := range s.Phones {
		for i := range p.Messages {
			if p.Key == person && p.Messages[i].Kind == "push" {
				last = &p.Messages[i]
			}
		}
	}
	return last
}

// stamped is the time that the last push of some messages says of itself.
func stamped(t *testing.T, messages []phonetest.Message) time.Time {
	t.Helper()
	var said struct{ Notification struct{ Timestamp int64 } }
	for i := range messages {
		if messages[i].Kind != phonetest.Push {
			continue
		}
		if err := json.Unmarshal(messages[i].Raw, &said); err != nil {
			t.Fatal(err)
		}
	}
	return time.UnixMilli(said.Notification.Timestamp)
}

// TestAPushIsShownAndTaken: by the stand-in push service, which decrypts it; the
// phone's word that it showed it is the page's receipt, and its button acknowledges.
func TestAPushIsShownAndTaken(t *testing.T) {
	d := startDemo(t, 1)
	v := newVisitor(t, d)
	v.send(http.MethodPost, "/demo/alert", url.Values{"status": {"firing"}, "host": {"srv-db-01"}, "name": {"HostDown"}, "severity": {"critical"}}, "same-origin")
	wait(t, "alice's push", func() bool { return d.push(t, "alice") != nil })
	push := d.push(t, "alice")
	if len(push.Buttons) != 2 || push.Buttons[0] != (button{"acknowledge", "Je prends"}) || push.Buttons[1].Action != "open" || !strings.HasPrefix(push.Link, d.URL()+"/a/") {
		t.Fatalf("%+v", push)
	}
	if at := stamped(t, d.phones[0].Messages()); d.clock.Now().Sub(at).Abs() > time.Hour {
		t.Errorf("the push says that it is of %s, by the machine's clock", at)
	}
	list, _, err := d.store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	number := list[0].Number
	wait(t, "the receipt", func() bool {
		view, err := d.store.View(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		for i := range view.Pages {
			if p := &view.Pages[i]; p.Channel == paging.WayPush && p.State == ticket.PageDelivered {
				return true
			}
		}
		return false
	})
	press := url.Values{"phone": {"alice"}, "message": {push.ID}}
	if code, _, text := v.send(http.MethodPost, "/demo/acknowledge", press, "same-origin"); code != http.StatusNoContent {
		t.Fatalf("%d %s", code, text)
	}
	now, err := d.store.View(t.Context(), number)
	if err != nil || now.Ticket.State != ticket.Acknowledged || now.Ticket.AcknowledgedBy.Person() != "alice" {
		t.Fatalf("%+v, %v", now.Ticket, err)
	}
	if said := d.push(t, "alice").Said; said == nil || said.Title != "C'est à vous" || !strings.Contains(said.Body, number) || said.Bad {
		t.Errorf("the phone shows %+v", said)
	}
	for name, bad := range map[string]url.Values{
		"another's push": {"phone": {"bruno"}, "message": {push.ID}}, "no phone": {"phone": {"mallory"}, "message": {push.ID}}, "no push": {"phone": {"alice"}, "message": {"x"}},
	} {
		if code, _, _ := v.send(http.MethodPost, "/demo/acknowledge", bad, "same-origin"); code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _, _ := v.send(http.MethodPost, "/demo/acknowledge", press, "cross-site"); code != http.StatusForbidden {
		t.Errorf("another site's page: %d", code)
	}
}

// TestWhatANotificationSays: after its button was pressed, in the app's words.
func TestWhatANotificationSays(t *testing.T) {
	at := time.Date(2026, time.November, 21, 3, 14, 0, 0, time.UTC)
	clock := func(at time.Time) string { return at.UTC().Format("15:04") }
	of := func(code, by string, state ticket.State) (r reply) {
		r.Error.Code, r.Error.By, r.Error.State, r.Error.At, r.Error.Message = code, by, state, at, "why"
		return r
	}
	for _, c := range []struct {
		answer reply
		status int
		want   string
		bad    bool
	}{
		{reply{}, 200, "You have it: I1 acknowledged 03:14", false},
		{of("state", "bruno", ticket.Acknowledged), 409, "bruno has it: I1 was taken at 03:14, before you. Nothing changed.", true},
		{of("state", "bruno", ticket.StateResolved), 409, "It is over: I1 was over already. Nothing changed.", true},
		{of("over", "", ""), 410, "It is over: I1 was over already. Nothing changed.", true},
		{of("bad_request", "", ""), 400, "NOT acknowledged: I1: the pager refused it and it is not tried again: why", true},
		{of("unavailable", "", ""), 503, "NOT acknowledged yet: I1: the pager could not be reached, and paging goes on. It is sent as soon as there is network.", true},
	} {
		if got := c.answer.said(lang.In("en"), c.status, "I1", at, clock); got.Title+": "+got.Body != c.want || got.Bad != c.bad {
			t.Errorf("%d: %+v", c.status, got)
		}
	}
}

// TestAPhoneOfAnEarlierDemoIsForgotten: its push service is no more. A real browser's
// stays.
func TestAPhoneOfAnEarlierDemoIsForgotten(t *testing.T) {
	d := startDemo(t, 1)
	ctx := t.Context()
	enrolled := paging.Subscription{Endpoint: "https://fcm.googleapis.com/fcm/send/x", P256dh: "x", Auth: "x"}
	for _, old := range []paging.Device{
		{Person: "alice", Token: "demo-device-of-alice", Platform: "web"}, {Person: "alice", Platform: "web", Push: &enrolled},
	} {
		if _, err := d.store.PutDevice(ctx, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.register(ctx, d.phones[0], "it"); err != nil {
		t.Fatal(err)
	}
	list, err := d.store.Devices(ctx, "alice")
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for i := range list {
		if of := list[i].Push; of == nil || (of.Endpoint != enrolled.Endpoint && list[i].Name != "Telefono della demo") {
			t.Errorf("%+v", list[i])
		}
	}
}

// wayOut fails, and says that it was taken.
type wayOut struct{ name string }

func (w wayOut) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New(w.name) }

// TestWhatLeavesTheMachine: pushes to the browsers that somebody enrolled, and nothing
// else.
func TestWhatLeavesTheMachine(t *testing.T) {
	way := outward{wayOut{"stand-in"}, wayOut{"internet"}}
	for address, want := range map[string]string{
		"https://fcm.googleapis.com/fcm/send/x": "internet", "https://updates.push.services.mozilla.com/wpush/v2/x": "internet",
		"https://web.push.apple.com/x": "internet", "http://fcm.googleapis.com/x": "stand-in", "https://fcm.googleapis.com.example/x": "stand-in",
		"https://api.twilio.com/2010-04-01/": "stand-in", "https://phones.test/push/x": "stand-in", "https://example.net/": "stand-in",
	} {
		resp, err := way.RoundTrip(httptest.NewRequest(http.MethodPost, address, http.NoBody))
		if err == nil {
			_ = resp.Body.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
