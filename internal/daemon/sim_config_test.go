package daemon

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// newConfig draws a configuration: policies of one to three steps with
// everything that they can have, short enough for a world of half an hour.
func (s *sim) newConfig() string {
	second := ""
	if s.rng.IntN(2) == 0 {
		second = `, "+33612345611"`
	}
	other := ""
	if s.rng.IntN(2) == 0 {
		other = `, "+33612345612"`
	}
	rotation := []string{"[alice, bruno, chloe]", "[chloe, alice]", "[alice]"}[s.rng.IntN(3)]
	handover := `{day: thursday, time: "09:00"}`
	if s.plan.handover > 0 {
		at := s.plan.start.Add(s.plan.handover + time.Hour) // in Paris, in winter
		handover = fmt.Sprintf(`{day: %s, time: %q}`, strings.ToLower(at.Weekday().String()), at.Format("15:04"))
		rotation = []string{"[alice, bruno, chloe]", "[chloe, alice]"}[s.rng.IntN(2)]
	}
	emile := `emile: {name: Emile Noir, role: manager, phones: ["+33612345605"]}`
	if s.rng.IntN(3) == 0 {
		emile = `emile: {name: Emile Noir, role: manager}`
	}
	group := []string{"[alertname]", "[customer, alertname]", "[instance]", "[team]"}[s.rng.IntN(4)]
	return fmt.Sprintf(`
server: {listen: ":8080", public_url: %s}
store: bolt:/nowhere/sim.db
time_zone: Europe/Paris
language: fr
calendars:
  business:
    hours:
      - {days: [monday, tuesday, wednesday, thursday, friday], times: ["08:30-12:30", "14:00-18:00"]}
  always: {always: true}
contracts:
  full: {hours: always, %s, pickup_on_acknowledge: %v}
customers:
  acme: {name: Acme, matchers: ['customer="acme"'], contract: full}
  bellac: {name: Bellac, matchers: ['customer="bellac"']}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"%s]}
  bruno: {name: Bruno Petit, phones: ["+33612345602"%s]}
  chloe: {name: Chloe Durand, phones: ["+33612345603"]}
  dominique: {name: Dominique Roy, role: manager, phones: ["+33612345604"]}
  %s
groups:
  on-call:
    readiness: %s
    rotations: [{people: %s, handover: %s, first: "2026-11-12"}]
  second: {people: [bruno]}
  managers: {people: [dominique, emile]}
policies:
  first:%s
  other:%s
route:
  receiver: first
  group_by: %s
  routes:
    - matchers: ['team="b"']
      receiver: other
urgency:
  - {matchers: ['severity="critical"'], urgency: critical}
  - {matchers: ['severity="error"'], urgency: major}
  - {matchers: ['severity="warning"'], urgency: minor}
sources:
  am: {type: alertmanager, token_file: am.token%s}
  prom: {type: alertmanager, token_file: prom.token%s}%s
sms:
  provider: twilio
  replies: same
  bundle_over: %d
  twilio: {account_sid: %s, auth_token_file: twilio.token, messaging_service_sid: MG00000000000000000000000000000000}
push: %s
api:
  tokens: [{name: ops, role: admin, token_file: api.token}]
%s`, publicURL, s.promises(), s.rng.IntN(2) == 0, second, other, emile, s.readiness(), rotation, handover, s.newPolicy(), s.newPolicy(), group, s.bound("am")+s.backs(), s.bound("prom")+s.checked(), s.mails(), s.plan.bundle, accountSID, s.pushBy(), s.hooks()+s.beats()+s.mailIn()+s.desk())
}

// bound is how much a source may have. In some worlds it is so little that the
// source reaches it.
func (s *sim) bound(source string) string {
	switch s.seed % 10 {
	case 2, 7:
		return ", max_open: 1"
	case 4:
		return map[string]string{"am": ", max_open: 2"}[source]
	case 9:
		return ", max_rate: 1"
	}
	return ""
}

// newPolicy draws a policy's text.
func (s *sim) newPolicy() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n    reopen_within: %dm\n    close_after: %s", 1+s.rng.IntN(3), []string{"8m", "72h"}[s.rng.IntN(2)])
	if s.rng.IntN(2) == 0 {
		fmt.Fprintf(&b, "\n    ack_timeout: %dm", 2+s.rng.IntN(4))
	}
	b.WriteString("\n    steps:")
	after := 0
	groups := [][]string{{"on-call"}, {"on-call", "managers"}, {"on-call", "second", "managers"}, {"on-call", "managers", "second"}, {"on-call"}}[s.rng.IntN(5)]
	for i, group := range groups {
		fmt.Fprintf(&b, "\n      - page: %s\n        by: %s", group, []string{"[sms]", "[push, sms]", "[push, sms]", "[push]"}[s.rng.IntN(4)])
		if i > 0 {
			after += 2 + s.rng.IntN(3)
			fmt.Fprintf(&b, "\n        after: %dm", after)
		}
		b.WriteString("\n        repeat: " + []string{"1m", "2m", "[{every: 1m, for: 3m}, {every: 2m}]"}[s.rng.IntN(3)])
		switch s.rng.IntN(8) {
		case 0:
			b.WriteString("\n        during: business")
		case 1:
			b.WriteString("\n        outside: business")
		case 2:
			b.WriteString("\n        during: business\n        otherwise: skip")
		}
		if s.rng.IntN(5) == 0 {
			fmt.Fprintf(&b, "\n        times: %d", 1+s.rng.IntN(2))
		}
		if i > 0 && s.rng.IntN(4) == 0 {
			b.WriteString("\n        instead: true")
		}
	}
	return b.String()
}

// changed is the configuration after a reload: other groups, other policies,
// or one person removed. The world's phones stay.
func (s *sim) changed(text string) string {
	swap := func(pattern, with string) string {
		return regexp.MustCompile(pattern).ReplaceAllLiteralString(text, with)
	}
	switch s.rng.IntN(4) {
	case 0:
		return swap(`group_by: .*`, "group_by: "+[]string{"[alertname]", "[instance]", "[customer]"}[s.rng.IntN(3)])
	case 1:
		return swap(`(?s)policies:\n.*\nroute:`, fmt.Sprintf("policies:\n  first:%s\n  other:%s\nroute:", s.newPolicy(), s.newPolicy()))
	case 2: // alice is gone
		text = swap(`rotations: \[\{people: .*?\]`, "rotations: [{people: [chloe, bruno]")
		return regexp.MustCompile(`\n  alice: .*`).ReplaceAllLiteralString(text, "")
	}
	return swap(`receiver: first`, "receiver: other")
}

// phonesOf are a person's numbers in a configuration.
func phonesOf(text, key string) []string {
	line := regexp.MustCompile(`\n  ` + key + `: .*`).FindString(text)
	return regexp.MustCompile(`\+\d+`).FindAllString(line, -1)
}
