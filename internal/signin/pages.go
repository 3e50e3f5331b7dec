package signin

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/signin/openid"
	"github.com/astreinte/astreinte/internal/signin/passkey"
	"github.com/astreinte/astreinte/internal/web"
)

//go:embed pages
var pageFiles embed.FS

// House is what the pages need of web.Server.
type House interface {
	// FromHere is an error if another site's page sends a browser here.
	FromHere(r *http.Request) error
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
}

// Show puts the middle of a page into the layout. Who is not signed in is the zero
// Token.
type Show func(w http.ResponseWriter, r *http.Request, by web.Token, status int, title string, body template.HTML) error

// Site is what the pages stand in. All of it is required, if nothing else is said.
type Site struct {
	Book     *Book
	House    House
	Show     Show
	Client   func(r *http.Request) string // the address of who asks
	Language func() string                // the desk's
	Public   string                       // public_url
	Open     bool                         // one is whom one says (EnterAs): the demo's alone; false may be left out

	// At says when something was, or will be, at the desk. Nil: in UTC.
	At func(t time.Time) string
	// Mailer has mails go to those who have lost the way in; nil: nobody has.
	Mailer Mailer
	// Transport asks the identity provider; nil: the machine's.
	Transport http.RoundTripper
	Log       *zap.Logger
}

// Pages are the pages of signing in, and its routes of the API.
type Pages struct {
	Site
	public    atomic.Pointer[string]
	provider  atomic.Pointer[openid.Provider] // nil: there is none
	keys      *passkey.Keys
	templates *template.Template
	lines     lines // of the log, that strangers cause
}

// at says when something was, or will be.
func (p *Pages) at(t time.Time) string {
	if p.At != nil {
		return p.At(t)
	}
	return t.Format("2006-01-02 15:04") + " UTC"
}

// NewPages makes the pages. Show and House may be set later, before anybody asks.
func NewPages(s Site) *Pages {
	p := &Pages{Site: s, templates: template.Must(template.ParseFS(pageFiles, "pages/*.html"))}
	if p.Log == nil {
		p.Log = zap.NewNop()
	}
	p.SetPublic(s.Public)
	p.keys = passkey.New(passkey.Options{Records: s.Book.store, Now: s.Book.now, People: s.Book.people, Public: p.publicURL})
	return p
}

// SetPublic says where people reach the daemon.
func (p *Pages) SetPublic(url string) { p.public.Store(&url) }

// secure reports whether people come by https.
func (p *Pages) secure() bool { return strings.HasPrefix(strings.ToLower(*p.public.Load()), "https:") }

// link is an address that can be sent.
func (p *Pages) link(path string) string { return strings.TrimRight(*p.public.Load(), "/") + path }

// Routes are the whole surface of the package, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	page := func(method, path string, needs desk.Role, do func(w http.ResponseWriter, r *http.Request, by web.Token) error) web.Route {
		return web.Route{Method: method, Path: path, Needs: needs, Do: do, Fail: p.fail}
	}
	return []web.Route{
		page(http.MethodGet, web.SignInPath, desk.Nobody, p.showSignIn),
		page(http.MethodPost, web.SignInPath, desk.Nobody, p.signIn),
		page(http.MethodPost, forgottenPath, desk.Nobody, p.forgotten),
		page(http.MethodGet, "/sign-out", desk.Nobody, p.showSignOut),
		page(http.MethodPost, "/sign-out", desk.Nobody, p.signOut),
		page(http.MethodGet, "/invite/{token}", desk.Nobody, p.showInvitation),
		page(http.MethodPost, "/invite/{token}", desk.Nobody, p.acceptInvitation),
		{Method: http.MethodPost, Path: "/invite/{token}/passkey", Do: p.acceptByPasskey},
		{Method: http.MethodPost, Path: "/invite/{token}/passkey/begin", Do: p.beginInvited},
		page(http.MethodGet, "/enrol/{token}", desk.Nobody, p.showEnrolment),
		page(http.MethodPost, "/enrol/{token}", desk.Nobody, p.enrol),
		page(http.MethodPost, "/people/{name}/signing", desk.Reader, p.seeToOwn),
		page(http.MethodGet, providerPath, desk.Nobody, p.askProvider),
		page(http.MethodGet, backPath, desk.Nobody, p.comeBack),
		{Method: http.MethodGet, Path: web.SignInPath + "/passkey.js", Do: p.passkeyScript},
		{Method: http.MethodPost, Path: passkeyPath, Do: p.signInByPasskey},
		{Method: http.MethodPost, Path: passkeyPath + "/begin", Do: p.beginPasskey},
		{Method: http.MethodPost, Path: "/people/{name}/passkeys", Needs: desk.Reader, Do: p.addPasskey},
		{Method: http.MethodPost, Path: "/people/{name}/passkeys/begin", Needs: desk.Reader, Do: p.beginAdding},
		page(http.MethodPost, "/people/{name}/passkeys/seen-to", desk.Reader, p.seeToPasskey),
		{Method: http.MethodPost, Path: "/api/v1/people/{name}/invitations", Needs: desk.Technician, Do: p.invite},
		{Method: http.MethodDelete, Path: "/api/v1/people/{name}/sessions", Needs: desk.Admin, Do: p.endSessions},
		{Method: http.MethodGet, Path: "/api/v1/sessions", Needs: desk.Admin, Do: p.listSessions},
		{Method: http.MethodDelete, Path: "/api/v1/sessions/{id}", Needs: desk.Admin, Do: p.endSession},
	}
}

// sheet is what every template has.
type sheet struct {
	S    *lang.SignIn
	Base string
	Bad  string // what is wrong
	Body any
}

// words are in the person's language, else the browser's, else the desk's.
func (p *Pages) words(r *http.Request, person string) *lang.Words {
	if who, ok := p.Book.person(person); ok && who.Language != "" {
		return lang.In(who.Language)
	}
	if accepted := r.Header.Get("Accept-Language"); accepted != "" {
		return lang.Accepted(accepted)
	}
	return lang.In(p.Language())
}

// render makes the middle of a page.
func (p *Pages) render(name string, s sheet) (template.HTML, error) {
	var out bytes.Buffer
	if err := p.templates.ExecuteTemplate(&out, name+".html", s); err != nil {
		return "", fmt.Errorf("signin: show the page %s: %w", name, err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // html/template made it
}

func (p *Pages) page(w http.ResponseWriter, r *http.Request, by web.Token, status int, name, title string, s sheet) error {
	s.Base = p.House.Own("")
	body, err := p.render(name, s)
	if err != nil {
		return err
	}
	return p.Show(w, r, by, status, title, body)
}

// fail says on a page what went wrong.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, by web.Token, status int) {
	words := p.words(r, by.Person)
	c := &words.Console
	title, text := c.BadRequest, c.BadRequestText
	switch {
	case status == http.StatusNotFound:
		title, text = c.NotFound, c.NotFoundText
	case status == http.StatusForbidden:
		title, text = c.Forbidden, c.ForbiddenText
	case status >= http.StatusInternalServerError:
		title, text = c.StoreDown, words.SignIn.StoreDown
	}
	if err := p.page(w, r, by, status, "said", title, sheet{S: &words.SignIn, Body: said{title, text}}); err != nil {
		p.Log.Error("a page cannot be shown", zap.Error(err))
		w.WriteHeader(http.StatusInternalServerError)
	}
}

type said struct{ Title, Text string }

// form reads a form that one of our own pages sent.
func (p *Pages) form(r *http.Request) error {
	if err := p.House.FromHere(r); err != nil {
		return err //nolint:wrapcheck // it is a refusal with its own words
	}
	if err := r.ParseForm(); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
	}
	return nil
}

// from says who asks.
func (p *Pages) from(r *http.Request) From {
	return From{Device: r.UserAgent(), Address: p.Client(r)}
}

// lead leads a browser on, to a path of ours.
func (p *Pages) lead(w http.ResponseWriter, to string) error {
	w.Header().Set("Location", p.House.Own(web.OwnPath(to)))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// wrong puts an error of a Book into words, and says the status: nothing if it is
// the store's.
func wrong(w http.ResponseWriter, s *lang.SignIn, err error) (status int, text string) {
	var slow *Slow
	switch {
	case errors.As(err, &slow):
		after := int(max(1, (slow.After+time.Second-1)/time.Second))
		w.Header().Set("Retry-After", strconv.Itoa(after))
		return http.StatusTooManyRequests, lang.Fill(s.Slow, "n", strconv.Itoa(after))
	case errors.Is(err, ErrBusy):
		w.Header().Set("Retry-After", "2")
		return http.StatusServiceUnavailable, s.Busy
	case errors.Is(err, ErrWrong):
		return http.StatusUnauthorized, s.Wrong
	case errors.Is(err, ErrOff):
		return http.StatusForbidden, s.Off
	case errors.Is(err, ErrShort):
		return http.StatusBadRequest, s.Short
	case errors.Is(err, ErrLong):
		return http.StatusBadRequest, s.Long
	case errors.Is(err, ErrCommon):
		return http.StatusBadRequest, s.Common
	}
	return 0, ""
}

// nextOf is where somebody wanted to go who has to sign in.
func nextOf(values url.Values) string {
	if next := values.Get("next"); next != "" {
		return web.OwnPath(next)
	}
	return "/now"
}
