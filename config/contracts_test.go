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

// TestACustomersDomains: in small letters, however they are written; and whoever writes from
// there is of that customer.
func TestACustomersDomains(t *testing.T) {
	cfg, report := parseText(t, customersOf(`
customers:
  acme: {contract: full, domains: [ACME.Example.net, acme-group.example, shared.example]}
  bellac: {contract: office, domains: [bellac.example, Shared.example, BELLAC.example]}
`), nil)
	if cfg == nil {
		t.Fatal(report.Errors)
	}
	wantErrors(
		t, report.Warnings,
		"customers.bellac.domains[1]: shared.example is of customers.acme too: an address there is of neither (line 9)",
		"customers.bellac.domains[2]: bellac.example is there twice (line 9)",
	)
	if c, ok := cfg.Rules.Customer("acme"); !ok || !slices.Equal(c.Domains, []string{"acme.example.net", "acme-group.example", "shared.example"}) {
		t.Errorf("%+v", c)
	}
	for email, want := range map[string]string{
		"ada@acme.example.net": "acme", "Ada@Acme.EXAMPLE.net": "acme", "x@bellac.example": "bellac", "x@shared.example": "",
		"x@mail.acme.example.net": "", "x@example.net": "", "acme.example.net": "",
	} {
		if key, ok := cfg.Rules.Caller("", email); key != want || ok != (want != "") {
			t.Errorf("%s is of %q, want %q", email, key, want)
		}
	}
	_, report = parseText(t, customersOf(`
customers:
  acme: {contract: full, domains: [acme, "@acme.example", "*.acme.example", "ada@acme.example", "acme.example.", 7, "192.0.2.7"]}
  bellac: {contract: full, domains: {name: bellac.example}}
`), nil)
	wantErrors(
		t, report.Errors,
		`customers.acme.domains[0]: "acme" is no domain of mail addresses like example.net`,
		`customers.acme.domains[1]: "@acme.example" is no domain`,
		`customers.acme.domains[2]: "*.acme.example" is no domain`,
		`customers.acme.domains[3]: "ada@acme.example" is no domain`,
		`customers.acme.domains[4]: "acme.example." is no domain`,
		`customers.acme.domains[5]: a text wanted, not a number`,
		`customers.acme.domains[6]: "192.0.2.7" is no domain`,
		`customers.bellac.domains: `,
	)
}
