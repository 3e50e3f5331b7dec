package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/effect/webhook"
	"github.com/astreinte/astreinte/internal/ticket"
)

const hookSecret = "the-secret-of-the-desk"

// hookHost is where the tests' webhooks are.
const hookHost = "desk.example.net"

// hooked is what a webhook was told.
type hooked struct {
	ID, Event string
	At        time.Time
	Ticket    shown
	got       time.Time
}

// hookServer stands behind a town's webhooks.
type hookServer struct {
	t    *testing.T
	town *town

	mu     sync.Mutex
	told   []hooked
	tries  int
	answer func(h hooked) int // nil: 200
	slow   time.Duration
}

// RoundTrip takes what is for the webhooks. The providers get the rest.
func (s *hookServer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != hookHost {
		return s.town.world.RoundTripper().RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if got := req.Header.Get(webhook.SignatureHeader); got != webhook.Sign(hookSecret, now, body) {
		s.t.Errorf("signature %q", got)
	}
	h := hooked{got: now}
	if err := json.Unmarshal(body, &h); err != nil {
		s.t.Errorf("%s: %v", body, err)
	}
	if s.slow > 0 {
		timer := time.NewTimer(s.slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	status := http.StatusOK
	if s.answer != nil {
		status = s.answer(h)
	}
	if status/100 == 2 {
		s.told = append(s.told, h)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(nil)), Request: req}, nil
}

func (s *hookServer) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(hooked) int { return status }
}

// events is what was told of a ticket, in order.
func (s *hookServer) events(number string) (events []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.told {
		if h.Ticket.Number == number {
			events = append(events, h.Event)
		}
	}
	return events
}

const hooksSection = "\nwebhooks:\n  - {name: desk, url: \"https://" + hookHost + "/in?key=hush\", secret: " + hookSecret + "}\n"

func withHooks(section string) func([]byte) []byte {
	return func(text []byte) []byte { return append(text, section...) }
}

// inHookedTown is inTown with a webhook.
func inHookedTown(t *testing.T, f func(t *testing.T, w *town, s *hookServer), change ...func([]byte) []byte) {
	t.Helper()
	inHookedTownWithSpool(t, "", f, change...)
}

func inHookedTownWithSpool(t *testing.T, spool string, f func(t *testing.T, w *town, s *hookServer), change ...func([]byte) []byte) {
	t.Helper()
	s := &hookServer{t: t}
	inTownWith(t, spool, func(w *town) { s.town, w.others = w, s }, func(t *testing.T, w *town) { f(t, w, s) },
		append([]func([]byte) []byte{withHooks(hooksSection)}, change...)...)
}

func TestAWebhookIsToldOfATicketsLife(t *testing.T) {
	inHookedTown(t, func(t *testing.T, w *town, s *hookServer) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, nil)
		w.at(10 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/pickup", apiToken, nil)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/note", apiToken, map[string]string{"text": "on my way"})
		w.at(20 * time.Second)
		w.alert("resolved", "srv-db-01")
		w.at(30 * time.Second)
		w.alert("firing", "srv-db-01")
		w.at(40 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/resolve", apiToken, nil)
		w.at(50 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/close", apiToken, nil)
		w.at(time.Minute)
		want := []string{
			ticket.ToldOpened, ticket.ToldAcknowledged, ticket.ToldPickedUp, ticket.ToldResolved, ticket.ToldReopened, ticket.ToldResolved, ticket.ToldClosed,
		}
		if got := s.events(number); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		states := []string{"open", "acknowledged", "in_progress", "resolved", "open", "resolved", "closed"}
		ids := map[string]bool{}
		for i, h := range s.told {
			if h.Ticket.State != states[i] || ids[h.ID] || h.got.Sub(h.At) > time.Second {
				t.Errorf("%d: %s of %s shows it %s, came after %s", i, h.Event, h.ID, h.Ticket.State, h.got.Sub(h.At))
			}
			ids[h.ID] = true
		}
		shown := w.ticket(number)
		if n := len(linesOf(shown, "effect")); n != len(want) {
			t.Errorf("the timeline tells of %d:\n%s", n, timelineOf(shown))
		}
	})
}

func linesOf(s shown, kind string) (lines []string) {
	for _, e := range s.Timeline {
		if e.Kind == kind {
			lines = append(lines, e.Text)
		}
	}
	return lines
}

// TestWebhooksDelayNoPage: with a storm of effects for a receiver that hangs,
// pages are as fast as without it.
func TestWebhooksDelayNoPage(t *testing.T) {
	inHookedTown(t, func(t *testing.T, w *town, s *hookServer) {
		s.slow = time.Hour
		for i := range 200 {
			w.alert("firing", "srv-"+string(rune('a'+i%26))+strings.Repeat("x", i/26), "severity", "warning")
		}
		w.at(30 * time.Second)
		began := time.Now()
		number := w.alert("firing", "srv-db-01")
		w.at(time.Since(w.start) + 2*time.Second)
		for _, p := range w.ticket(number).Pages {
			if p.State != "sent" && p.State != "delivered" || p.At.Sub(began) > time.Second {
				t.Errorf("page %+v", p)
			}
		}
		if s.tries > 0 {
			t.Error("a receiver that hangs answered")
		}
	})
}

func TestAWebhookThatAReloadTookAway(t *testing.T) {
	inHookedTown(t, func(t *testing.T, w *town, s *hookServer) {
		s.answers(http.StatusBadGateway)
		number := w.alert("firing", "srv-db-01")
		w.at(30 * time.Second)
		if n := len(linesOf(w.ticket(number), "effect_failed")); n > 0 {
			t.Errorf("%d are given up at once", n)
		}
		if err := w.daemon.Load().Reload(context.Background(), exampleConfig(t, w.world)); err != nil {
			t.Fatal(err)
		}
		w.at(time.Minute)
		tries := s.tries
		w.alert("resolved", "srv-db-01") // nobody is told
		w.at(6*time.Minute + 30*time.Second)
		shown := w.ticket(number)
		if lines := linesOf(shown, "effect_failed"); len(lines) != 1 || !strings.Contains(lines[0], "webhook/desk") {
			t.Errorf("timeline:\n%s", timelineOf(shown))
		}
		if s.tries != tries {
			t.Errorf("it was tried %d times after it was gone", s.tries-tries)
		}
	})
}

func TestAWebhookIsTriedForADay(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inHookedTown(t, func(t *testing.T, w *town, s *hookServer) {
		s.answers(http.StatusServiceUnavailable)
		number := w.alert("firing", "srv-db-01", "severity", "warning")
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/pickup", apiToken, nil)
		w.at(23 * time.Hour)
		if n := len(linesOf(w.ticket(number), "effect_failed")); n > 0 {
			t.Errorf("%d are given up before the day is over", n)
		}
		w.at(25 * time.Hour)
		if lines := linesOf(w.ticket(number), "effect_failed"); len(lines) != 2 || !strings.Contains(lines[0], "HTTP 503") || !strings.Contains(lines[0], ticket.ToldOpened) {
			t.Errorf("given up: %q", lines)
		}
		s.answers(http.StatusOK)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/resolve", apiToken, nil)
		w.at(25*time.Hour + 2*time.Minute)
		if got := s.events(number); !slices.Equal(got, []string{ticket.ToldResolved}) {
			t.Errorf("told %v", got)
		}
	})
}

func TestWebhooksHearWhatHappenedWhileTheStoreWasAway(t *testing.T) {
	inHookedTownWithSpool(t, filepath.Join(t.TempDir(), "spool"), func(t *testing.T, w *town, s *hookServer) {
		w.at(2 * time.Second)
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Minute)
		if s.tries > 0 {
			t.Error("the spool tells webhooks")
		}
		w.storeComesBack()
		w.at(4 * time.Minute)
		all := w.tickets()
		if len(all) != 1 {
			t.Fatalf("%d tickets", len(all))
		}
		if got := s.events(all[0].Number); !slices.Equal(got, []string{ticket.ToldOpened}) {
			t.Errorf("told %v of %s", got, all[0].Number)
		}
	})
}

func TestNoWebhookNoRecord(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		list, err := w.store.Records().List(t.Context(), "prometheus", ticket.EffectRecords, "", 10)
		if err != nil || len(list) > 0 {
			t.Errorf("%d effects, %v", len(list), err)
		}
	})
}
