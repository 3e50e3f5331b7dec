package report

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
)

var writeCases = flag.Bool("cases", false, "write docs/duty-report-cases.md anew")

// casesPage is the page that shows the cases to people.
const casesPage = "../../../docs/duty-report-cases.md"

// worked is a case whose figures were worked out by hand.
type worked struct {
	name string
	says string // what happened
	in   Input
	want []string
}

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func date(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// paris is a time on the clocks of Paris.
func paris(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, zone("Europe/Paris"))
	if err != nil {
		panic(err)
	}
	return t
}

// business is Monday to Friday, 09:00 to 18:00, but for public holidays.
func business(loc *time.Location, country string) *calendar.Calendar {
	c, err := calendar.New("business", loc, []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 9 * 60, To: 18 * 60}}, calendar.Holidays{Country: country})
	if err != nil {
		panic(err)
	}
	return c
}

var crew = []contacts.Person{
	{Key: "alice", Name: "Alice Martin"},
	{Key: "bruno", Name: "Bruno Petit"},
	{Key: "chloe", Name: "Chloé Roux"},
	{Key: "dominique", Name: "Dominique", Role: contacts.RoleManager},
}

// rule is how the cases count: by the clock of Paris, with the holidays of France.
func rule() Rule { return Rule{Hours: business(zone("Europe/Paris"), "FR")} }

// version is a configuration with these groups, in force from a time on.
func version(at string, rule Rule, people []contacts.Person, groups ...contacts.Group) Version {
	d, err := contacts.NewDirectory(people, groups, nil)
	if err != nil {
		panic(err)
	}
	return Version{At: paris(at), Roster: Of(d, &rule)}
}

// weeks is a group whose people have weeks from Thursday 29 October 2026 on, 09:00.
func weeks(people ...[]string) contacts.Group {
	return contacts.Group{Key: "on-call", Readiness: contacts.Readiness{Ask: 24 * time.Hour}, Rotations: []contacts.Rotation{{
		Name: "week", People: people, Handover: contacts.Handover{Day: time.Thursday, Hour: 9}, First: date("2026-10-29"), Location: zone("Europe/Paris"),
	}}}
}

// alone is a group in which one person has every day.
func alone(person string) contacts.Group {
	g := weeks([]string{person})
	g.Rotations[0].First = date("2026-01-01")
	return g
}

// nobody is a group without turns: who is on call is on call by a replacement.
func nobody(key string) contacts.Group { return contacts.Group{Key: key} }

func on(list ...Version) []Version { return list }

// usual is weeks of Bruno, Alice, Bruno, Alice …, Alice's first from 5 November on.
func usual() []Version {
	return on(version("2026-01-01 00:00", rule(), crew, weeks([]string{"bruno"}, []string{"alice"})))
}

// cover is Person in the place of another, everybody's if that is empty.
func cover(id, group, person, of, from, to string) duty.Replacement {
	return duty.Replacement{
		ID: id, Kind: duty.Cover, Group: group, Person: person, InsteadOf: of, Hours: duty.Hours{From: paris(from), To: paris(to)},
		State: duty.Planned, Turn: int64(id[0]), At: paris(from), Since: paris(from),
	}
}

// acts are what people did to a ticket: "begun alice 2026-11-05 20:00" in each line.
func acts(number string, lines ...string) Past {
	p := Past{Ticket: number}
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 3)
		p.Acts = append(p.Acts, Act{What: What(parts[0]), Person: strings.Trim(parts[1], "-"), At: paris(parts[2]).Unix()})
	}
	return p
}

func calledAt(number, person string, times ...string) Past {
	p := Past{Ticket: number}
	for _, at := range times {
		p.Pages = append(p.Pages, Call{Person: person, At: paris(at).Unix(), N: 1})
	}
	return p
}

func list[T any](items ...T) []T { return items }

func hhmm(d time.Duration) string { return fmt.Sprintf("%d:%02d", int(d.Hours()), int(d.Minutes())%60) }

func (t Times) said() string {
	var parts []string
	for _, k := range Kinds() {
		if t[k] > 0 {
			parts = append(parts, string(k)+" "+hhmm(t[k]))
		}
	}
	return strings.Join(parts, ", ")
}

// said is a row in words, without what is nothing.
func said(r *Row) string {
	loc := zone("Europe/Paris")
	var parts []string
	add := func(yes bool, format string, args ...any) {
		if yes {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.Hours.Total() > 0, "on call %s (%s)", hhmm(r.Hours.Total()), r.Hours.said())
	add(r.Always > 0, "always %s", hhmm(r.Always))
	add(r.Nights > 0, "nights %d", r.Nights)
	add(r.WeekendDays > 0, "weekend days %d", r.WeekendDays)
	add(r.Holidays > 0, "holidays %d", r.Holidays)
	add(r.Pages > 0, "pages %d, woken %d", r.Pages, r.Woken)
	for _, w := range r.Interventions {
		add(true, "%s %s to %s", w.Ticket, w.From.In(loc).Format("02 15:04"), w.To.In(loc).Format("02 15:04"))
	}
	add(r.Worked.Total() > 0, "worked %s (%s)", hhmm(r.Worked.Total()), r.Worked.said())
	for _, rest := range r.Rests {
		what := "daily rest"
		if rest.Week {
			what = "weekly rest"
		}
		add(true, "%s %s of %s to %s, broken until %s", what, hhmm(rest.Longest), rest.From.In(loc).Format("02 15:04"), rest.To.In(loc).Format("02 15:04"), rest.Worked.In(loc).Format("02 15:04"))
	}
	add(r.StoodIn+int(r.StoodInFor) > 0, "stood in %d× %s", r.StoodIn, hhmm(r.StoodInFor))
	add(r.Replaced+int(r.ReplacedFor) > 0, "replaced %d× %s", r.Replaced, hhmm(r.ReplacedFor))
	if r.Pay != nil {
		add(true, "%d.%02d %s", r.Pay.Total/100, r.Pay.Total%100, r.Pay.Currency)
	}
	return r.Name + " " + r.Month + ": " + strings.Join(parts, ", ")
}

// TestCases: the figures that were worked out by hand.
func TestCases(t *testing.T) {
	all := slices.Concat(hoursCases(), changeCases(), workCases())
	if len(all) < 24 {
		t.Fatalf("%d cases", len(all))
	}
	for i := range all {
		c := &all[i]
		t.Run(c.name, func(t *testing.T) {
			if c.in.Now.IsZero() {
				c.in.Now = paris("2027-06-01 00:00")
			}
			report, err := Count(&c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for j := range report.Rows {
				got = append(got, said(&report.Rows[j]))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s\ncounted: %s\nby hand: %s", c.says, strings.Join(got, "\n         "), strings.Join(c.want, "\n         "))
			}
		})
	}
	page := pageOf(all)
	if *writeCases {
		if err := os.WriteFile(casesPage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(casesPage); err != nil || string(text) != page {
		t.Errorf("docs/duty-report-cases.md is not what the cases say (go test ./internal/duty/report -run TestCases -cases writes it): %v", err)
	}
}

// pageOf is the page that shows the cases.
func pageOf(all []worked) string {
	var b strings.Builder
	b.WriteString(`# The duty report: cases worked out by hand

Each case is in the tests of ` + "`internal/duty/report`" + ` with the same figures, which were worked
out by hand before they were counted. Where nothing else is said, working hours are
Monday to Friday 09:00 to 18:00 by the clock of Paris, with the public holidays of
France; *the usual rotation* has Bruno and Alice in turns of a week, from Thursday 29
October 2026, 09:00, Alice first from 5 November on. A day of the week has 9 hours of
work, 7 of evening (06:00 to 09:00 and 18:00 to 22:00) and 8 of night. How it is counted
is in [decision 47](adr/0047-the-duty-report.md).

| | what happened | figures |
|---|---|---|
`)
	for i := range all {
		fmt.Fprintf(&b, "| %d | **%s.** %s | %s |\n", i+1, all[i].name, all[i].says, strings.Join(all[i].want, "<br>"))
	}
	return b.String()
}

// stays is a handover of which its person was told, and confirmed it then.
func stays(person, at, confirmed string) ready.Handover {
	return ready.Handover{Group: "on-call", Person: person, At: paris(at), Confirmed: paris(confirmed)}
}
