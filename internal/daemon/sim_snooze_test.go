package daemon

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// scriptSnoozes has people take tickets for one to four minutes and be woken
// again, in a third of the worlds. It draws from its own random source.
func (s *sim) scriptSnoozes(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 61))
	if rng.IntN(3) != 0 {
		return
	}
	for range 2 + rng.IntN(4) {
		at := 15*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-15*time.Second)))
		who := []string{"alice", "bruno", "dominique"}[rng.IntN(3)]
		length := time.Duration(60+rng.IntN(180)) * time.Second
		add(at, fmt.Sprintf("%s snoozes for %s", who, length), func() {
			if number := s.someTicket(); number != "" {
				s.beside(func() { s.snoozes(number, who, length) })
			}
		})
	}
}

// snoozes acknowledges with an end, by the API.
func (s *sim) snoozes(number, who string, length time.Duration) {
	a := s.acting(&simAct{who: who, ticket: number, action: "acknowledge"})
	status, text := s.ask(20*time.Second, "/api/v1/tickets/"+number+"/snooze", apiToken, map[string]string{"person": who, "for": length.String()})
	s.acted(a, status == http.StatusOK, fmt.Sprintf("for %s: %d %.120s", length, status, text))
}

// naps checks the instant at which somebody asked to be woken again: the
// ticket is open again then, and not before, unless work began or it is over.
func (h *history) naps(number string, c *escalation.Change) {
	t := h.tickets[number]
	for _, e := range c.Timeline {
		switch {
		case e.Kind == ticket.EntryAcknowledged && e.Detail == ticket.SaidSnoozed:
			t.wakes = e.Args.Instant
		case e.Kind == ticket.EntryAcknowledged && t.back: // a failover took the end back, and somebody took it without one
			t.wakes = time.Time{}
		case e.Kind == ticket.EntryAckExpired && e.Detail == ticket.SaidSnoozeOver:
			if now := h.s.storeNow(); t.wakes.Sub(now) > simDeadline+h.s.moved() && !t.back {
				h.s.problem("snooze", "%s wakes at %s, before %s", number, clockOf(now), clockOf(t.wakes))
			}
			t.wakes = time.Time{}
		}
	}
	switch ends := c.Ticket.Progress.AckUntil; {
	case c.Ticket.State != ticket.Acknowledged:
		t.wakes = time.Time{}
	case t.wakes.IsZero() || !ends.IsZero() && !ends.After(t.wakes):
	case !ends.IsZero() && h.s.troubled(time.Now().Add(-5*time.Minute), time.Now()):
		t.wakes = ends // a sender that could not be heard has time to report a recovery
	default:
		h.s.problem("snooze", "%s was taken until %s, and its deadline is %s", number, clockOf(t.wakes), clockOf(ends))
	}
}

// oversleeps finds a ticket whose snooze is over although nobody is woken for
// it.
func (h *history) oversleeps(number string, now time.Time) {
	t := h.tickets[number]
	if t.State == ticket.Acknowledged && !t.wakes.IsZero() && !t.back && now.Sub(t.wakes) > simDeadline+h.s.moved() {
		h.s.problem("snooze", "%s was to wake somebody at %s and it is %s", number, clockOf(t.wakes), clockOf(now))
	}
}
