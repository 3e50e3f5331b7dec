package daemon

import (
	"context"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// simEcho is how long after a commit the tool says at the latest what was written there.
const simEcho = 40 * time.Second

// hasEchoes says whether am says again what is written into it: in a third of the worlds.
func (s *sim) hasEchoes() bool { return rand.New(rand.NewPCG(s.seed, 79)).IntN(3) == 0 }

// scriptEchoes has a failover take back a ticket of am that somebody took meanwhile.
func (s *sim) scriptEchoes(add func(time.Duration, string, func())) {
	if !s.hasEchoes() || !s.plan.kinds["failover"] {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 80))
	const lost, takes = 8 * time.Second, 4 * time.Second
	at := 30*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-30*time.Second)))
	first := rng.IntN(4)
	add(at, "a failover takes back what is acknowledged meanwhile", func() {
		s.failover(lost)
		for _, tool := range s.tools {
			if tool.source == "am" {
				tool.set(tool.alerts[first%len(tool.alerts)], true)
			}
		}
		s.beside(func() {
			if !s.sleep(takes) {
				return
			}
			if number := s.ticketFrom("am"); number != "" {
				s.order(number, "acknowledge", "alice")
			}
		})
	})
}

// echoes has am say in a while of the ticket's alerts, as they are then, that they were
// acknowledged there by us, or are not any more. By then a failover may have taken back the
// ticket.
func (h *history) echoes(number string, was ticket.State, c *escalation.Change) {
	s, now := h.s, time.Now()
	if c.Ticket.Source != "am" || was.Taken() == c.Ticket.State.Taken() || now.Sub(s.began) > s.plan.trouble || !s.hasEchoes() {
		return
	}
	kind := ticket.RemarkNoted
	if c.Ticket.State.Taken() {
		kind = ticket.RemarkTaken
	}
	r := ticket.Remark{Kind: kind, By: "astreinte", What: "update", Text: ticket.MarkOf(publicURL).On(number) + ": x"}
	for _, alert := range slices.Sorted(maps.Keys(h.alerts)) {
		fingerprint, ours := strings.CutPrefix(alert, "am/")
		if !ours || h.alerts[alert] != number {
			continue
		}
		tool, a := s.find("am", fingerprint)
		if a == nil {
			continue
		}
		rng := rand.New(rand.NewPCG(s.seed, uint64(now.Sub(s.began))+uint64(crc32.ChecksumIEEE([]byte(alert)))))
		wait, node := time.Duration(rng.Int64N(int64(simEcho))), rng.IntN(len(s.nodes))
		s.beside(func() {
			if s.sleep(wait) {
				s.echo(s.nodes[node], tool, a, r)
			}
		})
	}
}

// echo hands an echo to a daemon, if one lives there. If it is accepted its alert is known
// from then on: it may be the last that the tool says of it.
func (s *sim) echo(n *simNode, tool *simTool, a *simAlert, r ticket.Remark) {
	life := n.now()
	if life == nil || life.daemon == nil {
		return
	}
	tool.mu.Lock()
	said, version := ticket.Alert{Fingerprint: a.fingerprint, Status: ticket.Firing, Labels: maps.Clone(a.labels), StartsAt: a.since, Remark: &r}, a.version
	quiet := !a.fires || !tool.mute.IsZero()
	tool.mu.Unlock()
	if quiet {
		return
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	taken, err := life.daemon.taker().Take(ctx, ticket.Batch{Source: tool.source, Alerts: []ticket.Alert{said}})
	s.tell("an echo on %s, %s: %v %v", a.name, r.Text, taken.Tickets, err)
	tool.mu.Lock()
	if a.version != version { // it said so meanwhile, and says it again
		a.dirty = true
	}
	tool.mu.Unlock()
	tool.nudge()
	records, failed := s.memory.Alerts(context.Background(), tool.source, []string{a.fingerprint})
	if err != nil || failed != nil || taken.Later || len(records) > 0 || s.past.closed(tool.source+"/"+a.fingerprint) {
		return
	}
	s.past.mu.Lock()
	restored := s.past.restored(began, time.Now())
	s.past.mu.Unlock()
	if !restored {
		s.problem("lost echo", "%s fires, %q was accepted of it, and nobody knows of it", a.name, r.Text)
	}
}
