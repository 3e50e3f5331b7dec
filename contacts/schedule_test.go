package contacts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// plan is a schedule in a line a span, in local time of Paris.
func plan(t testing.TB, spans []Span) string {
	t.Helper()
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.From.In(paris(t)).Format("01-02 15:04"))
		for _, a := range s.People {
			b.WriteString(" " + a.Person + "=" + a.Why)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A week with pairs, working hours of others, a holiday instead, and stand-ins:
// who is on duty, and why.
func TestSchedule(t *testing.T) {
	day := func(s string) []calendar.Date { return []calendar.Date{date(t, s)} }
	weekdays := []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 8 * 60, To: 18 * 60}}
	work, err := calendar.New("work", paris(t), weekdays, calendar.Holidays{Add: day("2026-12-04")})
	if err != nil {
		t.Fatal(err)
	}
	holiday, err := calendar.New("holiday", paris(t), []calendar.Span{{Days: []time.Weekday{5}, From: 0, To: 24 * 60}}, calendar.Holidays{Add: day("2026-12-11")})
	if err != nil {
		t.Fatal(err)
	}
	nights := thursdays(t)
	nights.Name, nights.Outside, nights.People = "nights", work, [][]string{{"alice"}, {"bruno"}, {"chloe", "alice"}}
	days := thursdays(t)
	days.During, days.People = work, InTurn("arthur")
	fridays := thursdays(t)
	fridays.Name, fridays.During, fridays.People, fridays.Instead = "fridays", holiday, InTurn("bruno"), true
	d := directory(
		t, []Group{{Key: "on-call", People: []string{"dominique"}, Rotations: []Rotation{nights, days, fridays}}},
		Override{Group: "on-call", Person: "bruno", Replaces: "alice", From: at(t, "2026-12-05 09:00"), To: at(t, "2026-12-05 21:00"), Name: "R7"},
		Override{Group: "on-call", Person: "alice", From: at(t, "2026-12-06 09:00"), To: at(t, "2026-12-06 10:00")},
	)
	spans := d.Schedule("on-call", at(t, "2026-12-03 08:00"), at(t, "2026-12-07 09:00"))
	want := `12-03 08:00 dominique=always arthur=rotation 2
12-03 18:00 dominique=always chloe=nights alice=nights
12-04 00:00 dominique=always bruno=fridays
12-05 00:00 dominique=always chloe=nights alice=nights
12-05 09:00 dominique=always chloe=nights bruno=R7
12-05 21:00 dominique=always chloe=nights alice=nights
12-06 09:00 alice=override
12-06 10:00 dominique=always chloe=nights alice=nights
12-07 08:00 dominique=always arthur=rotation 2
`
	if got := plan(t, spans); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	if wrong := untiled(spans, at(t, "2026-12-03 08:00"), at(t, "2026-12-07 09:00")); wrong != "" {
		t.Error(wrong)
	}
}

// A gap is a span of nobody; a later layer begins where one ends.
func TestScheduleHasGaps(t *testing.T) {
	old, late, other := thursdays(t), thursdays(t), thursdays(t)
	old.Until = date(t, "2026-11-30") // a Monday: it ends on the Thursday after it
	late.First, late.People, late.Until = date(t, "2026-12-10"), InTurn("bruno"), date(t, "2026-12-17")
	other.First, other.Every, other.People, other.Until = date(t, "2026-12-17"), 24*time.Hour, InTurn("chloe", "alice"), date(t, "2026-12-19")
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{old, late, other}}})
	want := `11-18 09:00
11-19 09:00 alice=rotation 1
11-26 09:00 bruno=rotation 1
12-03 09:00
12-10 09:00 bruno=rotation 2
12-17 09:00 chloe=rotation 3
12-18 09:00 alice=rotation 3
12-19 09:00
`
	if got := plan(t, d.Schedule("on-call", at(t, "2026-11-18 09:00"), at(t, "2027-12-18 09:00"))); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	g, _ := d.Group("on-call")
	if begins, ends := g.Rotations[0].Span(); !begins.Equal(at(t, "2026-11-19 09:00")) || !ends.Equal(at(t, "2026-12-03 09:00")) {
		t.Errorf("the first layer is from %v to %v", begins, ends)
	}
	now := at(t, "2026-11-20 03:00")
	if got := d.Schedule("gone", now, now.Add(time.Hour)); got != nil {
		t.Errorf("a group that is gone: %v", got)
	}
	if got := d.Schedule("on-call", now, now); got != nil {
		t.Errorf("no time at all: %v", got)
	}
}

// A month's turn begins on its day, in February too.
func TestMonths(t *testing.T) {
	r := thursdays(t)
	r.Monthly, r.First, r.Handover = true, date(t, "2026-11-29"), Handover{MonthDay: 28, Hour: 0}
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
	want := `11-28 00:00
12-28 00:00 alice=rotation 1
01-28 00:00 bruno=rotation 1
02-28 00:00 chloe=rotation 1
03-28 00:00 alice=rotation 1
`
	if got := plan(t, d.Schedule("on-call", at(t, "2026-11-28 00:00"), at(t, "2027-04-01 00:00"))); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	if got := on(t, d, at(t, "2126-12-28 00:00")); got != "alice" {
		t.Errorf("a hundred years on: %s", got)
	}
}

// crew is a company of 200, one group of them with 40 layers of every kind, and
// so many overrides of the last years, a thousand of which are to come.
func crew(t testing.TB, stand int) *Directory {
	t.Helper()
	people := make([]Person, 200)
	for i := range people {
		people[i].Key = fmt.Sprintf("p%d", i)
	}
	work, err := calendar.New("work", paris(t), []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 8 * 60, To: 18 * 60}}, calendar.Holidays{Country: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	g := Group{Key: "on-call"}
	for i := range 40 {
		r := thursdays(t)
		r.People = nil
		for j := range 5 {
			r.People = append(r.People, []string{people[(5*i+j)%200].Key})
		}
		switch i % 4 {
		case 1:
			r.Every = 12 * time.Hour
		case 2:
			r.Every, r.During = 24*time.Hour, work
		case 3:
			r.Outside = work
		}
		g.Rotations = append(g.Rotations, r)
	}
	overrides := make([]Override, stand)
	for i := range overrides {
		from := at(t, "2026-11-20 03:00").Add(time.Duration(i-stand+1000) * 8 * time.Hour)
		overrides[i] = Override{Group: "on-call", Person: people[i%200].Key, Replaces: people[(i+1)%200].Key, From: from, To: from.Add(12 * time.Hour)}
	}
	d, err := NewDirectory(people, []Group{g}, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Who is on call now, of 200 people in 40 layers: it must not hang on how many
// overrides there ever were.
func BenchmarkOnOfMany(b *testing.B) {
	for _, stand := range []int{0, 5000, 50_000} {
		b.Run(fmt.Sprintf("%d overrides", stand), func(b *testing.B) {
			d, now := crew(b, stand), at(b, "2026-11-24 10:00")
			b.ReportAllocs()
			for b.Loop() {
				if people, _ := d.On("on-call", now); len(people) < 20 {
					b.Fatal(len(people))
				}
			}
		})
	}
}

func BenchmarkScheduleMonth(b *testing.B) {
	d, from := crew(b, 5000), at(b, "2026-12-01 00:00")
	b.ReportAllocs()
	for b.Loop() {
		if spans := d.Schedule("on-call", from, from.AddDate(0, 1, 0)); len(spans) < 60 {
			b.Fatal(len(spans))
		}
	}
}
