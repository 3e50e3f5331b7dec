package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// quietDesk is a desk without warnings, however far check looks: its groups
// have different people, and nothing in it comes from an example.
const quietDesk = `
server: {public_url: "https://astreinte.desk.fr"}
time_zone: Europe/Paris
sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612340009"}}
calendars:
  always: {always: true}
  office: {hours: [{days: [monday, tuesday, wednesday, thursday, friday], times: ["08:30-12:30", "14:00-18:00"]}], holidays: {country: FR}}
contracts:
  full: {hours: always, gti: {critical: {within: 30m}}}
  day: {hours: office}
customers: {acme: {contract: full}, other: {contract: day}}
people:
  alice: {phones: ["+33612340001"]}
  bruno: {phones: ["+33612340002"]}
  chloe: {phones: ["+33612340003"]}
groups:
  on-call: {rotations: [{people: [alice, bruno], first: "2026-11-19"}]}
  managers: {people: [chloe]}
policies:
  page: {ack_timeout: 45m, steps: [{page: on-call}, {page: managers, after: 15m}]}
route: {receiver: page}
sources: {s: {type: alertmanager, token: a-long-word-for-a-tool}}
`

// thorough reads a text as check does.
func thorough(t testing.TB, text string) (*Config, Report) {
	t.Helper()
	return Parse("desk.yml", []byte(text), t.TempDir(), Options{Now: saturday, Getenv: noEnv, Thorough: true})
}

// replaced is the quiet desk with pieces of it replaced.
func replaced(t testing.TB, pairs ...string) string {
	t.Helper()
	text := quietDesk
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in the desk", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

const both = "[{page: on-call}, {page: managers, after: 15m}]"

// TestDoubtsOfAYear has a row for each way in which pages fall behind a contract.
func TestDoubtsOfAYear(t *testing.T) {
	const (
		full    = `the GTI of contract "full" (critical: 30m) is over`
		who     = `customer "acme", critical, contract "full"`
		command = `echo '[{"labels":{"customer":"acme","urgency":"critical"}}]' | astreinte simulate --config desk.yml --source s --at `
	)
	for _, tt := range []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"none", nil, nil},
		{"pages wait for the office", []string{"{page: on-call}", "{page: on-call, during: office}", "after: 15m", "after: 15m, during: office"}, []string{
			`policies.page: the first page goes out after 3d15h30m, when ` + full + `: ` + who + `; for instance at 2027-10-29 18:00, one of `,
		}},
		{"the route waits for the office", []string{"route: {receiver: page}", "route: {receiver: page, routes: [{receiver: page, active_time_intervals: [office]}]}"}, []string{
			`policies.page: the first page goes out after 3d15h30m, when ` + full,
		}},
		{"a policy without steps", []string{"policies:\n", "policies:\n  silent: {ack_timeout: 1h}\n", "{receiver: page}", "{receiver: page, routes: [{matchers: [urgency=critical], receiver: silent}]}"}, []string{
			`policies.silent: it has no steps, and alerts come here that nobody is paged for: ` + who + `; for instance at 2026-11-21 03:00, one of 8760 hours of the coming year: ` + command + `2026-11-21T03:00 - (line 20)`,
			`policies.silent: it has no steps, and alerts come here that nobody is paged for: customer "other", critical, contract "day"; `,
		}},
		{"a policy without steps, of a tool whose payload has no labels", []string{"policies:\n", "policies:\n  silent: {ack_timeout: 1h}\n", "{receiver: page}", "{receiver: page, routes: [{matchers: [urgency=critical], receiver: silent}]}", "type: alertmanager", "type: nagios"}, []string{
			`policies.silent: it has no steps, and alerts come here that nobody is paged for: ` + who + `; for instance at 2026-11-21 03:00, one of 8760 hours of the coming year: astreinte simulate --config desk.yml --source s --at 2026-11-21T03:00 --label 'customer=acme' --label 'urgency=critical' (line 20)`,
			`policies.silent: it has no steps, and alerts come here that nobody is paged for: customer "other", critical, contract "day"; `,
		}},
		{"a policy without steps for some alerts", []string{"policies:\n", "policies:\n  silent: {ack_timeout: 1h}\n", "{receiver: page}", "{receiver: page, routes: [{matchers: [alertname=Watchdog], receiver: silent}]}"}, nil},
		{"the first step begins after the GTI", []string{both, "[{page: on-call, after: 31m}, {page: managers, after: 31m}]"}, []string{
			`policies.page[0].after: the first step begins 31m into the episode, when ` + full + `: ` + who,
		}},
		{"just in time", []string{both, "[{page: on-call, after: 30m}, {page: managers, after: 30m}]"}, nil},
		{"the second step begins after the GTI", []string{"after: 15m", "after: 31m"}, []string{
			`policies.page[1].after: nobody but alice is paged before ` + full + `: ` + who + `; for instance at 2026-11-21 03:00, one of `,
		}},
		{"the second step waits", []string{"after: 15m", "after: 15m, during: office"}, []string{
			`policies.page: nobody but alice is paged before ` + full,
		}},
		{"one step", []string{both, "[{page: on-call}]", "  managers: {people: [chloe]}\n", ""}, []string{
			`policies.page: alice alone is paged, whom nobody stands in for before ` + full,
		}},
		{"one step of two people", []string{both, "[{page: on-call}]", "on-call: {rot", "on-call: {people: [chloe], rot", "managers: {people: [chloe]}", ""}, nil},
		{"the same person in both steps, in his weeks", []string{"managers: {people: [chloe]}", "managers: {people: [bruno]}"}, []string{
			`policies.page: all of its steps page bruno and nobody else before ` + full + `: ` + who + `; for instance at 2026-11-26 09:00, one of `,
		}},
		{"nobody, and no manager", []string{both, "[{page: managers}]", `{phones: ["+33612340003"]}`, "{name: Chloe}", "  on-call: {rotations: [{people: [alice, bruno], first: \"2026-11-19\"}]}\n", ""}, []string{
			`people.chloe: Chloe has no phone`,
			`policies.page: nobody is paged within 14 days: ` + who,
			`policies.page: nobody is paged within 14 days: customer "other", critical, contract "day" (also major, minor, low); for`,
		}},
		{"hours that never open", []string{"office: {hours", "shut: {hours: [{days: [friday], times: [\"08:00-09:00\"]}], holidays: {add: [" + everyFriday() + "]}}\n  office: {hours", "hours: office", "hours: shut", "{within: 30m}}", "{within: 30m}, low: {within: 1w, calendar: office}}"}, []string{
			`contracts.day.hours: calendar "shut" never opens: the customer has subscribed no hours (line 11)`,
		}},
		{"nothing promised", []string{", gti: {critical: {within: 30m}}", "", "{page: on-call}", "{page: on-call, during: office}"}, nil},
		{"calendars that leave no hour", []string{"{page: on-call}", "{page: on-call, during: office}", "route: {receiver: page}", "route: {receiver: page, routes: [{receiver: page, mute_time_intervals: [office]}]}"}, []string{
			"policies.page[0]: its calendars and those of route.routes[0] leave no hour to page in: it pages at any (line 20)",
		}},
		{"a GTI on the same hours", []string{"within: 30m", "within: 30m, calendar: office", "{page: on-call}", "{page: on-call, during: office}", "after: 15m", "after: 15m, during: office"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := thorough(t, replaced(t, tt.pairs...))
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}

func everyFriday() string {
	var days []string
	for d := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC); d.Year() < 2030; d = d.AddDate(0, 0, 7) {
		days = append(days, d.Format(`"2006-01-02"`))
	}
	return strings.Join(days, ",")
}

// TestOnlyCheckLooksAYearAhead: a daemon starts at once.
func TestOnlyCheckLooksAYearAhead(t *testing.T) {
	text := replaced(t, both, "[{page: on-call}]", "desk.fr", "example.net", "  managers: {people: [chloe]}\n", "")
	if _, report := parseText(t, text, nil); len(report.Errors)+len(report.Warnings) > 0 {
		t.Errorf("a start says %v", report)
	}
	if _, report := thorough(t, text); len(report.Errors) > 0 || len(report.Warnings) != 2 {
		t.Errorf("check says %v", report)
	}
}

// TestPlaceholdersAreDoubted: check warns of each once, at its line, but not
// in parts that are about alerts.
func TestPlaceholdersAreDoubted(t *testing.T) {
	const nobodys = " is a name for examples: nobody has it"
	for _, tt := range []struct {
		pairs []string
		want  []string
	}{
		{[]string{"astreinte.desk.fr", "desk.example.com"}, []string{"server.public_url: example.com" + nobodys + " (line 2)"}},
		{[]string{"astreinte.desk.fr", "notanexample.com"}, nil},
		{[]string{`alice: {phones: ["+33612340001"]`, `alice: {phones: ["+12125550123"], email: a@team.example`}, []string{
			"people.alice.email: team.example" + nobodys, "people.alice.phones[0]: +12125550123 is a number for films: nobody has it (line 13)",
		}},
		{[]string{"+33612340001", "+33639981234"}, []string{`people.alice.phones[0]: "+33639981234" may be a mistake`}},
		{[]string{"+33612340001", "+33612345601"}, []string{"people.alice.phones[0]: +33612345601 is a number of the example"}},
		{[]string{"account_sid: AC1", "account_sid: AC00000000000000000000000000000000"}, []string{"sms.twilio.account_sid: AC00000000000000000000000000000000 is the example's"}},
		{[]string{"a-long-word-for-a-tool", "CHANGE-ME"}, []string{
			"sources.s.token: a token of less than 16", "sources.s.token: a word that is meant to be replaced (line 22)",
		}},
		{[]string{"acme: {contract", `acme: {matchers: ['instance=~".*[.]example[.]com"', 'url="http://example.com"'], contract`}, nil},
	} {
		_, report := thorough(t, replaced(t, tt.pairs...))
		wantErrors(t, report.Errors)
		wantErrors(t, report.Warnings, tt.want...)
	}
}

// TestTheExampleIsAccepted as check reads it. It warns of the placeholders,
// and that the example's office hours have one person.
func TestTheExampleIsAccepted(t *testing.T) {
	cfg, report := Load(filepath.Join(exampleDir(t), "astreinte.yml"), Options{Now: saturday, Thorough: true})
	if cfg == nil || len(report.Errors) > 0 {
		t.Fatal(report.Errors)
	}
	said := ""
	for _, p := range report.Warnings {
		said += p.String() + "\n"
	}
	for _, want := range []string{
		"server.public_url: example.net is a name for examples",
		"people.alice.phones[0]: +33612345601 is a number of the example",
		"sms.twilio.messaging_service_sid: MG00000000000000000000000000000000 is the example's",
		`policies.office-hours: alice alone is paged, whom nobody stands in for before the GTI of contract "office" (critical: 1h) is over`,
	} {
		if strings.Count(said, want) != 1 {
			t.Errorf("%q is not said once in\n%s", want, said)
		}
	}
	if strings.Contains(said, "policies.round-the-clock") {
		t.Errorf("its nights are doubted: %s", said)
	}
}

// TestASecretFileOfTheExample is never quoted.
func TestASecretFileOfTheExample(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tool.token"), "please-replace-me\n")
	write(t, filepath.Join(dir, "desk.yml"), replaced(t, "token: a-long-word-for-a-tool", "token_file: tool.token"))
	if err := os.Chmod(filepath.Join(dir, "desk.yml"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, report := Load(filepath.Join(dir, "desk.yml"), Options{Now: saturday, Thorough: true})
	wantErrors(t, report.Errors)
	wantErrors(t, report.Warnings, "sources.s.token_file: a word that is meant to be replaced (line 22)")
}

// TestExamplesShowTheirDoubt runs the command of a warning: Simulate must say
// the hours of the example.
func TestExamplesShowTheirDoubt(t *testing.T) {
	cfg, _ := thorough(t, replaced(t, "{page: on-call}", "{page: on-call, during: office}", "after: 15m", "after: 15m, during: office"))
	at := time.Date(2027, 10, 29, 16, 0, 0, 0, time.UTC)
	alerts := []ticket.Alert{{Status: ticket.Firing, Labels: map[string]string{"customer": "acme", "urgency": "critical"}}}
	got := escalation.Simulate(cfg.Rules, paging.Reachable(cfg.Rules.Channels), "s", alerts, at, time.Time{})
	if len(got) != 1 || got[0].Ticket.Customer != "acme" || got[0].Pages[0].At.Sub(at) != 87*time.Hour+30*time.Minute || got[0].Ticket.GTI.DueAt.Sub(at) != 30*time.Minute {
		t.Errorf("simulated: %+v", got)
	}
}
