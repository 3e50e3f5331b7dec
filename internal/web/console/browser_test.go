package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// screen is one tab of a real Chromium, on an office that it can reach.
type screen struct {
	*office
	t   *testing.T
	tab *browsertest.Tab
	at  string

	events *stream
	broken atomic.Bool // the daemon answers nothing any more
	slow   atomic.Bool // the network brings the script of streams late
	late   atomic.Pointer[delay]
}

// delay is a network that brings what was answered long after it was.
type delay struct{ asked, brings chan struct{} }

func (d *delay) answer(w http.ResponseWriter, r *http.Request, by http.Handler) {
	was := httptest.NewRecorder()
	by.ServeHTTP(was, r)
	select {
	case d.asked <- struct{}{}:
	default:
	}
	select {
	case <-d.brings:
	case <-r.Context().Done():
	}
	for name, values := range was.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(was.Code)
	_, _ = w.Write(was.Body.Bytes())
}

const (
	patience   = browsertest.Patience
	lateScript = 500 * time.Millisecond
)

func newScreen(t *testing.T) *screen {
	t.Helper()
	s := &screen{office: newOffice(t, home), t: t, events: newStream()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := r.URL.Query().Get("as"); r.URL.Path == "/as" {
			http.SetCookie(w, &http.Cookie{Name: "badge", Value: who, Path: "/"})
			return
		}
		if s.slow.Load() && strings.HasSuffix(r.URL.Path, "/hx-sse.min.js") {
			<-time.NewTimer(lateScript).C
		}
		switch {
		case s.broken.Load():
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == EventsPath:
			s.events.ServeHTTP(w, r)
		case s.late.Load() != nil && r.Method == http.MethodGet && r.Header.Get("HX-Source") == "main#page":
			s.late.Load().answer(w, r, s.handler)
		default:
			s.handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.at = server.URL
	s.serve(server.URL, s.store)
	s.tab = browsertest.Open(t).Tab(t)
	return s
}

func (s *screen) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	s.tab.Do(what, steps...)
}

func (s *screen) eval(expression string) string {
	s.t.Helper()
	return s.tab.Eval(expression)
}

// signIn makes the tab a person's.
func (s *screen) signIn(person string) {
	s.t.Helper()
	s.do("sign in", chromedp.Navigate(s.at+"/as?as="+person))
}

// size is a screen of a size, in a light or a dark room.
func (s *screen) size(width, height int64, theme string) {
	s.t.Helper()
	s.tab.Screen(width, height, theme)
}

func see(selector string) chromedp.Action[chromedp.Void] { return browsertest.See(selector) }

func click(selector string) chromedp.Action[chromedp.Void] { return browsertest.Click(selector) }

// busy is a night with something of everything.
func (s *screen) busy() {
	s.t.Helper()
	s.health = Health{
		Version: "1.2.3", Providers: []Provider{{"sms", "twilio", false}, {"push", "fcm", true}}, Warnings: []string{"this machine's clock is 2s from the store's, by which deadlines are kept"},
		Sources: []Source{{Name: "prometheus", Type: "alertmanager", HeardAt: saturday.Add(-3 * time.Minute)}, {Name: "bellac", Type: "alertmanager", RefusedAt: saturday.Add(-time.Hour), Reason: "the body is no JSON object: invalid character '<' looking for beginning of value"}},
		Queued:  3, Waits: 4 * time.Minute, Doubts: []string{"groups.on-call: nobody is on call on 2026-12-24 from 18:00 to 20:00"},
	}
	for i, urgency := range []string{"critical", "major", "minor", "low", "major", "low"} {
		number := s.alert(fmt.Sprintf("Trouble%d", i), "urgency", urgency, "instance", fmt.Sprintf("srv-%02d.example.com", i))
		s.clock.pass(7 * time.Minute)
		if i%2 == 1 {
			s.acts([]string{"alice", "bruno"}[i/2%2], number, escalation.ActAcknowledge)
		}
	}
	s.acts("bruno", s.alert("Over"), escalation.ActResolve)
	s.follow("edith", s.post("edith", "/people/alice", "test", ""))
}
