package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

//go:embed assets/head.html assets/bar.html assets/page.html assets/bundle.html assets/page.css
var assets embed.FS

var (
	pageHTML = template.Must(template.New("").
			Funcs(template.FuncMap{"css": func() template.CSS { return pageCSS }}).ParseFS(assets, "assets/*.html"))
	pageCSS = mustRead("assets/page.css")
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

// showPage shows what is behind a link: a ticket, or a bundle's list. It records
// and changes nothing: previews and scanners open links too.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, _ Token) error {
	h, err := s.holder(r)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	if err := h.narrow(query["ticket"]); err != nil {
		return err
	}
	if h.number == "" {
		return s.showBundle(w, r, &h, query)
	}
	view, err := s.view(r.Context(), h.number)
	if err != nil {
		return err
	}
	if err := s.stands(&view.Ticket); err != nil {
		return err
	}
	p := s.pageOf(&view, h.person, query)
	if p.Of = len(h.link.Bundle); p.Of > 0 {
		p.Bar.Ticket = h.number
	}
	return s.render(w, r, http.StatusOK, "page.html", p)
}

// buttons are what a link can do; the outcome of each has the same name.
var buttons = []escalation.Action{
	escalation.ActAcknowledge, escalation.ActPickUp, escalation.ActRecheck, escalation.ActEscalate,
	escalation.ActResolve, escalation.ActUndo, escalation.ActNote,
}

// Outcomes beside the names of buttons: why nothing was done.
const (
	doneTaken  = "taken"  // somebody else has it
	doneOver   = "over"   // it is resolved or closed
	doneLate   = "late"   // too late to undo
	doneEmpty  = "empty"  // a note without words
	doneMany   = "many"   // a note on a ticket that takes no more
	doneStale  = "stale"  // it was meant for what was so before
	doneNobody = "nobody" // nobody is left to page
)

// pressButton does what a button of the page says, and leads back to it. What to
// do comes of the form alone. Which ticket of a bundle is meant may stand in the
// page's address, where its own links put it.
func (s *Server) pressButton(w http.ResponseWriter, r *http.Request, _ Token) error {
	if err := s.fromHere(r); err != nil {
		return err
	}
	h, err := s.holder(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := h.narrow(r.Form["ticket"]); err != nil {
		return err
	}
	action := escalation.Action(r.PostFormValue(fieldAction))
	shown, err := h.drawn(r.PostFormValue("seen"))
	if err != nil {
		return err
	}
	if h.number == "" {
		return s.pressAll(w, r, &h, action, shown)
	}
	t, err := s.press(r.Context(), &h, action, r.PostFormValue("text"), shown, wantsJSON(r))
	err = s.overByNow(r.Context(), h.number, err)
	if wantsJSON(r) {
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, s.asItIs(r, &t))
	}
	done, err := outcome(action, err)
	if err != nil {
		return err
	}
	query := url.Values{"done": {done}}
	if len(h.link.Bundle) > 0 {
		query.Set("ticket", h.number)
	}
	s.lead(w, r, query)
	return nil
}

// lead sends the browser back to the link, with what came of the button.
func (s *Server) lead(w http.ResponseWriter, r *http.Request, query url.Values) {
	w.Header().Set("Location", s.link("/a/%s", r.PathValue("token"))+"?"+query.Encode())
	w.WriteHeader(http.StatusSeeOther)
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

// acted is what a button asks for, in the name of whose link it is.
func (h *holder) acted(action escalation.Action, text string) (escalation.Acted, error) {
	a := escalation.Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: h.person.Key}, Via: "link"}
	text = ticket.Cut(strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")), ticket.MaxNote) // what somebody wrote at night is kept
	switch {
	case !slices.Contains(buttons, action):
		return a, badField("action", "one of %s is wanted", names(buttons))
	case action == escalation.ActNote && text == "":
		return a, errEmptyNote
	case action == escalation.ActNote, action == escalation.ActResolve:
		a.Said = ticket.Plain(text)
	}
	return a, nil
}

// errBlind refuses what a page's form asks for that does not say what it showed.
var errBlind = errors.New("web: the form does not say what its page showed")

// press does what a button says. A form of a page says what that showed;
// whatever asks for JSON need not.
func (s *Server) press(ctx context.Context, h *holder, action escalation.Action, text string, shown drawn, program bool) (ticket.Ticket, error) {
	a, err := h.acted(action, text)
	if err != nil {
		return ticket.Ticket{}, err
	}
	if a.Seen = shown.of(h.number); a.Seen == nil && !program && !blind(action) {
		if err := s.stillOpen(ctx, h.number, action); err != nil {
			return ticket.Ticket{}, err
		}
		return ticket.Ticket{}, errBlind
	}
	if action == escalation.ActNote || action == escalation.ActRecheck {
		if err := s.stillOpen(ctx, h.number, action); err != nil {
			return ticket.Ticket{}, err
		}
	}
	return s.apply(ctx, h.number, a)
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
	case errors.Is(err, errBlind):
		return doneStale, nil
	case errors.Is(err, escalation.ErrNobodyLeft):
		return doneNobody, nil
	case errors.Is(err, escalation.ErrManyNotes):
		return doneMany, nil
	case !errors.As(err, &state):
		return "", err
	case action == escalation.ActUndo && !state.Stale:
		return doneLate, nil
	case state.State.Taken():
		return doneTaken, nil
	case state.State.Active():
		return doneStale, nil
	}
	return doneOver, nil
}

// recheckTimeout bounds what a person who pressed a button waits for.
const recheckTimeout = 10 * time.Second

// look says what is known of the trouble right now, for the timeline.
func (s *Server) look(ctx context.Context, v *ticket.View) ticket.Said {
	if s.recheck != nil {
		ctx, cancel := context.WithTimeout(ctx, recheckTimeout)
		defer cancel()
		if said := s.recheck(ctx, *v); said != "" {
			return ticket.Plain(said)
		}
	}
	if v.Ticket.Firing == 0 {
		return ticket.Said{Detail: ticket.SaidNoneFiring}
	}
	return ticket.Said{Detail: ticket.SaidFiring, Args: ticket.Args{
		Firing: v.Ticket.Firing, Silent: v.Ticket.Silent, Instant: lastHeard(v),
	}}
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
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, status int) {
	p := &page{Page: &lang.In(s.engine.Rules().Language).Page}
	switch {
	case status == http.StatusForbidden:
		p.Trouble, p.Advice = p.OtherSite, p.OtherAdvice
	case status == http.StatusNotFound:
		p.Trouble, p.Advice = p.UnknownLink, p.UnknownAdvice
	case status == http.StatusGone:
		p.Trouble, p.Advice = p.OverLink, p.OverAdvice
	case status >= http.StatusInternalServerError:
		p.Trouble, p.Advice = p.StoreDown, p.StoreAdvice
	default:
		p.Trouble, p.Advice = p.BadRequest, p.BadAdvice
	}
	if err := s.render(w, r, status, "page.html", p); err != nil {
		if !errors.Is(err, context.Canceled) {
			s.log.Error("a page cannot be shown", zap.Error(err))
		}
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// worthPacking is from how many bytes on a page is sent compressed: a list of
// hundreds of tickets has to come over a slow network too.
const worthPacking = 8 << 10

// render writes a page whole or not at all.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	var text []byte
	var packed bool
	write := func() (err error) {
		text, packed, err = written(r, name, data)
		return err
	}
	var err error
	if status == http.StatusOK {
		err = s.turns.do(r.Context(), write)
	} else { // what says that something is wrong is short
		err = write()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", s.policy)
	w.Header().Set("Referrer-Policy", refererPolicy)
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	if packed {
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // the peer may have gone
	return nil
}

// written is a page's text, packed where that is worth it.
func written(r *http.Request, name string, data any) (text []byte, packed bool, err error) {
	var plain, gzipped bytes.Buffer
	if err := pageHTML.ExecuteTemplate(&plain, name, data); err != nil {
		return nil, false, fmt.Errorf("web: show a page: %w", err)
	}
	if plain.Len() < worthPacking || !takesGzip(r) {
		return plain.Bytes(), false, nil
	}
	to := gzip.NewWriter(&gzipped)
	_, _ = to.Write(plain.Bytes()) // into memory
	_ = to.Close()
	return gzipped.Bytes(), true, nil
}

// takesGzip reports whether the browser takes gzip; one that puts a weight on
// it is served plain text.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(part) == "gzip" {
			return true
		}
	}
	return false
}
