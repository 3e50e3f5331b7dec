package daemon

import (
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/doorway"
	"github.com/astreinte/astreinte/internal/ticket"
)

// logEvery is the least time between two log lines about one kind of trouble
// that anybody can cause.
const logEvery = time.Minute

// minutely writes at most one line a minute for each kind of trouble, with how
// often it happened. The kinds are ours, and few: somebody who makes trouble
// from many addresses fills nothing.
type minutely struct {
	mu    sync.Mutex
	kinds map[string]*repeated
}

// repeated is trouble that was logged less than a minute ago.
type repeated struct {
	times int // since then
	last  func(times int)
	end   *time.Timer
}

// say logs the first trouble of a kind at once. Those of the minute after it
// are counted. At its end one line tells of them, in the words of the last.
func (m *minutely) say(kind string, line func(times int)) {
	m.mu.Lock()
	r := m.kinds[kind]
	if r != nil {
		r.times++
		r.last = line
		m.mu.Unlock()
		return
	}
	if m.kinds == nil {
		m.kinds = map[string]*repeated{}
	}
	m.kinds[kind] = &repeated{end: time.AfterFunc(logEvery, func() { m.tell(kind) })}
	m.mu.Unlock()
	line(1)
}

// tell ends a kind's minute.
func (m *minutely) tell(kind string) {
	m.mu.Lock()
	r := m.kinds[kind]
	if r == nil {
		m.mu.Unlock()
		return
	}
	times, line := r.times, r.last
	if times == 0 {
		delete(m.kinds, kind)
	} else {
		r.times, r.last = 0, nil
		r.end.Reset(logEvery)
	}
	m.mu.Unlock()
	if times > 0 {
		line(times)
	}
}

// close logs what was only counted.
func (m *minutely) close() {
	m.mu.Lock()
	kinds := m.kinds
	m.kinds = nil
	m.mu.Unlock()
	for _, r := range kinds {
		r.end.Stop()
		if r.times > 0 {
			r.last(r.times)
		}
	}
}

// watched logs whoever was turned away, and bounds the forms of people and providers.
func (d *Daemon) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		if !ofTools(r) {
			doorway.BoundFields(r)
		}
		next.ServeHTTP(rec, r)
		if rec.status != http.StatusUnauthorized && rec.status != http.StatusForbidden {
			return
		}
		method, path, status, client := ticket.Logged(r.Method), pathOf(r), rec.status, ticket.Logged(d.client(r))
		d.turned.say(doorOf(r)+http.StatusText(status), func(times int) {
			d.log.Warn("turned away", zap.String("method", method), zap.String("path", path),
				zap.Int("status", status), zap.String("client", client), zap.Int("times", times))
		})
	})
}

// ofTools says that a request is of a tool, whose bodies are bounded where they are read.
func ofTools(r *http.Request) bool {
	return slices.Contains([]string{"/ingest/", "/heartbeat/", "/ping/", "/v2/", "/generic/", "/jsm/"}, doorOf(r))
}

// doorOf is the part of the product that a request was for.
func doorOf(r *http.Request) string {
	for _, part := range []string{"/ingest/", "/heartbeat/", "/ping/", "/v2/", "/generic/", "/jsm/", "/api/", "/twilio/", "/sms/", "/a/"} {
		if strings.HasPrefix(r.URL.Path, part) {
			return part
		}
	}
	return "/"
}

// secretPaths are those below which a token stands.
var secretPaths = []string{"/a/", "/ping/", "/r/", "/push/shown/", "/invite/", "/enrol/", "/calendar/", "/wall/"}

// pathOf is a path as the log may show it: a link's token, an invitation's and a
// ping's are secrets.
func pathOf(r *http.Request) string {
	for _, secret := range secretPaths {
		if strings.HasPrefix(r.URL.Path, secret) {
			return secret + "…"
		}
	}
	return ticket.Logged(r.URL.Path)
}

// newServerLog takes what net/http logs. What it says of its peers is logged
// once a minute, because they can make it say that. A panic, which is our
// fault, is logged at once and whole.
func newServerLog(to *zap.Logger, turned *minutely) *log.Logger {
	return log.New(serverLog{to, turned}, "", 0)
}

type serverLog struct {
	to     *zap.Logger
	turned *minutely
}

// Write takes one line (log.Logger).
func (s serverLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if strings.Contains(text, "panic serving") {
		s.to.Error(text)
		return len(line), nil
	}
	said := ticket.Logged(text)
	s.turned.say("http", func(times int) {
		s.to.Info("trouble with a connection", zap.String("said", said), zap.Int("times", times))
	})
	return len(line), nil
}
