package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A page beside the rounds of a step falls back as a step's page does, as far
// as somebody has to hear it (docs/adr/0022-pages-beside-the-rounds.md):
//
//	kind       another number   another channel   managers
//	joined     yes              yes               if nobody else can hear
//	taken      yes              yes               no: nobody has to act
//	recovered  yes              yes               no: nobody has to act
//	clock      yes              yes               no: its ticket pages by its policy
//
// PageFailed and PageAgain say what failed, as for a step's pages.

// joined tells whoever took the ticket, and whoever is on duty for the first
// step, that a new alert joined it. While that step waits for a calendar, only
// whoever took the ticket is told. If a token took it and names nobody, the
// page waits until the calendar opens.
func (s *stepper) joined(title string) {
	p := &s.t.Progress
	if len(s.t.Policy.Steps) == 0 || p.JoinedAt.Equal(s.Now) || s.gathers() {
		return
	}
	first := s.t.Policy.Steps[0]
	opens, free := s.held(&first)
	var people []contacts.Person
	if free {
		people, _ = s.Rules.Directory.Paged(first.Group, s.Now)
	}
	if person, ok := s.Rules.Directory.Person(s.t.AcknowledgedBy.Person()); ok {
		others := slices.DeleteFunc(slices.Clone(people), func(p contacts.Person) bool { return p.Key == person.Key })
		people = append([]contacts.Person{person}, others...)
	} else if !free {
		p.JoinDue, s.changed = opens, true
		return
	}
	now, later, wakes := s.awake(people, s.Rules.Channels)
	if len(now) == 0 && len(later) > 0 {
		p.JoinDue, s.changed = wakes, true
		return
	}
	people = now
	p.JoinedAt, p.JoinDue = s.Now, time.Time{}
	p.Joined++
	p.Side = &ticket.SideRun{}
	for _, person := range people {
		by := s.usable(person, first.By)
		if len(by) == 0 {
			by = s.usable(person, s.Rules.Channels)
		}
		s.tellAside(person, by)
	}
	if len(p.Side.Reached) > 0 {
		s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidJoined, Text: title})
		return
	}
	s.rule(ticket.EntryUnreachable, ticket.Said{Detail: ticket.SaidJoinedUnseen, Text: title})
	s.climb()
}

// tellAside pages a person about the alert that joined last, by those channels
// that were not tried for it yet.
func (s *stepper) tellAside(person contacts.Person, by []string) {
	run := s.t.Progress.Side
	for _, channel := range by {
		if way := (ticket.Means{Person: person.Key, Channel: channel}); !slices.Contains(run.Reached, way) {
			s.page(ticket.KindJoined, ticket.ForJoined.Key(), ticket.Round(s.t.Progress.Joined), person.Key, channel)
			run.Reached = append(run.Reached, way)
		}
	}
}

// climb tries what is left if nobody heard of the alert that joined. It tries
// every channel of those who were to hear of it, then whoever is on duty for
// the first step by now, then every manager. While the policy waits for a
// calendar it wakes nobody: the page goes when the calendar opens.
func (s *stepper) climb() {
	run := s.t.Progress.Side
	s.changed = true
	if !run.Channels {
		run.Channels = true
		had := len(run.Reached)
		for _, way := range run.Reached[:had:had] {
			if person, ok := s.Rules.Directory.Recipient(way.Person); ok {
				s.tellAside(person, s.usable(person, s.Rules.Channels))
			}
		}
		if len(run.Reached) > had {
			s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidJoinedChannels})
			return
		}
	}
	if opens, free := s.held(&s.t.Policy.Steps[0]); !free {
		s.t.Progress.JoinDue = opens
		return
	}
	had := len(run.Reached)
	people, _ := s.Rules.Directory.Paged(s.t.Policy.Steps[0].Group, s.Now)
	for _, person := range people {
		s.tellAside(person, s.usable(person, s.Rules.Channels))
	}
	if len(run.Reached) > had {
		s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidJoinedOnDuty})
		return
	}
	if !run.Managers {
		run.Managers = true
		for _, person := range s.Rules.Directory.Managers() {
			s.tellAside(person, s.usable(person, s.Rules.Channels))
		}
		if len(run.Reached) > had {
			s.rule(ticket.EntryPaged, ticket.Said{Detail: ticket.SaidJoinedManagers})
			return
		}
	}
	s.rule(ticket.EntryUnreachable, ticket.Said{Detail: ticket.SaidJoinedNobody})
}

// sideFailed handles a page beside the rounds that failed for good.
func (s *stepper) sideFailed(k ticket.PageKey) {
	p := &s.t.Progress
	if !s.sideWanted(k) {
		return
	}
	if k.Step.Kind != ticket.ForJoined {
		s.noticeFailed(k)
		return
	}
	run, way := p.Side, k.Means()
	if run == nil || k.Round != ticket.Round(p.Joined) && !k.Round.Again || !slices.Contains(run.Reached, way) || slices.Contains(run.Failed, way) {
		return
	}
	s.changed = true
	run.Failed = append(run.Failed, way)
	if !slices.ContainsFunc(run.Reached, func(way ticket.Means) bool { return !slices.Contains(run.Failed, way) }) {
		s.climb()
	}
}

// noticeFailed tries another channel of somebody who has nothing to do. A page
// that was ordered before is not ordered again: its key exists.
func (s *stepper) noticeFailed(k ticket.PageKey) {
	person, ok := s.Rules.Directory.Recipient(k.Person)
	if !ok || k.Round.Again {
		return
	}
	by := s.t.Progress.Paged[k.Person]
	if k.Step.Kind == ticket.ForClock || k.Step.Kind == ticket.ForDue || k.Step.Kind.Reminds() != "" {
		by = s.Rules.Channels
	}
	for _, channel := range s.usable(person, by) {
		if channel != k.Channel {
			s.page(k.Step.Kind.Side(), k.Step, k.Round, k.Person, channel)
			return
		}
	}
}

// sideAgain orders a page beside the rounds once more, to another number.
func (s *stepper) sideAgain(e PageAgain) {
	if !e.Another || !s.sideWanted(e.Key) {
		return
	}
	p := &s.t.Progress
	s.page(e.Key.Step.Kind.Side(), e.Key.Step, ticket.KeyRound{N: p.Again, Again: true}, e.Key.Person, e.Key.Channel)
	p.Again++
}

// sideWanted reports whether what a page beside the rounds tells is still so.
func (s *stepper) sideWanted(k ticket.PageKey) bool {
	page := ticket.Page{PageKey: k, Kind: k.Step.Kind.Side()}
	return page.WantedFor(s.t.State, s.t.Progress.Episode)
}

// isSide reports whether a page belongs beside the rounds.
func isSide(k ticket.PageKey) bool { return k.Step.Kind.Side() != "" }
