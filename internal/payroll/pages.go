package payroll

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
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

// Pages serves the report. It is safe for concurrent use.
type Pages struct {
	Counter Counter
	Engine  Engine
	House   House
	Frame   web.Frame
	// Employer is who the monthly document is from; empty: it is left open.
	Employer func() string

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
		{Method: http.MethodGet, Path: "/api/v1/duty-report", Needs: desk.Reader, Do: p.answer},
		{Method: http.MethodGet, Path: "/duty-report", Needs: desk.Reader, Do: p.show, Fail: p.Frame.Fail},
		{Method: http.MethodGet, Path: "/duty-report/{name}/{month}", Needs: desk.Reader, Do: p.document, Fail: p.Frame.Fail},
	}
}

// body is the page of a month, and of the year up to it.
type body struct {
	W              *lang.DutyReport
	C              *lang.Console
	Base           string
	Month, This    string
	Earlier, Later string
	Since          string // of which time nothing is known; empty: of none
	CSV, Excel     string
	Lines          []line
	Year           string
	Fair           []fair
}

// line is a person's month.
type line struct {
	Name, Document             string
	Hours                      []string // the total, then each kind
	Nights, WeekendDays        int
	Holidays, Pages, Woken     int
	Worked, Pay                string
	Rests, StoodIn, ReplacedBy int
}

// fair is what a person had of a year.
type fair struct {
	Name                       string
	Nights, Weekends, Holidays bar
}

// bar is a figure and how long its bar is, of 100.
type bar struct{ N, Long int }

func (p *Pages) show(w http.ResponseWriter, r *http.Request, by web.Token) error {
	var person string
	if err := mayRead(&person, &by); err != nil {
		return err
	}
	loc := p.Engine.Rules().Location
	text := cmp.Or(r.URL.Query().Get("month"), p.Engine.Now().In(loc).Format("2006-01"))
	first, month, err := day("month", text, loc)
	if err != nil || !month {
		return web.Refuse(http.StatusBadRequest, "bad_request", "month: one as 2026-11 is wanted")
	}
	next := following(first)
	whole, err := p.Counter.DutyReport(r.Context(), calendar.Date{Year: first.Year, Month: time.January, Day: 1}, next, person)
	if err != nil {
		return err
	}
	words := p.Frame.Words(r, by)
	b := body{
		W: &words.DutyReport, C: &words.Console, Base: p.House.Own(""), This: text, Month: words.Console.MonthNames[strconv.Itoa(int(first.Month))] + " " + strconv.Itoa(first.Year),
		Earlier: first.AddDays(-1).String()[:len(text)], Later: next.String()[:len(text)], Year: strconv.Itoa(first.Year),
	}
	address := func(format string) string {
		return p.House.Own("/api/v1/duty-report?" + url.Values{"from": {text}, "format": {format}}.Encode())
	}
	b.CSV, b.Excel = address(formCSV), address(formExcel)
	if whole.Since.After(first.At(0, 0, loc)) {
		b.Since = stamps(words, loc)(whole.Since)
	}
	for i := range whole.Rows {
		if row := &whole.Rows[i]; row.Month == text {
			b.Lines = append(b.Lines, p.line(row, words))
		}
	}
	b.Fair = fairness(report.ByYear(whole.Rows))
	return p.write(w, r, by, words.DutyReport.Title, "report.html", &b)
}

// write renders a page in its turn.
func (p *Pages) write(w http.ResponseWriter, r *http.Request, by web.Token, title, page string, b any) error {
	var out bytes.Buffer
	err := p.House.Render(r.Context(), func() error {
		if err := p.page.ExecuteTemplate(&out, page, b); err != nil {
			return fmt.Errorf("payroll: %w", err)
		}
		return nil
	})
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	return p.Frame.Show(w, r, by, http.StatusOK, title, template.HTML(out.String())) //nolint:gosec // a template's
}

func following(first calendar.Date) calendar.Date {
	next := first.AddDays(31)
	next.Day = 1
	return next
}

func (p *Pages) line(r *report.Row, words *lang.Words) line {
	l := line{
		Name: r.Name, Document: p.House.Own("/duty-report/" + url.PathEscape(r.Person) + "/" + r.Month), Hours: []string{hours(r.Hours.Total())},
		Nights: r.Nights, WeekendDays: r.WeekendDays, Holidays: r.Holidays, Pages: r.Pages, Woken: r.Woken, Worked: hours(r.Worked.Total()),
		Rests: len(r.Rests), StoodIn: r.StoodIn, ReplacedBy: r.Replaced,
	}
	for _, k := range report.Kinds() {
		l.Hours = append(l.Hours, hours(r.Hours[k]))
	}
	if r.Pay != nil {
		l.Pay = money(r.Pay.Total, r.Pay.Currency, words)
		if !r.Pay.Whole {
			l.Pay += " " + words.DutyReport.Partly
		}
	}
	return l
}

// hours are hours and minutes.
func hours(d time.Duration) string {
	minutes := int64(d.Round(time.Minute) / time.Minute)
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}

func money(cents int64, currency string, words *lang.Words) string {
	point := "."
	if words.Tag != "en" {
		point = ","
	}
	return fmt.Sprintf("%d%s%02d %s", cents/100, point, cents%100, currency)
}

// fairness compares what each had of a year, whoever had most nights first.
func fairness(rows []report.Row) (list []fair) {
	const whole = 100
	var nights, weekends, holidays int
	for i := range rows {
		r := &rows[i]
		nights, weekends, holidays = max(nights, r.Nights), max(weekends, r.WeekendDays), max(holidays, r.Holidays)
	}
	of := func(n, most int) bar { return bar{n, n * whole / max(most, 1)} }
	for i := range rows {
		if r := &rows[i]; r.Nights+r.WeekendDays+r.Holidays > 0 {
			list = append(list, fair{r.Name, of(r.Nights, nights), of(r.WeekendDays, weekends), of(r.Holidays, holidays)})
		}
	}
	slices.SortStableFunc(list, func(a, b fair) int { return cmp.Compare(b.Nights.N, a.Nights.N) })
	return list
}
