package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// holder is whose link was opened, and to what.
type holder struct {
	person contacts.Person
	link   paging.Link
	// telephone is the group's telephone to which it was sent; empty: it went to the
	// person.
	telephone string
	number    string // the one ticket that is meant; empty: all of a bundle
}

// holder finds what a link stands for. A person who is no longer configured
// has no links any more. One that went to a group's telephone is of whoever is on duty
// in the group now.
func (s *Server) holder(r *http.Request) (holder, error) {
	link, err := s.directory.Link(r.Context(), paging.LinkHash(r.PathValue("token")))
	if err != nil {
		return holder{}, fmt.Errorf("web: look a link up: %w", err)
	}
	person, ok := s.engine.Rules().Directory.Holder(link.Person, s.engine.Now())
	if !ok {
		return holder{}, fmt.Errorf("web: the link of %q, who is gone: %w", link.Person, escalation.ErrNotFound)
	}
	h := holder{person: person, link: link}
	if _, ofGroup := s.engine.Rules().Directory.GroupOfPhone(link.Person); ofGroup {
		h.telephone = link.Person
	}
	if len(link.Bundle) == 0 {
		h.number = link.Ticket
	}
	return h, nil
}

// errOver is what a link leads to whose ticket is closed.
var errOver = refusef(http.StatusGone, "over", "it is over: what this link stood for is closed")

// stands says whether a link still leads to a ticket: errOver if that is
// closed, and escalation.ErrNotFound some time after that.
func (s *Server) stands(t *ticket.Ticket) error {
	switch {
	case t.LinksEnded(s.engine.Now()):
		return fmt.Errorf("web: the link of ticket %s, which was closed long ago: %w", t.Number, escalation.ErrNotFound)
	case t.State == ticket.Closed:
		return errOver
	}
	return nil
}

// narrow makes it the one ticket that a request names. A name that the link
// does not stand for, even an empty one, is never taken for all of them.
func (h *holder) narrow(named []string) error {
	if len(named) == 0 {
		return nil
	}
	number := named[0]
	stands := func(ref ticket.Ref) bool { return ref.Number == number }
	if number == "" || (number != h.number && !slices.ContainsFunc(h.link.Bundle, stands)) {
		return fmt.Errorf("web: ticket %q of a link that does not stand for it: %w", number, escalation.ErrNotFound)
	}
	h.number = number
	return nil
}
