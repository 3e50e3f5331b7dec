package config

import (
	"strings"
	"testing"
	"time"
)

// desk is a small desk without warnings; tests replace pieces of it.
const desk = `
server: {public_url: "https://astreinte.example.net"}
sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612345699"}}
calendars:
  always: {always: true}
  day: {hours: [{days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], times: ["08:00-20:00"]}]}
contracts:
  full: {hours: always, gti: {critical: {within: 1h}, low: {within: 1w, calendar: day}}}
customers: {acme: {contract: full}}
people:
  alice: {phones: ["+33612345601"]}
  bruno: {phones: ["+33612345602"]}
groups:
  on-call: {rotations: [{people: [alice, bruno], first: "2026-11-19"}]}
  managers: {people: [bruno]}
policies:
  page: {ack_timeout: 45m, steps: [{page: on-call}, {page: managers, after: 15m}]}
route: {receiver: page}
`

func TestWarnings(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		want     []string
	}{
		{"none", "", "", nil},
		{"before the first handover", `first: "2026-11-19"`, `first: "2026-11-26"`, []string{
			"groups.on-call: nobody is on call from 2026-11-21 02:12 to 2026-11-26 09:00 (line 14)",
		}},
		{"a first day that is no handover", `first: "2026-11-19"`, `first: "2026-11-17"`, []string{
			"groups.on-call.rotations[0].first: 2026-11-17 is a Tuesday: the first turn begins at the Thursday after it (line 14)",
		}},
		{"an empty group", `managers: {people: [bruno]}`, `managers: {people: []}`, []string{
			"groups.managers: nobody is on call in the next 90 days (line 15)",
		}},
		{"pages that are dropped", `[{page: on-call}, {page: managers, after: 15m}]`, `[{page: on-call, during: day, otherwise: skip}, {page: managers, during: day, otherwise: skip}]`, []string{
			"policies.page: no step pages anybody from 2026-11-21 02:12 to 2026-11-21 08:00, and 90 more times in the next 90 days (1080 h in all) (line 17)",
		}},
		{"by day and by night", `[{page: on-call}, {page: managers, after: 15m}]`, `[{page: on-call, during: day, otherwise: skip}, {page: managers, outside: day, otherwise: skip}]`, nil},
		{"pages that wait are covered", `{page: on-call}`, `{page: on-call, during: day}`, nil},
		{"no phone", `alice: {phones: ["+33612345601"]}`, `alice: {name: Alice}`, []string{"people.alice: Alice has no phone (line 11)"}},
		{"one phone of two", `"+33612345601"`, `"+33612345602"`, []string{"people.bruno.phones[0]: +33612345602 is the number of people.alice too"}},
		{"a second step after the GTI", `after: 15m`, `after: 61m`, []string{
			`policies.page[1].after: the second step starts 1h1m into the episode, later than the GTI of contract "full" (critical: 1h) (line 17)`,
		}},
		{"a reader who is paged", `bruno: {phones`, `bruno: {role: reader, phones`, []string{
			`people.bruno: bruno is a reader, and group "managers" is paged: who is paged has to be able to act (line 12)`,
			`people.bruno: bruno is a reader, and group "on-call" is paged: who is paged has to be able to act (line 12)`,
		}},
		{"somebody on call for others", `  alice: {phones: ["+33612345601"]}`, `  alice: {customers: [acme], phones: ["+33612345601"]}`, nil},
		{"somebody on call for others, with others", "customers: {acme: {contract: full}}\npeople:\n  alice: {", "customers: {acme: {contract: full}, globex: {}, initech: {}}\npeople:\n  alice: {customers: [acme], ", []string{
			"people.alice.customers: alice is on call for tickets of globex, initech too: a page gives the right to its ticket, and to nothing else of that customer's (line 11)",
		}},
		{"a duty report whose calendar has no holidays", "route: {", "duty_report: {hours: day}\nroute: {", []string{
			`duty_report.hours: calendar "day" has no holidays: in the duty report a public holiday counts as any other day (line 18)`,
		}},
		{"a duty report without a calendar", "route: {", "duty_report: {employer: X}\nroute: {", []string{
			"duty_report.hours: no calendar is named: the working hours are Monday to Friday, 09:00 to 18:00, and in the duty report a public holiday counts as any other day (line 18)",
		}},
		{"a duty report with holidays", "calendars:\n", "duty_report: {hours: fr}\ncalendars:\n  fr: {hours: [{days: [monday], times: [\"08:00-20:00\"]}], holidays: {country: FR}}\n", nil},
		{"just in time", `after: 15m`, `after: 60m`, nil},
		{"an acknowledgement without an end", `ack_timeout: 45m, `, ``, []string{`policies.page: no ack_timeout: `}},
		{"an acknowledgement that picks up", `low: {within: 1w, calendar: day}}`, `low: {within: 1w, calendar: day}}, pickup_on_acknowledge: true`, nil},
		{"steps out of order", `{page: on-call}`, `{page: on-call, after: 20m}`, []string{"policies.page[1]: it starts before step 0 does"}},
		{"nothing uses them", "route: {receiver: page}", "  spare: {steps: [{page: third}]}\nroute: {receiver: page}", nil},
		{"a policy, a contract", "route: {receiver: page}", "  spare: {}\nroute: {receiver: page}", []string{"policies.spare: no route leads to it (line 18)"}},
		{"a contract", "contracts:\n", "contracts:\n  spare: {hours: day}\n", []string{"contracts.spare: no customer has it (line 8)"}},
		{"a group", "groups:\n", "groups:\n  spare: {people: [bruno]}\n", []string{"groups.spare: no step pages it (line 14)"}},
		{"a calendar", "calendars:\n", "calendars:\n  spare: {always: true}\n", []string{"calendars.spare: nothing uses it (line 5)"}},
		{"outside of always", `{page: on-call}`, `{page: on-call, outside: always}`, []string{`policies.page[0].outside: calendar "always" never closes`}},
		{"only the other urgency comes there", "route: {receiver: page}", "  late: {ack_timeout: 1h, steps: [{page: on-call}, {page: managers, after: 2h}]}\nroute: {receiver: page, routes: [{matchers: [urgency=low], receiver: late}]}", nil},
		{"the urgency comes there", "route: {receiver: page}", "  late: {ack_timeout: 1h, steps: [{page: on-call}, {page: managers, after: 2h}]}\nroute: {receiver: page, routes: [{matchers: ['urgency=critical,site=x'], receiver: late}]}", []string{
			`policies.late[1].after: the second step starts 2h into the episode, later than the GTI of contract "full" (critical: 1h) (line 18)`,
		}},
		{"a contract of some devices", "customers: {acme: {contract: full}}", `customers: {acme: {contracts: [{matchers: ['tag="24x7"'], contract: full}]}}`, nil},
		{
			"a second step after the GTI of some devices",
			"{within: 1h}, low: {within: 1w, calendar: day}}}\ncustomers: {acme: {contract: full}}",
			"{within: 10m}}}\n  none: {hours: day}\ncustomers: {acme: {contract: none, contracts: [{matchers: [tag=x], contract: full}]}}",
			[]string{
				`policies.page[1].after: the second step starts 15m into the episode, later than the GTI of contract "full" (critical: 10m) (line 18)`,
			},
		},
		{"a matcher on what no sender gives", "customers: {acme: {contract: full}}", `customers: {acme: {contract: full, matchers: ['contract="full"']}}`, []string{
			`customers.acme.matchers: contract="full": the contract never comes from a sender`,
		}},
		{"a matcher that nothing matches", "route: {receiver: page}", "route: {receiver: page, routes: [{matchers: [contract=ful]}]}", []string{
			`route.routes[0].matchers: no contract is named "ful": nothing matches; did you mean "full"? (line 18)`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(desk, tt.old) {
				t.Fatalf("%q is not in the desk", tt.old)
			}
			_, report := parseText(t, strings.Replace(desk, tt.old, tt.new, 1), nil)
			if strings.Contains(tt.new, "third") {
				wantErrors(t, report.Errors, `policies.spare[0].page: no group named "third"`)
				return
			}
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}

// TestNeverOpens needs two years of holidays.
func TestNeverOpens(t *testing.T) {
	var days strings.Builder
	for d := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2029; d = d.AddDate(0, 0, 1) {
		days.WriteString(d.Format("\"2006-01-02\","))
	}
	text := strings.Replace(desk, "calendars:\n", "calendars:\n  shut: {hours: [{days: [monday], times: [\"08:00-09:00\"]}], holidays: {add: ["+days.String()+"]}}\n", 1)
	text = strings.Replace(text, "{page: on-call}", "{page: on-call, during: shut}", 1)
	_, report := parseText(t, text, nil)
	wantErrors(t, report.Errors)
	wantErrors(t, report.Warnings, `policies.page[0].during: calendar "shut" never opens: nothing is paged here`)
}
