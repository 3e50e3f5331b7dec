package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

//go:embed assets/page.html assets/page.css
var assets embed.FS

var (
	pageHTML = template.Must(template.ParseFS(assets, "assets/page.html"))
	pageCSS  = mustRead("assets/page.css")
)

func mustRead(name string) template.CSS {
	text, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return template.CSS(text) //nolint:gosec // our own style sheet
}

// pagePolicy allows the page its own style sheet and forms, and nothing else.
func pagePolicy() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// holder is whose link was opened, and to what.
type holder struct {
	person contacts.Person
	link   paging.Link
}

// holder finds what a link stands for. A person who is no longer configured
// has no links any more.
func (s *Server) holder(r *http.Request) (holder, error) {
	link, err := s.directory.Link(r.Context(), paging.LinkHash(r.PathValue("token")))
	if err != nil {
		return holder{}, fmt.Errorf("web: look a link up: %w", err)
	}
	person, ok := s.engine.Rules().Directory.Person(link.Person)
	if !ok {
		return holder{}, fmt.Errorf("web: the link of %q, who is gone: %w", link.Person, escalation.ErrNotFound)
	}
	return holder{person, link}, nil
}

// showPage shows the ticket behind a link. It records and changes nothing:
// previews and scanners open links too.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, _ Token) error {
	h, err := s.holder(r)
	if err != nil {
		return err
	}
	view, err := s.view(r.Context(), h.link.Ticket)
	if err != nil {
		return err
	}
	return s.render(w, http.StatusOK, s.pageOf(&view, h.person, r.URL.Query().Get("done")))
}

// buttons are what a link can do; the outcome of each has the same name.
var buttons = []escalation.Action{
	escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActRecheck, escalation.ActEscalate,
	escalation.ActResolve, escalation.ActUndo, escalation.ActNote,
}

// Outcomes beside the names of buttons: why nothing was done.
const (
	doneTaken = "taken" // somebody else has it
	doneOver  = "over"  // it is resolved or closed
	doneLate  = "late"  // too late to undo
	doneEmpty = "empty" // a note without words
)

// pressButton does what a button of the page says, and leads back to it.
func (s *Server) pressButton(w http.ResponseWriter, r *http.Request, _ Token) error {
	h, err := s.holder(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	t, err := s.press(r.Context(), h, escalation.Action(r.FormValue("action")), r.FormValue("text"))
	if wantsJSON(r) {
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, s.asItIs(r.Context(), &t))
	}
	done, err := outcome(escalation.Action(r.FormValue("action")), err)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.link("/a/%s", r.PathValue("token"))+"?done="+done)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return refusef(http.StatusBadRequest, "bad_request", "the form cannot be read")
}

// errEmptyNote refuses a note without words.
var errEmptyNote = badField("text", "it is needed")

func (s *Server) press(ctx context.Context, h holder, action escalation.Action, text string) (ticket.Ticket, error) {
	if !slices.Contains(buttons, action) {
		return ticket.Ticket{}, badField("action", "one of %s is wanted", names(buttons))
	}
	a := escalation.Acted{
		Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: h.person.Key}, Via: "link",
		Text: strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")),
	}
	switch action {
	case escalation.ActNote, escalation.ActRecheck:
		if action == escalation.ActNote && a.Text == "" {
			return ticket.Ticket{}, errEmptyNote
		}
		if err := s.stillOpen(ctx, h.link.Ticket, action); err != nil {
			return ticket.Ticket{}, err
		}
		if action == escalation.ActRecheck {
			a.Text = ""
		}
	case escalation.ActResolve:
	default:
		a.Text = ""
	}
	return s.apply(ctx, h.link.Ticket, a)
}

// stillOpen refuses what the engine would allow on a closed ticket: behind a
// link that is read-only.
func (s *Server) stillOpen(ctx context.Context, number string, action escalation.Action) error {
	view, err := s.view(ctx, number)
	if err != nil || view.Ticket.State != ticket.Closed {
		return err
	}
	return &escalation.StateError{Number: number, Action: action, State: ticket.Closed, Allowed: states[:4]}
}

// outcome is the word that the page is told; errors that are none of the
// ticket's state stay errors.
func outcome(action escalation.Action, err error) (string, error) {
	var state *escalation.StateError
	switch {
	case err == nil:
		return string(action), nil
	case errors.Is(err, errEmptyNote):
		return doneEmpty, nil
	case !errors.As(err, &state):
		return "", err
	case action == escalation.ActUndo:
		return doneLate, nil
	case state.State.Taken():
		return doneTaken, nil
	}
	return doneOver, nil
}

// recheckTimeout bounds what a person who pressed a button waits for.
const recheckTimeout = 10 * time.Second

// look says what is known of the trouble right now, for the timeline.
func (s *Server) look(ctx context.Context, v *ticket.View) string {
	if s.recheck != nil {
		ctx, cancel := context.WithTimeout(ctx, recheckTimeout)
		defer cancel()
		if said := s.recheck(ctx, *v); said != "" {
			return said
		}
	}
	if v.Ticket.Firing == 0 {
		return "no alert of it fires"
	}
	text := strconv.Itoa(v.Ticket.Firing) + " firing"
	if v.Ticket.Silent > 0 {
		text += fmt.Sprintf(", %d of them silent", v.Ticket.Silent)
	}
	if last := lastHeard(v); !last.IsZero() {
		text += ", last heard of at " + last.UTC().Format(time.RFC3339)
	}
	return text
}

func lastHeard(v *ticket.View) (last time.Time) {
	for i := range v.Alerts {
		if at := v.Alerts[i].LastAt; at.After(last) {
			last = at
		}
	}
	return last
}

// failPage says on a page what went wrong, and nothing of any ticket.
func (s *Server) failPage(w http.ResponseWriter, status int) {
	p := &page{phrases: phrasesIn(s.engine.Rules().Language), Now: s.engine.Now()}
	switch {
	case status == http.StatusNotFound:
		p.Trouble, p.Advice = p.unknownLink, p.unknownAdvice
	case status >= http.StatusInternalServerError:
		p.Trouble, p.Advice = p.storeDown, p.storeAdvice
	default:
		p.Trouble, p.Advice = p.badRequest, p.badAdvice
	}
	if err := s.render(w, status, p); err != nil {
		s.log.Error("a page cannot be shown", zap.Error(err))
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// render writes a page whole or not at all.
func (s *Server) render(w http.ResponseWriter, status int, p *page) error {
	var text bytes.Buffer
	p.CSS = pageCSS
	if err := pageHTML.Execute(&text, p); err != nil {
		return fmt.Errorf("web: show a page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", s.policy)
	w.Header().Set("Vary", "Accept")
	w.WriteHeader(status)
	w.Write(text.Bytes())
	return nil
}
