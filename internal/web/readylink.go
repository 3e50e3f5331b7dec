package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// ReadyPath is where the links of messages before a handover, and of drills, lead to.
const ReadyPath = "/r/"

// readyPage is the page behind such a link.
type readyPage struct {
	*page
	Y    *lang.Ready
	Done bool
}

// showReady shows the button, and proves nobody: previews open links too.
func (s *Server) showReady(w http.ResponseWriter, r *http.Request, _ Token) error {
	_, words, err := s.readyLink(r)
	if err != nil {
		return s.readyGone(w, r, err)
	}
	return s.render(w, r, http.StatusOK, "ready.html", readyPage{page: &page{Page: &words.Page}, Y: &words.Ready, Done: r.URL.Query().Get("done") != ""})
}

// pressReady notes that the button was pressed.
func (s *Server) pressReady(w http.ResponseWriter, r *http.Request, _ Token) error {
	if err := s.fromHere(r); err != nil {
		return err
	}
	link, _, err := s.readyLink(r)
	if err != nil {
		return s.readyGone(w, r, err)
	}
	p := paging.Proof{Person: link.Person, Channel: link.Channel, Address: link.Address, At: s.engine.Now(), How: paging.ByLink}
	if _, err := s.ready.Answered(r.Context(), p); err != nil {
		return fmt.Errorf("web: %w", err) // nobody is told that it is noted
	}
	w.Header().Set("Location", s.link(ReadyPath+"%s", r.PathValue("token"))+"?done=1")
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// readyLink is what a link stands for, in its holder's words.
func (s *Server) readyLink(r *http.Request) (ready.Link, *lang.Words, error) {
	rules := s.engine.Rules()
	words := lang.In(rules.Language)
	if err := s.knowsReady(); err != nil {
		return ready.Link{}, words, err
	}
	link, err := s.ready.ReadyLink(r.Context(), r.PathValue("token"))
	if err != nil {
		return link, words, err
	}
	person, ok := rules.Directory.Person(link.Person)
	if !ok {
		return link, words, ready.ErrNoLink
	}
	return link, lang.In(cmp.Or(person.Language, rules.Language)), nil
}

// readyGone says on a page that a link stands for nothing any more.
func (s *Server) readyGone(w http.ResponseWriter, r *http.Request, err error) error {
	words := lang.In(s.engine.Rules().Language)
	p := readyPage{page: &page{Page: &words.Page, Trouble: words.Ready.Gone, Advice: words.Ready.GoneWhy}, Y: &words.Ready}
	status := http.StatusNotFound
	if !errors.Is(err, ready.ErrNoLink) {
		s.log.Error("a link could not be looked up", zap.Error(err))
		status, p.Trouble, p.Advice = http.StatusServiceUnavailable, words.Page.StoreDown, words.Page.StoreAdvice
	}
	return s.render(w, r, status, "ready.html", p)
}
