package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// mute puts a ticket that opens or opens again under the silence of its alert; zero:
// under none.
func (s *stepper) mute(m ticket.Mute) {
	s.unmute()
	if m.Holds(s.Now) {
		s.hold(m)
		s.sayMuted()
	}
}

// The first look at whether a silence still holds comes when every daemon knows of its
// end, if it had one meanwhile. Each later one takes twice as long.
const (
	firstMuteLook = 15 * time.Second
	mostMuteLook  = time.Hour
)

// hold puts the ticket under a silence, and plans the first look at it.
func (s *stepper) hold(m ticket.Mute) {
	p := &s.t.Progress
	p.Mute, p.MuteLook, p.MuteLooks = m, s.Now.Add(firstMuteLook), 0
}

// lookAgain ends the mute if none of its silences holds any more: what somebody ended
// while an alert came in would hold it back until the hour that it had at first.
func (s *stepper) lookAgain() {
	p := &s.t.Progress
	if !s.Rules.Holding(p.Mute, s.Now) {
		s.silenceOver()
		return
	}
	s.changed = true
	s.joinFreed()
	if p.Mute == (ticket.Mute{}) {
		return
	}
	p.MuteLooks++
	p.MuteLook = s.Now.Add(min(firstMuteLook<<min(p.MuteLooks, 10), mostMuteLook))
}

// sayMuted says which silence it is, and of the first of several who made it and why.
func (s *stepper) sayMuted() {
	m := s.t.Progress.Mute
	said := ticket.Said{Detail: ticket.SaidSilenced, Args: ticket.Args{Silence: m.Silence, Instant: m.Until}}
	first := Muted(m)[0]
	if i := slices.IndexFunc(s.Rules.Silences, func(one Silence) bool { return one.ID == first }); i >= 0 {
		by := &s.Rules.Silences[i]
		said.Text, said.Args.Person = ticket.Cut(by.Why, ticket.MaxTitle), by.By
		if by.By == "" {
			said.Args.Remark, said.Args.Source = ticket.Cut(by.Author, ticket.MaxRemarkName), by.Source
		}
	}
	s.rule(ticket.EntrySilenced, said)
}

// unmute ends the silence of the ticket.
func (s *stepper) unmute() {
	p := &s.t.Progress
	p.Mute, p.MuteLook, p.MuteLooks = ticket.Mute{}, time.Time{}, 0
}

// silenced puts a ticket under a silence while it is at work, moves the end of the one
// that it is under, or ends it. Pages that have not gone out are of an earlier episode
// then, so none of them goes. Whoever has taken the ticket keeps it, and is not paged
// when the acknowledgement ends before the silence does.
func (s *stepper) silenced(e Silenced) {
	p := &s.t.Progress
	if !s.t.State.Active() || !s.t.UpdatedAt.Equal(e.Read) {
		return
	}
	s.heldNow(e.Held)
	defer s.joinFreed()
	was := p.Mute.Holds(s.Now)
	switch {
	case e.Mute == p.Mute && was:
	case e.Mute.Holds(s.Now):
		s.hold(e.Mute)
		s.sayMuted()
		if s.t.State == ticket.Open && !was {
			s.quietEpisode(0)
		}
	case was && s.t.State == ticket.Open:
		s.raise(e.Urgency)
		s.silenceOver()
	case was:
		s.unmute()
		s.changed = true
		fallthrough
	case e.Urgency > s.t.Urgency: // of an alert that was held back until now
		s.getWorse(e.Urgency)
	}
}

// getWorse begins an episode if that raises the urgency.
func (s *stepper) getWorse(u ticket.Urgency) {
	goOn := s.t.State == ticket.Open
	if s.raise(u) {
		s.release()
		s.episode(s.Now, goOn)
	}
}

// silenceOver begins an episode: what still fires pages now, from the first step.
func (s *stepper) silenceOver() {
	said := ticket.Said{Detail: ticket.SaidSilenceEnded, Args: ticket.Args{Silence: s.t.Progress.Mute.Silence}}
	s.unmute()
	s.rule(ticket.EntrySilenceOver, said)
	s.episode(s.Now, false)
}

// heldBack takes an alert that joins an active ticket, as far as silences go. held
// says that there is nothing more to do: a silence holds the alert back, so it pages
// nobody, and makes only a ticket more urgent that pages nobody either. Where somebody
// has the ticket, or pages go out for others of its alerts, it waits for the end of the
// silence. An alert that no silence holds ends the silence of the ticket; woken says that
// an episode begins then.
func (s *stepper) heldBack(e AlertMoved) (woken, held bool) {
	p := &s.t.Progress
	muted := p.Mute.Holds(s.Now)
	switch {
	case e.Mute.Holds(s.Now) && (!muted || s.t.State.Taken()):
		s.wait(e)
		return false, true
	case !muted:
		return false, false
	case e.Mute.Holds(s.Now):
		s.adopt(e)
		s.raise(e.Urgency)
		if e.Mute.Until.Before(p.Mute.Until) {
			s.hold(e.Mute)
		}
		return false, true
	}
	s.unmute()
	s.rule(ticket.EntrySilenceOver, ticket.Said{Detail: ticket.SaidNotSilenced, Text: e.Title})
	return s.t.State == ticket.Open, false
}
