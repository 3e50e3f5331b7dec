package daemon

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// heldAlert is an alert that joined a taken ticket while a silence held it back.
type heldAlert struct {
	ticket.Alert
	episode int
}

// simHeld bounds how long after a silence's end those are told who have a ticket that an
// alert joined meanwhile: the first look at whether somebody ended the silence sooner, and
// the next one.
const simHeld = time.Minute

// scriptHeld has somebody take a ticket, a silence begin, and another alert of the same
// group fire in it, in some of the worlds with silences, and people leave the ticket alone
// for as long as it goes. It draws from its own source.
func (s *sim) scriptHeld(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 72))
	if rng.IntN(3) != 0 || s.plan.kinds["failover"] || s.plan.kinds["store clock"] {
		return
	}
	for _, tool := range s.tools {
		first := tool.alerts[rng.IntN(len(tool.alerts))]
		second := s.twin(tool, first)
		at := s.plan.trouble - time.Duration(60+rng.IntN(120))*time.Second
		length := time.Duration(60+rng.IntN(60)) * time.Second
		add(at, first.name+" fires", func() { tool.set(first, true) })
		add(at+20*time.Second, first.name+" is taken", func() {
			s.past.mu.Lock()
			number := s.past.alerts[tool.source+"/"+first.fingerprint]
			s.past.mu.Unlock()
			if number != "" {
				s.beside(func() { s.order(number, "acknowledge", "bruno") })
			}
		})
		add(at+25*time.Second, second.name+" is silenced", func() {
			body := map[string]any{"why": "simulated", "matchers": []string{`instance="` + second.labels["instance"] + `"`}}
			s.beside(func() { s.silences(body, length, 0) })
		})
		add(at+35*time.Second, second.name+" fires in a silence", func() { tool.set(second, true) })
	}
}

// twin is one more alert of a tool, of the same group as another where instances do not
// make groups.
func (s *sim) twin(tool *simTool, of *simAlert) *simAlert {
	tool.mu.Lock()
	defer tool.mu.Unlock()
	labels := maps.Clone(of.labels)
	a := &simAlert{name: of.name + "-twin", labels: labels, fingerprint: of.name + "-twin"}
	labels["instance"] = simHost(a.name, len(tool.alerts))
	tool.mark(a)
	tool.alerts = append(tool.alerts, a)
	return a
}

// holdsBack notes each alert that joins a taken ticket in a silence. Once its silence is
// over, those are told who would have been told without it, as long as it fires and
// somebody has the ticket.
func (h *history) holdsBack(number string, was *ticket.Ticket, c *escalation.Change) {
	told := slices.ContainsFunc(c.Pages, func(p ticket.Page) bool { return p.Kind == ticket.KindJoined }) ||
		slices.ContainsFunc(c.Timeline, func(e ticket.Entry) bool { return e.Kind == ticket.EntryUnreachable }) || !c.Ticket.Progress.JoinDue.IsZero()
	h.held[number] = slices.DeleteFunc(h.held[number], func(a heldAlert) bool {
		over := slices.ContainsFunc(c.Alerts, func(x escalation.AlertChange) bool {
			return x.Record.Fingerprint == a.Fingerprint && x.Record.Status == ticket.Resolved
		})
		ends := over || !c.Ticket.State.Taken() || c.Ticket.Progress.Episode != a.episode
		if ends && !told {
			h.overdue(number, &a)
		}
		return ends || told
	})
	if told || !was.State.Taken() || !c.Ticket.State.Taken() || len(c.Ticket.Policy.Steps) == 0 {
		return
	}
	for i := range c.Alerts {
		a := &c.Alerts[i].Record.Alert
		if c.Alerts[i].Was == "" && a.Status == ticket.Firing && h.maybeSilenced(a) {
			h.held[number] = append(h.held[number], heldAlert{*a, c.Ticket.Progress.Episode})
		}
	}
}

// overdue says if the silence of an alert is over for so long that people had to be told.
func (h *history) overdue(number string, a *heldAlert) {
	now := h.s.storeNow()
	if h.tickets[number].back || h.s.troubled(time.Now().Add(-2*simHeld), time.Now()) {
		return
	}
	for back := time.Duration(0); back <= simHeld; back += 5 * time.Second {
		if h.silencedAt(&a.Alert, now.Add(-back)) {
			return
		}
	}
	h.s.problem("not told", "%s: %s joined in a silence that is over, somebody has the ticket, and nobody was told", number, a.Title())
}

// judgeHeld does so for what still fires at the end.
func (h *history) judgeHeld(number string) {
	for _, a := range h.held[number] {
		h.overdue(number, &a)
	}
}
