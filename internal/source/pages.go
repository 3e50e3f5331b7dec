package source

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

//go:embed pages/*.html
var files embed.FS

// House is what the package needs of web.Server.
type House interface {
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
	// Render runs what makes a page, when it is its turn.
	Render(ctx context.Context, write func() error) error
}

// Engine is what the package asks of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Pages shows sources, to people and by the API. It is safe for concurrent use.
type Pages struct {
	Book   *Book
	Door   Door
	House  House
	Frame  web.Frame
	Engine Engine
	// Try reads a body that was posted to a path, and takes nothing
	// (ingest.Handler.Reread).
	Try func(ctx context.Context, source, path string, body []byte) ([]ticket.Alert, error)
	// SilentAfter is after how long a source counts as silent; 0: it never does.
	SilentAfter func(source string) time.Duration

	page *template.Template
}

// NewPages makes Pages of its parts.
func NewPages(p *Pages) *Pages {
	p.page = web.Pages(files)
	return p
}

// Routes are the whole surface of the package, for web.Server.Mount. What customers'
// tools post is for those who see the configuration of sources: admins.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/sources", Needs: desk.Admin, Do: p.listAPI},
		{Method: http.MethodGet, Path: "/api/v1/sources/{name}", Needs: desk.Admin, Do: p.getAPI},
		{Method: http.MethodGet, Path: "/sources/{name}", Needs: desk.Admin, Do: p.show, Fail: p.Frame.Fail},
	}
}

// body is a source's page.
type body struct {
	W                          *lang.Sources
	Base, Name, Type           string
	State, Class, Heard, Count string
	Reason                     string
	Requests                   []requestPart
	Tried                      *triedPart
}

// requestPart is one request on it.
type requestPart struct {
	Heading, When, From, Path, Answer string
	Why, Detail                       string
	Made                              string
	Tickets                           []string
	Payload, Short                    string // Short says that it is not all of it
	Try                               string // the outcome to try again; empty: it cannot be
}

// triedPart is what came of trying again.
type triedPart struct {
	Said, Problem, Masked, More string
	Alerts                      []alertPart
	Tickets                     []ticketPart
}

type alertPart struct{ Title, Facts, Labels, Class string }

type ticketPart struct {
	Title, Facts string
	Pages        []string
	More         string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	k, err := p.find(r)
	if err != nil {
		return err
	}
	words := p.Frame.Words(r, by)
	v := look.For(by.Person, words, p.Engine.Rules(), p.Engine.Now())
	t, err := p.asked(r.Context(), r.URL.Query().Get("try"), &k)
	if err != nil {
		return err
	}
	b := p.bodyOf(r.Context(), &k, v)
	if t != nil {
		b.Tried = triedOf(t, v)
	}
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, "source.html", &b); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	return p.Frame.Show(w, r, by, http.StatusOK, k.Name, template.HTML(out.String())) //nolint:gosec // a template's
}

var stateClasses = map[string]string{stateWell: "good", stateRefused: "bad", stateSilent: "warn"}

func (p *Pages) bodyOf(ctx context.Context, k *known, v *look.Viewer) body {
	t := &v.Words.Sources
	b := body{
		W: t, Base: p.House.Own(""), Name: k.Name, Type: k.Type, State: t.States[k.State], Class: stateClasses[k.State], Heard: t.Never, Reason: k.Reason,
		Count: lang.Fill(t.Counted, "taken", fmt.Sprint(k.Counts.Taken), "tests", fmt.Sprint(k.Counts.Tests), "refused", fmt.Sprint(k.Counts.Refused),
			"failed", fmt.Sprint(k.Counts.Failed), "strange", fmt.Sprint(k.Counts.Strange)),
	}
	if !k.HeardAt.IsZero() {
		b.Heard = v.At(k.HeardAt)
	}
	outcomes := []string{outcomeRefused, outcomeTaken, outcomeStrange}
	slices.SortStableFunc(outcomes, func(x, y string) int { return at(k.word().of(y)).Compare(at(k.word().of(x))) })
	for _, outcome := range outcomes {
		if request := k.word().of(outcome); request != nil {
			b.Requests = append(b.Requests, p.requestPart(ctx, k.Name, outcome, request, v))
		}
	}
	return b
}

// at is when a request came; zero if there is none.
func at(r *ingest.Request) time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.At
}

func (p *Pages) requestPart(ctx context.Context, source, outcome string, r *ingest.Request, v *look.Viewer) requestPart {
	t := &v.Words.Sources
	part := requestPart{
		Heading: t.Headings[outcome], When: v.At(r.At), From: r.From, Path: r.Path, Answer: fmt.Sprint(r.Status), Tickets: r.Tickets,
	}
	switch {
	case r.Test:
		part.Made = t.Test
	case outcome == outcomeTaken:
		part.Made = lang.Fill(t.Made, "n", fmt.Sprint(r.Accepted))
	default:
		part.Why, part.Detail = why(t, r), p.Door.Masked(source, []byte(r.Reason))
	}
	was, ok := p.posted(ctx, source, outcome, r)
	if !ok {
		return part
	}
	part.Payload, part.Try = pretty(was.text), outcome
	if !was.whole {
		part.Short, part.Try = lang.Fill(t.Short, "n", fmt.Sprint(r.Length)), ""
	}
	return part
}

// why says in plain words why a request was not taken.
func why(t *lang.Sources, r *ingest.Request) string {
	if said := t.Why[r.Code]; said != "" {
		return said
	}
	return t.Why[""]
}

const (
	prettyDepth = 32 // a payload that is nested deeper stays as it came
	prettyMost  = 4  // … and one that would be so many times as long
)

// pretty is JSON with a line for each member, and anything else as it is.
func pretty(text string) string {
	depth, deepest := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	var out bytes.Buffer
	if deepest > prettyDepth || json.Indent(&out, []byte(text), "", "  ") != nil || out.Len() > prettyMost*ticket.MaxSaidBody {
		return text
	}
	return out.String()
}

func triedOf(t *tried, v *look.Viewer) *triedPart {
	w := &v.Words.Sources
	part := &triedPart{Said: w.NotTaken, Problem: t.Problem}
	switch {
	case t.Test:
		part.Said = w.Test
	case t.Problem == errLonger:
		part.Problem = w.Longer
	}
	if t.Masked {
		part.Masked = w.Masked
	}
	if t.More > 0 {
		part.More = lang.Fill(w.More, "n", fmt.Sprint(t.More))
	}
	for i := range t.Alerts {
		a := &t.Alerts[i]
		line := alertPart{Title: a.Title, Class: "u-" + a.Urgency.String()}
		facts := []string{w.Statuses[string(a.Status)], v.Words.UrgencyWord(a.Urgency), a.Remark, lang.Fill(w.Key, "key", a.Key)}
		line.Facts = strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), " · ")
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
			labels = append(labels, name+"="+a.Labels[name])
		}
		line.Labels = strings.Join(labels, ", ")
		part.Alerts = append(part.Alerts, line)
	}
	for i := range t.Tickets {
		part.Tickets = append(part.Tickets, ticketOf(&t.Tickets[i], v))
	}
	return part
}

func ticketOf(t *triedTicket, v *look.Viewer) ticketPart {
	w := &v.Words.Sources
	customer := t.Customer
	if c, ok := v.Rules.Customer(customer); ok {
		customer = cmp.Or(c.Name, customer)
	}
	facts := []string{v.Words.UrgencyWord(t.Urgency), cmp.Or(customer, w.NoCustomer), lang.Fill(w.Policy, "policy", t.Policy)}
	if !t.DueAt.IsZero() {
		facts = append(facts, "GTI "+v.At(t.DueAt))
	}
	part := ticketPart{Title: t.Title, Facts: strings.Join(facts, " · ")}
	for _, page := range t.Pages {
		part.Pages = append(part.Pages, v.At(page.At)+" · "+v.Name(page.Person)+" · "+page.Channel)
	}
	switch {
	case t.More > 0:
		part.More = lang.Fill(w.More, "n", fmt.Sprint(t.More))
	case len(t.Pages) == 0:
		part.More = w.NoPages
	}
	return part
}
