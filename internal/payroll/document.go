package payroll

import (
	"net/http"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// paper is the monthly document: what the French Code du travail, R3121-2, asks for.
type paper struct {
	W              *lang.DutyReport
	Lang           string
	Employer, Name string
	Month          string
	Hours, Worked  []paperLine
	Total, All     string // hours on call, and of work
	Amount         string // of everything; empty: to be filled in
	Partly         bool   // something has no rate
	Works          []paperWork
	Rests          []string
	Languages      []language
	Since          string
	Going          bool // the month is not over
}

// paperLine is a kind of hours; Amount is empty where it is to be filled in.
type paperLine struct{ Kind, Hours, Amount string }

type paperWork struct{ Ticket, From, To, Hours string }

type language struct{ Tag, Path string }

func (p *Pages) document(w http.ResponseWriter, r *http.Request, by web.Token) error {
	person, text := r.PathValue("name"), r.PathValue("month")
	if err := mayRead(&person, &by); err != nil {
		return err
	}
	rules := p.Engine.Rules()
	first, month, err := day("month", text, rules.Location)
	if err != nil || !month {
		return web.Refuse(http.StatusNotFound, "not_found", "there is no such month")
	}
	counted, err := p.Counter.DutyReport(r.Context(), first, following(first), person)
	if err != nil {
		return err
	}
	row := report.Row{Person: person, Name: person, Month: text}
	if who, known := rules.Directory.Person(person); known && who.Name != "" {
		row.Name = who.Name
	} else if !known && len(counted.Rows) == 0 {
		return web.Refuse(http.StatusNotFound, "not_found", "nobody has this name")
	}
	if len(counted.Rows) > 0 {
		row = counted.Rows[0]
	}
	words := p.Frame.Words(r, by)
	if tag := r.URL.Query().Get("lang"); tag != "" {
		words = lang.In(tag)
	}
	at := stamps(words, rules.Location)
	b := paperOf(&row, words, at)
	b.Employer, b.Going = p.Employer(), p.Engine.Now().Before(following(first).At(0, 0, rules.Location))
	b.Month = words.Console.MonthNames[strconv.Itoa(int(first.Month))] + " " + strconv.Itoa(first.Year)
	if counted.Since.After(first.At(0, 0, rules.Location)) {
		b.Since = at(counted.Since)
	}
	for _, other := range lang.All() {
		b.Languages = append(b.Languages, language{other.Tag, p.House.Own(r.URL.EscapedPath() + "?lang=" + other.Tag)})
	}
	return p.write(w, r, by, words.DutyReport.Document+" · "+row.Name, "document.html", b)
}

// stamps writes times as they stand on paper, with their day.
func stamps(words *lang.Words, loc *time.Location) func(time.Time) string {
	form := "02/01/2006 15:04"
	if words.Tag == "en" {
		form = "2006-01-02 15:04"
	}
	return func(t time.Time) string { return t.In(loc).Format(form) }
}

func paperOf(row *report.Row, words *lang.Words, at func(time.Time) string) *paper {
	of := &words.DutyReport
	b := &paper{W: of, Lang: words.Tag, Name: row.Name, Total: hours(row.Hours.Total()), All: hours(row.Worked.Total())}
	amount := func(kind report.Kind) string {
		if row.Pay == nil {
			return ""
		}
		cents, has := row.Pay.Cents[kind]
		if !has {
			return ""
		}
		return money(cents, row.Pay.Currency, words)
	}
	for _, k := range report.Kinds() {
		b.Hours = append(b.Hours, paperLine{of.Kinds[string(k)], hours(row.Hours[k]), amount(k)})
	}
	if row.Worked.Total() > 0 {
		b.Worked = append(b.Worked, paperLine{of.Kinds[string(report.Intervention)], b.All, amount(report.Intervention)})
	}
	if row.Pay != nil {
		b.Partly = !row.Pay.Whole
		if b.Amount = money(row.Pay.Total, row.Pay.Currency, words); b.Partly {
			b.Amount = ""
		}
	}
	for _, w := range row.Interventions {
		b.Works = append(b.Works, paperWork{w.Ticket, at(w.From), at(w.To), hours(w.To.Sub(w.From))})
	}
	for _, rest := range row.Rests {
		text, again := of.Daily, rest.Worked.Add(report.DailyRest)
		if rest.Week {
			text, again = of.Weekly, rest.Worked.Add(report.WeeklyRest)
		}
		b.Rests = append(b.Rests, lang.Fill(text, "from", at(rest.From), "to", at(rest.To), "long", hours(rest.Longest), "at", at(again)))
	}
	return b
}
