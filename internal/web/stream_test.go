package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/web/events"
)

// listening is a stream that is being answered. Its lock is for who reads what was
// said so far: the clock of a bubble orders nothing between two goroutines.
type listening struct {
	mu    sync.Mutex
	w     httptest.ResponseRecorder
	ended chan struct{}
}

func (l *listening) Header() http.Header { return l.w.Header() }

func (l *listening) WriteHeader(code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.WriteHeader(code)
}

func (l *listening) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (l *listening) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.Flush()
}

// said is what the stream has told so far.
func (l *listening) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Body.String()
}

// listen opens a stream of the server's, which ends with ctx.
func listen(ctx context.Context, s *Server, token string, headers ...string) *listening {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/events", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	l := &listening{w: *httptest.NewRecorder(), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		s.Handler().ServeHTTP(l, r)
	}()
	synctest.Wait()
	return l
}

func (l *listening) over() bool {
	synctest.Wait()
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// inStreams has a server with a hub, in a bubble.
func inStreams(t *testing.T, f func(ctx context.Context, t *testing.T, s *Server, hub *events.Hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hub := events.NewHub()
		s := New(Options{PublicURL: "https://astreinte.example.net", Events: hub, Tokens: []Token{
			{Name: "the-reader", Role: "reader", Token: "secret-reader"}, {Name: "gone", Role: "reader", Token: "secret-gone"},
		}})
		ctx, cancel := context.WithCancel(t.Context())
		f(ctx, t, s, hub)
		cancel()
		synctest.Wait()
		if hub.Readers() != 0 {
			t.Errorf("%d streams are open", hub.Readers())
		}
	})
}

// TestAStreamTellsAtOnce tells what happens, goes on where its caller was, and says
// something now and then.
func TestAStreamTellsAtOnce(t *testing.T) {
	inStreams(t, func(ctx context.Context, t *testing.T, s *Server, hub *events.Hub) {
		l := listen(ctx, s, "secret-reader")
		hub.Publish(events.Ticket, []byte(`{"number":"I1"}`))
		synctest.Wait()
		l.mu.Lock()
		if h := l.w.Header(); l.w.Code != http.StatusOK || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || h.Get("X-Accel-Buffering") != "no" || !l.w.Flushed {
			t.Errorf("%d %v", l.w.Code, h)
		}
		l.mu.Unlock()
		body := l.said()
		if !strings.HasPrefix(body, "retry: 1000\nid: ") || !strings.HasSuffix(body, "event: ticket\ndata: {\"number\":\"I1\"}\n\n") {
			t.Errorf("%s", body)
		}
		time.Sleep(16 * time.Second)
		synctest.Wait()
		if beat := l.said()[len(body):]; beat != ":\n\n" {
			t.Errorf("after 16 s without an event: %q", beat)
		}
		_, id, _ := strings.Cut(body, "id: ")
		id, _, _ = strings.Cut(id, "\n") // the one that it began with
		again := listen(ctx, s, "secret-reader", "Last-Event-ID", id)
		if got := again.said(); !strings.Contains(got, "event: ticket") || strings.Contains(got, "resync") {
			t.Errorf("who comes back: %s", got)
		}
		lost := listen(ctx, s, "secret-reader", "Last-Event-ID", "0123-7")
		if got := lost.said(); !strings.Contains(got, "event: resync\ndata: {}\n\n") {
			t.Errorf("who comes from elsewhere: %s", got)
		}
	})
}

// ruled is an engine that knows its rules and nothing else.
type ruled struct {
	Engine
	rules *escalation.Rules
}

func (r ruled) Rules() *escalation.Rules { return r.rules }

// reloaded is an Engine whose rules are reloaded meanwhile.
type reloaded struct {
	Engine
	rules atomic.Pointer[escalation.Rules]
}

func (r *reloaded) Rules() *escalation.Rules { return r.rules.Load() }

// TestEventsOfOthersSayNothing: whoever sees the tickets of some customers alone hears that
// something changed, once for all that happened together, and nothing of what it was.
func TestEventsOfOthersSayNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, rules := events.NewHub(), deskRules(t)
		d, err := contacts.NewDirectory([]contacts.Person{{Key: "fabio", Customers: []string{"acme"}}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		rules.Directory = d
		engine := &reloaded{}
		engine.rules.Store(rules)
		s := New(Options{PublicURL: "https://astreinte.example.net", Events: hub, Engine: engine, Tokens: []Token{
			{Name: "fabio", Role: "technician", Token: "secret-fabio", Person: "fabio"}, {Name: "gone", Role: "technician", Token: "secret-of-nobody", Person: "nobody"},
		}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, secret := range []string{"secret-fabio", "secret-of-nobody"} {
			l := listen(ctx, s, secret)
			hub.Publish(events.Ticket, []byte(`{"number":"I1"}`))
			hub.Publish(events.Ticket, []byte(`{"number":"I2"}`))
			hub.Publish(events.OnCall, []byte(`{}`))
			synctest.Wait()
			if got := l.said(); strings.Contains(got, "number") || strings.Contains(got, "event: ticket") || strings.Count(got, "event: resync\ndata: {}") < 1 || strings.Count(got, "event: oncall") != 1 {
				t.Errorf("%s", got)
			}
		}
		l := listen(ctx, s, "secret-fabio")
		free, err := contacts.NewDirectory([]contacts.Person{{Key: "fabio"}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		now := *rules
		now.Directory = free // a reload: he sees everything now
		engine.rules.Store(&now)
		time.Sleep(streamAsks)
		if !l.over() {
			t.Error("a stream outlives what it was opened for")
		}
	})
}

// TestAStreamEnds with the daemon, and within seconds if its token is gone.
func TestAStreamEnds(t *testing.T) {
	inStreams(t, func(ctx context.Context, t *testing.T, s *Server, hub *events.Hub) {
		stays, goes := listen(ctx, s, "secret-reader"), listen(ctx, s, "secret-gone")
		s.SetTokens([]Token{{Name: "the-reader", Role: "reader", Token: "secret-reader"}})
		time.Sleep(streamAsks)
		if !goes.over() || stays.over() {
			t.Errorf("of a token that is gone: %t; of one that stays: %t", goes.over(), stays.over())
		}
		hub.Close()
		if !stays.over() {
			t.Error("it outlives the daemon")
		}
	})
}

// TestASessionThatEnds ends its stream; one of which nobody can be asked does not.
func TestASessionThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sessions := &door{}
		s := New(Options{PublicURL: "https://astreinte.example.net", Sessions: sessions, Engine: ruled{rules: deskRules(t)}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/events", nil)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}()
		l := &listening{ended: ended}
		synctest.Wait()
		sessions.err.Store(true)
		time.Sleep(time.Minute)
		if l.over() {
			t.Error("it ended though nobody could be asked")
		}
		sessions.err.Store(false)
		sessions.gone.Store(true)
		time.Sleep(streamAsks)
		if !l.over() {
			t.Error("the session has ended, the stream has not")
		}
	})
}

// TestThereAreSoManyStreams answers 503, and when to come again.
func TestThereAreSoManyStreams(t *testing.T) {
	inStreams(t, func(ctx context.Context, t *testing.T, s *Server, hub *events.Hub) {
		hub.SetMost(2)
		first := listen(ctx, s, "secret-reader")
		for _, c := range []struct {
			token string
			want  int
		}{{"secret-reader", http.StatusServiceUnavailable}, {"secret-gone", http.StatusOK}, {"secret-none", http.StatusUnauthorized}} {
			if l := listen(ctx, s, c.token); l.w.Code != c.want || (c.want == http.StatusServiceUnavailable) != (l.w.Header().Get("Retry-After") == "10") {
				t.Errorf("%s: %d %v", c.token, l.w.Code, l.w.Header())
			}
		}
		if first.over() {
			t.Error("who was there first had to go")
		}
	})
}

// door is a session of bruno's, until it is gone or nobody can be asked.
type door struct{ gone, err atomic.Bool }

func (d *door) Session(*http.Request) (Token, bool, error) {
	if d.err.Load() {
		return Token{}, false, errors.New("no answer")
	}
	return Token{Name: "bruno", Person: "bruno", Role: "reader"}, !d.gone.Load(), nil
}
