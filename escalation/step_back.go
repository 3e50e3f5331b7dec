package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Effects makes the effects of a commit: those for webhooks, and those that tell the
// tool of the ticket's source. It notes in the ticket what its tool was told.
func (r *Rules) Effects(t *ticket.Ticket, revision int64, told []ticket.Told, now time.Time) []ticket.Effect {
	all := Effects(r.Webhooks, t, revision, told, now)
	to := r.Sources[t.Source].Back
	if len(to) == 0 {
		return all
	}
	what, tells := goesBack(t, told)
	if !tells {
		return all
	}
	for _, name := range to {
		all = append(all, ticket.Effect{
			Ticket: t.Number, To: name, Order: ticket.EffectOrder(revision, 0), Event: what.Event, At: what.At, Queued: now, About: t.Shown(),
		})
	}
	return all
}

// goesBack is what a tool is told of a commit, at most one thing: what the commit leaves.
// A tool is told that somebody has the ticket, unless the tool itself said so; then that
// nobody has it any more, or that it is over. It is told of a person who resolves a ticket
// that nobody had taken.
func goesBack(t *ticket.Ticket, told []ticket.Told) (what ticket.Told, tells bool) {
	byPerson := false
	for _, one := range told {
		switch one.Event {
		case ticket.ToldOpened:
			continue
		case ticket.ToldResolved:
			byPerson = byHand(t.ResolvedBy)
		case ticket.ToldClosed:
			if tells { // it says no more than what came with it
				continue
			}
		}
		what, tells = one, true
	}
	if !tells {
		return what, false
	}
	was := t.Progress.Back
	if t.State.Taken() {
		by := t.AcknowledgedBy
		if t.State == ticket.InProgress && t.PickedUpBy != nil {
			by = t.PickedUpBy
		}
		t.Progress.Back = by != nil && by.Kind != ticket.ActorUser && by.Kind != ticket.ActorSender
		return what, t.Progress.Back
	}
	t.Progress.Back = false
	if t.State == ticket.Open && what.Event != ticket.ToldReopened {
		what.Event = ticket.ToldReleased
	}
	return what, was || byPerson && !t.State.Active()
}

// tellable is what receivers can be told of a step. Its lines do not say by themselves that
// somebody had the ticket before, and nobody has now.
func (s *stepper) tellable(was ticket.State) []ticket.Told {
	told := ticket.Tells(s.timeline)
	if was.Taken() && s.t.State == ticket.Open {
		told = append(told, ticket.Told{Event: ticket.ToldReleased, At: s.Now})
	}
	return told
}
