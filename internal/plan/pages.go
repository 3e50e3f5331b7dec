package plan

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

//go:embed pages/*.html
var files embed.FS

// House is what the package needs of web.Server.
type House interface {
	// Own is the address of one of our own paths, as people reach it.
	Own(path string) string
}

// Reader is what the pages ask of escalation.Engine.
type Reader interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Pages serves the plan. It is safe for concurrent use.
type Pages struct {
	Book   *Book
	House  House
	Frame  web.Frame
	Engine Reader

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
		{Method: http.MethodGet, Path: "/api/v1/planning", Needs: desk.Reader, Do: p.listAPI},
		{Method: http.MethodGet, Path: "/planning", Needs: desk.Reader, Do: p.show, Fail: p.Frame.Fail},
	}
}

// body is a week of the plan.
type body struct {
	W                 *lang.Work
	Base, Person      string
	Week              string // "23 – 29/11/2026"
	Monday            string // its first day, as a form has it
	Before, Now, Next string // addresses of other weeks
	People            []option
	Days              []day
	Some              bool
}

type option struct {
	Value, Text string
	Chosen      bool
}

type day struct {
	Name  string
	Today bool
	Rows  []row
}

// row is an intervention on a day.
type row struct {
	When, Ticket, Title, Who, Where, State string
	Done                                   bool
}

// weekOf is the Monday of the week that an address names as a day, or of now.
func weekOf(text string, now time.Time) time.Time {
	at := now
	if d, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil && d.Year() > 1999 && d.Year() < 3000 {
		at = d
	}
	back := (int(at.Weekday()) + 6) % 7
	return time.Date(at.Year(), at.Month(), at.Day()-back, 0, 0, 0, 0, now.Location())
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	words, rules := p.Frame.Words(r, by), p.Engine.Rules()
	now := p.Engine.Now().In(rules.Location)
	query := r.URL.Query()
	monday := weekOf(query.Get("week"), now)
	next := monday.AddDate(0, 0, 7)
	b := body{W: &words.Work, Base: p.House.Own(""), Monday: monday.Format(time.DateOnly), Week: monday.Format("02/01") + " – " + next.AddDate(0, 0, -1).Format("02/01/2006")}
	if _, known := rules.Directory.Person(query.Get("person")); known {
		b.Person = query.Get("person")
	}
	to := func(at time.Time) string {
		q := url.Values{"week": {at.Format(time.DateOnly)}}
		if b.Person != "" {
			q.Set("person", b.Person)
		}
		return p.House.Own("/planning?" + q.Encode())
	}
	b.Before, b.Now, b.Next = to(monday.AddDate(0, 0, -7)), to(now), to(next)
	people := rules.Directory.People()
	for i := range people {
		b.People = append(b.People, option{people[i].Key, cmp.Or(people[i].Name, people[i].Key), people[i].Key == b.Person})
	}
	list, err := p.Book.Between(r.Context(), by.Scope(), monday, next, b.Person)
	if err != nil {
		return err
	}
	b.Some = len(list) > 0
	for at := monday; at.Before(next); at = at.AddDate(0, 0, 1) {
		b.Days = append(b.Days, dayOf(at, now, list, words, rules))
	}
	var out bytes.Buffer
	if err := p.page.ExecuteTemplate(&out, "planning.html", &b); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return p.Frame.Show(w, r, by, http.StatusOK, words.Work.Planning, template.HTML(out.String())) //nolint:gosec // a template's
}

// dayOf is what takes place on a day, from its midnight to the next.
func dayOf(at, now time.Time, list []ticket.Planned, words *lang.Words, rules *escalation.Rules) day {
	until := at.AddDate(0, 0, 1)
	d := day{
		Name:  words.Console.DayNames[strconv.Itoa(int(at.Weekday()))] + " " + at.Format("02/01"),
		Today: at.Format(time.DateOnly) == now.Format(time.DateOnly),
	}
	for i := range list {
		v := &list[i]
		if !v.From.Before(until) || !v.Until.After(at) {
			continue
		}
		r := row{When: hours(v, at, until), Ticket: v.Ticket, Title: v.Title, State: words.Work.States[v.State], Done: v.State == ticket.InterventionDone}
		if person, known := rules.Directory.Person(v.Person); known {
			r.Who = cmp.Or(person.Name, person.Key)
		}
		customer := v.Customer
		if c, known := rules.Customer(v.Customer); known {
			customer = cmp.Or(c.Name, c.Key)
		}
		r.Where = strings.Join(slicesOf(customer, v.Site, v.Place), " · ")
		d.Rows = append(d.Rows, r)
	}
	return d
}

func slicesOf(texts ...string) (some []string) {
	for _, text := range texts {
		if text != "" {
			some = append(some, text)
		}
	}
	return some
}

// hours are those of an intervention on a day: what begins before it or ends after it
// has no hour there.
func hours(v *ticket.Planned, from, until time.Time) string {
	begin, end := "…", "…"
	if !v.From.Before(from) {
		begin = v.From.In(from.Location()).Format("15:04")
	}
	if !v.Until.After(until) {
		end = v.Until.In(from.Location()).Format("15:04")
	}
	return begin + " – " + end
}
