package escalation

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// meet notes where one meets the user of the ticket (S3-17). It pages nobody. Whoever asks
// for a place and names none gets the one that there is: people may be in it.
func (s *stepper) meet(e Acted) error {
	link, was := strings.TrimSpace(e.Work.Meeting.URL), ""
	if s.Sheet != nil {
		was = s.Sheet.Meeting
	}
	if link == "" {
		switch {
		case was != "":
			return nil
		case s.Rules.Desk.Meeting == "":
			return &ticket.FieldError{Field: "url", Problem: "it is needed: desk.meeting says of no place"}
		}
		link = s.Rules.Desk.Meeting.Fill(s.t.Number, s.t.Customer, e.Work.Meeting.Secret)
	}
	if err := ticket.CheckMeeting(link); err != nil {
		return &ticket.FieldError{Field: "url", Problem: err.Error()}
	}
	if link == was {
		return nil
	}
	s.edit().Meeting = link
	s.log(ticket.EntryMeeting, &e.Actor, e.Via, ticket.Said{Text: link})
	return nil
}
