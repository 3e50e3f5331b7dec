package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

//go:embed pages
var pageFiles embed.FS

// policy of the pages: what they load is the daemon's own, and nothing stands in
// them that runs or styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// EventsPath is where the daemon tells what changed (server-sent events).
const EventsPath = "/api/v1/events"

// frame is what the layout shows, with a page's body in it.
type frame struct {
	C *lang.Console
	P *lang.Page
	A *lang.PhoneApp
	D *lang.DutyPages
	Y *lang.Ready
	F *lang.Feed
	U *lang.Audit
	X *lang.App
	R *lang.DutyReport
	Z *lang.Silences
	B *lang.Heartbeats
	Q *lang.Desk
	V *lang.Customers

	Lang, Title, Base string
	Self              string // where the page reads itself anew
	On                string // the events that it reads itself anew by; empty: it does not
	Live              bool   // the daemon's events are for this reader
	Heard             string // the last event that the page has in it; empty: nobody knows
	Wall              bool
	Ticket            string // the one ticket that it is about
	Pace              int    // milliseconds after which it looks anew where time runs fast; 0: as usual
	Every             int    // seconds after which it is read anew without a script; 0: never
	Nav               []link
	Me, MyPath        string
	Manage            bool // the reader may manage
	Act               bool // the reader may act on tickets
	Zone, At          string
	Away              string // what is not shown while the store is away; empty: it is there
	Said              string // what came of a form
	Bad               bool
	Body              any
}

type handler = func(w http.ResponseWriter, r *http.Request, by web.Token) error

// pagesRead are the templates of all pages, each with the layout. A process reads
// them once. They belong to no Console: its functions are put in by pagesOf.
var pagesRead = sync.OnceValue(readPages)

func readPages() map[string]*template.Template {
	noHouse := &Console{}
	parts := template.Must(template.New("").Funcs(noHouse.funcs()).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html"))
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic(err) // they are embedded
	}
	pages := map[string]*template.Template{}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		pages[name] = template.Must(template.Must(parts.Clone()).ParseFS(pageFiles, "pages/"+f.Name()))
	}
	return pages
}

// pagesOf are the templates with the Console's functions. Each is copied when it is
// shown first.
func (c *Console) pagesOf() map[string]func() *template.Template {
	pages := map[string]func() *template.Template{}
	for name, read := range pagesRead() {
		pages[name] = sync.OnceValue(func() *template.Template { return template.Must(read.Clone()).Funcs(c.funcs()) })
	}
	return pages
}

func (c *Console) funcs() template.FuncMap {
	return template.FuncMap{
		"asset": func(name string) string { return c.house.Own(c.assets[name].path) },
		"fill":  func(text, place string, value any) string { return lang.Fill(text, place, fmt.Sprint(value)) },
	}
}

// frame begins a page of a reader.
func (c *Console) frame(r *http.Request, who *reader, title string) *frame {
	words := who.words
	f := &frame{
		C: &words.Console, P: &words.Page, A: &words.PhoneApp, D: &words.Duty.Pages, Y: &words.Ready, F: &words.Feed, U: &words.Audit, X: &words.App, R: &words.DutyReport, Z: &words.Silences, B: &words.Heartbeats, Q: &words.Desk, V: &words.Customers, Lang: words.Tag, Title: title, Base: c.house.Own(""), Self: c.house.Own(self(r)),
		Nav: who.nav(r.URL.Path), Act: who.may(technician), Manage: who.sees(""), Zone: who.zone(), Heard: who.heard, At: who.now.In(who.rules.Location).Format("15:04:05"),
	}
	if who.person.Key != "" {
		f.Me, f.MyPath = who.person.Name, "/people/"+who.person.Key
	}
	if c.instead {
		f.Away = who.banner(c.away())
	}
	return f
}

// once are the parameters that say what came of a form: a page that reads itself
// anew does not say it again.
var once = []string{"done", "n", "left", "about", "field"}

func self(r *http.Request) string {
	query := r.URL.Query()
	waits := escalation.Action(query.Get("done")) == escalation.ActRecheck && query.Get("about") == ""
	for _, name := range once {
		if name != "done" || !waits { // the answer to a re-check comes later
			query.Del(name)
		}
	}
	if len(query) == 0 {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + query.Encode()
}

// partial reports whether a page asks for its own middle.
func partial(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && strings.HasPrefix(r.Header.Get("HX-Target"), "main")
}

// worthPacking is from how many bytes on an answer is packed.
const worthPacking = 1 << 10

// show writes a page whole or not at all.
func (c *Console) show(w http.ResponseWriter, r *http.Request, status int, page string, f *frame) error {
	part := "layout"
	if partial(r) {
		part = "middle"
	}
	return c.showPart(w, r, status, page, part, f)
}

// showPart writes a part of a page.
func (c *Console) showPart(w http.ResponseWriter, r *http.Request, status int, page, part string, f *frame) error {
	c.hasten(w.Header(), f)
	var plain, packed bytes.Buffer
	var text []byte
	write := func() error {
		if err := c.pages[page]().ExecuteTemplate(&plain, part, f); err != nil {
			return fmt.Errorf("console: show the page %s: %w", page, err)
		}
		text = look.Times(plain.Bytes())
		if len(text) >= worthPacking && takesGzip(r) {
			to := gzip.NewWriter(&packed)
			_, _ = to.Write(text) // into memory
			_ = to.Close()
		}
		return nil
	}
	var err error
	if status == http.StatusOK {
		err = c.house.Render(r.Context(), write)
	} else { // what says that something is wrong is short
		err = write()
	}
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	dress(w.Header())
	if packed.Len() > 0 {
		w.Header().Set("Content-Encoding", "gzip")
		text = packed.Bytes()
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // the peer may have gone
	return nil
}

// dress sets the headers of a page.
func dress(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // forms tell where they come from
	h.Set("Vary", "Accept, Accept-Encoding, Accept-Language, HX-Request, HX-Target")
}

// Show puts somebody else's page into the layout: body is its middle. Who is not
// signed in has no navigation.
func (c *Console) Show(w http.ResponseWriter, r *http.Request, by web.Token, status int, title string, body template.HTML) error {
	f := c.frame(r, c.reader(r, by), title)
	f.Body = body
	return c.show(w, r, status, "other", f)
}

// trouble is a page that says what went wrong.
type trouble struct {
	Title, Text string
	Now         string // leads to Now; empty: nothing does
}

// fail says on a page what went wrong, and nothing else.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, by web.Token, status int) {
	who := c.reader(r, by)
	words := &who.words.Console
	t := trouble{Title: words.BadRequest, Text: words.BadRequestText}
	switch {
	case status == http.StatusNotFound:
		t = trouble{Title: words.NotFound, Text: words.NotFoundText}
	case status == http.StatusForbidden:
		t = trouble{Title: words.Forbidden, Text: words.ForbiddenText}
	case status >= http.StatusInternalServerError:
		t = trouble{Title: words.StoreDown, Text: words.StoreDownText}
		if away := who.missing(c.away()); away.Text != "" {
			t = away
		}
	}
	f := c.frame(r, who, t.Title)
	if by.Person == "" && by.Name == "" {
		f.Nav = nil
	}
	f.Body = t
	if err := c.show(w, r, status, "trouble", f); err != nil {
		c.log.Error("a page cannot be shown", zap.Error(err))
		w.WriteHeader(http.StatusInternalServerError)
	}
}
