package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// simBeats is how often what beats does so, and tries again what was not taken.
	simBeats = 20 * time.Second
	// simSilent is after how long a heartbeat is late.
	simSilent = 2 * time.Minute
	simBeat   = "the-token-of-the-heartbeats"
)

// hasBeats says whether the world has heartbeats: a third of them do. One beats as long as
// the world lives, the other one stops.
func (s *sim) hasBeats() bool { return rand.New(rand.NewPCG(s.seed, 72)).IntN(3) == 0 }

// beats is what the configuration says of them.
func (s *sim) beats() string {
	if !s.hasBeats() {
		return ""
	}
	one := func(name string) string {
		return fmt.Sprintf("\n  %s: {every: 1m, grace: 1m, token: %s-%s, labels: {customer: acme, severity: critical}}", name, simBeat, name)
	}
	return "\nheartbeats:" + one("lives") + one("stops") + "\n"
}

// scriptBeats has both beat, and one of them stop while things go wrong.
func (s *sim) scriptBeats(add func(time.Duration, string, func())) {
	if !s.hasBeats() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 73))
	stops := 30*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-30*time.Second)))
	add(time.Second, fmt.Sprintf("heartbeats begin; one stops after %s", stops), func() {
		for name, until := range map[string]time.Duration{"lives": 0, "stops": stops} {
			s.beside(func() { s.beatOn(name, until) })
		}
	})
}

// beatOn beats a heartbeat for so long, or for as long as the world lives.
func (s *sim) beatOn(name string, until time.Duration) {
	for until == 0 || time.Since(s.began) < until {
		ctx, cancel := simContext(10 * time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, publicURL+"/heartbeat/"+name, nil)
		if err != nil {
			panic(err)
		}
		req.Header.Set("Authorization", "Bearer "+simBeat+"-"+name)
		sent := time.Now()
		if resp, err := s.client.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.heardBeat(name, sent)
			}
		}
		cancel()
		if !s.sleep(simBeats) {
			return
		}
	}
}

func (s *sim) heardBeat(name string, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beating == nil {
		s.beating = map[string]time.Time{}
	}
	s.beating[name] = sent
}

// beatTold judges an alert of a heartbeat that begins: nothing that beats is told of. A
// clock that is set brings it that much closer, and a failover takes beats back.
func (h *history) beatTold(number string, a *ticket.Alert) {
	h.s.mu.Lock()
	last := h.s.beating[a.Fingerprint] // when the last one was sent that was taken
	h.s.mu.Unlock()
	if a.Status == ticket.Firing && time.Since(last)+h.s.moved() < simSilent-simDeadline && !h.restored(last, time.Now()) {
		h.s.problem("heartbeat", "%s is told of in %s, and beat %s ago", a.Fingerprint, number, time.Since(last))
	}
}

// judgeBeats: at the end of the world the one that stopped is told of, or somebody ended
// its ticket, and the other one is not, or no more.
func (s *sim) judgeBeats() {
	if !s.hasBeats() {
		return
	}
	firing := map[string]bool{}
	list, _, err := s.memory.Tickets(context.Background(), ticket.Query{Scope: ticket.Everything(), Limit: 500})
	if err != nil {
		s.problem("judge", "%v", err)
	}
	for i := range list {
		if list[i].Source != heartbeat.Source {
			continue
		}
		if by := list[i].ResolvedBy; by != nil && by.Kind != ticket.ActorSender && strings.HasPrefix(list[i].Title, "stops") {
			firing["stops"] = true
		}
		view, err := s.memory.View(context.Background(), list[i].Number)
		if err != nil {
			continue
		}
		for k := range view.Alerts {
			if view.Alerts[k].Status == ticket.Firing {
				firing[view.Alerts[k].Fingerprint] = true
			}
		}
	}
	if !firing["stops"] {
		s.problem("heartbeat", "the one that stopped is not told of")
	}
	if firing["lives"] {
		s.problem("heartbeat", "the one that beats is told of")
	}
}
