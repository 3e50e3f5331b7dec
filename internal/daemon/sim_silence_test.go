package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// scriptSilences has people silence an alert, a team or a customer for some minutes, and
// sometimes end it sooner, in a third of the worlds. A failover takes silences back, and
// a clock that jumps their hours: such worlds have none. It draws from its own source.
func (s *sim) scriptSilences(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 71))
	if rng.IntN(3) != 0 || s.plan.kinds["failover"] || s.plan.kinds["store clock"] {
		return
	}
	for range 2 + rng.IntN(4) {
		tool := s.tools[rng.IntN(len(s.tools))]
		a := tool.alerts[rng.IntN(len(tool.alerts))]
		body := map[string]any{"why": "simulated"}
		switch rng.IntN(4) {
		case 0:
			body["customer"] = a.labels["customer"]
		case 1:
			body["matchers"] = []string{`team="` + a.labels["team"] + `"`}
		default:
			body["matchers"] = []string{`instance="` + a.labels["instance"] + `"`, `alertname=~".+"`}
		}
		length := time.Duration(30+rng.IntN(300)) * time.Second
		var end time.Duration
		if rng.IntN(3) == 0 {
			end = time.Duration(5+rng.IntN(120)) * time.Second
		}
		at := 10*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-10*time.Second)))
		if rng.IntN(2) == 0 {
			add(at+time.Duration(rng.IntN(40)-10)*time.Second, a.name+" fires around a silence", func() { tool.set(a, true) })
		}
		add(at, fmt.Sprintf("a silence of %s, ended after %s: %v", length, end, body), func() {
			s.beside(func() { s.silences(body, length, end) })
		})
	}
}

// silences makes a silence, and ends it after a while if end is set.
func (s *sim) silences(body map[string]any, length, end time.Duration) {
	body["until"] = s.storeNow().Add(length).Format(time.RFC3339)
	status, answer := s.ask(20*time.Second, "/api/v1/silences", apiToken, body)
	s.tell("%v: %d %.200s", body, status, answer)
	var made struct{ ID string }
	if status != http.StatusCreated || json.Unmarshal([]byte(answer), &made) != nil || end == 0 || !s.sleep(end) {
		return
	}
	ctx, cancel := simContext(20 * time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, publicURL+"/api/v1/silences/"+made.ID, nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	resp, err := s.client.Do(req)
	if err != nil {
		return
	}
	s.tell("the silence %s is ended: %d", made.ID, resp.StatusCode)
	_ = resp.Body.Close()
}

// hushes checks what is ordered for a ticket that a silence holds back: nothing, but
// for whoever asked to be woken, and managers who are told of the source. A ticket that
// opens by an alert that a silence has held back for a while orders nothing either.
func (h *history) hushes(number string, c *escalation.Change) {
	now, t := h.s.storeNow(), &c.Ticket
	ordered := 0
	for i := range c.Pages {
		if p := &c.Pages[i]; p.Kind == ticket.KindPage && p.Step.Kind != ticket.ForEverybody {
			ordered++
		}
	}
	if ordered == 0 {
		return
	}
	if t.Progress.Mute.Until.Sub(now) > simDeadline {
		h.s.problem("silence", "%s orders %d pages, and is silenced until %s", number, ordered, clockOf(t.Progress.Mute.Until))
	}
	if c.Revision != 0 || len(c.Alerts) == 0 || t.Overflow != "" || h.s.troubled(time.Now().Add(-time.Minute), time.Now()) {
		return
	}
	list, err := silence.NewBook(h.s.memory.Records(), nil).All(context.Background())
	if err != nil {
		return
	}
	for i := range list {
		if known := list[i].At.Add(simLearns); now.Before(known) || now.Sub(list[i].Ended) < 0 {
			list[i].Ended = list[i].At // not yet in force everywhere
		}
	}
	rules := *h.s.rulesAt(time.Now())
	rules.Silences = silence.Rules(list, now)
	for i := range c.Alerts {
		a := &c.Alerts[i].Record.Alert
		if a.Status != ticket.Firing || !rules.Mute(a, now).Holds(now.Add(simLearns)) {
			return
		}
	}
	h.s.problem("silence", "%s opens and pages, and a silence holds back all of its alerts", number)
}

// maybeSilenced says whether a daemon may go by a silence that holds back an alert now.
func (h *history) maybeSilenced(a *ticket.Alert) bool {
	return h.silencedAt(a, h.s.storeNow())
}

// silencedAt says so of another time.
func (h *history) silencedAt(a *ticket.Alert, now time.Time) bool {
	list, err := silence.NewBook(h.s.memory.Records(), nil).All(context.Background())
	if err != nil || len(list) == 0 {
		return false
	}
	for i := range list {
		if ended := &list[i].Ended; !ended.IsZero() { // some learn of it later
			*ended = ended.Add(simWrites)
		}
	}
	rules := *h.s.rulesAt(time.Now())
	rules.Silences = silence.Rules(list, now)
	return rules.Mute(a, now).Holds(now)
}
