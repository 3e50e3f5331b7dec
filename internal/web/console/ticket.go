package console

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
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

// shownPages is how many pages of a ticket are shown at most, the latest.
const shownPages = 50

// ticketPage is the body of a ticket.
type ticketPage struct {
	look.Whole
	Kind, Policy, Contract, Source, Assignee string
	Opened                                   string
	CustomerKey                              string // whose page the reader may see; empty: none
	HasContacts                              bool
	Pages                                    []pageLine
	MorePages                                int
	Damaged, LeftOut                         int
	Else                                     *lang.Elsewhere
	Elsewhere                                []elsewhereLine

	Assign              []choice // whom it can be assigned to; none: nobody by this reader
	CanReopen, CanClose bool
	K                   *lang.Clock
	Clocked             bool        // a clock was promised
	Promised            [][3]string // the other clocks: name, how it stands, class
	Pauses              []choice    // reasons for which it may rest now
	Paused              bool        // it rests, and the reader may have it go on
	ReadOnly            bool        // the reader's role may only look
	CanEdit             bool        // the reader may change what is said of it
	Place               placing
	Proof               string // what the link to its proof says; empty: the reader may not have it
	Files               files
	Work                worked
	List                checklist
	Seen                seenBefore
	// Silence is what the form for a silence is filled with; none: the reader may make
	// none, or nothing asks for one.
	Silence url.Values
	// Suggested is what the last tasks say, where somebody is asked what was done.
	Suggested string
}

// pageLine is one page: to whom, by what, and whether it arrived.
type pageLine struct {
	Person, Channel, At, State, Class string
	Arrived, Error                    string
}

func (c *Console) showTicket(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	view, err := c.house.View(r.Context(), who.scope, r.PathValue("number"))
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	query := r.URL.Query()
	v := who.viewer()
	done := query.Get("done")
	check := c.house.Check(r.Context(), &view, waitFor(done))
	body := ticketPage{Whole: v.Whole(&view, look.Asked{
		Next: c.engine.WouldPage(view.Ticket), Check: check, Sure: escalation.Action(query.Get(look.FieldSure)), Done: done,
	})}
	if said := cmp.Or(who.words.Console.Messages[done], who.words.Pool.Messages[done], who.words.Files.Messages[done], who.workSaid(done, query.Get("field"))); said != "" {
		body.Bar.Said, body.Bar.Good = said, !refusal(done)
		body.Bar.Bad = !body.Bar.Good
	}
	if _, known := who.rules.Customer(view.Ticket.Customer); known && who.scope.SeesCustomer(view.Ticket.Customer) && !c.instead {
		body.CustomerKey, body.HasContacts = view.Ticket.Customer, c.proves
	}
	body.facts(who, v, &view.Ticket)
	body.pages(who, v, view.Pages)
	body.Else, body.Elsewhere = &who.words.Elsewhere, c.elsewhere(r.Context(), who, v, &view)
	body.Damaged, body.LeftOut = view.Damaged, view.Ticket.Lines.LeftOut
	body.K, body.Clocked = &who.words.Clock, view.Ticket.GTIState(who.now) != ticket.GTINone || len(who.rules.TellClocks(&view.Ticket, who.now)) > 0
	body.Promised = promisedOf(who, &view)
	if body.more(who, &view.Ticket); c.proves && who.sees("") {
		body.Proof = who.words.Proof.Link
	}
	body.place(who, v, &view.Ticket)
	var here []string
	for _, other := range c.house.Here(r.Context(), view.Ticket.Number, by.Person) {
		here = append(here, lang.Fill(body.Place.W.Here, "who", v.Name(other.Person), "at", v.At(other.Since)))
	}
	body.Place.Here = strings.Join(here, " ")
	body.propose(r, c, who, v, &view)
	body.Place.Action = c.house.Own("/tickets/" + url.PathEscape(view.Ticket.Number))
	body.Seen = seenOf(who, v, c.house.SeenBefore(r.Context(), who.scope, &view))
	if body.Bar.Sure != nil {
		body.Suggested = suggested(view.Sheet)
	}
	body.Files, body.Work, body.List = c.filesOf(who, v, &view), c.workedOf(who, v, &view), c.checklistOf(who, v, &view)
	f := c.frame(r, who, body.Number+" "+look.Abridged(body.Title, shownTitle))
	f.On, f.Live, f.Ticket, f.Body = "ticket", true, view.Ticket.Number, body
	if body.Bar.Waits {
		f.Every, f.Pace = 2, int(waitsEvery/time.Millisecond)
	}
	return c.show(w, r, http.StatusOK, "ticket", f)
}

const (
	// checkWaits is how long a press waits for what a tool says at once.
	checkWaits = time.Second
	// waitsEvery is how often a page looks that waits for the answer to a re-check, where
	// no event tells it.
	waitsEvery = 3 * time.Second
)

// refusal reports whether what came of a press says that it was not done.
func refusal(done string) bool {
	return done == "forbidden" || done == look.DoneNoTier || done == look.DoneClock || done == look.DoneTodo || strings.HasPrefix(done, "file_") || strings.HasPrefix(done, "work_")
}

func waitFor(done string) time.Duration {
	if escalation.Action(done) == escalation.ActRecheck {
		return checkWaits
	}
	return 0
}

// shownTitle is how many characters of a ticket's title the browser's own shows.
const shownTitle = 60

func (p *ticketPage) facts(who *reader, v *look.Viewer, t *ticket.Ticket) {
	p.Kind, p.Policy, p.Contract, p.Source = who.words.Console.Kinds[t.Kind], t.Policy.Name, t.Contract, t.Source
	if t.Assignee != "" {
		p.Assignee = v.Name(t.Assignee)
	}
	p.Opened = v.At(t.OpenedAt)
}

// pages are the latest first.
func (p *ticketPage) pages(who *reader, v *look.Viewer, pages []ticket.Page) {
	c := &who.words.Console
	p.MorePages = max(len(pages)-shownPages, 0)
	for i := len(pages) - 1; i >= p.MorePages; i-- {
		page := &pages[i]
		state := page.State
		if page.Unclear && (state == ticket.PageQueued || state == ticket.PageCancelled) {
			state = ticket.PageUnknown
		}
		line := pageLine{
			Person: v.Name(page.Person), Channel: page.Channel, At: v.At(latest(page.SentAt, page.At)), State: c.PageStates[state],
			Class: pageClass(state), Error: page.Error,
		}
		if page.Provider != "" {
			line.Channel += " · " + page.Provider
		}
		if state == ticket.PageDelivered && !page.ReceiptAt.IsZero() {
			line.Arrived = v.At(page.ReceiptAt)
		}
		p.Pages = append(p.Pages, line)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func pageClass(s ticket.PageState) string {
	switch s {
	case ticket.PageDelivered:
		return "good"
	case ticket.PageUndelivered, ticket.PageFailed:
		return "bad"
	case ticket.PageUnknown:
		return "warn"
	case ticket.PageQueued, ticket.PageSending, ticket.PageSent, ticket.PageBundled, ticket.PageCancelled:
	}
	return ""
}

// silencing asks for a silence of what the ticket groups by.
func silencing(t *ticket.Ticket) url.Values {
	ask := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(t.Group)) {
		if name == escalation.LabelCustomer {
			ask.Set("customer", t.Group[name])
			continue
		}
		ask.Add("matcher", strconv.Quote(name)+"="+strconv.Quote(t.Group[name]))
	}
	return ask
}

// more is what the page behind a link has not: by the reader's role.
func (p *ticketPage) more(who *reader, t *ticket.Ticket) {
	p.ReadOnly = !who.may(technician)
	if p.ReadOnly {
		p.Bar.Keys, p.Bar.Sure, p.CanSnooze = nil, nil, false
		return
	}
	p.CanEdit = t.State != ticket.Closed
	p.clock(who, t)
	p.CanReopen = who.may(desk.Least(escalation.ActReopen)) && t.State == ticket.StateResolved
	p.CanClose = who.may(desk.Least(escalation.ActClose)) && t.State == ticket.StateResolved
	if !t.State.Active() {
		return
	}
	p.Silence = silencing(t)
	people, mine := who.rules.Directory.People(), who.by.Person != "" && (t.TakenBy(who.by.Person) || t.Assignee == who.by.Person)
	for i := range people {
		if key := people[i].Key; who.arbitrates() || mine || key == who.by.Person {
			p.Assign = append(p.Assign, choice{key, cmp.Or(strings.TrimSpace(people[i].Name), key), key == t.Assignee})
		}
	}
}

// clock is what can be done to the ticket's clock.
func (p *ticketPage) clock(who *reader, t *ticket.Ticket) {
	if !t.State.Active() || !p.Clocked || !t.Runs() {
		return
	}
	if p.Paused = t.GTI.Resting() != nil; p.Paused {
		return
	}
	for _, reason := range who.rules.Contracts[t.Contract].Pauses {
		p.Pauses = append(p.Pauses, choice{Value: string(reason), Label: who.words.Clock.Reasons[reason]})
	}
}
