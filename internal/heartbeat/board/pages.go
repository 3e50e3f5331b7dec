// Package board shows heartbeats to people, in the console and by the API, who make some
// and end them.
package board

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/heartbeat"
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

// Pages serves heartbeats, to people and by the API. It is safe for concurrent use.
type Pages struct {
	Book   *heartbeat.Book
	House  House
	Frame  web.Frame
	Engine heartbeat.Engine
	Log    *zap.Logger
	// Changed is called once one is made or ended.
	Changed func()

	page *template.Template
}

// NewPages makes Pages of its parts.
func NewPages(p *Pages) *Pages {
	p.page = web.Pages(files)
	return p
}

// Routes are the whole surface of the package for people, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/heartbeats", Needs: desk.Reader, Do: p.listAPI},
		{Method: http.MethodPost, Path: "/api/v1/heartbeats", Needs: desk.Technician, Do: p.makeAPI},
		{Method: http.MethodGet, Path: "/api/v1/heartbeats/{name}", Needs: desk.Reader, Do: p.getAPI},
		{Method: http.MethodDelete, Path: "/api/v1/heartbeats/{name}", Needs: desk.Technician, Do: p.endAPI},
		{Method: http.MethodGet, Path: "/heartbeats", Needs: desk.Reader, Do: p.show, Fail: p.Frame.Fail},
		{Method: http.MethodPost, Path: "/heartbeats", Needs: desk.Technician, Do: p.act, Fail: p.Frame.Fail},
	}
}

// body is the page of heartbeats.
type body struct {
	W          *lang.Heartbeats
	Base       string
	May        bool // make and end them
	Wrong      string
	Detail     string // of it, in English as the API says it
	Said       said
	Customers  []option
	Severities []string
	List       []line
	Curl       string // of the one that was made just now
	Result     string // … with a command's result
}

// said is what a form says.
type said struct {
	ask
	Customer, Severity, More string
}

type option struct{ Value, Text string }

// line is one heartbeat.
type line struct {
	Name, State, Class, When, What, Text string
	Ends                                 bool // a person may end it
}

var severities = []string{"info", "warning", "error", "critical"}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	return p.shows(w, r, by, http.StatusOK, &body{Said: said{ask: ask{Every: "1d"}, Severity: "error"}})
}

func (p *Pages) shows(w http.ResponseWriter, r *http.Request, by web.Token, status int, b *body) error {
	all, err := p.Book.All(r.Context(), p.Engine.Now())
	if err != nil {
		return err
	}
	words, rules := p.Frame.Words(r, by), p.Engine.Rules()
	b.W, b.Base, b.May, b.Severities = &words.Heartbeats, p.House.Own(""), by.Rank() >= desk.Technician, severities
	scope := by.Scope()
	for i := range rules.Customers {
		c := &rules.Customers[i]
		if !scope.SeesCustomer(c.Key) {
			continue
		}
		b.Customers = append(b.Customers, option{c.Key, cmp.Or(c.Name, c.Key)})
	}
	viewer := look.For(by.Person, words, rules, p.Engine.Now())
	for i := range all {
		if seen(&all[i].Heartbeat, by) {
			b.List = append(b.List, lineOf(&all[i], viewer))
		}
	}
	slices.SortStableFunc(b.List, func(x, y line) int { return cmp.Compare(y.rank(), x.rank()) })
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, "heartbeats.html", b); err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	return p.Frame.Show(w, r, by, status, b.W.Title, template.HTML(out.String())) //nolint:gosec // a template's
}

// rank puts those that are an alert before the others.
func (l *line) rank() int {
	if l.Class == "bad" {
		return 1
	}
	return 0
}

// lineOf is a heartbeat in words.
func lineOf(e *heartbeat.Entry, v *look.Viewer) line {
	t := &v.Words.Heartbeats
	l := line{Name: e.Name, State: t.States[string(e.Beat.State)], Class: "good", When: t.Never, Ends: !e.Configured, Text: e.Beat.Text}
	if e.Beat.State.Bad() {
		l.Class = "bad"
	}
	if at := e.Beat.Heard; !at.IsZero() {
		l.When = lang.Fill(t.Last, "at", v.At(at))
	}
	if !e.Beat.State.Bad() {
		l.When += " · " + lang.Fill(t.Due, "at", v.At(e.Due))
	}
	what := []string{e.Every.String() + " + " + e.Grace.String()}
	for _, name := range slices.Sorted(maps.Keys(e.Labels)) {
		value := e.Labels[name]
		if c, known := v.Rules.Customer(value); name == escalation.LabelCustomer && known {
			value = cmp.Or(c.Name, c.Key)
		}
		what = append(what, value)
	}
	if e.From != nil {
		what = append(what, lang.Fill(t.FromAlerts, "source", e.From.Source))
	}
	if by := lang.Fill(t.By, "name", v.Name(e.By)); e.Configured {
		what = append(what, t.Configured)
	} else {
		what = append(what, by)
	}
	l.What = strings.Join(what, " · ")
	return l
}

// act makes a heartbeat, or ends one.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
	}
	if name := r.PostFormValue("end"); name != "" {
		if _, err := p.end(r.Context(), name, by); err != nil && !errors.Is(err, heartbeat.ErrNotFound) {
			return refused(err)
		}
		w.Header().Set("Location", p.House.Own("/heartbeats"))
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	s := said{
		ask:      ask{Name: r.PostFormValue("name"), Every: r.PostFormValue("every"), Grace: r.PostFormValue("grace"), RunsFor: r.PostFormValue("runs_for")},
		Customer: r.PostFormValue("customer"), Severity: r.PostFormValue("severity"), More: r.PostFormValue("labels"),
	}
	var field *heartbeat.FieldError
	err := s.label()
	if err == nil {
		var e heartbeat.Entry
		var token string
		if e, token, err = p.make(r.Context(), &s.ask, by); err == nil {
			w.Header().Set("Cache-Control", "no-store")
			line := p.curl(e.Name, token)
			return p.shows(w, r, by, http.StatusOK, &body{Said: said{ask: ask{Every: "1d"}, Severity: "error"}, Curl: line, Result: "COMMAND; " + line + "/$?"})
		}
	}
	if errors.As(err, &field) {
		return p.shows(w, r, by, http.StatusUnprocessableEntity, &body{Said: s, Wrong: wrong(p.Frame.Words(r, by), field.Field), Detail: field.Why})
	}
	return refused(err)
}

// wrong says which field cannot be taken.
func wrong(words *lang.Words, field string) string {
	t := &words.Heartbeats
	label, times := t.Labels, ""
	switch field {
	case "name":
		label = t.Name
	case "every":
		label, times = t.Every, " "+words.Forms.Times
	case "grace":
		label, times = t.Grace, " "+words.Forms.Times
	case "runs_for":
		label, times = t.RunsFor, " "+words.Forms.Times
	case "labels." + escalation.LabelCustomer:
		label = t.Customer
	}
	return lang.Fill(words.Forms.Refused, "field", label) + times
}

// label makes labels of the form's fields.
func (s *said) label() error {
	s.Labels = map[string]string{}
	for text := range strings.Lines(s.More) {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return &heartbeat.FieldError{Field: "labels", Why: "write name=value, one a line"}
		}
		s.Labels[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	for name, value := range map[string]string{escalation.LabelCustomer: s.Customer, "severity": s.Severity} {
		if value != "" {
			s.Labels[name] = value
		}
	}
	return nil
}
