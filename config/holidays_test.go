package config

import (
	"strings"
	"testing"
	"time"
)

// withCalendars is the desk with more calendars.
func withCalendars(t *testing.T, calendars string, more ...string) string {
	t.Helper()
	return doubtful(t, append([]string{"calendars:\n", "time_zone: Europe/Paris\ncalendars:\n" + calendars}, more...)...)
}

const officeHours = `hours: [{days: [monday, tuesday, wednesday, thursday, friday], times: ["08:00-18:00"]}]`

// TestBadHolidays: each is refused with its path, and the error lists what
// there is.
func TestBadHolidays(t *testing.T) {
	const at = "calendars.x"
	for _, tt := range []struct{ name, calendar, want string }{
		{"no such country", officeHours + ", holidays: {country: DE}", at + `.holidays.country: no holidays of country "DE" are known; there is BE, `},
		{"a country in small letters", officeHours + ", holidays: {country: fr}", at + `.holidays.country: no holidays of country "fr" are known; there is FR, `},
		{"a region without days of its own", officeHours + ", holidays: {country: FR, region: FR-75}", at + `.holidays.region: FR has no region "FR-75" with holidays of its own; there is FR-57, `},
		{"another country's region", officeHours + ", holidays: {country: FR, region: CH-ZH}", at + `.holidays.region: FR has no region "CH-ZH"`},
		{"a country without regions", officeHours + ", holidays: {country: LU, region: LU-LU}", at + `.holidays.region: LU has no region "LU-LU" with holidays of its own: leave it out`},
		{"no such city", officeHours + ", holidays: {country: IT, city: Milan}", at + `.holidays.city: IT has no city "Milan" with holidays of its own; there is Milano, `},
		{"a region of no country", officeHours + ", holidays: {region: FR-67}", at + `.holidays.country: the country of the region or city wanted: BE, CH, FR, IT or LU`},
		{"a city of no country", "holidays_only: {city: Milano}", at + `.holidays_only.country: the country of the region or city wanted`},
		{"no holidays alone", "holidays_only: {}", at + `.holidays_only: it has no holiday, so it would never be open`},
		{"holidays alone, and hours", officeHours + ", holidays_only: {country: FR}", at + `.hours: the calendar is open on holidays alone: it has no hours`},
		{"holidays alone, and others", "holidays: {country: FR}, holidays_only: {country: FR}", at + `.holidays: the calendar is open on holidays alone: it has no holidays`},
		{"always, and on holidays alone", "always: true, holidays_only: {country: FR}", at + `.holidays_only: the calendar is always open: it has no holidays_only`},
		{"always, and a zone", "always: true, time_zone: Europe/Rome", at + `.time_zone: the calendar is always open: it has no time_zone`},
		{"a zone that does not exist", officeHours + ", time_zone: Europe/Rom", at + `.time_zone: no time zone named "Europe/Rom"`},
		{"a day added and removed", `holidays_only: {country: FR, add: ["2026-05-15"], remove: ["2026-05-15"]}`, at + `.holidays_only: holiday 2026-05-15 is both added and removed`},
		{"a list", officeHours + ", holidays: {country: [FR]}", at + `.holidays.country: a text wanted, not a list`},
		{"neither", "{}", at + `.hours: hours wanted, or always: true, or holidays_only`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calendar := "  x: {" + tt.calendar + "}\n"
			if tt.calendar == "{}" {
				calendar = "  x: {}\n"
			}
			_, report := parseText(t, withCalendars(t, calendar), nil)
			wantErrors(t, report.Errors, tt.want)
		})
	}
}

// A calendar knows the holidays of its place, by the dates of its zone. A
// calendar of holidays alone is open on them.
func TestHolidaysOfAPlace(t *testing.T) {
	cfg, report := parseText(t, withCalendars(t, strings.Join([]string{
		"  alsace: {" + officeHours + ", holidays: {country: FR, region: FR-67, remove: [\"2026-05-08\"], add: [\"2026-05-15\"]}}",
		"  milan: {" + officeHours + ", time_zone: Europe/Rome, holidays: {country: IT, city: milano}}",
		"  noumea: {time_zone: Pacific/Noumea, holidays_only: {country: FR, region: FR-NC}}",
		"  public-holidays: {holidays_only: {country: FR, region: FR-67}}",
	}, "\n")+"\n"), nil)
	wantErrors(t, report.Errors)
	for _, tt := range []struct {
		calendar, at string
		open         bool
	}{
		{"alsace", "2026-04-02T12:00:00+02:00", true},
		{"alsace", "2026-04-03T12:00:00+02:00", false}, // Good Friday
		{"alsace", "2026-05-08T12:00:00+02:00", true},  // removed
		{"alsace", "2026-05-15T12:00:00+02:00", false}, // added
		{"milan", "2026-12-04T12:00:00+01:00", true},
		{"milan", "2026-12-07T12:00:00+01:00", false}, // Sant'Ambrogio
		{"noumea", "2026-09-23T14:00:00Z", true},      // 01:00 on the 24th there
		{"noumea", "2026-09-24T14:00:00Z", false},
		{"public-holidays", "2026-04-03T00:00:00+02:00", true},
		{"public-holidays", "2026-04-03T23:59:59+02:00", true},
		{"public-holidays", "2026-04-04T00:00:00+02:00", false},
		{"public-holidays", "2026-04-05T12:00:00+02:00", false}, // Easter Sunday
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if open := cfg.Rules.Calendars[tt.calendar].Open(at); open != tt.open {
			t.Errorf("%s is open at %s: %v", tt.calendar, tt.at, open)
		}
	}
}

// On holidays somebody else is on call, for the whole day.
func TestALayerOnHolidays(t *testing.T) {
	cfg, report := parseText(t, withLayers(t, `{people: [alice], first: "2026-01-01"}, {people: [bruno], first: "2026-01-01", during: public-holidays, instead: true}`,
		"calendars:\n", "time_zone: Europe/Paris\ncalendars:\n  public-holidays: {holidays_only: {country: FR, region: FR-67}}\n"), nil)
	wantErrors(t, report.Errors)
	for at, want := range map[string]string{
		"2026-12-25T00:00:00+01:00": "bruno",
		"2026-12-26T23:59:59+01:00": "bruno", // Saint Stephen's day in Alsace
		"2026-12-27T00:00:00+01:00": "alice",
		"2026-12-24T23:59:59+01:00": "alice",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if on, _ := cfg.Rules.Directory.On("on-call", when); len(on) != 1 || on[0].Key != want {
			t.Errorf("%s: %v is on call, want %s", at, on, want)
		}
	}
}
