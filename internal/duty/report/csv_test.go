package report

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTables: what a spreadsheet reads is what was counted, and no name is a formula.
func TestTables(t *testing.T) {
	rows := []Row{
		{
			Person: "alice", Name: `=HYPERLINK("https://example.net";"x")`, Month: "2026-11", Hours: Times{Night: 8*time.Hour + 20*time.Minute, Weekend: 24 * time.Hour}, Nights: 1, WeekendDays: 1, Pages: 3, Woken: 1,
			Interventions: []Worked{{Ticket: "I1"}}, Worked: Times{Night: 45 * time.Minute},
			Rests: []Rest{{From: paris("2026-11-02 18:00"), To: paris("2026-11-03 09:00"), Longest: 8*time.Hour + 30*time.Minute}, {Week: true, From: paris("2026-11-02 00:00"), To: paris("2026-11-09 00:00")}},
			Pay:   &Pay{Currency: "EUR", Total: 123456, Whole: true},
		},
		{Person: "-x", Name: "Müller; \"Max\", jr.\n", Month: "2026-11", Pay: &Pay{Currency: "EUR", Total: 5}},
		{Person: "z", Name: "@z", Month: "2026-11"},
	}
	for _, table := range []Table{Plain, Excel} {
		text, err := table.Write(rows)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := table.Write(rows)
		if !bytes.Equal(text, again) || bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) != table.Mark {
			t.Error("it is not the same again, or begins otherwise")
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
		r.Comma = table.Comma
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 4 {
			t.Fatal(len(lines), err)
		}
		cell := func(line int, column string) string { return lines[line][slices.Index(lines[0], column)] }
		point := func(text string) string { return strings.ReplaceAll(text, ".", table.Point) }
		for _, c := range []struct {
			line         int
			column, want string
		}{
			{1, "name", `'=HYPERLINK("https://example.net";"x")`},
			{2, "person", "'-x"},
			{2, "name", "Müller; \"Max\", jr.\n"},
			{3, "name", "'@z"},
			{1, "on_call_hours", point("32.33")},
			{1, "night_hours", point("8.33")},
			{1, "working_hours", point("0.00")},
			{1, "intervention_hours", point("0.75")},
			{1, "compensation", point("1234.56")},
			{1, "compensation_open", ""},
			{2, "compensation", point("0.05")},
			{2, "compensation_open", "yes"},
			{3, "compensation", ""},
			{1, "daily_rests_broken", "1"},
			{1, "weekly_rests_broken", "1"},
			{1, "rests", point("2026-11-02T17:00Z/2026-11-03T08:00Z 8.50 | 2026-11-01T23:00Z/2026-11-08T23:00Z 0.00")},
		} {
			if got := cell(c.line, c.column); got != c.want {
				t.Errorf("%s of %d: %q, not %q", c.column, c.line, got, c.want)
			}
		}
	}
}

// TestByYear: a year is the sum of its months.
func TestByYear(t *testing.T) {
	month := func(person, month string, cents int64) Row {
		return Row{
			Person: person, Month: month, Hours: Times{Night: time.Hour}, Worked: Times{}, Nights: 2, Pages: 1, StoodIn: 1, StoodInFor: time.Hour,
			Pay: &Pay{Currency: "EUR", Cents: map[Kind]int64{Night: cents}, Total: cents, Whole: true},
		}
	}
	rows := []Row{month("alice", "2026-11", 100), month("alice", "2026-12", 200), month("alice", "2027-01", 400), month("bruno", "2026-12", 800)}
	rows[1].Pay.Whole = false
	years := ByYear(rows)
	if len(years) != 3 || years[0].Month != "2026" || years[0].Nights != 4 || years[0].Hours[Night] != 2*time.Hour || years[0].StoodInFor != 2*time.Hour ||
		years[0].Pay.Total != 300 || years[0].Pay.Whole || years[1].Pay.Total != 400 || years[2].Person != "bruno" {
		t.Errorf("%+v", years)
	}
	if rows[0].Hours[Night] != time.Hour || rows[0].Pay.Total != 100 || rows[0].Pay.Cents[Night] != 100 {
		t.Errorf("the months changed: %+v", rows[0])
	}
}
