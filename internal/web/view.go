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

// sheet is what every page behind a link has.
type sheet struct {
	Foot  string // of which zone its times are, and when it was made
	Doing string // what is said while a press is under way
	Here  string // of the answer to a press: where it can be read again
	Pace  int    // seconds after which it looks anew where time runs fast; 0: never
	Again string // where it looks until an answer comes; empty: it waits for none
}

// sheet begins a page behind a link.
func (s *Server) sheet(words *lang.Words) sheet {
	location := s.engine.Rules().Location
	return sheet{
		Doing: words.App.Doing, Pace: s.pace(),
		Foot: lang.Fill(words.Console.ZoneNote, "zone", location.String(), "at", s.engine.Now().In(location).Format("15:04:05")),
	}
}

// usualPace is after how many seconds a page behind a link looks anew, by a clock that
// runs fast. One whose clock is everybody's stays as it is: somebody may be writing.
const usualPace = 60

func (s *Server) pace() int {
	if s.speed == nil || s.speed() <= 1 {
		return 0
	}
	return int(max(5, usualPace/s.speed()))
}

// page is what the template shows: a ticket, or trouble with the link.
type page struct {
	*lang.Page
	look.Whole
	sheet
	Trouble, Advice string
	SaidWord        string // before what people say of the ticket

	Of int // how many tickets the link stands for; 0: this one alone
}

// pageOf is the ticket as the person sees it; query says what came of the
// button that was pressed, if any, or which one asks.
func (s *Server) pageOf(v *ticket.View, person contacts.Person, query url.Values, check look.Check) *page {
	rules := s.engine.Rules()
	words := lang.In(paging.Language(person, rules)).Labelled(rules.Desk.Labels)
	view := look.For(person.Key, words, rules, s.engine.Now())
	return &page{SaidWord: words.Desk.Title, Page: &words.Page, sheet: s.sheet(words), Whole: view.Whole(v, look.Asked{
		Next: s.engine.WouldPage(v.Ticket), Check: check,
		Sure: escalation.Action(query.Get(look.FieldSure)), Done: query.Get("done"),
	})}
}
