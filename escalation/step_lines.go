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
	for i := range s.timeline {
		e := &s.timeline[i]
		if minor(e) {
			if !s.room(1) {
				left = append(left, *e)
				continue
			}
		} else if n, most := major(l, e); *n < most {
			*n++
		} else {
			l.LeftOut++
			left = append(left, *e)
			continue
		}
		kept = append(kept, *e)
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

// minor are the lines of what repeats by itself: alerts, rounds and pages.
func minor(e *ticket.Entry) bool {
	if e.Kind == ticket.EntryResolved || e.Kind == ticket.EntryReopened {
		return !byHand(e.Actor)
	}
	return slices.Contains([]ticket.EntryKind{
		ticket.EntryJoined, ticket.EntryRecovered, ticket.EntrySilent, ticket.EntryEpisode, ticket.EntryPaged,
		ticket.EntryPage, ticket.EntryUnreachable, ticket.EntryHandover, ticket.EntryRecheck, ticket.EntryTool,
		ticket.EntryEffect, ticket.EntrySilenced, ticket.EntrySilenceOver,
	}, e.Kind)
}

// major counts the lines of an entry's sort, and says how many there may be.
func major(l *ticket.Lines, e *ticket.Entry) (n *int, most int) {
	switch {
	case e.Kind == ticket.EntryNote && byHand(e.Actor):
		return &l.Notes, ticket.MaxNotes
	case byHand(e.Actor) && e.Kind != ticket.EntryAckExpired:
		return &l.Acts, ticket.MaxActEntries
	}
	return &l.Rule, ticket.MaxRuleEntries
}
