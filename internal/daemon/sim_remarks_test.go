package daemon

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// toolUser is whom the tools of a simulation name.
const toolUser = "nagiosadmin"

// scriptRemarks has somebody acknowledge alerts in their tool, and the tool say
// something besides, in a third of the worlds. It draws from its own random
// source.
func (s *sim) scriptRemarks(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 71))
	if rng.IntN(3) != 0 {
		return
	}
	for i := range 2 + rng.IntN(5) {
		at := 10*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-10*time.Second)))
		tool := s.tools[rng.IntN(len(s.tools))]
		a := tool.alerts[rng.IntN(len(tool.alerts))]
		r := &ticket.Remark{Kind: ticket.RemarkTaken, By: toolUser, What: "ACKNOWLEDGEMENT"}
		if rng.IntN(3) == 0 {
			r = &ticket.Remark{Kind: ticket.RemarkNoted, By: toolUser, What: fmt.Sprintf("CUSTOM %d", i)}
		}
		node := rng.IntN(len(s.nodes))
		add(at, fmt.Sprintf("%s is %s in its tool", a.name, r.Kind), func() {
			s.beside(func() { s.remarks(s.nodes[node], tool.source, a.fingerprint, r) })
		})
	}
}

// remarks hands a remark to a daemon, if one lives there. The tool does not try
// again.
func (s *sim) remarks(n *simNode, source, fingerprint string, r *ticket.Remark) {
	life := n.now()
	if life == nil || life.daemon == nil {
		return
	}
	s.past.mu.Lock()
	if r.Kind == ticket.RemarkTaken {
		s.past.takenInTool = append(s.past.takenInTool, source)
	}
	s.past.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := life.daemon.taker().Take(ctx, ticket.Batch{Source: source, Alerts: []ticket.Alert{{Fingerprint: fingerprint, Remark: r}}})
	s.tell("a remark on %s of %s: %v", fingerprint, source, err)
}

// tookInTool: nobody's tool takes a ticket that nobody took in it, and no
// remark resolves one.
func (h *history) tookInTool(number string, c *escalation.Change) {
	for _, e := range c.Timeline {
		if e.Actor == nil || e.Actor.Kind != ticket.ActorUser {
			continue
		}
		said := false
		for _, source := range h.takenInTool {
			said = said || source == c.Ticket.Source
		}
		switch {
		case e.Kind == ticket.EntryTool:
		case e.Kind == ticket.EntryAckExpired: // names whoever had it
		case e.Kind == ticket.EntryAcknowledged && said && e.Actor.Name == toolUser:
		default:
			h.s.problem("remark", "%s: %s by %s, who said nothing of the kind", number, e.Kind, e.Actor)
		}
	}
}
