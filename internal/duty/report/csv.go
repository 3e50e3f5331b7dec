package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Table says how a table is written for a spreadsheet.
type Table struct {
	Comma rune
	Point string // of decimals
	Mark  bool   // a byte order mark begins it
}

// The tables: by RFC 4180, and as a spreadsheet in French or Italian opens one by itself.
var (
	Plain = Table{Comma: ',', Point: "."}
	Excel = Table{Comma: ';', Point: ",", Mark: true}
)

// Columns are the heads of a table.
func Columns() []string {
	head := []string{"person", "name", "period", "on_call_hours"}
	for _, k := range Kinds() {
		head = append(head, string(k)+"_hours")
	}
	head = append(head, "always_hours", "nights", "weekend_days", "holidays", "pages", "woken", "interventions", "intervention_hours")
	for _, k := range Kinds() {
		head = append(head, "intervention_"+string(k)+"_hours")
	}
	return append(head, "daily_rests_broken", "weekly_rests_broken", "rests", "stood_in", "stood_in_hours", "replaced", "replaced_hours", "compensation", "compensation_open", "currency")
}

// Write writes rows as a table: the same rows always the same bytes.
func (t *Table) Write(rows []Row) ([]byte, error) {
	var out bytes.Buffer
	if t.Mark {
		out.WriteString("\ufeff")
	}
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = t.Comma, true
	_ = w.Write(Columns()) // into memory
	for i := range rows {
		_ = w.Write(t.line(&rows[i]))
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("report: write a table: %w", err)
	}
	return out.Bytes(), nil
}

func (t *Table) line(r *Row) []string {
	line := []string{inert(r.Person), inert(r.Name), r.Month, t.hours(r.Hours.Total())}
	add := func(cells ...string) { line = append(line, cells...) }
	for _, k := range Kinds() {
		add(t.hours(r.Hours[k]))
	}
	add(t.hours(r.Always), strconv.Itoa(r.Nights), strconv.Itoa(r.WeekendDays), strconv.Itoa(r.Holidays), strconv.Itoa(r.Pages), strconv.Itoa(r.Woken))
	add(strconv.Itoa(len(r.Interventions)), t.hours(r.Worked.Total()))
	for _, k := range Kinds() {
		add(t.hours(r.Worked[k]))
	}
	daily, weekly, rests := 0, 0, make([]string, 0, len(r.Rests))
	for _, rest := range r.Rests {
		if rest.Week {
			weekly++
		} else {
			daily++
		}
		rests = append(rests, utc(rest.From)+"/"+utc(rest.To)+" "+t.hours(rest.Longest))
	}
	add(strconv.Itoa(daily), strconv.Itoa(weekly), strings.Join(rests, " | "))
	add(strconv.Itoa(r.StoodIn), t.hours(r.StoodInFor), strconv.Itoa(r.Replaced), t.hours(r.ReplacedFor))
	if r.Pay == nil {
		return append(line, "", "", "")
	}
	open := ""
	if !r.Pay.Whole {
		open = "yes"
	}
	return append(line, t.decimal(r.Pay.Total), open, r.Pay.Currency)
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

func (t *Table) hours(d time.Duration) string { return t.decimal(Hundredths(d)) }

func (t *Table) decimal(hundredths int64) string {
	return fmt.Sprintf("%d%s%02d", hundredths/100, t.Point, hundredths%100)
}

// inert is text that no spreadsheet takes for a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
