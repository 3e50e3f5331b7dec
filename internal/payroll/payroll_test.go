package payroll

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/web"
)

// engine is a house in Paris on a day.
type engine struct {
	rules escalation.Rules
	now   time.Time
}

func (e *engine) Rules() *escalation.Rules { return &e.rules }
func (e *engine) Now() time.Time           { return e.now }

func paris(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestWhatIsAsked: months, days and instants; what is left out; what is none.
func TestWhatIsAsked(t *testing.T) {
	// 1 December 00:30 in Paris is still November by UTC.
	e := &engine{rules: escalation.Rules{Location: paris(t)}, now: time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)}
	p := &Pages{Engine: e}
	manager := &web.Token{Name: "ops", Role: "manager"}
	for query, want := range map[string]string{
		"":                                     "2026-12-01 2027-01-01",
		"from=2026-02":                         "2026-02-01 2026-03-01",
		"from=2026-11-15":                      "2026-11-15 2026-12-16",
		"from=2026-11&to=2027-01":              "2026-11-01 2027-01-01",
		"from=2026-01&to=2026-12-31":           "2026-01-01 2026-12-31",
		"from=2026-10-31T23:30:00Z&to=2026-12": "2026-11-01 2026-12-01",
		"from=2026-12&to=2026-11":              "",
		"from=2026-11-31":                      "",
		"from=1026-11":                         "",
		"from=2025-01&to=2026-12":              "",
		"to=x":                                 "",
		"from=2026-11&from=2026-10":            "",
		"by=day":                               "",
		"format=xls":                           "",
		"team=a":                               "",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		a, err := p.ask(values, manager)
		got := a.from.String() + " " + a.to.String()
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q asks for %q, not %q: %v", query, got, want, err)
		}
	}
}

// TestWhoMayRead: one's own, and a manager everybody's; a token of nobody's nothing.
func TestWhoMayRead(t *testing.T) {
	for _, c := range []struct {
		role, bound, person, want string
	}{
		{"manager", "", "", ""},
		{"manager", "", "alice", "alice"},
		{"admin", "dominique", "alice", "alice"},
		{"technician", "alice", "", "alice"},
		{"technician", "alice", "alice", "alice"},
		{"technician", "alice", "bruno", "refused"},
		{"technician", "", "", "refused"},
		{"reader", "alice", "", "alice"},
		{"reader", "", "alice", "refused"},
	} {
		person := c.person
		if err := mayRead(&person, &web.Token{Name: "t", Role: c.role, Person: c.bound}); err != nil {
			person = "refused"
		}
		if person != c.want {
			t.Errorf("%+v reads %q", c, person)
		}
	}
}

// TestFairness: bars are by the one who had most, who stands first.
func TestFairness(t *testing.T) {
	list := fairness([]report.Row{{Name: "a", Nights: 3, Holidays: 1}, {Name: "b", Nights: 12, WeekendDays: 4}, {Name: "c"}})
	if len(list) != 2 || list[0] != (fair{"b", bar{12, 100}, bar{4, 100}, bar{0, 0}}) || list[1] != (fair{"a", bar{3, 25}, bar{0, 0}, bar{1, 100}}) {
		t.Errorf("%+v", list)
	}
}

// TestPaper: what has no rate is left open, and so is the sum.
func TestPaper(t *testing.T) {
	at := stamps(lang.In("fr"), paris(t))
	row := report.Row{
		Name: "Alice", Hours: report.Times{report.Night: 8 * time.Hour}, Worked: report.Times{report.Night: 30 * time.Minute},
		Rests: []report.Rest{{From: time.Date(2026, 11, 2, 17, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC), Longest: 8*time.Hour + 30*time.Minute, Worked: time.Date(2026, 11, 2, 23, 30, 0, 0, time.UTC)}},
		Pay:   &report.Pay{Currency: "EUR", Cents: map[report.Kind]int64{report.Night: 4000}, Total: 4000},
	}
	b := paperOf(&row, lang.In("fr"), at)
	if b.Hours[2].Amount != "40,00 EUR" || b.Worked[0].Amount != "" || b.Amount != "" || b.Total != "8:00" || b.All != "0:30" {
		t.Errorf("%+v", b)
	}
	if want := "Repos quotidien de 11 heures, du 02/11/2026 18:00 au 03/11/2026 09:00 : 8:30 au plus. La reprise est possible à partir du 03/11/2026 11:30."; len(b.Rests) != 1 || b.Rests[0] != want {
		t.Errorf("%q", b.Rests)
	}
	row.Pay.Whole = true
	if b := paperOf(&row, lang.In("en"), at); b.Amount != "40.00 EUR" {
		t.Errorf("%+v", b)
	}
	row.Pay = nil
	if b := paperOf(&row, lang.In("en"), at); b.Amount != "" || b.Hours[2].Amount != "" {
		t.Errorf("%+v", b)
	}
}

// TestMonthsFollow each other over a year's end.
func TestMonthsFollow(t *testing.T) {
	d := calendar.Date{Year: 2026, Month: time.January, Day: 1}
	for range 24 {
		d = following(d)
		if d.Day != 1 {
			t.Fatal(d)
		}
	}
	if d.String() != "2028-01-01" {
		t.Error(d)
	}
}

// TestTheAnswerIsDescribed: the API's description has each field of a row, and no other.
func TestTheAnswerIsDescribed(t *testing.T) {
	text, err := os.ReadFile("../web/assets/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	var doc struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	row := bodyOf(&report.Row{
		Interventions: []report.Worked{{Open: true}}, Rests: []report.Rest{{}}, Pay: &report.Pay{},
	})
	for name, value := range map[string]any{"DutyRow": row, "DutySeconds": row.OnCall, "DutyTimes": row.StoodIn} {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		described := slices.Sorted(maps.Keys(doc.Components.Schemas[name].Properties))
		if said := slices.Sorted(maps.Keys(fields)); !slices.Equal(said, described) {
			t.Errorf("%s says %v, and described is %v", name, said, described)
		}
	}
}
