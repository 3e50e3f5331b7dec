package phonetest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// eventually waits for a condition that a change of the World makes true.
func eventually(t *testing.T, w *World, met func() bool) {
	t.Helper()
	changes, cancel := w.Subscribe()
	defer cancel()
	patience := time.NewTimer(5 * time.Second)
	defer patience.Stop()
	for !met() {
		select {
		case <-changes:
		case <-patience.C:
			t.Fatalf("in vain; messages %v, attempts %v", w.Messages(), w.Attempts())
		}
	}
}

// Close ends what hangs and what waits, and leaves no goroutine.
func TestClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	w := New(Options{Delay: time.Hour})
	if _, err := w.Start(); err != nil {
		t.Fatal(err)
	}
	w.SetFault(Fault{To: bobNumber, Hang: true})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := text(t.Context(), w, transport, aliceNumber)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	hung := make(chan error, 1)
	go func() {
		res, err := text(t.Context(), w, transport, bobNumber)
		if err == nil {
			_ = res.Body.Close()
		}
		hung <- err
	}()
	eventually(t, w, func() bool { return len(w.Attempts()) == 2 })
	w.Close()
	if err := <-hung; err == nil {
		t.Error("the call that hung was answered")
	}
	w.Close()
	if _, err := w.Start(); err == nil {
		t.Error("a closed World started")
	}
	if res, err := text(t.Context(), w, w.RoundTripper(), aliceNumber); err == nil {
		_ = res.Body.Close()
		t.Error("a closed World answered")
	}
}

// roundTrip is a RoundTripper made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Close waits for a receipt that is slow to stop.
func TestCloseJoinsReceipts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := false
		w := New(Options{PublicURL: publicURL, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			time.Sleep(time.Second)
			stopped = true
			return nil, r.Context().Err()
		})}})
		if _, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.Close()
		if !stopped {
			t.Error("Close left a receipt under way")
		}
		if list := w.Callbacks(); len(list) != 1 || list[0].Err == nil || list[0].Status != 0 {
			t.Errorf("callbacks %+v", list)
		}
	})
}

func TestExpectFailsLoudly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := inBubble(t, Options{})
		alice := w.Phone("alice", aliceNumber)
		twilio := sdk(w, w.RoundTripper())
		if _, err := twilio.CreateMessage(order(w, aliceNumber, "DiskFull srv-db-01")); err != nil {
			t.Fatal(err)
		}
		w.SetFault(Fault{Code: 21610})
		if _, err := twilio.CreateMessage(order(w, aliceNumber, "HostDown")); err == nil {
			t.Fatal("the fault did nothing")
		}
		tb := &fakeTB{ctx: t.Context()}
		begun := time.Now()
		alice.ExpectSMS(tb, "HostDown", "srv-db-01")
		for _, want := range []string{"alice", "5s", "HostDown", "DiskFull", "21610"} {
			if !strings.Contains(tb.failure, want) {
				t.Errorf("%q is not in the failure:\n%s", want, tb.failure)
			}
		}
		if waited := time.Since(begun); waited != 5*time.Second {
			t.Errorf("waited %s", waited)
		}
		tb = &fakeTB{ctx: t.Context()}
		alice.ExpectNothing(tb)
		if !strings.Contains(tb.failure, "DiskFull") {
			t.Errorf("failure %q", tb.failure)
		}
		alice.ExpectNothing(t, time.Now()) // it came before
		tb = &fakeTB{ctx: t.Context()}
		alice.ExpectPush(tb, "DiskFull")
		if tb.failure == "" {
			t.Error("an SMS passed for a push")
		}
	})
}

// Each message answers one expectation, whenever it comes.
func TestExpectWaitsAndConsumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := inBubble(t, Options{Delay: 3 * time.Second})
		alice := w.Phone("alice", aliceNumber)
		twilio := sdk(w, w.RoundTripper())
		for _, body := range []string{"first", "second"} {
			if _, err := twilio.CreateMessage(order(w, aliceNumber, "HostDown "+body)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if got := alice.ExpectSMS(t, "HostDown"); got.Body != "HostDown first" {
			t.Errorf("got %s", got)
		}
		if got := alice.ExpectSMS(t, "HostDown"); got.Body != "HostDown second" {
			t.Errorf("got %s", got)
		}
		alice.ExpectNothing(t)
	})
}

// The clock of a demo is fast: an hour takes a minute.
func TestScaledDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		w, _ := inBubble(t, Options{
			Delay: 3 * time.Minute,
			Now:   func() time.Time { return begun.Add(60 * time.Since(begun)) },
			After: func(d time.Duration) <-chan time.Time { return time.After(d / 60) },
		})
		alice := w.Phone("alice", aliceNumber)
		if _, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x")); err != nil {
			t.Fatal(err)
		}
		if got := alice.ExpectSMS(t, "x"); got.At.Sub(got.Accepted) != 3*time.Minute || time.Since(begun) != 3*time.Second {
			t.Errorf("arrived after %s, %s of it real", got.At.Sub(got.Accepted), time.Since(begun))
		}
	})
}

func TestPhonesAndTokens(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	alice, bob := w.Phone("alice", aliceNumber), w.Phone("bob", bobNumber)
	if w.Phone("alice", aliceNumber) != alice || len(w.Phones()) != 2 {
		t.Errorf("phones %v", w.Phones())
	}
	alice.Register("t1")
	bob.Register("t1")
	bob.Unregister("t2")
	if len(alice.Tokens()) != 0 || len(bob.Tokens()) != 1 {
		t.Errorf("tokens %v and %v", alice.Tokens(), bob.Tokens())
	}
}

func TestCodeAndLink(t *testing.T) {
	for _, tt := range []struct {
		m          Message
		code, link string
	}{
		{Message{Kind: SMS, Body: "CRITICO x 03:12 GTI 04:12\nRISPONDI 112 OK = lo prendo\nhttps://a.test/a/k3-_T."}, "112", "https://a.test/a/k3-_T"},
		{Message{Kind: SMS, Body: "CRITIQUE x 03:12\nhttps://a.test/p/a/k3"}, "", "https://a.test/p/a/k3"},
		{Message{Kind: SMS, Body: "PRIS 03:14. GTI 04:12 OK"}, "", ""},
		{Message{Kind: Push, Body: "12 OK", Data: map[string]string{"code": "13", "link": "l"}}, "13", "l"},
	} {
		if tt.m.Code() != tt.code || tt.m.Link() != tt.link {
			t.Errorf("%s: code %q, link %q", tt.m, tt.m.Code(), tt.m.Link())
		}
	}
}
