package phonetest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"firebase.google.com/go/v4/messaging"
)

// text orders an SMS by hand, so that the answer can be read whole.
func text(ctx context.Context, w *World, transport http.RoundTripper, to string) (*http.Response, error) {
	form := url.Values{"To": {to}, "From": {w.Number()}, "Body": {"x"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL()+w.messagesPath(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", formType)
	w.basicAuth(req)
	return (&http.Client{Transport: transport}).Do(req)
}

func TestFaultsOfTwilio(t *testing.T) {
	for _, tt := range []struct {
		name       string
		fault      Fault
		status     int
		code       int
		retryAfter string
		mime       string
	}{
		{"unsubscribed", Fault{Code: 21610}, 400, 21610, "", "application/json; charset=utf-8"},
		{"a status of one's own", Fault{Status: 403, Code: 21408}, 403, 21408, "", "application/json; charset=utf-8"},
		{"too many requests", Fault{Code: 20429, RetryAfter: 3 * time.Second}, 429, 20429, "3", "application/json; charset=utf-8"},
		{"a code that is not known", Fault{Code: 29999}, 400, 29999, "", "application/json; charset=utf-8"},
		{"a proxy's page", Fault{Status: 500}, 500, 0, "", "text/html; charset=utf-8"},
		{"a page of one's own", Fault{Status: 502, Body: "<h1>x</h1>"}, 502, 0, "", "text/html; charset=utf-8"},
		{"unavailable, both channels", Fault{Status: 503, RetryAfter: time.Minute}, 503, 0, "60", "text/html; charset=utf-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := New(Options{})
			t.Cleanup(w.Close)
			alice := w.Phone("alice", aliceNumber)
			tt.fault.Times = 1
			w.SetFault(tt.fault)
			res, err := text(t.Context(), w, w.RoundTripper(), aliceNumber)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if res.StatusCode != tt.status || res.Header.Get("Retry-After") != tt.retryAfter || res.Header.Get("Content-Type") != tt.mime {
				t.Errorf("%s %v", res.Status, res.Header)
			}
			if tt.code != 0 {
				var body struct{ Code, Status int }
				if err := json.NewDecoder(res.Body).Decode(&body); err != nil || body.Code != tt.code || body.Status != tt.status {
					t.Errorf("body %+v, %v", body, err)
				}
			}
			alice.ExpectNothing(t)
			again, err := text(t.Context(), w, w.RoundTripper(), aliceNumber)
			if err != nil || again.StatusCode != http.StatusCreated {
				t.Fatalf("the fault outlived its one call: %v %v", again, err)
			}
			_ = again.Body.Close()
			attempts := w.Attempts()
			if len(attempts) != 2 || attempts[0].Status != tt.status || attempts[1].SID == "" {
				t.Errorf("attempts %v", attempts)
			}
		})
	}
}

func TestFaultsOfFCM(t *testing.T) {
	w, _ := started(t, Options{})
	alice := w.Phone("alice", aliceNumber)
	alice.Register("token-a")
	fcm := pusher(t, w)
	for code, is := range map[string]func(error) bool{
		"UNREGISTERED":           messaging.IsUnregistered,
		"INVALID_ARGUMENT":       messaging.IsInvalidArgument,
		"SENDER_ID_MISMATCH":     messaging.IsSenderIDMismatch,
		"QUOTA_EXCEEDED":         messaging.IsQuotaExceeded,
		"THIRD_PARTY_AUTH_ERROR": messaging.IsThirdPartyAuthError,
		"INTERNAL":               messaging.IsInternal,
		"UNAVAILABLE":            func(err error) bool { return err != nil },
		"UNAUTHENTICATED":        func(err error) bool { return err != nil && !messaging.IsThirdPartyAuthError(err) },
	} {
		t.Run(code, func(t *testing.T) {
			w.SetFault(Fault{FCM: code, To: "token-a"})
			defer w.ClearFaults()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond) // the SDK retries a 503
			defer cancel()
			if _, err := fcm.Send(ctx, &messaging.Message{Token: "token-a"}); !is(err) {
				t.Errorf("error %v", err)
			}
		})
	}
	alice.ExpectNothing(t)
	if _, err := fcm.Send(t.Context(), &messaging.Message{Token: "token-a"}); err != nil {
		t.Error(err)
	}
}

// A fault of one phone, or of one channel, leaves the others alone.
func TestFaultFits(t *testing.T) {
	for _, tt := range []struct {
		name           string
		fault          Fault
		sms, bob, push bool
	}{
		{"all", Fault{Status: 500}, true, true, true},
		{"one number", Fault{Status: 500, To: aliceNumber}, true, false, false},
		{"one token", Fault{Status: 500, To: "token-a"}, false, false, true},
		{"one channel", Fault{Kind: SMS, Cut: true}, true, true, false},
		{"Twilio's code", Fault{Code: 21610}, true, true, false},
		{"FCM's code", Fault{FCM: "INTERNAL"}, false, false, true},
		{"receipts", Fault{Receipts: Twice}, true, true, false},
		{"the token endpoint", Fault{Kind: OAuth, Status: 500}, false, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.fault.fits(SMS, aliceNumber) != tt.sms || tt.fault.fits(SMS, bobNumber) != tt.bob || tt.fault.fits(Push, "token-a") != tt.push {
				t.Errorf("fits alice %v, bob %v, push %v", tt.fault.fits(SMS, aliceNumber), tt.fault.fits(SMS, bobNumber), tt.fault.fits(Push, "token-a"))
			}
		})
	}
}

// An answer is lost, over a socket and in process. The client sees an error;
// the phone got the message or did not.
func TestLostAnswers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   Fault
		arrives bool
	}{
		{"cut", Fault{Cut: true}, false},
		{"cut, taken", Fault{Cut: true, Taken: true}, true},
		{"hang", Fault{Hang: true}, false},
		{"hang, taken", Fault{Hang: true, Taken: true}, true},
		{"slow beyond patience", Fault{Latency: time.Hour}, false},
	} {
		check := func(t *testing.T, w *World, transport http.RoundTripper) {
			t.Helper()
			alice := w.Phone("alice", aliceNumber)
			w.SetFault(tt.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if res, err := text(ctx, w, transport, aliceNumber); err == nil {
				_ = res.Body.Close()
				t.Errorf("answered %s", res.Status)
			}
			if tt.arrives {
				alice.ExpectSMS(t, "x")
			}
			eventually(t, w, func() bool { return len(w.Attempts()) == 1 })
			if a := w.Attempts()[0]; a.Status != 0 || (a.SID != "") != tt.arrives {
				t.Errorf("attempt %s", a)
			}
			alice.ExpectNothing(t)
		}
		t.Run(tt.name+"/socket", func(t *testing.T) {
			w, _ := started(t, Options{})
			check(t, w, &http.Transport{DisableKeepAlives: true})
		})
		t.Run(tt.name+"/in process", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _ := inBubble(t, Options{})
				check(t, w, w.RoundTripper())
			})
		})
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := inBubble(t, Options{})
		w.SetFault(Fault{Latency: 3 * time.Second, Times: 2})
		begun := time.Now()
		for range 3 {
			res, err := text(t.Context(), w, w.RoundTripper(), aliceNumber)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		}
		if took := time.Since(begun); took != 6*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestUnplug(t *testing.T) {
	w, _ := started(t, Options{})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for _, tt := range []struct {
		name      string
		transport http.RoundTripper
	}{{"socket", transport}, {"in process", w.RoundTripper()}} {
		t.Run(tt.name, func(t *testing.T) {
			w.Unplug()
			if res, err := text(t.Context(), w, tt.transport, aliceNumber); !errors.Is(err, syscall.ECONNREFUSED) {
				if err == nil {
					_ = res.Body.Close()
				}
				t.Errorf("error %v", err)
			}
			if err := w.Plug(); err != nil {
				t.Fatal(err)
			}
			res, err := text(t.Context(), w, tt.transport, aliceNumber)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusCreated {
				t.Errorf("answered %s", res.Status)
			}
		})
	}
}
