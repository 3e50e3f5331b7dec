package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// simTool is an honest monitoring tool. It reports each change at once,
// repeats what fires, and tries again at another daemon what was not answered
// 2xx. One posts webhooks like Alertmanager, one posts like Prometheus.
type simTool struct {
	s       *sim
	source  string
	posts   bool // to /api/v2/alerts, with an end: silence is noticed
	every   time.Duration
	timeout time.Duration
	wake    chan struct{}

	mu     sync.Mutex
	alerts []*simAlert
	mute   time.Time // it is dead since then; zero: it lives
	lives  time.Time // since then it lives
}

// simAlert is one alert as its tool sees it.
type simAlert struct {
	name        string
	fingerprint string
	labels      map[string]string
	fires       bool
	known       bool // it was said to fire at some time
	since, over time.Time
	past        span // the occurrence before
	dirty       bool // something changed that was not accepted yet
	version     int
	heard       int  // the version of the newest mail that was taken
	ended       bool // that said that it is over, and the store has it

	// What was accepted.
	accepted time.Time // the last 2xx
	said     ticket.AlertStatus
	silentAt time.Time // as that said
	unsure   bool      // it was said to fire, without an answer: it may yet be heard
}

// holdsFor is how long an alert stands that Prometheus posted.
const holdsFor = 4 * time.Minute

func (s *sim) openTools() {
	for i, source := range []string{"am", "prom"} {
		tool := &simTool{
			s: s, source: source, posts: i == 1, every: time.Minute, timeout: 5 * time.Second,
			wake: make(chan struct{}, 1), lives: time.Now(),
		}
		if !tool.posts && s.rng.IntN(2) == 0 {
			tool.every = 4 * time.Hour // as Alertmanager does where nobody says how often
		}
		for n := range 1 + s.rng.IntN(4) {
			tool.alerts = append(tool.alerts, s.newAlert(tool, n))
		}
		s.tools = append(s.tools, tool)
		s.beside(tool.run)
	}
}

func (s *sim) newAlert(tool *simTool, n int) *simAlert {
	name := fmt.Sprintf("%s-%d", tool.source, n)
	labels := map[string]string{
		"alertname": []string{"HostDown", "DiskFull"}[s.rng.IntN(2)], "instance": simHost(name, n),
		"customer": []string{"acme", "bellac"}[s.rng.IntN(2)], "severity": []string{"critical", "error", "warning"}[s.rng.IntN(3)],
		"team": []string{"a", "b"}[s.rng.IntN(2)],
	}
	a := &simAlert{name: name, labels: labels, fingerprint: name}
	tool.mark(a)
	return a
}

// mark gives an alert the fingerprint that is made of its labels where the tool has none.
func (tool *simTool) mark(a *simAlert) {
	if !tool.posts {
		return
	}
	set := model.LabelSet{}
	for k, v := range a.labels {
		set[model.LabelName(k)] = model.LabelValue(v)
	}
	a.fingerprint = set.Fingerprint().String()
}

// set lets an alert fire or recover.
func (tool *simTool) set(a *simAlert, fires bool) {
	tool.mu.Lock()
	if a.fires != fires {
		a.fires, a.dirty, a.known = fires, true, true
		a.version++
		if fires {
			a.past = span{a.since, a.over}
			a.since = time.Now()
		} else {
			a.over = time.Now()
		}
	}
	tool.mu.Unlock()
	tool.nudge()
}

// worsen raises the urgency of an alert.
func (tool *simTool) worsen(a *simAlert) {
	tool.mu.Lock()
	if !tool.posts && a.fires { // what is posted would be another alert
		labels := map[string]string{}
		for k, v := range a.labels {
			labels[k] = v
		}
		labels["severity"] = "critical"
		a.labels, a.dirty = labels, true
		a.version++
	}
	tool.mu.Unlock()
	tool.nudge()
}

// die ends the tool; revive is its opposite.
func (tool *simTool) die() {
	tool.mu.Lock()
	defer tool.mu.Unlock()
	if tool.mute.IsZero() {
		tool.mute = time.Now()
	}
}

func (tool *simTool) revive() {
	tool.mu.Lock()
	if !tool.mute.IsZero() {
		tool.mute, tool.lives = time.Time{}, time.Now()
	}
	tool.mu.Unlock()
	tool.nudge()
}

func (tool *simTool) nudge() {
	select {
	case tool.wake <- struct{}{}:
	default:
	}
}

// run posts until the world ends.
func (tool *simTool) run() {
	backoff, next := time.Second, time.Now()
	for {
		tool.mu.Lock()
		dirty, dead := false, !tool.mute.IsZero()
		for _, a := range tool.alerts {
			dirty = dirty || a.dirty
		}
		tool.mu.Unlock()
		wait := time.Until(next)
		switch {
		case dead:
			wait = time.Hour
		case dirty && backoff == time.Second, wait <= 0:
			if tool.post(!dirty || wait <= 0) {
				backoff = time.Second
				if wait <= 0 {
					next = time.Now().Add(tool.every)
				}
				continue
			}
			wait = backoff
			backoff = min(backoff*2, 8*time.Second)
		case dirty:
			wait = min(wait, backoff)
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-timer.C:
			if dirty && backoff > time.Second {
				if tool.post(false) {
					backoff = time.Second
				} else {
					backoff = min(backoff*2, 8*time.Second)
				}
			}
		case <-tool.wake:
		case <-tool.s.over:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// post sends what changed, or all that fires; true if it was accepted.
func (tool *simTool) post(all bool) bool {
	tool.mu.Lock()
	if !tool.mute.IsZero() {
		tool.mu.Unlock()
		return true
	}
	now := time.Now()
	type word struct {
		a       *simAlert
		version int
		fires   bool
		ends    time.Time
	}
	var words []word
	var list []map[string]any
	for _, a := range tool.alerts {
		again := all && (a.fires || (tool.posts && a.known && now.Sub(a.over) < 15*time.Minute))
		if !a.dirty && !again {
			continue
		}
		w := word{a, a.version, a.fires, now.Add(holdsFor)}
		words = append(words, w)
		body := map[string]any{"labels": a.labels, "startsAt": a.since, "annotations": map[string]string{"summary": a.name}}
		switch {
		case tool.posts && a.fires:
			body["endsAt"] = w.ends
		case tool.posts:
			body["endsAt"] = a.over
		default:
			body["fingerprint"] = a.fingerprint
			body["status"] = "firing"
			if !a.fires {
				body["status"], body["endsAt"] = "resolved", a.over
			}
		}
		list = append(list, body)
	}
	tool.mu.Unlock()
	if len(words) == 0 {
		return true
	}
	path, payload := "/ingest/"+tool.source, any(map[string]any{"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": list})
	if tool.posts {
		path, payload = path+"/api/v2/alerts", list
	}
	status, answer := tool.s.ask(tool.timeout, path, "token-of-"+tool.source, payload)
	said := ""
	for _, w := range words {
		said += fmt.Sprintf(" %s=%v", w.a.name, w.fires)
	}
	tool.s.tell("tool %s posts%s: %d %s", tool.source, said, status, answer)
	if status/100 != 2 {
		if status/100 == 4 {
			tool.s.problem("refused", "a post of %s was answered %d %s", tool.source, status, answer)
		}
		tool.mu.Lock()
		defer tool.mu.Unlock()
		for _, w := range words {
			w.a.unsure = w.a.unsure || w.fires
		}
		return false
	}
	for _, w := range words {
		tool.s.kept(tool.source, w.a, w.fires)
	}
	tool.mu.Lock()
	defer tool.mu.Unlock()
	for _, w := range words {
		a := w.a
		a.accepted, a.said = now, ticket.Resolved
		if w.fires {
			a.said = ticket.Firing
			a.silentAt = w.ends
		}
		if a.version == w.version {
			a.dirty = false
		}
	}
	return true
}

// kept judges a 2xx: what was accepted is in the store at that moment.
func (s *sim) kept(source string, a *simAlert, fires bool) {
	records, err := s.memory.Alerts(context.Background(), source, []string{a.fingerprint})
	now := time.Now()
	if err != nil || !fires || s.past.takenBack(now) || s.past.closed(source+"/"+a.fingerprint) {
		return
	}
	if len(records) == 0 {
		s.problem("not durable", "alert %s was accepted and is not in the store", a.name)
	}
}

// ask posts something to whichever daemon the door leads to; 0: no answer.
func (s *sim) ask(patience time.Duration, path, token string, payload any) (status int, answer string) {
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, publicURL+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(bytes.TrimSpace(text))
}

// find finds the alert of a fingerprint.
func (s *sim) find(source, fingerprint string) (*simTool, *simAlert) {
	for _, tool := range s.tools {
		if tool.source != source {
			continue
		}
		for _, a := range tool.alerts {
			if a.fingerprint == fingerprint {
				return tool, a
			}
		}
	}
	return nil, nil
}

// silenced judges an alert that was marked silent: its tool must really be
// silent.
func (s *sim) silenced(source string, r *ticket.AlertRecord) {
	tool, a := s.find(source, r.Fingerprint)
	if a == nil {
		return
	}
	tool.mu.Lock()
	defer tool.mu.Unlock()
	now := time.Now()
	if tool.mute.IsZero() && a.fires && now.Sub(tool.lives) > holdsFor && now.Sub(a.since) > holdsFor {
		s.problem("silence", "alert %s was held to be silent, but its tool lives and repeats it (last accepted %.1f s before)",
			a.name, now.Sub(a.accepted).Seconds())
	}
}
