package fcm

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// sendTo returns a Sender to the phones of w.
func sendTo(t *testing.T, w *phonetest.World, client *http.Client) *Sender {
	t.Helper()
	credentials, err := w.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), Config{CredentialsJSON: Secret(credentials), Endpoint: w.URL(), HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPhones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := phonetest.New(phonetest.Options{})
		defer w.Close()
		s := sendTo(t, w, &http.Client{Transport: w.RoundTripper()})
		alice, m := w.Phone("alice", "+33612345601"), message()

		if r := s.Send(t.Context(), m); r.Class != paging.DeadAddress || !r.Unregistered {
			t.Errorf("no such device: got %+v", r)
		}
		alice.Register(m.To)
		r := s.Send(t.Context(), m)
		if r.Class != paging.Accepted {
			t.Fatalf("got %+v", r)
		}
		push := alice.ExpectPush(t, "HostDown", "Givrand")
		if push.SID != r.ProviderID || push.Code() != "12" || push.Link() != m.Data["link"] || push.Data["ticket"] != m.Data["ticket"] {
			t.Errorf("got %s with %v, id %s", push, push.Data, r.ProviderID)
		}
		for _, c := range []struct {
			fault phonetest.Fault
			class paging.Class
			code  string
			wait  time.Duration
			calls int
		}{
			{phonetest.Fault{FCM: "UNAVAILABLE", RetryAfter: 7 * time.Second}, paging.Transient, "UNAVAILABLE", 7 * time.Second, 1},
			{phonetest.Fault{FCM: "QUOTA_EXCEEDED"}, paging.Transient, "QUOTA_EXCEEDED", time.Minute, 1},
			{phonetest.Fault{FCM: "INVALID_ARGUMENT"}, paging.DeadAddress, "INVALID_ARGUMENT", 0, 1},
			{phonetest.Fault{FCM: "THIRD_PARTY_AUTH_ERROR"}, paging.DeadAccount, "THIRD_PARTY_AUTH_ERROR", 0, 1},
			{phonetest.Fault{Kind: phonetest.Push, Status: 502}, paging.Transient, "http_502", 0, 1},
			{phonetest.Fault{Kind: phonetest.Push, Cut: true}, paging.OutcomeUnknown, "connection_lost", 0, 1},
			{phonetest.Fault{Kind: phonetest.Push, Hang: true}, paging.OutcomeUnknown, "timeout", 0, 1},
		} {
			c.fault.Times = 1
			w.SetFault(c.fault)
			before := len(w.Attempts())
			r := s.Send(t.Context(), m)
			if r.Class != c.class || r.Code != c.code || r.RetryAfter != c.wait {
				t.Errorf("%+v: got %+v", c.fault, r)
			}
			synctest.Wait()
			if n := len(w.Attempts()) - before; n != c.calls {
				t.Errorf("%+v: %d calls, want %d", c.fault, n, c.calls)
			}
		}
		w.SetFault(phonetest.Fault{FCM: "UNAUTHENTICATED", Times: 1})
		if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
			t.Errorf("an access token refused once: got %+v", r)
		}
		alice.ExpectPush(t, "HostDown")
		alice.ExpectNothing(t)
		w.Unplug()
		if r := s.Send(t.Context(), m); r.Class != paging.Transient || r.Code != "connect" {
			t.Errorf("unplugged: got %+v", r)
		}
	})
}

// TestSockets is the same over loopback, with the Sender's own transport.
// Close leaves nothing open.
func TestSockets(t *testing.T) {
	w := phonetest.New(phonetest.Options{})
	defer w.Close()
	if _, err := w.Start(); err != nil {
		t.Fatal(err)
	}
	s := sendTo(t, w, nil)
	defer s.Close()
	m := message()
	w.Phone("alice", "+33612345601").Register(m.To)
	for range 5 {
		if r := s.Send(t.Context(), m); r.Class != paging.Accepted {
			t.Errorf("got %+v", r)
		}
	}
	w.SetFault(phonetest.Fault{Kind: phonetest.Push, Cut: true, Times: 1})
	if r := s.Send(t.Context(), m); r.Class != paging.OutcomeUnknown || r.Code != "connection_lost" {
		t.Errorf("cut: got %+v", r)
	}
	w.Unplug()
	if r := s.Send(t.Context(), m); r.Class != paging.Transient || r.Code != "connect" {
		t.Errorf("unplugged: got %+v", r)
	}
}
