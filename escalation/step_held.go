package escalation

import (
	"cmp"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// An alert that joins an active ticket while a silence holds it back is told to nobody.
// The ticket remembers it (ticket.Progress.Held). When its silence is over and it still
// fires, it counts as one that joins at that moment. A ticket that is silenced as a whole
// needs no such memory while it is open: the end of that silence begins an episode.

// wait remembers an alert that a silence holds back. It does so if nobody was told of
// the alert before.
func (s *stepper) wait(e AlertMoved) {
	p := &s.t.Progress
	i := p.HeldAt(e.Alert)
	if s.hushed || i < 0 && e.From != "" {
		return
	}
	p.HeldLook, p.HeldLooks, s.changed = s.Now.Add(firstMuteLook), 0, true
	h := ticket.Held{Alert: e.Alert, Title: ticket.Cut(e.Title, ticket.MaxHeldTitle), Urgency: e.Urgency, Mute: e.Mute}
	if s.t.Overflow != "" && e.Routed != nil {
		h.Policy, h.Contract = e.Routed.Policy.Name, e.Routed.Contract
	}
	if i < 0 && len(p.Held) == ticket.MaxHeld {
		i = slices.IndexFunc(p.Held, func(h ticket.Held) bool { return h.Over })
	}
	switch {
	case i >= 0 && (h.Alert != "" || p.Held[i].Over):
		p.Held[i] = h
	case i < 0 && len(p.Held) < ticket.MaxHeld:
		p.Held = append(p.Held, h)
	default: // no room: the last one stands for all that come
		if i < 0 {
			i = len(p.Held) - 1
		}
		last := &p.Held[i]
		if s.ownPages(&h) == s.ownPages(last) && h.Urgency > last.Urgency || s.ownPages(&h) && !s.ownPages(last) {
			last.Policy, last.Contract = h.Policy, h.Contract
		}
		last.Alert, last.Urgency = "", max(last.Urgency, h.Urgency)
		if h.Until.Before(last.Until) {
			last.Mute = h.Mute
		}
	}
}

// told forgets an alert that waited for the end of a silence: people hear of it now. It
// says whether it waited.
func (s *stepper) told(alert string) bool {
	p := &s.t.Progress
	i := p.HeldAt(alert)
	if i < 0 || alert == "" {
		return false
	}
	p.Held = slices.Delete(p.Held, i, i+1)
	return true
}

// heldOver has an alert wait no more while it does not fire. If it fires again in the
// same ticket, nobody has been told of it yet.
func (s *stepper) heldOver(alert string) {
	if i := s.t.Progress.HeldAt(alert); i >= 0 && alert != "" {
		s.t.Progress.Held[i].Over = true
	}
}

// freed takes out what silences hold back no more, and says what it is. Whether
// somebody has ended a silence is only asked when a look is due: by then every daemon
// knows the silence.
func (s *stepper) freed() (list []ticket.Held) {
	p := &s.t.Progress
	looks := due(p.HeldLook, s.Now)
	p.Held = slices.DeleteFunc(p.Held, func(h ticket.Held) bool {
		free := !h.Over && (!h.Holds(s.Now) || looks && !s.Rules.Holding(h.Mute, s.Now))
		if free {
			list = append(list, h)
		}
		return free
	})
	if looks {
		s.changed = true
		p.HeldLooks++
		p.HeldLook = s.Now.Add(min(firstMuteLook<<min(p.HeldLooks, 10), mostMuteLook))
	}
	if len(list) > 0 {
		s.changed = true
	}
	if p.HeldDue().IsZero() {
		p.HeldLook, p.HeldLooks = time.Time{}, 0
	}
	return list
}

// raiseFreed has the episode that begins count what silences hold back no more. It says
// whether the ticket has another policy of it.
func (s *stepper) raiseFreed() (adopted bool) {
	list := s.freed()
	adopted = s.adoptFreed(list)
	for _, h := range list {
		s.raise(h.Urgency)
	}
	return adopted
}

// adoptFreed has an overflow ticket take the policy and the contract of what joins it, as
// it does of an alert that nobody held back. The most urgent comes last, and stays.
func (s *stepper) adoptFreed(list []ticket.Held) (adopted bool) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b ticket.Held) int { return cmp.Compare(a.Urgency, b.Urgency) })
	for i := range list {
		if policy, known := s.Rules.Policies[list[i].Policy]; known {
			adopted = s.adopt(AlertMoved{Urgency: list[i].Urgency, Routed: &Routed{Policy: policy, Contract: list[i].Contract}}) || adopted
		}
	}
	return adopted
}

// ownPages says whether an alert that is held back would page somebody by its own policy.
func (s *stepper) ownPages(h *ticket.Held) bool {
	policy, known := s.Rules.Policies[h.Policy]
	return known && s.pagesBy(policy)
}

// joinFreed has what silences hold back no more join the ticket now.
func (s *stepper) joinFreed() {
	list := s.freed()
	if len(list) == 0 {
		return
	}
	e := AlertMoved{To: ticket.Firing, Title: list[0].Title, Source: s.t.Source}
	for _, h := range list {
		e.Urgency = max(e.Urgency, h.Urgency)
	}
	if !s.t.Progress.Mute.Holds(s.Now) {
		s.rule(ticket.EntrySilenceOver, ticket.Said{Detail: ticket.SaidNotSilenced, Text: e.Title})
	}
	s.hushed = false
	if woken, held := s.heldBack(e); !held {
		s.comes(e, woken, s.adoptFreed(list))
	}
}

// heldNow puts in force what silences make of alerts that wait.
func (s *stepper) heldNow(mutes map[string]ticket.Mute) {
	p := &s.t.Progress
	for i := range p.Held {
		if m, judged := mutes[p.Held[i].Alert]; judged && !p.Held[i].Over && m != p.Held[i].Mute {
			p.Held[i].Mute, s.changed = m, true
		}
	}
}
