package web

import (
	"bytes"
	"cmp"
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

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

//go:embed assets/head.html assets/bar.html assets/page.html assets/bundle.html assets/ready.html assets/page.css assets/here.js assets/doing.js assets/waits.js
var assets embed.FS

var (
	pageHTML = template.Must(template.New("").Funcs(template.FuncMap{
		"css":   func() template.CSS { return template.CSS(pageCSS) }, //nolint:gosec // our own style sheet
		"here":  func() template.JS { return template.JS(hereJS) },    //nolint:gosec // our own script
		"doing": func() template.JS { return template.JS(doingJS) },   //nolint:gosec // likewise
		"waits": func() template.JS { return template.JS(waitsJS) },   //nolint:gosec // likewise
	}).ParseFS(assets, "assets/*.html"))
	pageCSS = mustRead("assets/page.css")
	hereJS  = strings.TrimSpace(mustRead("assets/here.js"))
	doingJS = strings.TrimSpace(mustRead("assets/doing.js"))
	waitsJS = strings.TrimSpace(mustRead("assets/waits.js"))
)

func mustRead(name string) string {
	text, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// pagePolicy allows the page its own style sheet, its three scripts, forms, and to ask
// the daemon again, and nothing else.
func pagePolicy() string {
	of := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + of(pageCSS) + "; script-src " + of(hereJS) + " " + of(doingJS) + " " + of(waitsJS) +
		"; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
	return s.show(w, r, &h, query, "")
}

// show shows it to whoever has the link. query says what came of the button that was
// pressed, if any; here is the address at which that can be read again.
func (s *Server) show(w http.ResponseWriter, r *http.Request, h *holder, query url.Values, here string) error {
	if h.number == "" {
		return s.showBundle(w, r, h, query, here)
	}
	view, err := s.view(r.Context(), paged, h.number)
	if err != nil {
		return err
	}
	if err := s.stands(&view.Ticket); err != nil {
		return err
	}
	check := s.Check(r.Context(), &view, s.waitFor(r, query))
	if check.Latest.Found != nil { // its timeline has it by now
		if again, err := s.view(r.Context(), paged, h.number); err == nil {
			view = again
		}
	}
	p := s.pageOf(&view, h.person, query, check)
	if p.Here = here; p.Bar.Waits {
		p.Again = s.again(r, h)
	}
	if p.Of = len(h.link.Bundle); p.Of > 0 {
		p.Bar.Ticket = h.number
	}
	return s.render(w, r, http.StatusOK, "page.html", p)
}

// buttons are what a link can do; the outcome of each has the same name.
var buttons = []escalation.Action{
	escalation.ActAcknowledge, escalation.ActSnooze, escalation.ActPickUp, escalation.ActRecheck, escalation.ActEscalate,
	escalation.ActResolve, escalation.ActUndo, escalation.ActNote,
}

// pressButton does what a button of the page says, and answers with the page. What to
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
	action := escalation.Action(r.PostFormValue(look.FieldAction))
	shown, err := h.drawn(r.PostFormValue("seen"))
	if err != nil {
		return err
	}
	order, err := h.order(action, r.PostFormValue("text"))
	if err != nil {
		return err
	}
	if order.Pressed, err = s.pressed("pressed_at", r.PostFormValue("pressed_at")); err != nil {
		return err
	}
	s.pressedBy(r.Context(), &h)
	if h.number == "" {
		return s.pressAll(w, r, &h, order, shown)
	}
	result, err := s.press(r.Context(), &h, order, shown, wantsJSON(r))
	if err != nil {
		return err
	}
	if result.Outcome == desk.Over || result.Ticket.State == ticket.Closed {
		return s.pressedOver(w, r, &h, action, &result)
	}
	if wantsJSON(r) {
		if result.Outcome == desk.Already {
			return s.writeWhole(w, r, paged, h.number)
		}
		if result.Outcome == desk.Checking {
			return s.underWay(w, r, &result.Ticket)
		}
		if err := asError(&result, action); err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, s.asItIs(w, r, &result.Ticket))
	}
	s.leadTo(w, r, &h, cmp.Or(look.DoneOf[result.Outcome], string(action)))
	return nil
}

// pressedOver answers if the ticket is over by now: nothing is told of one that
// is closed, not even its number. A note on it is taken all the same.
func (s *Server) pressedOver(w http.ResponseWriter, r *http.Request, h *holder, action escalation.Action, result *desk.Result) error {
	done := cmp.Or(look.DoneOf[result.Outcome], string(action))
	view, err := s.view(r.Context(), paged, h.number)
	if err == nil {
		err = s.stands(&view.Ticket)
	}
	switch {
	case err != nil && !errors.Is(err, errOver):
		return err
	case !wantsJSON(r) && (err == nil || result.Did()):
		s.leadTo(w, r, h, done)
		return nil
	case result.Did():
		return writeJSON(w, http.StatusOK, bundleBody{Done: 1, Tickets: []ticketBody{}})
	case err != nil:
		return err
	}
	return asError(result, action)
}

// leadTo answers with the ticket as it is now, and with what came of the button.
func (s *Server) leadTo(w http.ResponseWriter, r *http.Request, h *holder, done string) {
	query := url.Values{"done": {done}}
	if len(h.link.Bundle) > 0 {
		query.Set("ticket", h.number)
	}
	s.lead(w, r, h, query)
}

// lead answers a press with the page as it is now, and with what came of the button:
// on a slow line a redirect would have whoever pressed wait for one answer more
// before anything is said (docs/adr/0042-the-phone-in-bed.md). The page's script gives
// it the address at which the same can be read again. What was done is done: where it
// cannot be shown now, the browser is sent to that address.
func (s *Server) lead(w http.ResponseWriter, r *http.Request, h *holder, query url.Values) {
	here := s.link("/a/%s", r.PathValue("token")) + "?" + query.Encode()
	w.Header().Set("Content-Location", here)
	if s.show(w, r, h, query, here) == nil {
		return
	}
	w.Header().Del("Content-Location")
	w.Header().Set("Location", here)
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

// order is what a button asks for, and actor whose link it is.
func (h *holder) order(action escalation.Action, text string) (desk.Order, error) {
	o := desk.Order{Verb: action, Sure: true}                                                 // the page has asked
	text = ticket.Cut(strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")), ticket.MaxNote) // what somebody wrote at night is kept
	switch {
	case !slices.Contains(buttons, action):
		return o, badField("action", "one of %s is wanted", names(buttons))
	case action == escalation.ActNote, action == escalation.ActResolve:
		o.Words = text
	}
	return o, nil
}

// paged is what whoever has a link sees of its tickets: a page brought it, and gives the
// right to them.
var paged = ticket.Everything()

func (h *holder) actor() desk.Actor {
	return desk.Actor{
		Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: h.person.Key, Phone: h.telephone}, Role: desk.RoleOf(h.person.Role), Via: "link", Person: h.person.Key, Scope: paged,
	}
}

// errBlind refuses what a page's form asks for that does not say what it showed.
var errBlind = errors.New("web: the form does not say what its page showed")

// press does what a button says. A form of a page says what that showed;
// whatever asks for JSON need not.
func (s *Server) press(ctx context.Context, h *holder, o desk.Order, shown drawn, program bool) (desk.Result, error) {
	action := o.Verb
	target := desk.Target{Number: h.number, Seen: shown.of(h.number)}
	unseen := target.Seen == nil && !program && !look.Blind(action)
	if unseen || action == escalation.ActNote { // a note is taken after the end, though not by a link that has ended
		view, err := s.view(ctx, paged, h.number)
		if err == nil && view.Ticket.LinksEnded(s.engine.Now()) {
			err = s.stands(&view.Ticket)
		}
		switch {
		case err != nil:
			return desk.Result{}, err
		case unseen && view.Ticket.State == ticket.Closed:
			return desk.Result{Number: h.number, Outcome: desk.Over, Err: errBlind}, nil
		case unseen:
			return desk.Result{Number: h.number, Outcome: desk.Stale, Err: errBlind}, nil
		}
	}
	r := s.desk.Act(ctx, h.actor(), o, target)[0]
	if r.Outcome == desk.Failed || r.Outcome == desk.Unknown {
		return r, fmt.Errorf("web: %s ticket %s: %w", action, h.number, r.Err)
	}
	return r, nil
}

// failPage says on a page what went wrong, and nothing of any ticket. Whose link it
// was may not be known, so it speaks the browser's language, else the desk's.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, status int) {
	words := lang.In(s.engine.Rules().Language)
	if accepted := r.Header.Get("Accept-Language"); accepted != "" {
		words = lang.Accepted(accepted)
	}
	p := &page{Page: &words.Page}
	switch {
	case status == http.StatusForbidden:
		p.Trouble, p.Advice = p.OtherSite, p.OtherAdvice
	case status == http.StatusNotFound:
		p.Trouble, p.Advice = p.UnknownLink, p.UnknownAdvice
	case status == http.StatusGone:
		p.Trouble, p.Advice = p.OverLink, p.OverAdvice
		if r.URL.Query().Get("done") == string(escalation.ActNote) {
			p.Advice = p.Outcomes[string(escalation.ActNote)]
		}
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

// written is a page's text, packed if that is worth it.
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
