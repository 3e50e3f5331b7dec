package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Simulated is one ticket that alerts would open, with every page that would
// go out for it.
type Simulated struct {
	Ticket ticket.Ticket // as it is after the last page
	Pages  []ticket.Page // in order of time
}

// Bounds of a simulation that would never end.
const (
	simulatedPages = 10_000
	simulatedFor   = 90 * 24 * time.Hour
)

// Simulate says who would be paged, and when, if these alerts came from a
// source at a time and nobody did anything. If until is zero, it goes on to
// the second round of the last step; otherwise up to and including until. It
// uses Step, as the engine does, and sends nothing.
func Simulate(rules *Rules, reach func(contacts.Person, string) bool, source string, alerts []ticket.Alert, at, until time.Time) []Simulated {
	var out []Simulated
	index := map[string]int{}
	for n, a := range alerts {
		if a.Status != ticket.Firing || endedBy(alerts[n+1:], &a, at) {
			continue
		}
		a.Source = source
		routed := rules.Resolve(&a)
		i, ok := index[routed.GroupKey]
		if !ok {
			i = len(out)
			index[routed.GroupKey] = i
			out = append(out, Simulated{Ticket: Opening(source, ticket.Incident, a.Title(), routed, at, rules)})
		}
		out[i].step(AlertMoved{Alert: a.Fingerprint, To: ticket.Firing, Urgency: routed.Urgency, Mute: rules.Mute(&a, at), Title: a.Title(), Host: a.Host(), Source: source, Remark: a.Remark},
			World{Now: at, Rules: rules, Reach: reach})
	}
	for i := range out {
		s := &out[i]
		for next := s.Ticket.NextPageAt(); !s.ended(next, at, until); next = s.Ticket.NextPageAt() {
			s.step(Tick{}, World{Now: next, Rules: rules, Reach: reach})
		}
		if until.IsZero() {
			continue
		}
		s.Pages = slices.DeleteFunc(s.Pages, func(p ticket.Page) bool { return p.At.After(until) })
	}
	return out
}

// endedBy says whether the alerts after one end it.
func endedBy(later []ticket.Alert, a *ticket.Alert, at time.Time) (over bool) {
	record := ticket.AlertRecord{Alert: *a, LastAt: at}
	for i := range later {
		if later[i].Fingerprint == a.Fingerprint && !record.Outlives(&later[i]) {
			over = later[i].Status == ticket.Resolved
		}
	}
	return over
}

func (s *Simulated) step(event Event, w World) {
	d, err := Step(s.Ticket, event, w)
	if err != nil {
		return // alerts and time are never refused
	}
	s.Ticket = d.Ticket
	s.Pages = append(s.Pages, d.Pages...)
}

func (s *Simulated) ended(next, at, until time.Time) bool {
	if next.IsZero() || len(s.Pages) > simulatedPages || next.After(at.Add(simulatedFor)) {
		return true
	}
	if !until.IsZero() {
		return next.After(until)
	}
	last := len(s.Ticket.Progress.Steps) - 1
	run, times := &s.Ticket.Progress.Steps[last], s.Ticket.Policy.Steps[last].Times
	return run.Round >= 2 || (times > 0 && run.Round >= times)
}
