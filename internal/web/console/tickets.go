package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// shownTickets is how many tickets one page of the list has.
const shownTickets = 50

// choice is one value that a filter can have.
type choice struct {
	Value, Label string
	Chosen       bool
}

// ticketsPage is the body of the list.
type ticketsPage struct {
	Rows                 []row
	More                 string // address of the next page; empty: that was all
	First                bool   // it is the first one
	FirstURL             string
	States, Urgencies    []choice
	Customers, Assignees []choice
	Text, Since, Until   string
	Query                string // the filters as a part of an address
	Filtered             bool
	Chosen               string // the filters in words
	Saved                []saved
	CanSave, CanChoose   bool
	Back                 string // this page, for what is done on it
	Lacks                string // what the list lacks; empty: nothing
	N                    narrowing
}

func (c *Console) showTickets(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	given := filtersOf(r.URL.Query())
	q, err := who.query(given)
	if err != nil {
		return err
	}
	list, err := c.house.Tickets(r.Context(), who.scope, &q)
	if errors.Is(err, escalation.ErrCursor) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "cursor: no list ended there")
	}
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	f := c.frame(r, who, who.words.Console.Tickets)
	f.On, f.Live = "ticket", true
	body := c.ticketsPage(who, given, &q)
	body.Lacks = who.words.Console.Lacks[list.Missing]
	body.Rows, body.Back, body.FirstURL = who.rows(list.Tickets), self(r), c.listed(body.Query)
	body.CanChoose = f.Act && slices.ContainsFunc(body.Rows, func(r row) bool { return r.Open })
	if list.Next != "" {
		body.More = "?" + with(given, "cursor", web.SealCursor(list.Next))
	}
	if body.Saved, err = c.savedOf(r.Context(), who, body.Query); err != nil {
		return err
	}
	f.Body = body
	c.flash(r, who, f)
	return c.show(w, r, http.StatusOK, "tickets", f)
}

// filtersOf are the parameters of an address that select tickets.
func filtersOf(query url.Values) url.Values {
	given := url.Values{}
	for name, values := range query {
		if slices.Contains(once, name) {
			continue
		}
		if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" }); len(values) > 0 {
			given[name] = values
		}
	}
	return given
}

// listed is the address of the list with some filters.
func (c *Console) listed(query string) string {
	if query == "" {
		return c.house.Own("/tickets")
	}
	return c.house.Own("/tickets?" + query)
}

var day = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// query reads the filters, as the API does. A day is one at the desk; "before" a
// day is before it begins.
func (r *reader) query(given url.Values) (ticket.Search, error) {
	values := url.Values{}
	for name, list := range given {
		values[name] = list
		if (name == "since" || name == "until") && len(list) == 1 && day.MatchString(list[0]) {
			if at, err := time.ParseInLocation(time.DateOnly, list[0], r.rules.Location); err == nil {
				values[name] = []string{at.UTC().Format(time.RFC3339)}
			}
		}
	}
	values.Del("limit")
	r.dueBy(values)
	q, err := web.ParseQuery(values)
	q.Limit = shownTickets
	return q, err //nolint:wrapcheck // it is the answer
}

// with is an address's filters with one more, or without it.
func with(given url.Values, name, value string) string {
	query := url.Values{}
	for n, values := range given {
		query[n] = values
	}
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	return query.Encode()
}

func (c *Console) ticketsPage(r *reader, given url.Values, s *ticket.Search) ticketsPage {
	q, words := &s.Query, &r.words.Console
	p := ticketsPage{
		Text: q.Text, Since: dayOf(given.Get("since")), Until: dayOf(given.Get("until")), First: q.Cursor == "", Query: with(given, "cursor", ""),
		CanSave: r.by.Person != "",
	}
	p.Filtered = p.Query != ""
	for _, state := range []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed} {
		p.States = append(p.States, choice{string(state), words.States[state], slices.Contains(q.States, state)})
	}
	for _, u := range ticket.Urgencies() {
		p.Urgencies = append(p.Urgencies, choice{u.String(), r.words.UrgencyWord(u), slices.Contains(q.Urgencies, u)})
	}
	for i := range r.rules.Customers {
		customer := &r.rules.Customers[i]
		if !r.scope.SeesCustomer(customer.Key) {
			continue
		}
		p.Customers = append(p.Customers, choice{customer.Key, cmp.Or(customer.Name, customer.Key), q.Customer == customer.Key})
	}
	people := r.rules.Directory.People()
	for i := range people {
		p.Assignees = append(p.Assignees, choice{people[i].Key, cmp.Or(people[i].Name, people[i].Key), q.Assignee == people[i].Key})
	}
	p.N = c.narrowing(r, given, s)
	ticked := []choice{{Label: r.words.Views.Unassigned, Chosen: p.N.Unassigned}, {Label: r.words.Views.Breached, Chosen: p.N.Breached}}
	p.Chosen = chosen(p.States, p.Urgencies, p.Customers, p.Assignees, p.N.Groups, p.N.Tiers, p.N.Kinds, p.N.Categories, p.N.Within, ticked)
	return p
}

// chosen says which values were chosen.
func chosen(lists ...[]choice) string {
	var labels []string
	for _, list := range lists {
		for i := range list {
			if list[i].Chosen {
				labels = append(labels, list[i].Label)
			}
		}
	}
	return strings.Join(labels, ", ")
}

// dayOf is what a field for a day can show of a time: its day.
func dayOf(text string) string {
	if len(text) >= len(time.DateOnly) && day.MatchString(text[:len(time.DateOnly)]) {
		return text[:len(time.DateOnly)]
	}
	return ""
}

// takeChosen acknowledges those that were chosen on a page of the list. Each is
// named with what the page showed of it.
func (c *Console) takeChosen(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	var targets []desk.Target
	for _, chosen := range r.PostForm["ticket"] {
		number, seal, _ := strings.Cut(chosen, " ")
		seen, ok := look.Unseal(seal)
		if !ok || number == "" {
			return web.Refuse(http.StatusBadRequest, "bad_request", "ticket: it is not what a page of the list has")
		}
		targets = append(targets, desk.Target{Number: number, Seen: &seen})
	}
	if len(targets) > shownTickets {
		return web.Refuse(http.StatusBadRequest, "bad_request", "ticket: there are more than a page has")
	}
	done := 0
	ctx, cancel := lasting(r.Context())
	defer cancel()
	c.house.Acted(ctx, by)
	results := c.house.Desk().Act(ctx, by.Actor(viaConsole), desk.Order{Verb: escalation.ActAcknowledge, Shared: true}, targets...)
	var errs []error
	for i := range results {
		switch {
		case results[i].Did():
			done++
		case results[i].Outcome == desk.Failed:
			errs = append(errs, results[i].Err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.forget()
	c.lead(w, web.OwnPath(r.PostFormValue("back")), "/tickets", url.Values{
		"done": {"bulk"}, "n": {strconv.Itoa(done)}, "left": {strconv.Itoa(len(results) - done)},
	})
	return nil
}

// flash says what came of a form that led to this page. What an address says that
// nothing here leads to says nothing.
func (c *Console) flash(r *http.Request, who *reader, f *frame) {
	query := r.URL.Query()
	switch done := query.Get("done"); done {
	case "":
	case "bulk":
		n, err := strconv.Atoi(query.Get("n"))
		left, err2 := strconv.Atoi(query.Get("left"))
		if err != nil || err2 != nil || n < 0 || left < 0 || n+left > shownTickets {
			return
		}
		f.Said, f.Bad = lang.Fill(f.C.BulkDone, "n", strconv.Itoa(n)), n == 0
		if left > 0 {
			f.Said += " " + lang.Fill(f.C.BulkLeft, "n", strconv.Itoa(left))
		}
		if n+left == 0 {
			f.Said = f.C.BulkNone
		}
	case "many":
		f.Said, f.Bad = f.C.ManySaved, true
	default:
		c.flashOf(r, who, f, query.Get("about"), done)
	}
}

// flashOf says what came of a button on one ticket of a list.
func (c *Console) flashOf(r *http.Request, who *reader, f *frame, number, done string) {
	if number == "" {
		return
	}
	view, err := c.house.View(r.Context(), who.scope, number)
	if err != nil {
		return // the list says how it is
	}
	v := who.viewer()
	v.Ticket = &view.Ticket
	check := c.house.Check(r.Context(), &view, waitFor(done))
	if f.Said, f.Bad = v.Flash(done, &view, &check); f.Said != "" {
		f.Said = view.Ticket.Number + ": " + f.Said
	}
}
