package silence

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

//go:embed pages/*.html
var files embed.FS

// House is what the package needs of web.Server.
type House interface {
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
	// Link is the whole address of one of our own paths, as people reach it.
	Link(path string) string
}

// Pages serves silences, to people and by the API. It is safe for concurrent use.
type Pages struct {
	Book   *Book
	House  House
	Frame  web.Frame
	Engine Engine
	Log    *zap.Logger
	// Changed is called once a silence is written, so that this daemon knows it at once.
	Changed func()

	page *template.Template
}

// NewPages makes Pages of its parts.
func NewPages(p *Pages) *Pages {
	p.page = web.Pages(files)
	return p
}

// Routes are the whole surface of the package, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/silences", Needs: desk.Reader, Do: p.listAPI},
		{Method: http.MethodPost, Path: "/api/v1/silences", Needs: desk.Technician, Do: p.makeAPI},
		{Method: http.MethodGet, Path: "/api/v1/silences/{id}", Needs: desk.Reader, Do: p.getAPI},
		{Method: http.MethodDelete, Path: "/api/v1/silences/{id}", Needs: desk.Technician, Do: p.endAPI},
		{Method: http.MethodGet, Path: "/silences", Needs: desk.Reader, Do: p.show, Fail: p.Frame.Fail},
		{Method: http.MethodPost, Path: "/silences", Needs: desk.Technician, Do: p.act, Fail: p.Frame.Fail},
	}
}

// body is the page of silences.
type body struct {
	W         *lang.Silences
	Base      string
	May       bool // make and end them
	Wrong     string
	Detail    string // of it, in English as the API says it
	Said      ask
	Customers []option
	Lengths   []option
	Repeats   []option
	Hold      []line // those that hold or will
	Were      []line
}

type option struct{ Value, Text string }

// line is one silence.
type line struct {
	ID, What, When, Why, By, State string
	Active                         bool
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	query := r.URL.Query()
	said := ask{Customer: query.Get("customer"), Matchers: query["matcher"], For: "2h"}
	return p.shows(w, r, by, http.StatusOK, said, nil)
}

// shown is how many that are over the page shows.
const shown = 20

func (p *Pages) shows(w http.ResponseWriter, r *http.Request, by web.Token, status int, said ask, field *FieldError) error {
	all, err := p.Book.All(r.Context())
	if err != nil {
		return err
	}
	words, rules := p.Frame.Words(r, by), p.Engine.Rules()
	t := &words.Silences
	b := body{W: t, Base: p.House.Own(""), May: by.Rank() >= desk.Technician, Said: said}
	if field != nil {
		b.Wrong, b.Detail = wrong(words, field.Field), field.Why
	}
	scope := by.Scope()
	for i := range rules.Customers {
		c := &rules.Customers[i]
		if !scope.SeesCustomer(c.Key) {
			continue
		}
		b.Customers = append(b.Customers, option{c.Key, cmp.Or(c.Name, c.Key)})
	}
	for _, d := range []string{"30m", "1h", "2h", "4h", "8h", "1d", "2d", "1w"} {
		b.Lengths = append(b.Lengths, option{d, t.Lengths[d]})
	}
	for _, every := range []string{"", "1d", "1w", "2w"} {
		b.Repeats = append(b.Repeats, option{every, t.Repeats[every]})
	}
	viewer := look.For(by.Person, words, rules, p.Engine.Now())
	for i := range all {
		if !scope.SeesCustomer(all[i].Customer) {
			continue
		}
		if l, over := lineOf(&all[i], viewer); over && len(b.Were) < shown {
			b.Were = append(b.Were, l)
		} else if !over {
			b.Hold = append(b.Hold, l)
		}
	}
	slices.SortStableFunc(b.Hold, func(x, y line) int { return cmp.Compare(y.rank(), x.rank()) })
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, "silences.html", &b); err != nil {
		return fmt.Errorf("silence: %w", err)
	}
	return p.Frame.Show(w, r, by, status, t.Title, template.HTML(out.String())) //nolint:gosec // a template's
}

// rank puts what holds now before what will.
func (l *line) rank() int {
	if l.Active {
		return 1
	}
	return 0
}

// lineOf is a silence in words; over says that it is.
func lineOf(s *Silence, v *look.Viewer) (l line, over bool) {
	t := &v.Words.Silences
	state, next := s.StateAt(v.Now)
	l = line{ID: s.ID, Why: s.Why, State: t.States[string(state)], Active: state == Active, By: v.Name(s.By)}
	if s.Author != "" {
		l.By += " (" + s.Author + ")"
	}
	what := slices.Clone(s.Matchers)
	if c, known := v.Rules.Customer(s.Customer); s.Customer != "" {
		name := s.Customer
		if known {
			name = cmp.Or(c.Name, c.Key)
		}
		what = append([]string{name}, what...)
	}
	if s.Source != "" {
		what = append(what, lang.Fill(t.OfSource, "source", s.Source))
	}
	l.What = strings.Join(what, ", ")
	if state == Expired {
		until := s.Until
		if !s.Ended.IsZero() {
			until = s.Ended
		}
		l.When = v.At(s.From) + " – " + v.At(until)
		return l, true
	}
	if l.When = v.At(next.From) + " – " + v.At(next.Until); s.Every != "" {
		again, known := t.Repeats[s.Every]
		if !known {
			again = s.Every
		}
		l.When += " · " + again
	}
	return l, false
}

// act makes a silence, or ends one.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
	}
	if id := r.PostFormValue("end"); id != "" {
		if _, err := p.end(r.Context(), id, by); err != nil && !errors.Is(err, ErrOver) && !errors.Is(err, ErrNotFound) {
			return err
		}
		return p.back(w)
	}
	said := ask{
		Customer: r.PostFormValue("customer"), Matchers: strings.FieldsFunc(r.PostFormValue("matchers"), func(c rune) bool { return c == '\n' || c == '\r' }),
		For: r.PostFormValue("for"), Every: r.PostFormValue("every"), Why: r.PostFormValue("why"),
	}
	sent := said
	if at := r.PostFormValue("at"); at != "" { // a local time, as browsers send it
		said.From = at
		from, err := time.ParseInLocation("2006-01-02T15:04", at, p.Engine.Rules().Location)
		if err != nil {
			return p.shows(w, r, by, http.StatusUnprocessableEntity, said, &FieldError{"from", at})
		}
		sent.From = from.Format(time.RFC3339)
	}
	var field *FieldError
	switch _, err := p.make(r.Context(), &sent, by); {
	case errors.As(err, &field):
		return p.shows(w, r, by, http.StatusUnprocessableEntity, said, field)
	case err != nil:
		return refusal(err)
	}
	return p.back(w)
}

// wrong says which field of the form cannot be taken.
func wrong(words *lang.Words, field string) string {
	t := &words.Silences
	label, known := map[string]string{"customer": t.Customer, "from": t.From, "for": t.For, "until": t.For, "every": t.Every, "why": t.Why}[field]
	if !known {
		label = t.Matchers
	}
	return lang.Fill(words.Forms.Refused, "field", label)
}

func (p *Pages) back(w http.ResponseWriter) error {
	w.Header().Set("Location", p.House.Own("/silences"))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
