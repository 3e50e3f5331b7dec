package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/paging/smtp/smtptest"
)

// mailed is the desk with a section of mail.
func mailed(t *testing.T, section string, change ...string) (*Config, Report) {
	t.Helper()
	text := desk
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			t.Fatalf("%q is not in the desk", change[i])
		}
		text = strings.Replace(text, change[i], change[i+1], 1)
	}
	return parseText(t, text+"\n"+section+"\n", map[string]string{"PASSWORD": "secret of the mail server"})
}

func TestMail(t *testing.T) {
	for section, want := range map[string]string{
		`mail: {from: pager@example.net, smtp: {address: mail.example.net}}`:                                                      "mail.example.net:587 starttls <pager@example.net> ",
		`mail: {from: "Astreinte <pager@example.net>", smtp: {address: "mail.example.net:2525", tls: implicit}}`:                  `mail.example.net:2525 implicit "Astreinte" <pager@example.net> `,
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, tls: implicit, user: pager, password: "${PASSWORD}"}}`: "mail.example.net:465 implicit <pager@example.net> pager secret of the mail server",
		`mail: {from: pager@example.net, smtp: {address: "127.0.0.1", tls: none, user: pager, password: "${PASSWORD}"}}`:          "127.0.0.1:25 none <pager@example.net> pager secret of the mail server",
		`mail: {from: pager@example.net, smtp: {address: "::1", tls: none}}`:                                                      "[::1]:25 none <pager@example.net> ",
	} {
		cfg, report := mailed(t, section)
		wantErrors(t, report.Errors)
		if cfg == nil {
			continue
		}
		m := cfg.Mail
		if got := fmt.Sprintf("%s %s %s %s %s", m.Address, m.TLS, m.From.String(), m.User, m.Password.Reveal()); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s:\n%s, want\n%s", section, got, want)
		}
		if !slices.Contains(cfg.Rules.Channels, "mail") || slices.Contains(cfg.Rules.Policies["page"].Steps[0].By, "mail") || slices.Contains((&reader{channels: cfg.Rules.Channels}).counted(), "mail") {
			t.Errorf("%q; steps page by %q where nothing is said", cfg.Rules.Channels, cfg.Rules.Policies["page"].Steps[0].By)
		}
		for _, warning := range report.Warnings {
			if strings.HasPrefix(warning.Path, "mail") {
				t.Errorf("%s: %s", section, warning)
			}
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if strings.Contains(fmt.Sprintf(format, cfg), "secret of") || strings.Contains(fmt.Sprintf(format, *m), "secret of") {
				t.Errorf("%s shows the password", format)
			}
		}
	}
}

func TestMailTrustsAFile(t *testing.T) {
	server := smtptest.New(t, smtptest.Options{})
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, server.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, report := mailed(t, fmt.Sprintf("mail: {from: pager@example.net, smtp: {address: %q, ca_file: %q}}", server.Address, path))
	if wantErrors(t, report.Errors); cfg != nil && !cfg.Mail.Roots.Equal(server.Roots) {
		t.Error("it trusts others")
	}
}

func TestMistakesOfMail(t *testing.T) {
	for section, want := range map[string]string{
		`mail: {smtp: {address: mail.example.net}}`:                                                           "mail.from: who writes: an address",
		`mail: {from: pager@example.net}`:                                                                     "mail.smtp: the mail server wanted",
		`mail: {from: pager, smtp: {address: mail.example.net}}`:                                              `mail.from: "pager" is no e-mail address`,
		`mail: {from: "a@example.net, b@example.net", smtp: {address: mail.example.net}}`:                     `mail.from: "a@example.net, b@example.net" is no e-mail address`,
		`mail: {from: "a@example.net\r\nBcc: b@example.net", smtp: {address: mail.example.net}}`:              `mail.from: "a@example.net\r\nBcc: b@example.net" is no e-mail address`,
		`mail: {from: pager@example.net, smtp: {address: "http://mail"}}`:                                     "mail.smtp.address: host or host:port wanted",
		`mail: {from: pager@example.net, smtp: {address: "mail:smtp"}}`:                                       "mail.smtp.address: host or host:port wanted",
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, tls: ssl}}`:                        `mail.smtp.tls: no way to protect the connection "ssl": starttls, implicit or none`,
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, user: pager}}`:                     "mail.smtp.password: password or password_file wanted",
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, password: x}}`:                     "mail.smtp.user: whose password is it?",
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, tls: none, user: u, password: x}}`: "mail.smtp.tls: none would show the password",
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, ca_file: nowhere.pem}}`:            "mail.smtp.ca_file: cannot read the file nowhere.pem",
		`mail: {from: pager@example.net, smtp: {address: mail.example.net, ca_file: testdata/mistakes.yml}}`:  "mail.smtp.ca_file: ",
		`mail: {from: pager@example.net, address: mail.example.net, smtp: {address: mail.example.net}}`:       "mail.address: it stands in smtp",
		`mail: {from: pager@example.net, smtp: mail.example.net}`:                                             "mail.smtp: keys with values wanted",
		`mail: []`: "mail: keys with values wanted",
	} {
		cfg, report := mailed(t, section)
		if cfg != nil || len(report.Errors) == 0 || !strings.HasPrefix(report.Errors[0].String(), want) {
			t.Errorf("%s: %v, want %s", section, report.Errors, want)
		}
	}
}

// TestNobodyIsAsked: by a channel that is not there.
func TestNobodyIsAsked(t *testing.T) {
	for section, want := range map[string]bool{"": true, "mail: {from: pager@example.net, smtp: {address: mail.example.net}}": false} {
		_, report := mailed(t, section, "on-call: {rotations:", "on-call: {readiness: {channels: [mail]}, rotations:")
		wantErrors(t, report.Errors)
		said := slices.ContainsFunc(report.Warnings, func(p Problem) bool { return strings.Contains(p.Message, "nobody is asked before a handover") })
		if said != want {
			t.Errorf("%q: %v", section, report.Warnings)
		}
	}
}

// TestDoubtsOfMail: mail in the clear, a critical step that pages by nothing that rings,
// and people without an address whom a step pages by mail.
func TestDoubtsOfMail(t *testing.T) {
	const section = "mail: {from: pager@example.net, smtp: {address: mail.example.net}}"
	for _, tt := range []struct {
		section, by string
		want        string
	}{
		{section, "[mail, sms]", "alice.*has no email"},
		{section, "[mail]", "step 1 pages by mail alone: mail wakes nobody"},
		{section, "[push, mail]", "step 1 pages by push and mail alone"},
		{strings.Replace(section, "net}}", "net, tls: none}}", 1), "[sms]", "mail to another host in the clear"},
		{section, "[sms]", ""},
	} {
		cfg, report := mailed(t, tt.section, "{page: on-call", "{page: on-call, by: "+tt.by)
		wantErrors(t, report.Errors)
		if cfg == nil {
			continue
		}
		said := ""
		for _, w := range report.Warnings {
			if strings.Contains(w.String(), "mail") {
				said += w.String() + "\n"
			}
		}
		first, second, _ := strings.Cut(tt.want, ".*")
		if (tt.want == "") != (said == "") || !strings.Contains(said, first) || !strings.Contains(said, second) {
			t.Errorf("%s, %s: %q, want %q", tt.section, tt.by, said, tt.want)
		}
	}
}
