package daemon

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/recheck"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// simLookHost is where the Prometheus is that knows the alerts of prom.
	simLookHost = "prometheus.example.net"
	// simAnswer is within what an answer is there, if a daemon can work. One that begins
	// to, because another one died, has simTakesOver.
	simAnswer    = 60 * time.Second
	simTakesOver = 25 * time.Second
)

// hasChecks says whether alerts of prom can be checked again: in a third of the worlds.
// What a failover takes back nobody answers.
func (s *sim) hasChecks() bool {
	return !s.plan.kinds["failover"] && !s.plan.kinds["store clock"] && rand.New(rand.NewPCG(s.seed, 76)).IntN(3) == 0
}

// checked is what the configuration of prom says of that.
func (s *sim) checked() string {
	if !s.hasChecks() {
		return ""
	}
	return `, recheck: {prometheus: {url: "https://` + simLookHost + `"}}`
}

// scriptChecks has people ask to check again while things go wrong. The daemon that does
// dies of some of the questions.
func (s *sim) scriptChecks(add func(time.Duration, string, func())) {
	if !s.hasChecks() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 77))
	for range 3 + rng.IntN(5) {
		at, who := 30*time.Second+time.Duration(rng.Int64N(int64(s.plan.trouble-30*time.Second))), []string{"alice", "bruno", ""}[rng.IntN(3)]
		add(at, "somebody asks to check again", func() {
			if number := s.ticketFrom("prom"); number != "" {
				s.beside(func() { s.checksAgain(number, who) })
			}
		})
	}
}

// simAsking is what is written down of a question (recheck.Kind).
type simAsking struct {
	ID    string
	Found *ticket.Found
	Noted bool
}

// asking reads that of a ticket; one without an ID is none.
func (s *sim) asking(number string) (a simAsking) {
	if r, err := s.memory.Records().Get(context.Background(), "prom", recheck.Kind, number); err == nil {
		if json.Unmarshal(r.Value, &a) != nil {
			s.problem("check", "what was asked of %s cannot be read: %s", number, r.Value)
		}
	}
	return a
}

// checksAgain asks to check a ticket again, and waits for the answer.
func (s *sim) checksAgain(number, who string) {
	s.mu.Lock()
	if s.checks == nil {
		s.checks = map[string]int{}
	}
	s.checks[number]++
	s.mu.Unlock()
	asked := time.Now()
	status, said := s.ask(20*time.Second, "/api/v1/tickets/"+number+"/recheck", apiToken, map[string]string{"person": who})
	taken := s.asking(number)
	s.tell("%q asks to check %s again: %d %.120s", who, number, status, said)
	if taken.ID == "" {
		if status == http.StatusAccepted {
			s.problem("check", "%s is to be checked again, and nobody knows of it", number)
		}
		return
	}
	if taken.Found == nil && status == http.StatusAccepted {
		asked = time.Now()
	}
	for {
		now := s.asking(number)
		if now.ID != taken.ID || now.Found != nil && now.Noted {
			s.tell("%s was checked again within %s", number, time.Since(asked))
			return
		}
		if time.Since(asked) > simAnswer && s.works(simTakesOver) {
			s.problem("no answer", "%s was to be checked again at %.3f, and there is no answer", number, s.since(asked))
			return
		}
		if !s.sleep(time.Second) {
			return
		}
	}
}

// works says whether a daemon lives since then that nothing kept from its work.
func (s *sim) works(since time.Duration) bool {
	now := time.Now()
	return slices.ContainsFunc(s.alive(), func(l *simLife) bool {
		l.mu.Lock()
		born := l.readAt
		l.mu.Unlock()
		return now.Sub(born) > since && !l.hurt(now.Add(-since), now)
	})
}

// look carries a question to the Prometheus. Some daemons die of it.
func (c *carrier) look(req *http.Request) (*http.Response, error) {
	l, s := c.l, c.l.node.s
	if time.Since(s.began) < s.plan.trouble && s.roll("look/"+req.URL.Path) < 0.3 {
		return nil, l.perish("while it checks again")
	}
	return c.visit(req, false, http.HandlerFunc(s.prometheus))
}

// perish kills a daemon that is started again within a minute.
func (l *simLife) perish(why string) error {
	s := l.node.s
	back := time.Second + time.Duration(s.roll("back")*float64(simRestart-time.Second))
	s.trouble(back)
	l.kill(why)
	s.beside(func() {
		if s.sleep(back) {
			l.node.start()
		}
	})
	return errSimDead
}

// prometheus has one rule for each name, which finds what fires of prom.
func (s *sim) prometheus(w http.ResponseWriter, r *http.Request) {
	var data any
	switch r.URL.Path {
	case "/api/v1/rules":
		rule := map[string]any{"name": r.URL.Query().Get("rule_name[]"), "query": "up == 0", "type": "alerting"}
		data = map[string]any{"groups": []any{map[string]any{"rules": []any{rule}}}}
	case "/api/v1/query":
		list := []any{}
		for _, tool := range s.tools {
			tool.mu.Lock()
			for _, a := range tool.alerts {
				if tool.source == "prom" && a.fires {
					list = append(list, map[string]any{"metric": a.labels, "value": []any{0, "0"}})
				}
			}
			tool.mu.Unlock()
		}
		data = map[string]any{"resultType": "vector", "result": list}
	default:
		data = map[string]any{"resultType": "matrix", "result": []any{}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

// judgeChecks: each question is one line of its ticket at most, and none is open for long.
func (h *history) judgeChecks() {
	s := h.s
	if !s.hasChecks() {
		return
	}
	for _, number := range h.numbers() {
		if t := h.tickets[number]; t.lost || t.source != "prom" {
			continue
		}
		if a := s.asking(number); a.ID != "" && (a.Found == nil || !a.Noted) {
			s.problem("no answer", "what was asked of %s is open at the end", number)
		}
		view, err := s.memory.View(context.Background(), number)
		if err != nil {
			continue
		}
		lines := 0
		for i := range view.Timeline {
			if e := &view.Timeline[i]; e.Kind == ticket.EntryRecheck && e.Detail == ticket.SaidFound {
				lines++
			}
		}
		s.mu.Lock()
		asked := s.checks[number]
		s.mu.Unlock()
		if lines > asked {
			s.problem("check", "%s was to be checked again %d times, and has %d answers", number, asked, lines)
		}
	}
}
