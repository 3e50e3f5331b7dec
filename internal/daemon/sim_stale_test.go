package daemon

import (
	"math/rand/v2"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// scriptStale has reports that an earlier occurrence is over come late, in a
// third of the worlds: the sender tried again, or lags behind. It draws by its
// own seed, so that the rest of a world stays as it is.
func (s *sim) scriptStale(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 9))
	if rng.IntN(3) != 0 {
		return
	}
	for range 4 + rng.IntN(12) {
		tool := s.tools[rng.IntN(len(s.tools))]
		a := tool.alerts[rng.IntN(len(tool.alerts))]
		at := 20*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-20*time.Second)))
		add(at, "it comes late that "+a.name+" was over", func() { s.beside(func() { tool.late(a) }) })
	}
}

// late says that the earlier occurrence of an alert that fires is over.
func (tool *simTool) late(a *simAlert) {
	tool.mu.Lock()
	past, labels := a.past, a.labels
	stale := a.fires && !past.to.IsZero() && past.to.After(past.from) && tool.mute.IsZero()
	tool.mu.Unlock()
	if !stale {
		return
	}
	body := map[string]any{"labels": labels, "startsAt": past.from, "endsAt": past.to}
	path, payload := "/ingest/"+tool.source+"/api/v2/alerts", any([]any{body})
	if !tool.posts {
		body["fingerprint"], body["status"] = a.fingerprint, "resolved"
		path = "/ingest/" + tool.source
		payload = map[string]any{"version": "4", "status": "resolved", "groupKey": "{}:{}", "alerts": []any{body}}
	}
	status, answer := tool.s.ask(tool.timeout, path, "token-of-"+tool.source, payload)
	tool.s.tell("tool %s says late that %s was over: %d %s", tool.source, a.name, status, answer)
	if status/100 == 4 {
		tool.s.problem("refused", "a post of %s was answered %d %s", tool.source, status, answer)
	}
}

// ended judges the end of an alert: no occurrence ends before it began.
func (s *sim) ended(r *ticket.AlertRecord) {
	if r.Status == ticket.Resolved && !r.EndsAt.IsZero() && r.EndsAt.Before(r.StartsAt) {
		s.problem("ended early", "alert %s began at %s and is held to be over since %s", r.Fingerprint, clockOf(r.StartsAt), clockOf(r.EndsAt))
	}
}
