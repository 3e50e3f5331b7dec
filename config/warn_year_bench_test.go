package config

import (
	"fmt"
	"strings"
	"testing"
)

// bigDesk has many customers in three kinds of contract. As many of them as
// asked for have their own policies.
func bigDesk(customers, policies int) string {
	var b strings.Builder
	b.WriteString(`
server: {public_url: "https://astreinte.desk.fr"}
time_zone: Europe/Paris
sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612340009"}}
calendars:
  always: {always: true}
  office: {hours: [{days: [monday, tuesday, wednesday, thursday, friday], times: ["08:30-12:30", "14:00-18:00"]}], holidays: {country: FR}}
  long: {hours: [{days: [monday, tuesday, wednesday, thursday, friday, saturday], times: ["07:00-20:00"]}], holidays: {country: FR}}
contracts:
  c0: {hours: always, gti: {critical: {within: 1h}, major: {within: 4h}, minor: {within: 8h, calendar: office}, low: {within: 16h, calendar: office}}}
  c1: {hours: long, gti: {critical: {within: 1h}, major: {within: 4h}, minor: {within: 8h, calendar: office}, low: {within: 16h, calendar: office}}}
  c2: {hours: office, gti: {critical: {within: 1h}, major: {within: 4h}, minor: {within: 8h}, low: {within: 16h}}}
sources: {s: {type: alertmanager, token: a-long-word-for-a-tool}}
urgency:
  - {matchers: ['severity=~"critical|page|disaster"'], urgency: critical}
  - {matchers: ['severity=~"error|high|average"'], urgency: major}
  - {matchers: ['severity="warning"'], urgency: minor}
  - {matchers: ['severity=~"info|information"'], urgency: low}
people:
`)
	for i := range 12 {
		fmt.Fprintf(&b, "  p%d: {phones: [\"+336123400%02d\"]}\n", i, 10+i)
	}
	b.WriteString(`groups:
  on-call: {rotations: [{people: [p0, p1, p2, p3, p4], first: "2026-11-19"}]}
  second: {rotations: [{people: [p5, p6, p7], first: "2026-11-19", handover: {day: monday, time: "08:00"}}]}
  managers: {people: [p11]}
policies:
  night: {ack_timeout: 45m, steps: [{page: on-call, repeat: [{every: 3m, for: 1h}, {every: 15m}]}, {page: second, after: 15m, during: office}, {page: managers, after: 30m}]}
  day: {ack_timeout: 45m, steps: [{page: on-call, during: office}]}
`)
	for i := range policies {
		fmt.Fprintf(&b, "  own%d: {ack_timeout: 45m, steps: [{page: on-call, during: %s}, {page: second, after: %dm, during: office}]}\n", i, []string{"office", "long"}[i%2], 10+i%20)
	}
	b.WriteString("customers:\n")
	for i := range customers {
		fmt.Fprintf(&b, "  k%d: {matchers: ['tenant=\"k%d\"'], contract: c%d}\n", i, i, i%3)
	}
	b.WriteString("route:\n  receiver: night\n  routes:\n")
	for i := range policies {
		fmt.Fprintf(&b, "    - {matchers: ['customer=\"k%d\"'], receiver: own%d}\n", i, i)
	}
	b.WriteString("    - {matchers: ['urgency=~\"minor|low\"'], receiver: day}\n")
	return b.String()
}

// BenchmarkCheck is what check reads and says of 200 customers: if they share
// a few policies, and if each has its own.
func BenchmarkCheck(b *testing.B) {
	for _, policies := range []int{0, 20, 200} {
		text := bigDesk(200, policies)
		b.Run(fmt.Sprintf("200 customers, %d policies of their own", policies), func(b *testing.B) {
			for b.Loop() {
				if _, report := thorough(b, text); len(report.Errors) > 0 {
					b.Fatal(report.Errors)
				}
			}
		})
	}
}
