package config

import (
	"strings"
	"testing"
	"time"
)

// withLayers is the desk whose group on-call has these rotations.
func withLayers(t *testing.T, layers string, more ...string) string {
	t.Helper()
	return doubtful(t, append([]string{
		`on-call: {rotations: [{people: [alice, bruno], first: "2026-11-19"}]}`, "on-call: {rotations: [" + layers + "]}",
	}, more...)...)
}

// TestBadRotations: each is refused with its path and its line.
func TestBadRotations(t *testing.T) {
	const at = "groups.on-call.rotations[0]"
	people := func(rest string) string { return "{people: [alice, bruno], " + rest + "}" }
	first := func(rest string) string { return people(`first: "2026-11-19", ` + rest) }
	for _, tt := range []struct{ name, layers, want string }{
		{"of nobody", `{people: [], first: "2026-11-19"}`, at + ".people: nobody is in it (line 15)"},
		{"a turn of nobody", `{people: [alice, []], first: "2026-11-19"}`, at + ".people[1]: nobody has this turn (line 15)"},
		{"the same person twice in a pair", `{people: [[alice, alice]], first: "2026-11-19"}`, at + ".people[0][1]: alice has this turn already (line 15)"},
		{"somebody who is not there", `{people: [[alice, brumo]], first: "2026-11-19"}`, at + `.people[0][1]: no person named "brumo"; did you mean "bruno"? (line 15)`},
		{"no time", first("every: 0h"), at + ".every: a turn of 0h: it lasts from 1h to 520w, in whole hours (line 15)"},
		{"five minutes", first("every: 5m"), at + ".every: a turn of 5m: it lasts"},
		{"no whole hours", first("every: 90m"), at + ".every: a turn of 90m: it lasts"},
		{"too long", first("every: 999w"), at + ".every: a turn of 999w: it lasts"},
		{"longer than can be counted", first("every: 99999999w"), at + `.every: "99999999w" is no length of a turn`},
		{"no length", first("every: monthly"), at + `.every: "monthly" is no length of a turn: write 12h, 1d, 2w or month (line 15)`},
		{"a list", first("every: [1w]"), at + ".every: a length like 12h, 1d, 2w or month wanted, not a list"},
		{"two lengths", first("every: 2w, weeks: 2"), at + ".weeks: every says how long a turn is: leave it out (line 15)"},
		{"too many weeks", first("weeks: 521"), at + ".weeks: a turn lasts 520 weeks at most (line 15)"},
		{"a day of a turn of a day", first("every: 1d, handover: {day: monday}"), at + ".handover.day: a turn that is not whole weeks begins on any day"},
		{"a day of the week of months", first("every: month, handover: {day: monday}"), at + ".handover.day: a whole number wanted, not a text"},
		{"a day that some months lack", first("every: month, handover: {day: 29}"), at + ".handover.day: day 29 is not in each month: 28 at most (line 15)"},
		{"a day of the month of weeks", first("handover: {day: 1}"), at + ".handover.day: a text wanted, not a number"},
		{"a first day that does not exist", people(`first: "2026-02-29"`), at + `.first: "2026-02-29" is no date like 2026-05-15 (line 15)`},
		{"a last day that does not exist", first(`until: "2026-13-01"`), at + `.until: "2026-13-01" is no date`},
		{"an end before its beginning", first(`until: "2026-11-18"`), at + ".until: the layer ends on 2026-11-19, and its first turn begins on 2026-11-19: it names nobody (line 15)"},
		{"an end long before", first(`until: "2025-11-18"`), at + ".until: the layer ends on 2025-11-20"},
		{"no such calendar", first("during: nights"), at + `.during: no calendar named "nights" (line 15)`},
		{"outside what is always open", first("outside: always"), at + ": its calendars never let it name anybody (line 15)"},
		{"both sides of one calendar", first("during: day, outside: day"), at + ": its calendars never let it name anybody"},
		{"over before the calendar opens", people(`every: 1d, first: "2026-11-19", until: "2026-11-21", handover: {time: "00:00"}, during: weekend`), at + ": its calendars never let it name anybody (line 15)"},
		{"hidden for ever", first("during: day") + `, {people: [bruno], first: "2026-11-19", instead: true}`, at + ": it names nobody: while it would, groups.on-call.rotations[1] does instead (line 15)"},
		{"two of one name", first("name: a") + ", " + first("name: a"), "groups.on-call.rotations[1].name: groups.on-call.rotations[0] has this name: another one wanted (line 15)"},
		{"a name with a line feed", first(`name: "a\nb"`), at + ".name: a name has no control characters"},
		{"a key of later", first("who: alice"), at + ".who: unknown key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := parseText(t, withLayers(t, tt.layers, "calendars:\n", "calendars:\n  weekend: {hours: [{days: [saturday, sunday], times: [\"00:00-24:00\"]}]}\n"), nil)
			wantErrors(t, report.Errors, tt.want)
		})
	}
	_, report := parseText(t, doubtful(t, "on-call: {rotations:", "on-call: {time_zone: Europe/Pariss, rotations:"), nil)
	wantErrors(t, report.Errors, `groups.on-call.time_zone: no time zone named "Europe/Pariss": write Europe/Paris or UTC (line 14)`)
}

// TestDoubtfulRotations: check warns of layers that name nobody at times, and
// of what means nothing.
func TestDoubtfulRotations(t *testing.T) {
	const week = `{name: week, people: [alice, bruno], first: "2026-11-19"`
	for _, tt := range []struct {
		name, layers string
		want         []string
	}{
		{"day and night are covered", week + `, outside: day}, {name: day, people: [bruno, alice], first: "2026-11-19", during: day}`, nil},
		{"the nights are not", week + `, during: day}`, []string{
			"groups.on-call: nobody is on call from 2026-11-21 02:12 to 2026-11-21 08:00, and 90 more times in the next 90 days (1080 h in all) (line 14)",
		}},
		{"an end without a successor", week + `, until: "2026-12-24"}`, []string{
			"groups.on-call: nobody is on call from 2026-12-24 09:00 to 2027-02-19 02:12 (line 14)",
		}},
		{"an end with one", week + `, until: "2026-12-24"}, {people: [bruno], every: 1d, first: "2026-12-24"}`, nil},
		{"an end between two handovers", week + `, until: "2026-12-23"}, {people: [bruno], first: "2026-12-23"}`, []string{
			"groups.on-call.rotations[0].until: 2026-12-23 is a Wednesday: it ends at the Thursday after it (line 14)",
			"groups.on-call.rotations[1].first: 2026-12-23 is a Wednesday: the first turn begins at the Thursday after it (line 14)",
		}},
		{"months from another day", `{people: [alice], every: month, handover: {day: 2}, first: "2026-11-01"}`, []string{
			"groups.on-call.rotations[0].first: 2026-11-01 is not on day 2 of a month: the first turn begins on the next that is (line 14)",
		}},
		{"what is over", `{people: [alice], first: "2026-10-01", until: "2026-11-19"}, ` + week + `}`, []string{
			"groups.on-call.rotations[0]: it is over since 2026-11-19 (line 14)",
		}},
		{"instead of nothing", week + `, instead: true}`, []string{"groups.on-call.rotations[0].instead: no layer is above it: it means nothing here (line 14)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := parseText(t, withLayers(t, tt.layers), nil)
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}

// TestRotationsMeanWhatTheySay: every key, in the group's own time zone.
func TestRotationsMeanWhatTheySay(t *testing.T) {
	text := withLayers(t, strings.Join([]string{
		`{name: week, people: [[alice, bruno], bruno], weeks: 2, handover: {day: monday, time: "07:30"}, first: "2026-11-23"}`,
		`{name: nights, people: [bruno, alice], every: 12h, handover: {time: "20:00"}, first: "2026-11-21", outside: day, instead: true}`,
		`{name: month, people: [alice, bruno], every: month, handover: {day: 3}, first: "2026-12-01", until: "2027-01-03"}`,
	}, ", "), "on-call: {", "on-call: {time_zone: America/New_York, ")
	cfg, report := parseText(t, text, nil)
	wantErrors(t, report.Errors)
	at := func(s string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tt := range []struct{ utc, want string }{
		{"2026-11-23 12:29", ""}, // 07:29 in New York; the desk's clocks are UTC, day is open from eight
		{"2026-11-23 12:30", "week:alice week:bruno"},
		{"2026-12-07 12:30", "week:bruno month:alice"},
		{"2026-12-07 20:00", "nights:alice"},             // 15:00 there, closed here
		{"2026-12-08 01:00", "nights:bruno month:alice"}, // 20:00 there
		{"2027-01-03 14:00", "week:alice week:bruno"},    // the month ends at nine
		{"2027-01-03 13:59", "week:alice week:bruno"},
	} {
		var got []string
		for _, span := range cfg.Rules.Directory.Schedule("on-call", at(tt.utc), at(tt.utc).Add(1)) {
			for _, a := range span.People {
				got = append(got, a.Why+":"+a.Person)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("at %s: %v, want %s", tt.utc, got, tt.want)
		}
	}
}

// TestOnCallInTwoPlaces: check names whoever has a turn in two groups at once,
// with the hours. It does not name people who are always in a group.
func TestOnCallInTwoPlaces(t *testing.T) {
	const managers = `managers: {people: [bruno]}`
	for _, tt := range []struct {
		name, second string
		want         []string
	}{
		{"somebody who is always there", managers, nil},
		{"the same weeks", `managers: {rotations: [{people: [alice, bruno], first: "2026-11-19"}]}`, []string{
			"people.alice: on call in managers and in on-call at the same time from 2026-11-21 02:12 to 2026-11-26 09:00, and 6 more times in the next 90 days (1134 h in all) (line 11)",
			"people.bruno: on call in managers and in on-call at the same time from 2026-11-26 09:00 to 2026-12-03 09:00, and 6 more times in the next 90 days (1025 h in all)",
		}},
		{"the other weeks", `managers: {rotations: [{people: [bruno, alice], first: "2026-11-19"}]}`, nil},
		{"an hour a week", `managers: {rotations: [{people: [bruno, alice], handover: {time: "10:00"}, first: "2026-11-19"}]}`, []string{
			"people.alice: on call in managers and in on-call at the same time from 2026-12-03 09:00 to 2026-12-03 10:00, and 5 more times in the next 90 days (6 h in all)",
			"people.bruno: on call in managers and in on-call at the same time from 2026-11-26 09:00 to 2026-11-26 10:00, and",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := parseText(t, doubtful(t, managers, tt.second), nil)
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}
