package config

import (
	"strings"
	"testing"
)

// TestNamesTooLongForAnSMS counts the room beside a host of 20 and an alert of
// 20 characters.
func TestNamesTooLongForAnSMS(t *testing.T) {
	clinic := func(text, sites string) string {
		return strings.NewReplacer(
			`acme: {contract: full}`, `clinic: {name: Clinique Saint-Yves, sites: [`+sites+`], contract: full}`,
			`"+33612345601"]`, `"+33612345601"], language: fr`,
			`provider: twilio,`, `provider: twilio, replies: same,`,
		).Replace(text)
	}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"a site": {clinic(desk, "Nantes, Rez"), []string{
			`customers.clinic.sites: beside "Clinique Saint-Yves" too long for an SMS with a host of 20 and an alert of 20 characters: "Nantes" by 6, "Rez" by 3; they will be cut (line 9)`,
		}},
		"no site": {clinic(desk, ""), nil},
		"a name": {strings.Replace(clinic(desk, "Nantes"), "Saint-Yves", "Saint-Yves de Nantes", 1), []string{
			`customers.clinic.name: "Clinique Saint-Yves de Nantes" is 9 characters too long for an SMS with a host of 20 and an alert of 20: it will be cut (line 9)`,
		}},
		"without answers":  {strings.Replace(clinic(desk, "Nantes"), "replies: same", "replies: none", 1), nil},
		"without a GTI":    {strings.Replace(clinic(desk, "Nantes"), "contract: full}", "}", 1), []string{"contracts.full: no customer has it"}},
		"in English":       {strings.Replace(clinic(desk, "Nantes"), ", language: fr", "", 1), nil},
		"a longer address": {strings.Replace(clinic(desk, ""), "https://astreinte.example.net", "https://astreinte.example.network", 1), []string{"customers.clinic.name: "}},
	} {
		t.Run(name, func(t *testing.T) {
			_, report := parseText(t, tt.text, nil)
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}
