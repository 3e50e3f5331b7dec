package escalation

import (
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// fold splits what happened into two: the lines that the timeline keeps, and
// the lines that it has no room for. It makes a page quiet if the timeline has
// no room for its story. Only lines depend on this: a ticket whose timeline is
// full pages on.
func (s *stepper) fold() (kept, left []ticket.Entry) {
	l := &s.t.Lines
	decided := slices.ContainsFunc(s.timeline, decides)
	for i := range s.timeline {
		e := s.timeline[i]
		if minor(&e) {
			if !s.room(1) {
				left = append(left, e)
				continue
			}
		} else if n, most := major(l, &e, decided); *n < most {
			*n++
		} else {
			l.LeftOut++
			left = append(left, e)
			if n != &l.Acts || *n == ticket.MaxActEntries {
				continue
			}
			*n, e = ticket.MaxActEntries, ticket.Entry{ // once
				At: s.Now, Kind: ticket.EntryActsFolded, Via: "rule",
			}
		}
		kept = append(kept, e)
	}
	for i := range s.pages {
		s.pages[i].Quiet = !s.room(ticket.PageEntries)
	}
	if l.Folded && l.Minor < ticket.MaxMinorEntries {
		l.Minor = ticket.MaxMinorEntries // once
		kept = append(kept, ticket.Entry{
			At: s.Now, Kind: ticket.EntryFolded, Via: "rule",
		})
	}
	return kept, left
}

// tellsOf refuses what a person did where the timeline has no room to tell of it
// (docs/adr/0077-room-for-what-decides.md). was is the ticket's state before. What brings a
// ticket on, so that fewer people are paged or wait for it, is never refused, nor is what
// was done while the store was away.
func (s *stepper) tellsOf(e *Acted, was ticket.State) error {
	acts, small, hand := 0, 0, false
	for i := range s.timeline {
		line := &s.timeline[i]
		switch hand = hand || byHand(line.Actor); {
		case decides(*line):
			acts++
		case !minor(line) && isSmall(line):
			small++
		}
	}
	on, before := slices.Index(states, s.t.State), slices.Index(states, was)
	most := ticket.DeskActs
	switch {
	case !hand || e.Said.Detail == ticket.SaidAway || on > before || e.Action == ActResume:
		return nil
	case on < before || e.Action == ActEscalate || e.Action == ActSnooze:
		most = ticket.PagingActs
	}
	if acts > 0 && s.t.Lines.Acts+acts+small > most || acts == 0 && small > 0 && s.t.Lines.Small+small > ticket.MaxSmallEntries {
		return ErrManyLines
	}
	return nil
}

// states are a ticket's, in the order in which it passes them.
var states = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed}

// room takes n lines of the room for minor lines. It leaves one for the line
// that says that the room is full. Once there was too little room, every later
// minor line is left out.
func (s *stepper) room(n int) bool {
	l := &s.t.Lines
	if !l.Folded && l.Minor+n < ticket.MaxMinorEntries {
		l.Minor += n
		return true
	}
	l.Folded = true
	l.LeftOut++
	return false
}

// minor are the lines of what repeats by itself: alerts, rounds, pages and reminders.
func minor(e *ticket.Entry) bool {
	if slices.Contains([]ticket.EntryKind{ticket.EntryResolved, ticket.EntryReopened, ticket.EntryPoint}, e.Kind) {
		return !byHand(e.Actor)
	}
	return slices.Contains([]ticket.EntryKind{
		ticket.EntryJoined, ticket.EntryRecovered, ticket.EntrySilent, ticket.EntryEpisode, ticket.EntryPaged,
		ticket.EntryPage, ticket.EntryUnreachable, ticket.EntryHandover, ticket.EntryRecheck, ticket.EntryTool,
		ticket.EntryEffect, ticket.EntrySilenced, ticket.EntrySilenceOver,
	}, e.Kind)
}

// decides are the lines of who changed a ticket's state, clocks, urgency, customer, kind, or
// whose it is.
func decides(e ticket.Entry) bool {
	return byHand(e.Actor) && !minor(&e) && !isSmall(&e) && e.Kind != ticket.EntryNote && e.Kind != ticket.EntryAckExpired
}

// isSmall are the lines of what people do that decides nothing, and can be done again and
// again. What counted a clock again decides.
func isSmall(e *ticket.Entry) bool {
	if !byHand(e.Actor) || e.Args.Clock != nil || len(e.Args.Clocks) > 0 {
		return false
	}
	switch e.Kind { //nolint:exhaustive // the others decide, or are nobody's
	case ticket.EntryMeeting, ticket.EntryTask, ticket.EntryIntervention, ticket.EntryPoint, ticket.EntryLinked,
		ticket.EntryAttached, ticket.EntryDetached:
		return true
	case ticket.EntryAssigned:
		return e.Detail == ticket.SaidHelps || e.Detail == ticket.SaidNoHelper
	case ticket.EntryQualified:
		return !slices.ContainsFunc(e.Args.Edited, func(edited ticket.Edited) bool {
			return slices.Contains([]string{ticket.FieldUrgency, ticket.FieldCustomer, ticket.FieldKind}, edited.Field)
		})
	}
	return false
}

// major counts the lines of an entry's sort, and says how many there may be. What comes
// with a decision has its room. The last place of the rules is the closing's, that of acts
// the line's which says that there is no more.
func major(l *ticket.Lines, e *ticket.Entry, decided bool) (n *int, most int) {
	switch {
	case e.Kind == ticket.EntryNote && byHand(e.Actor):
		return &l.Notes, ticket.MaxNotes
	case isSmall(e) && !decided:
		return &l.Small, ticket.MaxSmallEntries
	case byHand(e.Actor) && e.Kind != ticket.EntryAckExpired:
		return &l.Acts, ticket.MaxActEntries - 1
	case e.Kind == ticket.EntryClosed:
		return &l.Rule, ticket.MaxRuleEntries
	}
	return &l.Rule, ticket.MaxRuleEntries - 1
}
