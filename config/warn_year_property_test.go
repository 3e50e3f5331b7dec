//go:build !race || long

package config

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// TestDoubtsAreThoseOfPlainSimulation judges random configurations twice: as
// check does, and by a simulation of each alert at each moment, which shares
// nothing. The warnings, their examples and the number of hours must be the
// same.
func TestDoubtsAreThoseOfPlainSimulation(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(deskSeeds) {
		text := randomDesk(rand.New(rand.NewPCG(seed, 13)))
		for _, begin := range []string{"2027-03-27 17:00", "2026-10-24 18:00", "2026-12-24 12:00"} {
			got, want := judgedTwice(t, text, local(t, begin), 26)
			if got != want {
				t.Fatalf("seed %d, from %s:\n%s\nbut plainly\n%s\nof %s", seed, begin, got, want, text)
			}
			for line := range strings.Lines(got) {
				seen[strings.Fields(line)[1]] = true
			}
		}
	}
	if len(seen) < 4 {
		t.Errorf("only the troubles %v were met", seen)
	}
}

// TestDoubtsOfAWholeYear does so for every hour of a year.
func TestDoubtsOfAWholeYear(t *testing.T) {
	text := replaced(t, "{page: on-call}", "{page: on-call, repeat: 20m}", "after: 15m", "after: 15m, during: office, repeat: 20m")
	got, want := judgedTwice(t, text, saturday.Truncate(time.Hour), yearHours)
	if got != want || strings.Count(got, "\n") != 1 {
		t.Fatalf("\n%s\nbut plainly\n%s", got, want)
	}
}

func local(t *testing.T, text string) time.Time {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, paris)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func judgedTwice(t *testing.T, text string, from time.Time, hours int) (got, want string) {
	t.Helper()
	cfg, report := parseText(t, text, nil)
	if cfg == nil {
		t.Fatalf("%v of %s", report.Errors, text)
	}
	rules := cfg.Rules
	reach := paging.Reachable(rules.Channels)
	a := escalation.NewAlmanac(rules, reach, from, from.Add(time.Duration(hours)*time.Hour))
	for _, c := range coursesOf(rules) {
		if !c.proven {
			t.Fatalf("no alert comes to %s of %s", c.path, text)
		}
		course := a.Course(c.policy)
		if course.Misfit() >= 0 {
			continue // it pages at any hour, which takes long to find out
		}
		when := moments(from, hours, course)
		for _, d := range doubts(&dues{rules, map[due]time.Duration{}}, c, when, func(_ *arrival, at time.Time, until func() time.Time) escalation.Outlook {
			return course.At(at, until)
		}) {
			got += told(d)
		}
		for _, d := range doubts(&dues{rules, map[due]time.Duration{}}, c, when, func(a *arrival, at time.Time, until func() time.Time) escalation.Outlook {
			return plainly(cfg, a, at, until())
		}) {
			want += told(d)
		}
	}
	return got, want
}

func told(d *doubt) string {
	return fmt.Sprintf("%s: %d %s %s %s %v at %s, %d hours, first %s %s, due %s\n", d.course.policy.Name, d.trouble, d.customer, d.contract, d.urgency,
		d.alsoUrgency, d.at, d.hours, d.outlook.First, d.outlook.Person, d.due)
}

// plainly is the outlook of one alert, every round of it.
func plainly(cfg *Config, a *arrival, at, until time.Time) escalation.Outlook {
	reach := paging.Reachable(cfg.Rules.Channels)
	simulated := escalation.Simulate(cfg.Rules, reach, a.alert.Source, []ticket.Alert{a.alert}, at, until)[0]
	if len(simulated.Pages) == 0 {
		simulated = escalation.Simulate(cfg.Rules, reach, a.alert.Source, []ticket.Alert{a.alert}, at, at.Add(escalation.LookAhead))[0]
	}
	o := escalation.Outlook{
		First: escalation.Never, Second: escalation.Never,
		Steps: slices.Repeat([]time.Duration{escalation.Never}, len(simulated.Ticket.Policy.Steps)),
	}
	for i := range simulated.Pages {
		p := &simulated.Pages[i]
		if o.First == escalation.Never {
			o.First, o.Person = p.At.Sub(at), p.Person
		}
		if o.Second == escalation.Never && p.Person != o.Person {
			o.Second = p.At.Sub(at)
		}
		if n, ok := p.Step.In(len(o.Steps)); ok && o.Steps[n] == escalation.Never {
			o.Steps[n] = p.At.Sub(at)
		}
	}
	return o
}

// randomDesk is the quiet desk with contracts, policies and routes of chance.
func randomDesk(r *rand.Rand) string {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	promise := func() string {
		return fmt.Sprintf("{within: %s, calendar: %s}", one("15m", "30m", "2h", "5h"), one("always", "office", "odd"))
	}
	step := func(after string) string {
		return fmt.Sprintf("{page: %s, after: %s, repeat: %s%s}", one("on-call", "managers", "second"), after, one("12m", "25m", "[{every: 10m, for: 1h}, {every: 40m}]"),
			one("", "", ", during: office", ", outside: odd", ", during: odd, otherwise: skip", ", instead: true", ", times: 2"))
	}
	text := quietDesk
	for _, pair := range [][2]string{
		{"calendars:\n", "calendars:\n  odd: {hours: [{days: [saturday, sunday, friday], times: [\"01:15-02:40\", \"12:00-23:00\"]}]}\n"},
		{"{critical: {within: 30m}}", "{critical: " + promise() + ", low: " + promise() + "}"},
		{"day: {hours: office}", "day: {hours: office, gti: {critical: " + promise() + ", major: " + promise() + "}}"},
		{"managers: {people: [chloe]}", "managers: {people: [" + one("chloe", "bruno", "alice, chloe") + "]}\n  second: {rotations: [{people: [bruno, alice, chloe], first: \"2026-10-25\", handover: {day: sunday, time: \"02:30\"}}]}"},
		{both, "[" + step("0m") + ", " + step(one("5m", "20m", "3h")) + "]"},
		{"  page:", "  other: {steps: [" + step(one("0m", "0m", "40m")) + "]}\n  page:"},
		{"{receiver: page}", "{receiver: page, routes: [{matchers: [" + one("urgency=critical", "contract=day", "site=~\"N.+s\"", "customer=other") + "], receiver: " + one("page", "other") + one("", "", ", active_time_intervals: [office]", ", mute_time_intervals: [odd]") + "}]}"},
	} {
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	return text
}
