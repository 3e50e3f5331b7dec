package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// UndoWithin is how long a resolve by hand can be undone.
const UndoWithin = 5 * time.Minute

// silentGrace is how long a silent source has to speak up after somebody took
// its ticket. Then the ticket resolves.
const silentGrace = 5 * time.Minute

// heardGrace is how long people and senders have after a time in which nobody
// could hear them. Only then does it count as silence.
const heardGrace = 5 * time.Minute

var active = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}

func (s *stepper) acted(e Acted) error {
	if done, err := s.pressed(e); done || err != nil {
		return err
	}
	s.remember(e)
	switch e.Action {
	case ActAcknowledge:
		return s.acknowledge(e)
	case ActSnooze:
		return s.snooze(e)
	case ActPickUp:
		return s.pickUp(e)
	case ActEscalate:
		return s.pass(e)
	case ActResolve:
		return s.finish(e)
	case ActUndo:
		return s.undo(e)
	case ActReopen:
		if s.t.State != ticket.StateResolved {
			return s.refuse(e, ticket.StateResolved)
		}
		s.log(ticket.EntryReopened, &e.Actor, e.Via, e.Said)
		s.unmute()
		s.reopen(s.t.Urgency)
	case ActNote:
		if byHand(&e.Actor) && s.t.Lines.Notes >= ticket.MaxNotes {
			return ErrManyNotes
		}
		if s.t.State == ticket.Closed && e.Said.Detail == "" {
			e.Said.Detail = ticket.SaidLate
		}
		s.log(ticket.EntryNote, &e.Actor, e.Via, e.Said)
	case ActAssign:
		return s.assign(e)
	case ActTake:
		return s.take(e)
	case ActEdit:
		return s.openedForEdit(e)
	case ActRelease:
		return s.giveBack(e)
	case ActTierUp, ActTierDown:
		return s.moveTier(e)
	case ActRecheck:
		if s.t.State == ticket.Closed {
			return s.refuse(e, append(active, ticket.StateResolved)...)
		}
		s.log(ticket.EntryRecheck, &e.Actor, e.Via, e.Said)
	case ActAttach, ActDetach, ActTask, ActIntervene, ActLink, ActTick, ActMeet:
		return s.worked(e)
	case ActQualify:
		return s.qualify(e)
	case ActPause:
		return s.pause(e)
	case ActResume:
		return s.resume(e)
	case ActClose:
		if s.t.State != ticket.StateResolved {
			return s.refuse(e, ticket.StateResolved)
		}
		if err := s.unfinished(&e); err != nil {
			return err
		}
		s.close(&e.Actor, e.Via)
	}
	return nil
}

func (s *stepper) refuse(e Acted, allowed ...ticket.State) error {
	err := &StateError{Number: s.t.Number, Action: e.Action, State: s.t.State, Allowed: allowed}
	by, at := s.t.AcknowledgedBy, s.t.AcknowledgedAt
	switch {
	case s.t.State == ticket.StateResolved, s.t.State == ticket.Closed:
		by, at = s.t.ResolvedBy, s.t.ResolvedAt
	case s.t.State == ticket.InProgress:
		by, at = s.t.PickedUpBy, s.t.PickedUpAt
	}
	if by != nil {
		err.By, err.At = *by, at
	}
	return err
}

// acknowledge stops paging and escalation. Whoever took the ticket already may
// say so again. Anybody else is told who took it.
func (s *stepper) acknowledge(e Acted) error {
	if s.t.State.Taken() && s.t.AcknowledgedBy.Same(&e.Actor) {
		return nil
	}
	if s.t.State != ticket.Open {
		return s.refuse(e, ticket.Open)
	}
	s.holdFor(e)
	s.t.State = ticket.Acknowledged
	if s.t.PickupOnAck && s.t.PickedUpAt.IsZero() {
		s.t.PickedUpAt, s.t.PickedUpBy = s.Now, &e.Actor
		s.stopClock(&e.Actor)
	}
	s.done(ticket.ClockRespond, &e.Actor)
	s.lapses()
	s.log(ticket.EntryAcknowledged, &e.Actor, e.Via, e.Said)
	s.notice(ticket.ForTaken, 0, e.Actor.Person())
	return nil
}

func (s *stepper) holdFor(e Acted) {
	s.t.AcknowledgedAt, s.t.AcknowledgedBy = s.Now, &e.Actor
	if person := e.Actor.Person(); person != "" {
		s.t.Assignee = person
	}
	if s.t.Firing > 0 && s.t.Firing == s.t.Silent {
		s.t.Progress.SilentUntil = s.Now.Add(silentGrace)
	}
}

// pickUp starts the treatment. It stops the GTI clock (S1-32). If nobody had
// acknowledged, it stops paging too.
func (s *stepper) pickUp(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	if s.t.State == ticket.InProgress && s.t.PickedUpBy != nil {
		if s.t.PickedUpBy.Same(&e.Actor) {
			return nil
		}
		return s.refuse(e, ticket.Open, ticket.Acknowledged)
	}
	if s.t.State == ticket.Open {
		s.holdFor(e)
		s.notice(ticket.ForTaken, 0, e.Actor.Person())
	}
	s.t.State = ticket.InProgress
	if s.t.PickedUpAt.IsZero() {
		s.t.PickedUpAt = s.Now
		s.stopClock(&e.Actor)
	}
	s.done(ticket.ClockRespond, &e.Actor)
	s.t.PickedUpBy = &e.Actor
	if person := e.Actor.Person(); person != "" {
		s.t.Assignee = person
	}
	s.t.Progress.AckUntil, s.t.Progress.Snooze = time.Time{}, time.Time{}
	s.log(ticket.EntryPickedUp, &e.Actor, e.Via, e.Said)
	return nil
}

// escalate passes a ticket on: the next step starts now. Whoever had taken the
// ticket gives it up. The steps that had their turn keep quiet.
func (s *stepper) escalate(e Acted) error {
	if !s.t.State.Active() {
		return s.refuse(e, active...)
	}
	s.log(ticket.EntryEscalated, &e.Actor, e.Via, e.Said)
	s.unmute()
	p := &s.t.Progress
	next := 0
	for next < len(p.Steps) && !p.Steps[next].Started.IsZero() {
		next++
	}
	if s.t.State.Taken() {
		s.release()
		if next < len(p.Steps) && !s.reaches(next) {
			// Nobody further can be paged now. So those who had their turn are paged
			// again.
			s.episode(s.Now, false)
		} else {
			s.quietEpisode(next)
		}
	}
	switch {
	case next < len(p.Steps):
		s.start(next, s.Now)
		s.round(next)
	case len(p.Steps) > 0 && s.nobodyLeft():
		s.everybody()
	}
	return nil
}

// quietEpisode begins an episode in which the first steps keep quiet.
func (s *stepper) quietEpisode(steps int) {
	p := &s.t.Progress
	p.Episode++
	p.Began, p.Failed, p.Everybody = s.Now, nil, nil
	p.Steps = make([]ticket.StepRun, len(s.t.Policy.Steps))
	for i := range min(steps, len(p.Steps)) {
		p.Steps[i] = ticket.StepRun{Started: s.Now, Stopped: true}
	}
	s.rule(ticket.EntryEpisode, ticket.Said{Args: ticket.Args{Episode: p.Episode}})
}

// undo brings back what a resolve by hand ended.
func (s *stepper) undo(e Acted) error {
	if s.t.State != ticket.StateResolved || s.t.Undo == nil || s.Now.After(s.t.Undo.Until) {
		return s.refuse(e, ticket.StateResolved)
	}
	s.t.State = s.t.Undo.State
	s.t.Undo = nil
	s.t.ResolvedAt, s.t.ResolvedBy, s.t.Treated = time.Time{}, nil, nil
	s.t.Progress.CloseAt = time.Time{}
	s.log(ticket.EntryUndone, &e.Actor, e.Via, e.Said)
	if s.t.Firing == 0 && s.t.Resolved > 0 {
		s.resolve(ticket.Actor{Kind: ticket.ActorSender, Name: s.t.Source}, "sender", ticket.Said{Detail: ticket.SaidOverMeanwhile})
		return nil
	}
	switch {
	case s.t.State == ticket.Open && s.t.Progress.Mute.Holds(s.Now):
		s.hold(s.t.Progress.Mute) // it may have been ended while the ticket was over
	case s.t.State == ticket.Open:
		s.rounds()
	case s.t.State == ticket.Acknowledged:
		s.lapses()
	}
	return nil
}

// tick does what is due because time passed.
func (s *stepper) tick() {
	p := &s.t.Progress
	if until := s.Heard.Add(heardGrace); s.t.State.Taken() && s.Now.Before(until) && s.t.AcknowledgedAt.Before(s.Heard) {
		for _, end := range []*time.Time{&p.SilentUntil, &p.AckUntil} {
			if due(*end, s.Now) {
				*end, s.changed = until, true
			}
		}
	}
	if s.t.State.Active() && due(s.t.GTI.WarnAt, s.Now) {
		s.warn()
	}
	if s.t.State.Active() {
		s.remindClocks()
	}
	s.changed = s.changed || s.t.State.Active() && due(s.t.Place.Due, s.Now) // planTier moves it
	if s.t.RemindDue(s.Now) {
		s.remind()
	}
	switch {
	case s.t.State == ticket.Open && due(p.Mute.Until, s.Now):
		s.silenceOver()
	case s.t.State == ticket.Open && due(p.MuteLook, s.Now):
		s.lookAgain()
	case s.t.State == ticket.Open && due(p.HeldDue(), s.Now):
		s.joinFreed()
		s.rounds()
	case s.t.State == ticket.Open:
		s.rounds()
	case s.t.State.Taken() && due(p.SilentUntil, s.Now) && s.t.Firing == s.t.Silent:
		s.resolve(ticket.Actor{Kind: ticket.ActorSystem, Name: "source silent"}, "rule",
			ticket.Said{Detail: ticket.SaidSilent})
	case s.t.State.Taken() && due(p.HeldDue(), s.Now) && !due(p.AckUntil, s.Now):
		s.joinFreed()
	case s.t.State.Taken() && due(p.JoinDue, s.Now):
		p.JoinDue, s.changed = time.Time{}, true
		s.joined(s.t.Title)
	case s.t.State.Taken() && due(p.AckUntil, s.Now):
		said, asked := s.lapsed()
		s.log(ticket.EntryAckExpired, s.t.AcknowledgedBy, "rule", said)
		s.release()
		s.episode(s.Now, false)
		s.wake(asked)
	case s.t.State == ticket.StateResolved && due(p.CloseAt, s.Now) && s.pointsUntil().After(s.Now):
		p.CloseAt, s.changed = s.pointsUntil(), true // whoever resolved it is reminded until then
	case s.t.State == ticket.StateResolved && due(p.CloseAt, s.Now):
		s.close(&ticket.Actor{Kind: ticket.ActorSystem, Name: "close_after"}, "rule")
	}
}

func (s *stepper) close(by *ticket.Actor, via string) {
	s.t.State = ticket.Closed
	s.t.ClosedAt = s.Now
	s.t.Progress.CloseAt = time.Time{}
	s.t.Undo = nil
	s.log(ticket.EntryClosed, by, via, ticket.Said{})
}

func due(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }
