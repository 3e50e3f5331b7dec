package payroll

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// Counter counts what people did on call.
type Counter interface {
	// DutyReport counts days, to outside, of one person or, if that is empty, of
	// everybody.
	DutyReport(ctx context.Context, from, to calendar.Date, person string) (*report.Report, error)
}

// Engine is what the package asks of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// asked is what a report is asked of.
type asked struct {
	from, to calendar.Date
	person   string // alone; empty: everybody
	byYear   bool
	format   string
}

// The forms of an answer.
const (
	formJSON  = "json"
	formCSV   = "csv"
	formExcel = "excel"
)

func badField(name, format string, args ...any) error {
	return web.Refuse(http.StatusUnprocessableEntity, "invalid", name+": "+fmt.Sprintf(format, args...))
}

// ask reads what is asked for, as far as the caller may see it.
func (p *Pages) ask(values url.Values, by *web.Token) (a asked, err error) {
	for name, given := range values {
		if !slices.Contains([]string{"from", "to", "person", "by", "format"}, name) {
			return a, badField(ticket.Logged(name), "there is no such parameter")
		}
		if len(given) > 1 {
			return a, badField(name, "given %d times", len(given))
		}
	}
	if a.from, a.to, err = p.days(values.Get("from"), values.Get("to")); err != nil {
		return a, err
	}
	a.person = values.Get("person")
	if err := mayRead(&a.person, by); err != nil {
		return a, err
	}
	if a.format = values.Get("format"); a.format == "" {
		a.format = formJSON
	}
	if a.format != formJSON && a.format != formCSV && a.format != formExcel {
		return a, badField("format", "json, csv or excel, not %q", ticket.Logged(a.format))
	}
	switch of := values.Get("by"); of {
	case "", "month":
	case "year":
		a.byYear = true
	default:
		return a, badField("by", "month or year, not %q", ticket.Logged(of))
	}
	return a, nil
}

// mayRead has everybody but managers read what is their own.
func mayRead(person *string, by *web.Token) error {
	if by.Rank() >= desk.Manager {
		return nil
	}
	if by.Person == "" || *person != "" && *person != by.Person {
		return web.Refuse(http.StatusForbidden, "forbidden", "another person's duty report needs a manager's role; one's own a token that is bound to a person")
	}
	*person = by.Person
	return nil
}

// days reads from when until when: the present month if nothing is said, the month
// that from names, or a month from its day on.
func (p *Pages) days(from, to string) (begin, end calendar.Date, err error) {
	loc := p.Engine.Rules().Location
	month := from == ""
	if month {
		from = p.Engine.Now().In(loc).Format("2006-01")
	}
	begin, month, err = day("from", from, loc)
	if err != nil {
		return begin, end, err
	}
	switch {
	case to != "":
		if end, _, err = day("to", to, loc); err != nil {
			return begin, end, err
		}
	case month:
		end = calendar.Date{Year: begin.Year, Month: begin.Month, Day: 1}.AddDays(31)
		end.Day = 1
	default:
		end = begin.AddDays(31)
	}
	switch days := end.DaysSince(begin); {
	case days <= 0:
		err = badField("to", "it is not after from")
	case days > ticket.MaxScheduleDays:
		err = badField("to", "%d days from from on, at most", ticket.MaxScheduleDays)
	}
	return begin, end, err
}

// day reads a month, which begins with its first day, a day, or an instant by the
// house's clock.
func day(name, text string, loc *time.Location) (d calendar.Date, month bool, err error) {
	for _, form := range []string{"2006-01", time.DateOnly, time.RFC3339} {
		t, wrong := time.Parse(form, text)
		if wrong != nil {
			continue
		}
		if form == time.RFC3339 {
			t = t.In(loc)
		}
		if t.Year() < 2000 || t.Year() > 2200 {
			break
		}
		return calendar.DateOf(t), form == "2006-01", nil
	}
	return d, false, badField(name, "a month like 2026-11, a day like 2026-11-15 or an RFC 3339 time wanted, not %q", ticket.Logged(text))
}

// rowBody is a row as the API tells it; times are whole seconds.
type rowBody struct {
	Person        string           `json:"person"`
	Name          string           `json:"name"`
	Period        string           `json:"period"`
	OnCall        map[string]int64 `json:"on_call"`
	Always        int64            `json:"always"`
	Nights        int              `json:"nights"`
	WeekendDays   int              `json:"weekend_days"`
	Holidays      int              `json:"holidays"`
	Pages         int              `json:"pages"`
	Woken         int              `json:"woken"`
	Worked        map[string]int64 `json:"worked"`
	Interventions []workBody       `json:"interventions"`
	Rests         []restBody       `json:"rests"`
	StoodIn       timesBody        `json:"stood_in"`
	Replaced      timesBody        `json:"replaced"`
	Compensation  *payBody         `json:"compensation,omitempty"`
}

type workBody struct {
	Ticket  string    `json:"ticket"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds int64     `json:"seconds"`
	Open    bool      `json:"open,omitempty"`
}

type restBody struct {
	Rest    string    `json:"rest"` // daily or weekly
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Longest int64     `json:"longest"`
	Worked  time.Time `json:"worked_until"`
}

type timesBody struct {
	Times   int   `json:"times"`
	Seconds int64 `json:"seconds"`
}

type payBody struct {
	Currency string           `json:"currency"`
	Cents    map[string]int64 `json:"cents"`
	Total    int64            `json:"total_cents"`
	Whole    bool             `json:"whole"`
}

func timesOf(t report.Times) map[string]int64 {
	body := map[string]int64{"total": report.Seconds(t.Total())}
	for _, k := range report.Kinds() {
		body[string(k)] = report.Seconds(t[k])
	}
	return body
}

func bodyOf(r *report.Row) rowBody {
	b := rowBody{
		Person: r.Person, Name: r.Name, Period: r.Month, OnCall: timesOf(r.Hours), Always: report.Seconds(r.Always), Nights: r.Nights, WeekendDays: r.WeekendDays,
		Holidays: r.Holidays, Pages: r.Pages, Woken: r.Woken, Worked: timesOf(r.Worked), Interventions: []workBody{}, Rests: []restBody{},
		StoodIn: timesBody{r.StoodIn, report.Seconds(r.StoodInFor)}, Replaced: timesBody{r.Replaced, report.Seconds(r.ReplacedFor)},
	}
	for _, w := range r.Interventions {
		b.Interventions = append(b.Interventions, workBody{w.Ticket, w.From.UTC(), w.To.UTC(), report.Seconds(w.To.Sub(w.From)), w.Open})
	}
	for _, rest := range r.Rests {
		of := "daily"
		if rest.Week {
			of = "weekly"
		}
		b.Rests = append(b.Rests, restBody{of, rest.From.UTC(), rest.To.UTC(), report.Seconds(rest.Longest), rest.Worked.UTC()})
	}
	if r.Pay != nil {
		b.Compensation = &payBody{r.Pay.Currency, map[string]int64{}, r.Pay.Total, r.Pay.Whole}
		for kind, cents := range r.Pay.Cents {
			b.Compensation.Cents[string(kind)] = cents
		}
	}
	return b
}

// answer is the API's report.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, by web.Token) error {
	a, err := p.ask(r.URL.Query(), &by)
	if err != nil {
		return err
	}
	counted, err := p.Counter.DutyReport(r.Context(), a.from, a.to, a.person)
	if err != nil {
		return err
	}
	rows := counted.Rows
	if a.byYear {
		rows = report.ByYear(rows)
	}
	if a.format != formJSON {
		return p.table(w, &a, rows)
	}
	body := struct {
		From  string    `json:"from"`
		To    string    `json:"to"`
		Since time.Time `json:"since,omitzero"`
		Rows  []rowBody `json:"rows"`
	}{a.from.String(), a.to.String(), counted.Since.UTC(), []rowBody{}}
	for i := range rows {
		body.Rows = append(body.Rows, bodyOf(&rows[i]))
	}
	return web.Answer(w, http.StatusOK, body)
}

func (p *Pages) table(w http.ResponseWriter, a *asked, rows []report.Row) error {
	form := &report.Plain
	if a.format == formExcel {
		form = &report.Excel
	}
	text, err := form.Write(rows)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="duty-report-%s-%s.csv"`, a.from, a.to))
	_, _ = w.Write(text) // the peer may have gone
	return nil
}
