package customer

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// allPage is the list of customers.
type allPage struct {
	W    *lang.Customers
	Base string
	Rows []allRow
}

type allRow struct{ Key, Name, Contract string }

func (p *Pages) showAll(w http.ResponseWriter, r *http.Request, by web.Token) error {
	words, rules, scope := p.Frame.Words(r, by), p.Engine.Rules(), by.Scope()
	b := allPage{W: &words.Customers, Base: p.House.Own("")}
	for i := range rules.Customers {
		if c := &rules.Customers[i]; scope.SeesCustomer(c.Key) {
			b.Rows = append(b.Rows, allRow{c.Key, calledBy(c), c.Contract})
		}
	}
	slices.SortFunc(b.Rows, func(x, y allRow) int { return strings.Compare(x.Name, y.Name) })
	return p.show(w, r, by, http.StatusOK, "customers.html", words.Customers.Title, &b)
}

// customerPage is a customer's page.
type customerPage struct {
	W                          *lang.Customers
	Base, Key, Name            string
	Contract, Others           string
	Sites, Referent, Reach     string
	ReferentURL                string // empty: the reader may not see that page
	Promises                   []promiseRow
	Acknowledged, Away, May    bool
	Month                      string
	Figures                    []figureRow
	Open                       []openRow
	OpenURL, ContactsURL       string
	Contacts                   []contactRow
	MoreContacts, ContactsAway bool
}

type promiseRow struct{ Urgency, Class, Within, Hours string }

// figureRow is the figures of an urgency, or of all.
type figureRow struct {
	Name  string
	Cells []cell
}

type cell struct{ Text, URL string }

type openRow struct{ Number, Title, Urgency, Class, State, GTI, URL string }

func (p *Pages) showCustomer(w http.ResponseWriter, r *http.Request, by web.Token) error {
	c, err := p.find(r, by)
	if err != nil {
		return err
	}
	words, rules := p.Frame.Words(r, by), p.Engine.Rules()
	v := look.For(by.Person, words, rules, p.Engine.Now())
	b := customerPage{
		W: &words.Customers, Base: p.House.Own(""), Key: c.Key, Name: calledBy(&c), Contract: cmp.Or(c.Contract, words.Customers.NoContract),
		Others: strings.Join(others(&c), ", "), Sites: strings.Join(c.Sites, ", "), Reach: strings.Join(slices.Concat(c.Phones, c.Emails), ", "),
		May: by.Rank() >= desk.Technician, OpenURL: p.listed(url.Values{"customer": {c.Key}, "state": {"open,acknowledged,in_progress"}}),
		ContactsURL: p.House.Own("/contacts?" + url.Values{"customer": {c.Key}}.Encode()),
	}
	if c.Referent != "" {
		if b.Referent = v.Name(c.Referent); by.Rank() >= desk.Manager || by.Person == c.Referent {
			b.ReferentURL = p.House.Own("/people/" + url.PathEscape(c.Referent))
		}
	}
	if of, known := rules.Contracts[c.Contract]; known {
		b.Promises, b.Acknowledged = promises(&of, words, rules), of.PickupOnAck
	}
	open, err := p.open(r.Context(), by, c.Key)
	if err != nil {
		return err
	}
	for i := range open.Tickets {
		b.Open = append(b.Open, p.ticketRow(&open.Tickets[i], v))
	}
	p.count(r, by, &b, words)
	list, err := p.Book.Contacts(r.Context(), by.Scope(), &ticket.ContactQuery{Customer: c.Key, Limit: ticket.FoundContacts})
	b.ContactsAway, b.MoreContacts = err != nil, list.Next != ""
	for i := range list.Contacts {
		b.Contacts = append(b.Contacts, p.row(&list.Contacts[i], &words.Customers, rules))
	}
	return p.show(w, r, by, http.StatusOK, "customer.html", b.Name, &b)
}

func (p *Pages) ticketRow(t *ticket.Ticket, v *look.Viewer) openRow {
	v.Ticket = t
	state, _ := v.State()
	gti, _ := v.GTI()
	return openRow{t.Number, t.Title, v.Words.UrgencyWord(t.Urgency), "u-" + t.Urgency.String(), state, gti, p.House.Own("/tickets/" + url.PathEscape(t.Number))}
}

// listed is the address of the list of tickets.
func (p *Pages) listed(query url.Values) string { return p.House.Own("/tickets?" + query.Encode()) }

// count puts this month's figures on a page. Each leads to its tickets.
func (p *Pages) count(r *http.Request, by web.Token, b *customerPage, words *lang.Words) {
	since, until := p.month()
	b.Month = since.Format("01/2006")
	f, err := p.figures(r.Context(), by, b.Key, since, until)
	if b.Away = err != nil; b.Away {
		return
	}
	from, to := since.Format(time.RFC3339), until.Format(time.RFC3339)
	row := func(name, urgency string, of *ticket.Figure) figureRow {
		to := func(n int, more ...string) cell {
			q := url.Values{"customer": {b.Key}, "since": {from}, "until": {to}}
			if len(more) > 0 && more[0] == "resolved" {
				q = url.Values{"customer": {b.Key}, "resolved_since": {from}, "resolved_until": {to}}
			} else if len(more) > 0 {
				q.Set("gti", more[0])
			}
			if urgency != "" {
				q.Set("urgency", urgency)
			}
			return cell{strconv.Itoa(n), p.listed(q)}
		}
		median := "–"
		if of.Pickup != nil {
			median = words.Page.Lasted(time.Duration(*of.Pickup * float64(time.Second)))
		}
		return figureRow{name, []cell{
			to(of.Opened), to(of.Resolved, "resolved"), to(of.Within, string(ticket.GTIMet)), to(of.Breached, string(ticket.GTIMissed)),
			to(of.Running, string(ticket.GTIRunning)), to(of.Opened-of.Promised, ticket.GTIUnpromised),
			{Text: median},
		}}
	}
	b.Figures = append(b.Figures, row(words.Customers.All, "", &f.All))
	for _, u := range ticket.Urgencies() {
		if of, some := f.ByUrgency[u.String()]; some {
			b.Figures = append(b.Figures, row(words.UrgencyWord(u), u.String(), &of))
		}
	}
}

// promises are a contract's in words.
func promises(c *escalation.Contract, words *lang.Words, rules *escalation.Rules) (rows []promiseRow) {
	for _, u := range ticket.Urgencies() {
		if of, some := c.GTI[u]; some {
			rows = append(rows, promiseRow{words.UrgencyWord(u), u.String(), words.Page.Lasted(of.Within), hours(rules.Calendars[of.Calendar], of.Calendar, words)})
		}
	}
	return rows
}

// hours are those of a calendar: "business: Mon–Fri 08:00–18:00, without public holidays
// (FR)".
func hours(cal *calendar.Calendar, name string, words *lang.Words) string {
	t := &words.Customers
	if cal == nil {
		return name
	}
	spec := cal.Spec()
	if spec.Always {
		return t.Always
	}
	week := map[int][]string{}
	for _, span := range spec.Week {
		from, to := span[0]%(24*60), span[1]-span[0]/(24*60)*24*60
		day := span[0] / (24 * 60)
		week[day] = append(week[day], fmt.Sprintf("%02d:%02d–%02d:%02d", from/60, from%60, to/60, to%60))
	}
	var parts []string
	for i := 0; i < 7; { // from Monday on
		day, said := (i+1)%7, strings.Join(week[(i+1)%7], ", ")
		n := 1
		for i+n < 7 && strings.Join(week[(i+n+1)%7], ", ") == said {
			n++
		}
		if said != "" {
			days := words.Console.DayNames[strconv.Itoa(day)]
			if n > 1 {
				days += "–" + words.Console.DayNames[strconv.Itoa((i+n)%7)]
			}
			parts = append(parts, days+" "+said)
		}
		i += n
	}
	switch {
	case spec.Country != "":
		parts = append(parts, lang.Fill(t.Off, "country", strings.Trim(spec.Country+" "+spec.Region, " ")))
	case cal.HasHolidays():
		parts = append(parts, t.OffAll)
	}
	return name + ": " + strings.Join(parts, ", ")
}
