package web

import (
	"net/url"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
)

// page is what the template shows: a ticket, or trouble with the link.
type page struct {
	*lang.Page
	look.Whole
	Trouble, Advice string
	Here            string // of the answer to a press: where it can be read again

	Of int // how many tickets the link stands for; 0: this one alone
}

// pageOf is the ticket as the person sees it; query says what came of the
// button that was pressed, if any, or which one asks.
func (s *Server) pageOf(v *ticket.View, person contacts.Person, query url.Values) *page {
	rules := s.engine.Rules()
	words := lang.In(paging.Language(person, rules))
	view := look.For(person.Key, words, rules, s.engine.Now())
	return &page{Page: &words.Page, Whole: view.Whole(v, look.Asked{
		Next: s.engine.WouldPage(v.Ticket), Checks: s.recheck,
		Sure: escalation.Action(query.Get(look.FieldSure)), Done: query.Get("done"),
	})}
}
