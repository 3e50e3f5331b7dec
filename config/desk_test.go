package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

const qualifying = `desk:
  urgency:
    - {impact: [several, everybody], workaround: no, urgency: critical}
    - {strategic: true, urgency: major}
  fields:
    rack: {label: Rack, required: true, kinds: [incident]}
    floor: {type: choice, choices: ["1", "2"]}
    category: {required: true, label: Thema}
  categories:
    printer: {label: Imprimante, questions: ["Which one?"], checklist: ["Is there paper?"]}
    mail: {}
  domains: [network, system]
  services: [support, hosting]
  escalate:
    - {matchers: ['tag="router"', 'site!="Attic"'], after: 30m, to: L2, group: managers}
    - {to: L3}
  labels: {critical: Critique, low: Non bloquant}
  numbers: "INC-%Y-%m-%d_%6n"
  deputy: alice
  reopen_for: 3d
  meeting: "https://meet.example.net/{number}"
groups:
`

func TestDesk(t *testing.T) {
	cfg, report := parseText(t, strings.Replace(desk, "groups:\n", qualifying, 1), nil)
	if cfg == nil {
		t.Fatal(report.Errors)
	}
	d := cfg.Rules.Desk
	q := ticket.Qualification{Impact: "several", Workaround: ticket.No}
	if p, ok := d.Table().Propose(&q); !ok || p.Urgency != ticket.Critical || p.Row != 1 {
		t.Errorf("%+v", p)
	}
	if p, ok := d.Table().Propose(&ticket.Qualification{Strategic: ticket.Yes}); !ok || p.Row != 2 {
		t.Errorf("%+v", p)
	}
	if !slices.Equal(d.Values("category"), []string{"printer", "mail"}) || !slices.Equal(d.Values("custom.floor"), []string{"1", "2"}) || !slices.Equal(d.Domains, []string{"network", "system"}) || !slices.Equal(d.Values("service"), []string{"support", "hosting"}) {
		t.Errorf("%v, %v, %v", d.Values("category"), d.Values("custom.floor"), d.Values("service"))
	}
	if c, ok := d.Category("printer"); !ok || c.Label != "Imprimante" || len(c.Questions) != 1 || len(c.Checklist) != 1 {
		t.Errorf("%+v", c)
	}
	if d.Labels[ticket.Critical] != "Critique" || d.Labels[ticket.Major] != "" || d.Deputy != "alice" || d.ReopenFor != 72*time.Hour || d.Meeting != "https://meet.example.net/{number}" {
		t.Errorf("%+v", d)
	}
	if len(d.Tiers) != 2 || !reflect.DeepEqual(d.Tiers[1], escalation.TierRule{To: ticket.L3}) {
		t.Fatalf("%+v", d.Tiers)
	}
	if rule := d.Tiers[0]; rule.Matchers.String() != `{tag="router",site!="Attic"}` || rule.After != 30*time.Minute || rule.To != ticket.L2 || rule.Group != "managers" {
		t.Errorf("%+v", rule)
	}
	at := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	if got := d.Numbers.Prefixes(at); !slices.Equal(got, []string{"INC-2026-11-21_00", "SNC-2026-11-21_00"}) {
		t.Errorf("%v", got)
	}
	if got := (escalation.Numbers{}).Prefixes(at); !slices.Equal(got, []string{"I261121_", "S261121_"}) {
		t.Errorf("%v", got)
	}
}

// TestDeskMistakes names what is wrong of the desk's section.
func TestDeskMistakes(t *testing.T) {
	for _, c := range []struct{ section, want string }{
		{"{urgency: [{impact: many, urgency: low}]}", `desk.urgency[0].impact: no impact "many": person, several or everybody`},
		{"{urgency: [{impact: [person, 3], urgency: low}]}", `desk.urgency[0].impact[1]: `},
		{"{urgency: [{impact: person}]}", `desk.urgency[0].urgency: critical, major, minor or low wanted`},
		{"{urgency: [{color: red, urgency: low}]}", `desk.urgency[0].color: unknown key`},
		{"{fields: {rack: {type: list}}}", `desk.fields.rack.type: no type of a field "list"`},
		{"{fields: {rack: {type: choice}}}", `desk.fields.rack: choices wanted`},
		{"{fields: {rack: {choices: [a]}}}", `desk.fields.rack.choices: only a field of type choice has them`},
		{"{fields: {category: {type: text}}}", `desk.fields.category.type: every ticket has this field`},
		{"{fields: {synthesis: {required: true}}}", `desk.fields.synthesis.required: whoever resolves a ticket by a text has no word for it`},
		{"{fields: {custom: {}}}", `desk.fields.custom: custom is what all fields`},
		{"{fields: {rack: {kinds: [bug]}}}", `desk.fields.rack.kinds[0]: no kind of ticket "bug"`},
		{"{domains: [' net ']}", `desk.domains[0]: " net " has blanks`},
		{"{services: [support, '']}", `desk.services[1]: `},
		{"{services: [[support]]}", `desk.services[0]: a text wanted`},
		{"{escalate: [{after: 30m}]}", `desk.escalate[0].to: L2 or L3 wanted`},
		{"{escalate: [{to: L2}, {to: L1}]}", `desk.escalate[1].to: no tier "L1": L2 or L3`},
		{"{escalate: [{to: L2, after: 0m}]}", `desk.escalate[0].after: `},
		{"{escalate: [{to: L2, group: manager}]}", `desk.escalate[0].group: no group named "manager"; did you mean "managers"?`},
		{"{escalate: [{to: L2, match: {tag: x}}]}", `desk.escalate[0].match: use matchers: `},
		{"{escalate: [{to: L2, matchers: {tag: x}}]}", `desk.escalate[0].matchers: a list of matchers wanted`},
		{"{escalate: [{to: L2, person: alice}]}", `desk.escalate[0].person: unknown key`},
		{"{escalate: [L2]}", `desk.escalate[0]: keys with values wanted, not a text`},
		{"{labels: {urgent: x}}", `desk.labels.urgent: unknown key`},
		{"{numbers: T%4n}", `desk.numbers: "T%4n" is no form of numbers`},
		{"{numbers: 'I%y%m%d%4n'}", `desk.numbers: `},
		{"{numbers: 'I%y%m%d_%3n'}", `desk.numbers: `},
		{"{numbers: 'I7%y%m%d_%4n'}", `desk.numbers: `},
		{"{deputy: nobody}", `desk.deputy: no person named "nobody"`},
		{"{meeting: 'http://meet.example.net/{secret}'}", `desk.meeting: "http://meet.example.net/a" is no address as https://`},
		{"{meeting: 'https://{customer}.example.net/'}", `desk.meeting: the host is the same for every ticket`},
		{"{meeting: 'https://meet.example.net/{site}'}", `desk.meeting: there is no {site}: {number}, {customer}, {secret}`},
		{"{reopen_for: 8d}", `desk.reopen_for: 7d at most`},
		{"{rating: [x]}", `desk.rating: this version cannot do that yet`},
	} {
		cfg, report := parseText(t, strings.Replace(desk, "groups:\n", "desk: "+c.section+"\ngroups:\n", 1), nil)
		if cfg != nil || len(report.Errors) == 0 || !strings.Contains(report.Errors[0].String(), c.want) {
			t.Errorf("%s: %v, want %s", c.section, report.Errors, c.want)
		}
	}
}

// TestDeskDoubts: a row that never counts, a word that is there twice, one place for all
// meetings.
func TestDeskDoubts(t *testing.T) {
	text := strings.Replace(desk, "groups:\n", `desk:
  urgency: [{impact: [person, several], urgency: low}, {impact: person, strategic: yes, urgency: major}, {urgency: minor}, {workaround: yes, urgency: low}]
  services: [a, a]
  meeting: https://meet.example.net/{customer}
groups:
`, 1)
	_, report := parseText(t, text, nil)
	for _, want := range []string{
		"desk.urgency[1]: row 1 comes first whenever this one fits", "desk.urgency[3]: row 3 comes first", `desk.services[1]: "a" is there twice`, "desk.meeting: all tickets meet at one place",
	} {
		if !slices.ContainsFunc(report.Warnings, func(p Problem) bool { return strings.Contains(p.String(), want) }) {
			t.Errorf("no warning %q: %v", want, report.Warnings)
		}
	}
}
