package config

import (
	"slices"
	"testing"
)

// TestEvidenceTo: addresses, each once; and where mails cannot go is said.
func TestEvidenceTo(t *testing.T) {
	const post = "\nstore: bolt:data/x.db\nmail: {from: pager@example.net, smtp: {address: \"127.0.0.1:25\", tls: none}}\n"
	for _, tt := range []struct {
		name, text       string
		errors, warnings []string
	}{
		{"two", post + "evidence_to: [audit@acme.example, preuves@example.net]", nil, nil},
		{"no address", post + "evidence_to: [\"Ada <ada@acme.example>\", 7]", []string{`evidence_to[0]: "Ada <ada@acme.example>" is no e-mail address`, "evidence_to[1]: a text wanted, not a number"}, nil},
		{"no list", post + "evidence_to: {to: ada@acme.example}", []string{"evidence_to: "}, nil},
		{"twice", post + "evidence_to: [ada@acme.example, ada@acme.example]", []string{"evidence_to[1]: ada@acme.example is there twice"}, nil},
		{"too many", post + "evidence_to: [a@x.example, b@x.example, c@x.example, d@x.example, e@x.example, f@x.example, g@x.example, h@x.example, i@x.example, j@x.example, k@x.example]", []string{"evidence_to: 10 at most"}, nil},
		{"no mail", "\nstore: bolt:data/x.db\nevidence_to: [ada@acme.example]", nil, []string{"evidence_to: no mail can go there: there is no mail.smtp"}},
		{"no archive", post + "archive: none\nevidence_to: [ada@acme.example]", nil, []string{"evidence_to: nothing will go there: without an archive nothing is sealed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, report := parseText(t, doubtful(t)+tt.text, nil)
			wantErrors(t, report.Errors, tt.errors...)
			if tt.errors == nil {
				wantErrors(t, report.Warnings, tt.warnings...)
			}
			if tt.name == "two" && !slices.Equal(c.EvidenceTo, []string{"audit@acme.example", "preuves@example.net"}) {
				t.Errorf("%q", c.EvidenceTo)
			}
		})
	}
}
