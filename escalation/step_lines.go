package escalation

import (
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// fold parts what happened into the lines that the timeline keeps and those for
// which it has no room, and makes pages quiet whose story has none. Nothing but
// the lines depends on it: a ticket whose timeline is full pages on.
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

// room takes n lines of the room for what is minor, but for the line that says
// that it is full. Where it is once too small, all that follows is left out.
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

// minor are the lines of what comes again and again of itself: of alerts,
// rounds and pages.
func minor(e *ticket.Entry) bool {
	if e.Kind == ticket.EntryResolved || e.Kind == ticket.EntryReopened {
		return !byHand(e.Actor)
	}
	return slices.Contains([]ticket.EntryKind{
		ticket.EntryJoined, ticket.EntryRecovered, ticket.EntrySilent, ticket.EntryEpisode, ticket.EntryPaged,
		ticket.EntryPage, ticket.EntryUnreachable, ticket.EntryHandover, ticket.EntryRecheck,
		ticket.EntryEffect,
	}, e.Kind)
}

// major is the count of the lines of an entry's sort, and the most of them.
func major(l *ticket.Lines, e *ticket.Entry) (n *int, most int) {
	switch {
	case e.Kind == ticket.EntryNote && byHand(e.Actor):
		return &l.Notes, ticket.MaxNotes
	case byHand(e.Actor) && e.Kind != ticket.EntryAckExpired:
		return &l.Acts, ticket.MaxActEntries
	}
	return &l.Rule, ticket.MaxRuleEntries
}
