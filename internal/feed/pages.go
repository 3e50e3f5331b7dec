package feed

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
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
	// Link is the whole address of one of our own paths, as people reach it.
	Link(path string) string
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

// Plan is what the package asks of plan.Book.
type Plan interface {
	// Between are the interventions between two instants that are in scope, the earliest
	// first; of one person if person is not empty.
	Between(ctx context.Context, of ticket.Scope, from, until time.Time, person string) ([]ticket.Planned, error)
}

// Pages serves feeds. It is safe for concurrent use.
type Pages struct {
	Book   *Book
	House  House
	Frame  web.Frame
	Engine Engine
	Plan   Plan
	Log    *zap.Logger

	page *template.Template
}

// New makes Pages of its parts.
func New(p *Pages) *Pages {
	p.page = web.Pages(files)
	return p
}

// Routes are the whole surface of the package, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/calendar/{token}", Do: p.serve},
		{Method: http.MethodGet, Path: "/api/v1/people/{name}/feeds", Needs: desk.Reader, Do: p.list},
		{Method: http.MethodPost, Path: "/api/v1/people/{name}/feeds", Needs: desk.Reader, Do: p.make},
		{Method: http.MethodDelete, Path: "/api/v1/people/{name}/feeds", Needs: desk.Reader, Do: p.revoke},
		{Method: http.MethodGet, Path: "/people/{name}/feeds", Needs: desk.Reader, Do: p.show, Fail: p.Frame.Fail},
		{Method: http.MethodPost, Path: "/people/{name}/feeds", Needs: desk.Reader, Do: p.act, Fail: p.Frame.Fail},
	}
}

// serve writes a feed. Whoever has its address may read it.
func (p *Pages) serve(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	none := web.Refuse(http.StatusNotFound, "not_found", "there is no such calendar")
	token, ok := strings.CutSuffix(r.PathValue("token"), ".ics")
	if !ok || len(token) > maxToken {
		return none
	}
	f, err := p.Book.Find(r.Context(), token)
	if errors.Is(err, ErrNotFound) {
		return none
	}
	if err != nil {
		return err
	}
	rules := p.Engine.Rules()
	person, known := rules.Directory.Person(f.Person)
	if _, has := rules.Directory.Group(f.Group); !known || f.Group != "" && !has {
		return none
	}
	page := p.House.Link("/oncall")
	host := page
	if u, err := url.Parse(page); err == nil {
		host = u.Hostname()
	}
	text := Text{
		Words: &lang.In(cmp.Or(person.Language, rules.Language)).Feed, Host: host, Page: page, In: rules.Location,
		Now: p.Engine.Now(), Whose: cmp.Or(f.Group, person.Name, person.Key), OfGroup: f.Group != "",
		Ticket: func(number string) string { return p.House.Link("/tickets/" + number) },
	}
	from, to := Range(text.Now, text.In)
	if f.Group == "" {
		visits, err := p.Plan.Between(r.Context(), ticket.Everything(), from, to, f.Person)
		if err != nil {
			return fmt.Errorf("feed: the interventions of %s: %w", f.Person, err)
		}
		text.Visits = visits[:min(len(visits), ticket.MaxFeedTurns)]
	}
	var raw []byte
	err = p.House.Render(r.Context(), func() (err error) {
		raw, err = Write(Turns(rules.Directory, &f, from, to), rules.Directory, &text)
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="astreinte.ics"`)
	_, _ = w.Write(raw) // the peer may have gone
	return nil
}

// maxToken bounds what is looked up, in bytes; a token has 26.
const maxToken = ticket.MaxFeedToken

// mine is the person of an address, whose feeds the caller may see to: one's own, or a
// manager anybody's.
func (p *Pages) mine(r *http.Request, by web.Token) (key string, err error) {
	key = r.PathValue("name")
	if by.Rank() < desk.Manager && (by.Person == "" || by.Person != key) {
		return "", web.Refuse(http.StatusForbidden, "forbidden", "another person's calendars need a manager's role")
	}
	if _, ok := p.Engine.Rules().Directory.Person(key); !ok {
		return "", web.Refuse(http.StatusNotFound, "not_found", "nobody has this name")
	}
	return key, nil
}

// open makes a feed and returns its address.
func (p *Pages) open(ctx context.Context, person, group string, by web.Token) (string, Feed, error) {
	if _, ok := p.Engine.Rules().Directory.Group(group); group != "" && !ok {
		return "", Feed{}, web.Refuse(http.StatusUnprocessableEntity, "unknown_group", "there is no such group")
	}
	token, f, err := p.Book.Make(ctx, Feed{Person: person, Group: group, By: cmp.Or(by.Person, by.Name), At: p.Engine.Now()})
	if errors.Is(err, ErrTooMany) {
		return "", f, web.Refuse(http.StatusConflict, "too_many", strings.TrimPrefix(err.Error(), "feed: "))
	}
	if err != nil {
		return "", f, err
	}
	p.Log.Info("a calendar feed was made", zap.String("person", person), zap.String("group", group), zap.String("by", f.By))
	return p.House.Link("/calendar/" + token + ".ics"), f, nil
}

// end revokes feeds.
func (p *Pages) end(ctx context.Context, person, id string, by web.Token) (int, error) {
	n, err := p.Book.Revoke(ctx, person, id)
	if err == nil && n > 0 {
		p.Log.Info("calendar feeds were revoked", zap.String("person", person), zap.Int("feeds", n), zap.String("by", cmp.Or(by.Person, by.Name)))
	}
	return n, err
}

// body is the page on which a person makes and revokes feeds.
type body struct {
	W         *lang.Feed
	Base, Key string
	Name      string
	New       string // the address that was just made
	Webcal    template.URL
	Groups    []string
	Feeds     []line
	Room      bool
}

type line struct{ ID, Of, By, At string }

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := p.mine(r, by)
	if err != nil {
		return err
	}
	return p.shows(w, r, by, person, "")
}

func (p *Pages) shows(w http.ResponseWriter, r *http.Request, by web.Token, person, made string) error {
	feeds, err := p.Book.Of(r.Context(), person)
	if err != nil {
		return err
	}
	words, rules := p.Frame.Words(r, by), p.Engine.Rules()
	who, _ := rules.Directory.Person(person)
	name := func(key string) string {
		if p, ok := rules.Directory.Person(key); ok && p.Name != "" {
			return p.Name
		}
		return key
	}
	b := body{
		W: &words.Feed, Base: p.House.Own(""), Key: person, Name: cmp.Or(who.Name, person), New: made,
		Groups: rules.Directory.Groups(),
	}
	if rest, ok := strings.CutPrefix(made, "https"); ok {
		b.Webcal = template.URL("webcal" + rest) //nolint:gosec // our own address
	}
	b.Room = len(feeds) < ticket.MaxFeeds
	viewer := look.For(by.Person, words, rules, p.Engine.Now())
	viewer.Marks = true // the frame makes elements of times
	for i := range feeds {
		of := words.Feed.Own
		if feeds[i].Group != "" {
			of = lang.Fill(words.Feed.OfGroup, "group", feeds[i].Group)
		}
		b.Feeds = append(b.Feeds, line{feeds[i].ID, of, name(feeds[i].By), viewer.At(feeds[i].At)})
	}
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, "feeds.html", &b); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	return p.Frame.Show(w, r, by, http.StatusOK, words.Feed.Title+" · "+b.Name, template.HTML(out.String())) //nolint:gosec // a template's
}

// act makes a feed, whose address is shown this once, or revokes one.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, err := p.mine(r, by)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
	}
	if id := r.PostFormValue("revoke"); id != "" {
		if _, err := p.end(r.Context(), person, id, by); err != nil {
			return err
		}
		w.Header().Set("Location", p.House.Own("/people/"+url.PathEscape(person)+"/feeds"))
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	address, _, err := p.open(r.Context(), person, r.PostFormValue("group"), by)
	if err != nil {
		return err
	}
	return p.shows(w, r, by, person, address)
}
