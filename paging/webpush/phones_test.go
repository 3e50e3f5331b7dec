package webpush

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

const (
	subject = "mailto:ops@example.net"
	public  = "https://astreinte.example.net/desk"
)

// newSender is a sender to the push service of a world without sockets.
func newSender(t *testing.T, w *phonetest.World, c Config) (*Sender, *Keys) {
	t.Helper()
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	c.Keys = func(context.Context) (*Keys, error) { return keys, nil }
	c.Allow, c.PublicURL, c.HTTP = []string{w.PushOrigin()}, public, &http.Client{Transport: w.RoundTripper()}
	if c.Subject == "" {
		c.Subject = subject
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, keys
}

func subscription(s phonetest.Subscription) *paging.Subscription {
	return &paging.Subscription{Endpoint: s.Endpoint, P256dh: s.Keys.P256dh, Auth: s.Keys.Auth}
}

// page is a critical page to a subscription.
func page(to phonetest.Subscription) paging.Message {
	return paging.Message{
		Key:    ticket.PageKey{Ticket: "I261121_0001", Episode: 1, Person: "alice", Channel: "push"},
		Source: "prometheus", Urgency: ticket.Critical, Language: "fr", Device: "web-1", Push: subscription(to), Life: 15 * time.Minute,
		Title: "CRITIQUE Acme/Givrand", Body: "srv-db-01 HostDown 20:46 <b>\n11 OK = je prends",
		Data: map[string]string{"ticket": "I261121_0001", "kind": "page", "urgency": "critical", "code": "11", "link": public + "/a/D3wpHMO5rpl6b"},
	}
}

// inWorld runs f in a bubble with a world of its own.
func inWorld(t *testing.T, f func(t *testing.T, w *phonetest.World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		w := phonetest.New(phonetest.Options{})
		defer w.Close()
		f(t, w)
	})
}

// A push reaches its phone whole, signed and encrypted as the browser and its push
// service want it.
func TestAPushArrives(t *testing.T) {
	inWorld(t, func(t *testing.T, w *phonetest.World) {
		s, keys := newSender(t, w, Config{})
		alice := w.Phone("alice", "+33612345601")
		to := alice.Subscribe(keys.Public())
		r := s.Send(t.Context(), page(to))
		if r.Class != paging.Accepted || r.ProviderID == "" {
			t.Fatalf("%+v", r)
		}
		m := alice.ExpectPush(t, "CRITIQUE", "HostDown")
		if m.PushUrgency != "high" || m.TTL != 15*time.Minute || len(m.Topic) != 32 || strings.Contains(m.Topic, "I2611") || m.SID != r.ProviderID {
			t.Errorf("%+v", m)
		}
		if m.Data["acknowledge"] != public+"/a/D3wpHMO5rpl6b" || m.Data["open"] != m.Data["acknowledge"] || m.Data["ticket"] != "I261121_0001" {
			t.Errorf("data %v", m.Data)
		}
		token, ok := strings.CutPrefix(m.Data["shown"], public+ShownPath)
		shown, err := keys.Opened(token)
		if want := (Shown{Source: "prometheus", Key: page(to).Key, Device: "web-1"}); !ok || err != nil || shown != want {
			t.Errorf("%q: %+v, %v", m.Data["shown"], shown, err)
		}
		var p payload
		if err := json.Unmarshal(m.Raw, &p); err != nil {
			t.Fatal(err)
		}
		n := p.Notification
		if p.WebPush != 8030 || !p.Mutable || n.Lang != "fr" || n.Tag != "I261121_0001" || !n.Renotify || n.Navigate != m.Data["open"] || n.Body != page(to).Body {
			t.Errorf("%s", m.Raw)
		}
		names := []string{}
		for _, a := range n.Actions {
			names = append(names, a.Action+" "+a.Title)
		}
		if !slices.Equal(names, []string{"acknowledge Je prends", "open Ouvrir"}) {
			t.Errorf("actions %q", names)
		}
	})
}

// A notice asks for nothing, so it has no button to take the ticket.
func TestANoticeIsNotAcknowledged(t *testing.T) {
	m := page(phonetest.Subscription{})
	m.Data["kind"] = "taken"
	raw, err := text(&m, public, "TOKEN", time.Unix(0, 0))
	if err != nil || strings.Contains(string(raw), "acknowledge") || !strings.Contains(string(raw), `"open"`) {
		t.Errorf("%s, %v", raw, err)
	}
}

// What the push service answers decides what becomes of the page.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		fault   phonetest.Fault
		class   paging.Class
		code    string
		after   time.Duration
		forget  bool
		tooFast bool
	}{
		"gone":                {phonetest.Fault{Status: 410}, paging.DeadAddress, "http_410", 0, true, false},
		"not found":           {phonetest.Fault{Status: 404}, paging.DeadAddress, "http_404", 0, true, false},
		"unauthorized":        {phonetest.Fault{Status: 401}, paging.DeadAccount, "http_401", 0, false, false},
		"forbidden":           {phonetest.Fault{Status: 403, Body: `{"reason":"BadJwtToken"}`}, paging.DeadAccount, "http_403", 0, false, false},
		"bad":                 {phonetest.Fault{Status: 400, Body: `{"reason":"BadDeviceToken"}`}, paging.DeadAddress, "http_400", 0, false, false},
		"bad, for our token":  {phonetest.Fault{Status: 400, Body: `{"reason":"BadJwtToken"}`}, paging.DeadAccount, "http_400", 0, false, false},
		"bad, Google's":       {phonetest.Fault{Status: 400, Body: "UnauthorizedRegistration"}, paging.DeadAccount, "http_400", 0, false, false},
		"too large":           {phonetest.Fault{Status: 413}, paging.Filtered, "http_413", 0, false, false},
		"moved":               {phonetest.Fault{Status: 307}, paging.DeadAccount, "http_307", 0, false, false},
		"too many":            {phonetest.Fault{Status: 429, RetryAfter: 7 * time.Second}, paging.Transient, "http_429", 7 * time.Second, false, true},
		"too many, for weeks": {phonetest.Fault{Status: 429, RetryAfter: 1000 * time.Hour}, paging.Transient, "http_429", paging.PageLife, false, true},
		"broken":              {phonetest.Fault{Status: 500}, paging.Transient, "http_500", 0, false, false},
		"away":                {phonetest.Fault{Status: 503, RetryAfter: time.Minute}, paging.Transient, "http_503", time.Minute, false, false},
		"huge":                {phonetest.Fault{Status: 500, Body: strings.Repeat("x", 8<<20)}, paging.Transient, "http_500", 0, false, false},
		"cut":                 {phonetest.Fault{Cut: true}, paging.OutcomeUnknown, "connection_lost", 0, false, false},
		"hung":                {phonetest.Fault{Hang: true}, paging.OutcomeUnknown, "timeout", 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *phonetest.World) {
				s, keys := newSender(t, w, Config{})
				to := w.Phone("alice", "+33612345601").Subscribe(keys.Public())
				c.fault.Kind, c.fault.To = phonetest.Push, to.Endpoint
				w.SetFault(c.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				r := s.Send(ctx, page(to))
				if r.Class != c.class || r.Code != c.code || r.RetryAfter != c.after || r.Unregistered != c.forget || r.TooFast != c.tooFast || len(r.Detail) > 2*paging.MaxDetail {
					t.Errorf("%+v", r)
				}
				if strings.Contains(r.Detail, to.Endpoint) {
					t.Errorf("the detail tells an endpoint: %s", r.Detail)
				}
				if len(w.Attempts()) != 1 {
					t.Errorf("it was asked %d times", len(w.Attempts()))
				}
			})
		})
	}
}

// Who refuses our keys is known until it takes a push again.
func TestARefusalIsKnown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *phonetest.World) {
		s, keys := newSender(t, w, Config{})
		alice := w.Phone("alice", "+33612345601")
		other, err := NewKeys()
		if err != nil {
			t.Fatal(err)
		}
		foreign, own := alice.Subscribe(other.Public()), alice.Subscribe(keys.Public())
		if r := s.Send(t.Context(), page(foreign)); r.Class != paging.DeadAccount || r.Unregistered || !strings.Contains(r.Detail, "VapidPkHashMismatch") {
			t.Errorf("%+v", r)
		}
		if list := s.Refused(); len(list) != 1 || list[0].Service != "other" || list[0].Code != "http_403" {
			t.Errorf("%+v", list)
		}
		if r := s.Send(t.Context(), page(own)); r.Class != paging.Accepted {
			t.Errorf("%+v", r)
		}
		if list := s.Refused(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// A title that a monitoring tool made may be of any length.
func TestAPushAlwaysFits(t *testing.T) {
	inWorld(t, func(t *testing.T, w *phonetest.World) {
		s, keys := newSender(t, w, Config{})
		to := w.Phone("alice", "+33612345601").Subscribe(keys.Public())
		for _, n := range []int{0, 1, 400, 1500, 3000, 3500, 4000, 20000} {
			m := page(to)
			m.Body = strings.Repeat("é\n", n)
			if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
				t.Errorf("%d: %+v", n, r)
			}
			raw, err := text(&m, public, "", time.Unix(0, 0))
			if err != nil || len(raw) > MaxPlain {
				t.Errorf("%d bytes, %v", len(raw), err)
			}
		}
		m := page(to)
		m.Title = strings.Repeat("\x01", 9000)
		if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
			t.Errorf("%+v", r)
		}
	})
}

// A phone that was off for a night has one push of a ticket, and none of one that
// nobody wants any more.
func TestAPhoneThatWasOffHasOneAndNotTwenty(t *testing.T) {
	inWorld(t, func(t *testing.T, w *phonetest.World) {
		s, keys := newSender(t, w, Config{})
		alice := w.Phone("alice", "+33612345601")
		to := alice.Subscribe(keys.Public())
		alice.SwitchOff()
		old := page(to)
		old.Key.Ticket = "I261121_0002"
		if r := s.Send(t.Context(), old); r.Class != paging.Accepted {
			t.Errorf("%+v", r)
		}
		time.Sleep(20 * time.Minute)
		for i := range 20 {
			m := page(to)
			m.Key.Round = ticket.Round(i)
			if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
				t.Errorf("%+v", r)
			}
		}
		synctest.Wait()
		alice.SwitchOn()
		if got := alice.Messages(); len(got) != 1 || got[0].Data["ticket"] != "I261121_0001" {
			t.Errorf("%v", got)
		}
	})
}

func TestNothingIsSentToWhoIsNotAllowed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *phonetest.World) {
		s, keys := newSender(t, w, Config{})
		to := w.Phone("alice", "+33612345601").Subscribe(keys.Public())
		to.Endpoint = "https://169.254.169.254/latest"
		if r := s.Send(t.Context(), page(to)); r.Class != paging.DeadAddress || r.Code != "not_allowed" || r.Unregistered {
			t.Errorf("%+v", r)
		}
		m := page(to)
		m.Push = nil
		if r := s.Send(t.Context(), m); r.Class != paging.DeadAddress {
			t.Errorf("%+v", r)
		}
		if n := len(w.Attempts()); n != 0 {
			t.Errorf("%d attempts", n)
		}
	})
}
