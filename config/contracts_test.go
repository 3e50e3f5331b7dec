package config

import (
	"slices"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// customersOf is a desk with two contracts, and these customers.
func customersOf(text string) string {
	return smallest + "calendars: {always: {always: true}}\ncontracts: {full: {hours: always}, office: {hours: always}}\n" +
		"sources: {some: {type: alertmanager, customer: acme, token: a-long-word-for-a-tool}}\n" + text
}

func TestContractsOfSomeDevices(t *testing.T) {
	cfg, report := parseText(t, customersOf(`
customers:
  acme:
    contract: office
    contracts:
      - {matchers: ['tag="24x7"', 'site!="Attic"'], contract: full}
`), nil)
	wantErrors(t, report.Errors)
	wantErrors(t, report.Warnings)
	for _, tt := range []struct {
		want   string
		labels map[string]string
	}{
		{"full", map[string]string{"tag": "24x7"}},
		{"office", map[string]string{"tag": "24x7", "site": "Attic"}},
		{"office", map[string]string{"contract": "full"}},
	} {
		got := cfg.Rules.Resolve(&ticket.Alert{Source: "some", Labels: tt.labels, Status: ticket.Firing})
		if got.Customer != "acme" || got.Contract != tt.want {
			t.Errorf("%v: %s of %s", tt.labels, got.Contract, got.Customer)
		}
	}
	_, report = parseText(t, customersOf(`
customers:
  acme:
    contracts:
      - {contract: full}
      - {matchers: ['tag="24x7"']}
      - {matchers: ['tag="24x7"'], contract: ful}
      - {match: {tag: x}, contract: full}
      - full
`), nil)
	wantErrors(
		t, report.Errors,
		"customers.acme.contracts[0].matchers: matchers on an alert's labels wanted (line 10)",
		"customers.acme.contracts[1].contract: the contract of the alerts that match wanted (line 11)",
		`customers.acme.contracts[2].contract: no contract named "ful"; did you mean "full"? (line 12)`,
		"customers.acme.contracts[3].matchers: matchers on an alert's labels wanted (line 13)",
		"customers.acme.contracts[3].match: use matchers: ",
		"customers.acme.contracts[4]: keys with values wanted, not a text (line 14)",
	)
}

func TestACustomersNumbers(t *testing.T) {
	cfg, report := parseText(t, customersOf(`
customers:
  acme: {contract: full, phones: ["+33240112233", "+33240112244"]}
`), nil)
	wantErrors(t, report.Errors)
	if c, ok := cfg.Rules.Customer("acme"); !ok || !slices.Equal(c.Phones, []string{"+33240112233", "+33240112244"}) {
		t.Errorf("%+v", c)
	}
	_, report = parseText(t, customersOf(`
customers:
  acme: {contract: full, phones: ["0240112233"]}
`), nil)
	if len(report.Errors) != 1 || report.Errors[0].Path != "customers.acme.phones[0]" {
		t.Errorf("%v", report.Errors)
	}
}
