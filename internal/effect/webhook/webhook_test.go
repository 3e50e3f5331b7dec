package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/ticket"
)

const hush = "a-secret-of-the-desk"

func at() time.Time { return time.Date(2026, time.November, 21, 3, 12, 0, 0, time.UTC) }

func send(t *testing.T, url string, rt http.RoundTripper) effect.Result {
	t.Helper()
	s := New(Config{
		URL: url, Secret: hush, Now: at, HTTP: rt, UserAgent: "astreinte/test",
		Body: func(e *ticket.Effect) ([]byte, error) { return []byte(`{"event":"` + e.Event + `"}`), nil },
	})
	return s.Send(t.Context(), &ticket.Effect{Event: ticket.ToldOpened})
}

// TestSignature: who has the secret can tell that a body is ours, and when it was
// sent, without any code of ours.
func TestSignature(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		stamp, sum, ok := strings.Cut(r.Header.Get("X-Astreinte-Signature"), ",v1=")
		mac := hmac.New(sha256.New, []byte(hush))
		mac.Write([]byte(strings.TrimPrefix(stamp, "t=") + "." + string(body)))
		if !ok || stamp != "t=1795230720" || sum != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("signature %q of %s", r.Header.Get("X-Astreinte-Signature"), body)
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.UserAgent() != "astreinte/test" || string(body) != `{"event":"ticket.opened"}` {
			t.Errorf("%s %v %s", r.Method, r.Header, body)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	if got := send(t, server.URL, nil); got.Class != effect.Taken {
		t.Errorf("%+v", got)
	}
}

func TestAnswers(t *testing.T) {
	var status int
	var header http.Header
	led := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		led = led || r.URL.Path == "/elsewhere"
		for name := range header {
			w.Header().Set(name, header.Get(name))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.Repeat("no ", 1<<16)) // more than is read
	}))
	defer server.Close()
	for _, c := range []struct {
		status int
		header http.Header
		want   effect.Result
	}{
		{200, nil, effect.Result{Class: effect.Taken}},
		{202, nil, effect.Result{Class: effect.Taken}},
		{307, http.Header{"Location": {"/elsewhere"}}, effect.Result{Error: "HTTP 307: redirects are not followed"}},
		{400, nil, effect.Result{Error: "HTTP 400"}},
		{404, nil, effect.Result{Error: "HTTP 404"}},
		{410, nil, effect.Result{Class: effect.Never, Error: "HTTP 410"}},
		{429, http.Header{"Retry-After": {"30"}}, effect.Result{Error: "HTTP 429", After: 30 * time.Second}},
		{503, http.Header{"Retry-After": {"soon"}}, effect.Result{Error: "HTTP 503"}},
	} {
		status, header = c.status, c.header
		if got := send(t, server.URL, nil); got != c.want {
			t.Errorf("%d: %+v, want %+v", c.status, got, c.want)
		}
	}
	if led {
		t.Error("a redirect was followed")
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestNoAnswer: what is told of it names neither the address nor what is in it.
func TestNoAnswer(t *testing.T) {
	for _, err := range []error{context.DeadlineExceeded, errors.New("broken")} {
		got := send(t, "http://desk.example.net/?key=hush", failing{err})
		if got.Class != effect.Again || got.Error == "" || strings.Contains(got.Error, "hush") || strings.Contains(got.Error, "desk.example.net") {
			t.Errorf("%v: %+v", err, got)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if got := send(t, server.URL, nil); got.Class != effect.Again || strings.Contains(got.Error, "127.0.0.1") {
		t.Errorf("nobody listens: %+v", got)
	}
}
