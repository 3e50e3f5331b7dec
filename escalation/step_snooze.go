package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The bounds of a snooze.
const (
	DefaultSnooze = 30 * time.Minute // also the most, if the GTI is used up
	LeastSnooze   = time.Minute
	MostSnooze    = 4 * time.Hour
)

// snooze is an acknowledgement that ends. At its end the policy starts over,
// unless work has begun or the ticket is over. It is no pick-up, whatever the
// contract says, so the GTI clock runs on. Whoever has the ticket may snooze
// again, and is woken at the new end.
func (s *stepper) snooze(e Acted) error {
	first := s.t.State == ticket.Open
	if mine := s.t.State == ticket.Acknowledged && s.t.AcknowledgedBy.Same(&e.Actor); !first && !mine {
		return s.refuse(e, ticket.Open)
	}
	if first {
		s.holdFor(e)
		s.t.State = ticket.Acknowledged
	}
	s.t.Progress.Snooze = s.Now.Add(s.nap(e.For))
	s.lapses()
	said := e.Said
	if said.Detail == "" {
		said.Detail, said.Args.Instant = ticket.SaidSnoozed, s.t.Progress.Snooze
	}
	s.log(ticket.EntryAcknowledged, &e.Actor, e.Via, said)
	if first {
		s.notice(ticket.ForTaken, 0, e.Actor.Person())
	}
	return nil
}

// nap is how long the snooze lasts. It is never longer than what is left of
// the GTI.
func (s *stepper) nap(asked time.Duration) time.Duration {
	if asked <= 0 {
		asked = DefaultSnooze
	}
	most := MostSnooze
	if due := s.t.GTI.DueAt; !due.IsZero() && s.t.PickedUpAt.IsZero() {
		if left := due.Sub(s.Now); left > 0 {
			most = min(most, left)
		} else {
			most = DefaultSnooze
		}
	}
	return max(min(asked, most), LeastSnooze)
}

// lapses plans when the acknowledgement ends: at the policy's time for it, or
// at the snooze's, whichever is first.
func (s *stepper) lapses() {
	p := &s.t.Progress
	p.AckUntil = p.Snooze
	if d := s.t.Policy.AckTimeout; d > 0 && !s.t.PickupOnAck {
		if end := s.t.AcknowledgedAt.Add(d); p.AckUntil.IsZero() || end.Before(p.AckUntil) {
			p.AckUntil = end
		}
	}
}

// lapsed is what the timeline tells of an acknowledgement that ran out, and who asked
// to be woken again now; empty: nobody.
func (s *stepper) lapsed() (said ticket.Said, asked string) {
	if end := s.t.Progress.Snooze; due(end, s.Now) {
		return ticket.Said{Detail: ticket.SaidSnoozeOver}, s.t.AcknowledgedBy.Person()
	}
	return ticket.Said{}, ""
}

// wake pages once whoever asked to be woken again and is not paged by the steps that
// begin now: he may be off duty by then, or of a later step, and is woken as he
// asked, whatever a calendar holds back. The rest is the policy's: whoever is on duty
// is paged, and paged on, whether he hears or not.
func (s *stepper) wake(asked string) {
	person, known := s.Rules.Directory.Person(asked)
	if !known || slices.ContainsFunc(s.pages, func(p ticket.Page) bool { return p.Kind == ticket.KindPage && p.Person == asked }) {
		return
	}
	var by []string
	if len(s.t.Policy.Steps) > 0 {
		by = s.usable(person, s.t.Policy.Steps[0].By)
	}
	if len(by) == 0 {
		by = s.usable(person, s.Rules.Channels)
	}
	if len(by) == 0 {
		return
	}
	p := &s.t.Progress
	if p.Paged == nil {
		p.Paged = map[string][]string{}
	}
	for _, channel := range by {
		s.page(ticket.KindPage, ticket.ForEverybody.Key(), ticket.KeyRound{N: p.Again, Again: true}, asked, channel)
		if !slices.Contains(p.Paged[asked], channel) {
			p.Paged[asked] = append(p.Paged[asked], channel)
		}
	}
	p.Again++
	s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidAsked, Args: ticket.Args{Called: []ticket.Called{{Person: asked, Channels: by}}}})
}
