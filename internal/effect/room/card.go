package room

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

const (
	mostCalled = 10                 // people whom a message names
	stamp      = "2006-01-02 15:04" // a message stays: its times have their days
)

// discreet says whether the room is told the number and the urgency alone.
func (r *Room) discreet(t *ticket.Ticket) bool {
	customer, _ := r.rooms.o.Rules().Customer(t.Customer)
	return r.Discreet || customer.Discreet
}

// sheet makes a ticket's card.
type sheet struct {
	*lang.Rooms
	rules *escalation.Rules
	v     *ticket.View
}

// card is what the room's message says of a ticket.
func (r *Room) card(v *ticket.View) *chat.Card {
	words, rules := lang.In(r.Language), r.rooms.o.Rules()
	s := &sheet{Rooms: &words.Rooms, rules: rules, v: v}
	t := &v.Ticket
	card := &chat.Card{
		Urgency: t.Urgency, Taken: t.State.Taken(), Over: !t.State.Active(),
		Head: words.UrgencyWord(t.Urgency) + " · " + t.Number,
		Link: r.rooms.o.Link("/tickets/" + t.Number), Open: words.Rooms.OpenIt,
		Lines: []string{s.state()}, Buttons: s.buttons(),
	}
	if !r.discreet(t) {
		card.Title = s.title()
		card.Lines = append(card.Lines, s.facts()...)
	}
	return card
}

// title is what and where.
func (s *sheet) title() string {
	t := &s.v.Ticket
	place := t.Customer
	if c, ok := s.rules.Customer(t.Customer); ok {
		place = cmp.Or(c.Name, c.Key)
	}
	if t.Site != "" {
		place = strings.TrimPrefix(place+"/"+t.Site, "/")
	}
	return plain(strings.TrimSpace(place+" "+t.Title), ticket.MaxRoomTitle)
}

// plain is a text on one line.
func plain(s string, most int) string {
	return ticket.Cut(strings.Join(strings.Fields(s), " "), most)
}

func (s *sheet) at(t time.Time) string { return t.In(s.rules.Location).Format(stamp) }

// who is somebody by name.
func (s *sheet) who(a *ticket.Actor) string {
	if a == nil {
		return ""
	}
	return s.name(a.Name)
}

func (s *sheet) name(key string) string {
	if p, ok := s.rules.Directory.Recipient(key); ok {
		return cmp.Or(p.Name, p.Key)
	}
	return plain(key, ticket.MaxRemarkName)
}

// state is who has it, or that it is over.
func (s *sheet) state() string {
	t := &s.v.Ticket
	switch t.State {
	case ticket.Acknowledged:
		return lang.Fill(s.Taken, "who", s.who(t.AcknowledgedBy), "at", s.at(t.AcknowledgedAt))
	case ticket.InProgress:
		by, at := t.PickedUpBy, t.PickedUpAt
		if by == nil {
			by, at = t.AcknowledgedBy, t.AcknowledgedAt
		}
		return lang.Fill(s.Working, "who", s.who(by), "at", s.at(at))
	case ticket.StateResolved:
		if t.ResolvedBy.Person() != "" {
			return lang.Fill(s.OverBy, "who", s.who(t.ResolvedBy), "at", s.at(t.ResolvedAt))
		}
		return lang.Fill(s.Over, "at", s.at(t.ResolvedAt))
	case ticket.Closed:
		return lang.Fill(s.Closed, "at", s.at(t.ClosedAt))
	case ticket.Open:
	}
	return lang.Fill(s.Nobody, "at", s.at(t.Progress.Began))
}

// facts are the other lines.
func (s *sheet) facts() (lines []string) {
	t := &s.v.Ticket
	switch {
	case !t.State.Active():
		if other := s.goesOn(); other != "" {
			lines = append(lines, lang.Fill(s.GoesOn, "ticket", other))
		}
	case t.State == ticket.Open && !t.Progress.Mute.Until.IsZero():
		lines = append(lines, lang.Fill(s.Silenced, "until", s.at(t.Progress.Mute.Until)))
	}
	if called := s.called(); called != "" {
		lines = append(lines, lang.Fill(s.Called, "who", called))
	}
	if t.State.Active() && t.Overflow == "" && t.Firing > 1 {
		lines = append(lines, lang.Fill(s.Alerts, "n", strconv.Itoa(t.Firing)))
	}
	if t.State.Active() && !t.GTI.DueAt.IsZero() && t.PickedUpAt.IsZero() {
		lines = append(lines, lang.Fill(s.GTI, "at", s.at(t.GTI.DueAt)))
	}
	if at := s.lastAt(ticket.EntryMeeting); t.State.Active() && !at.IsZero() {
		lines = append(lines, lang.Fill(s.Meeting, "at", s.at(at)))
	}
	opened := lang.Fill(s.Opened, "at", s.at(t.OpenedAt))
	if at := s.lastAt(ticket.EntryReopened, ticket.EntryUndone); !at.IsZero() {
		opened += " · " + lang.Fill(s.Again, "at", s.at(at))
	}
	return append(lines, opened)
}

// called are those who were paged since the ticket opened or reopened.
func (s *sheet) called() string {
	keys := slices.Sorted(maps.Keys(s.v.Ticket.Progress.Paged))
	var names []string
	for _, key := range keys[:min(len(keys), mostCalled)] {
		names = append(names, s.name(key))
	}
	if more := len(keys) - len(names); more > 0 {
		names = append(names, lang.Fill(s.More, "n", strconv.Itoa(more)))
	}
	return strings.Join(names, ", ")
}

// lastAt is when one of these last happened.
func (s *sheet) lastAt(kinds ...ticket.EntryKind) time.Time {
	for i := len(s.v.Timeline) - 1; i >= 0; i-- {
		if slices.Contains(kinds, s.v.Timeline[i].Kind) {
			return s.v.Timeline[i].At
		}
	}
	return time.Time{}
}

// goesOn is the ticket that the same problem goes on in.
func (s *sheet) goesOn() string {
	for i := len(s.v.Timeline) - 1; i >= 0; i-- {
		if e := &s.v.Timeline[i]; e.Kind == ticket.EntryResolved {
			if e.Detail == ticket.SaidGoesOn {
				return e.Args.Ticket
			}
			return ""
		}
	}
	return ""
}

// buttons are what may be done next.
func (s *sheet) buttons() []chat.Button {
	t := &s.v.Ticket
	value := t.Number + " " + strconv.Itoa(t.Progress.Episode)
	switch t.State {
	case ticket.Open:
		return []chat.Button{{Action: string(escalation.ActAcknowledge), Label: s.Acknowledge, Value: value, Primary: true}}
	case ticket.Acknowledged:
		return []chat.Button{{Action: string(escalation.ActPickUp), Label: s.PickUp, Value: value}}
	case ticket.InProgress, ticket.StateResolved, ticket.Closed:
	}
	return nil
}

// note is a note, for the message's thread.
func (r *Room) note(e *ticket.Entry) string {
	words := &lang.In(r.Language).Rooms
	s := &sheet{Rooms: words, rules: r.rooms.o.Rules()}
	if e.Actor == nil {
		return lang.Fill(words.Note, "text", e.Text)
	}
	return lang.Fill(words.NoteBy, "who", s.who(e.Actor), "text", e.Text)
}
