package twilio

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// onPhones runs a test among phones, in virtual time and without sockets: the
// sender, the stand-in for Twilio and the way back.
func onPhones(t *testing.T, f func(t *testing.T, w *phonetest.World, s *Sender, l *listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var door http.Handler
		w := phonetest.New(phonetest.Options{
			PublicURL: "https://astreinte.example.net",
			Client: &http.Client{Transport: phonetest.Transport(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				door.ServeHTTP(rw, r)
			}))},
		})
		defer w.Close()
		c := Config{
			AccountSID: w.AccountSID(), AuthToken: Secret(w.AuthToken()), From: w.Number(),
			BaseURL: w.URL(), PublicURL: "https://astreinte.example.net", StatusCallbacks: true,
			HTTP: &http.Client{Transport: w.RoundTripper()},
		}
		l := &listener{}
		door = Handler(c, l, nil, nil)
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		f(t, w, s, l)
	})
}

func TestPageAndReply(t *testing.T) {
	onPhones(t, func(t *testing.T, w *phonetest.World, s *Sender, l *listener) {
		alice := w.Phone("alice", message().To)
		l.reply = "12 PRIS 03:14 & GO"
		r := s.Send(t.Context(), message())
		if r.Class != paging.Accepted || r.ProviderID == "" {
			t.Fatalf("got %+v", r)
		}
		page := alice.ExpectSMS(t, "HostDown")
		if page.SID != r.ProviderID {
			t.Errorf("id %s, want %s", r.ProviderID, page.SID)
		}
		if reply := page.Reply(t, "12 OK"); reply != l.reply {
			t.Errorf("the phone was answered %q", reply)
		}
		synctest.Wait()
		if len(l.texts) != 1 || l.texts[0].From != message().To || l.texts[0].Body != "12 OK" {
			t.Errorf("heard %+v", l.texts)
		}
		if got := states(l); len(got) != 2 || got[0] != ticket.PageSent || got[1] != ticket.PageDelivered {
			t.Errorf("receipts %v", got)
		}
		for _, r := range l.receipts {
			if r.Key != message().Key || r.Source != message().Source || r.ProviderID != page.SID {
				t.Errorf("receipt %+v is not the page's", r)
			}
		}
	})
}

// TestLostAnswer finds the page by its receipts although nobody knows its id.
func TestLostAnswer(t *testing.T) {
	onPhones(t, func(t *testing.T, w *phonetest.World, s *Sender, l *listener) {
		w.Phone("alice", message().To)
		w.SetFault(phonetest.Fault{Kind: phonetest.SMS, Cut: true, Taken: true})
		if r := s.Send(t.Context(), message()); r.Class != paging.OutcomeUnknown || r.Code != "connection_lost" {
			t.Errorf("got %+v", r)
		}
		synctest.Wait()
		if len(l.receipts) != 2 || l.receipts[1].Key != message().Key {
			t.Errorf("receipts %+v", l.receipts)
		}
	})
}

func TestPhoneOff(t *testing.T) {
	onPhones(t, func(t *testing.T, w *phonetest.World, s *Sender, l *listener) {
		w.Phone("alice", message().To).SwitchOff()
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
			t.Fatalf("got %+v", r)
		}
		time.Sleep(Validity + time.Second)
		synctest.Wait()
		if n := len(l.receipts); n != 2 || l.receipts[1].State != ticket.PageUndelivered || l.classes[1] != paging.Transient {
			t.Errorf("receipts %+v %v", l.receipts, l.classes)
		}
	})
}

func TestTroubleAtTwilio(t *testing.T) {
	onPhones(t, func(t *testing.T, w *phonetest.World, s *Sender, _ *listener) {
		alice := w.Phone("alice", message().To)
		for _, c := range []struct {
			fault phonetest.Fault
			class paging.Class
			code  string
			wait  time.Duration
		}{
			{phonetest.Fault{Code: 20429, RetryAfter: 3 * time.Second}, paging.Transient, "20429", 3 * time.Second},
			{phonetest.Fault{Status: 503}, paging.Transient, "http_503", 0},
			{phonetest.Fault{Code: 21610}, paging.DeadAddress, "21610", 0},
			{phonetest.Fault{Code: 20003}, paging.DeadAccount, "20003", 0},
			{phonetest.Fault{Hang: true, Kind: phonetest.SMS}, paging.OutcomeUnknown, "timeout", 0},
		} {
			c.fault.Times = 1
			w.SetFault(c.fault)
			r := s.Send(t.Context(), message())
			if r.Class != c.class || r.Code != c.code || r.RetryAfter != c.wait {
				t.Errorf("%+v: got %+v", c.fault, r)
			}
		}
		w.Unplug()
		if r := s.Send(t.Context(), message()); r.Class != paging.Transient || r.Code != "connect" {
			t.Errorf("unplugged: got %+v", r)
		}
		alice.ExpectNothing(t)
	})
}

func states(l *listener) (states []ticket.PageState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.receipts {
		states = append(states, r.State)
	}
	return states
}
