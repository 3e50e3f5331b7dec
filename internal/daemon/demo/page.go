package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

//go:embed assets
var assets embed.FS

const (
	formLimit  = 16 << 10
	lookEvery  = 500 * time.Millisecond
	shown      = 8  // tickets
	shownTexts = 12 // messages a phone
)

// pages answers the demo's page and its buttons. Only the page itself may press
// them: another site's requests are refused.
func (d *Demo) pages() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range d.routes() {
		mux.HandleFunc(pattern, do)
	}
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin") // as the console, so that one window of it is enough
		guarded.ServeHTTP(w, r)
	})
}

// routes are the page and its buttons, by their patterns.
func (d *Demo) routes() map[string]http.HandlerFunc {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return map[string]http.HandlerFunc{
		"GET /":                  http.FileServerFS(files).ServeHTTP,
		"GET /words.js":          showWords,
		"GET /demo/state":        d.showState,
		"GET /demo/events":       d.events,
		"POST /demo/alert":       pressed(d.alert),
		"POST /demo/text":        pressed(d.text),
		"POST /demo/acknowledge": pressed(d.acknowledge),
		"POST /demo/sign-in":     d.enter,
		"POST /demo/speed":       pressed(d.speed),
		"POST /demo/break":       pressed(d.breakProvider),
	}
}

func (d *Demo) showState(w http.ResponseWriter, r *http.Request) {
	s, err := d.state(r.Context(), spoken(r))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // the browser is gone: nothing to do about it
}

// showWords is what the page's script says, in each language.
func showWords(w http.ResponseWriter, _ *http.Request) {
	words := map[string]map[string]string{}
	for _, language := range lang.All() {
		words[language.Tag] = language.Demo
	}
	text, err := json.Marshal(words)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = fmt.Fprintf(w, "\"use strict\";\nconst WORDS = %s;\n", text) // the browser is gone: nothing to do about it
}

// spoken is the browser's language.
func spoken(r *http.Request) *lang.Words { return lang.Accepted(r.Header.Get("Accept-Language")) }

// pressed answers a button.
func pressed(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, formLimit)
		if err := do(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// alert posts what Alertmanager would post to the daemon's own intake.
func (d *Demo) alert(r *http.Request) error {
	status := r.FormValue("status")
	if status != string(ticket.Firing) && status != string(ticket.Resolved) {
		return fmt.Errorf("status %q is neither firing nor resolved", status)
	}
	body, err := json.Marshal(map[string]any{
		"version": "4", "status": status, "receiver": "demo", "groupKey": "demo",
		"alerts": []any{map[string]any{
			"status": status, "startsAt": d.clock.Now(),
			"labels": map[string]string{
				"alertname": r.FormValue("name"), "instance": r.FormValue("host"), "severity": r.FormValue("severity"),
				"customer": "acme", "site": "Givrand",
			},
		}},
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, d.url+"/ingest/prometheus", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.sender.Do(req)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("the daemon answered %s", resp.Status)
	}
	return nil
}

// text sends what somebody typed on a phone.
func (d *Demo) text(r *http.Request) error {
	phone, err := d.phone(r)
	if err == nil {
		_, err = phone.Send(r.Context(), r.FormValue("text"))
	}
	return err
}

func (d *Demo) speed(r *http.Request) error {
	speed, err := strconv.ParseFloat(r.FormValue("speed"), 64)
	if err != nil {
		return fmt.Errorf("speed: %w", err)
	}
	d.clock.SetSpeed(speed)
	d.daemon.Hasten()
	return nil
}

// faults remembers which provider is broken, and how.
type faults struct {
	mu  sync.Mutex
	now map[phonetest.Kind]string
}

var ways = map[string]func(phonetest.Kind) phonetest.Fault{
	"down": func(k phonetest.Kind) phonetest.Fault {
		return phonetest.Fault{Kind: k, Status: http.StatusServiceUnavailable}
	},
	"undelivered": func(k phonetest.Kind) phonetest.Fault {
		return phonetest.Fault{Kind: k, Receipt: "undelivered", ReceiptCode: 30005}
	},
	"refused": func(k phonetest.Kind) phonetest.Fault {
		if k == phonetest.Push {
			return phonetest.Fault{Kind: k, Status: http.StatusBadRequest, Body: "InvalidSubscription"}
		}
		return phonetest.Fault{Kind: k, Code: 21610, Status: http.StatusBadRequest}
	},
}

func (d *Demo) breakProvider(r *http.Request) error {
	kind, how := phonetest.Kind(r.FormValue("channel")), r.FormValue("how")
	if kind != phonetest.SMS && kind != phonetest.Push {
		return errors.New("channel: sms or push")
	}
	if how != "" && ways[how] == nil {
		return errors.New("how: down, undelivered, refused, or nothing")
	}
	d.broken.mu.Lock()
	defer d.broken.mu.Unlock()
	if d.broken.now == nil {
		d.broken.now = map[phonetest.Kind]string{}
	}
	d.broken.now[kind] = how
	d.world.ClearFaults()
	for k, w := range d.broken.now {
		if w != "" {
			d.world.SetFault(ways[w](k))
		}
	}
	return nil
}

// events keeps a page live: the state, each time that it has changed.
func (d *Demo) events(w http.ResponseWriter, r *http.Request) {
	flush := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	changed, cancel := d.world.Subscribe()
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last []byte
	words := spoken(r)
	for {
		s, err := d.state(r.Context(), words)
		if err != nil {
			return
		}
		now, err := json.Marshal(s)
		if err != nil {
			return
		}
		if !bytes.Equal(now, last) {
			last = now
			if _, err := fmt.Fprintf(w, "data: %s\n\n", now); err != nil || flush.Flush() != nil {
				return
			}
		}
		select {
		case <-tick.C:
		case <-changed:
		case <-r.Context().Done():
			return
		case <-d.ends:
			return
		}
	}
}
