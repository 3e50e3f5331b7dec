package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mailDesk is the desk with a source of mails, and mail_in.
func mailDesk(t *testing.T, source, section string) (*Config, Report) {
	t.Helper()
	return parseText(t, desk+"\nsources:\n  tool: "+source+"\n"+section+"\n", nil)
}

func TestMailIn(t *testing.T) {
	cfg, report := mailDesk(t, "{type: mail}", `mail_in: {listen: "127.0.0.1:2525", from_relays: [127.0.0.1, 10.0.0.0/8], to: {Nagios@Astreinte.example.net: {source: tool}}}`)
	wantErrors(t, report.Errors)
	m := cfg.MailIn
	if m.Listen != "127.0.0.1:2525" || m.MaxSize != DefaultMailSize || len(m.Relays) != 2 || m.TLS != nil || m.To["nagios@astreinte.example.net"] != "tool" {
		t.Errorf("%+v", m)
	}
	i := slices.IndexFunc(cfg.Sources, func(s Source) bool { return s.Name == "tool" })
	if s := cfg.Sources[i]; s.ResolveTimeout != 0 || s.Token.Reveal() != "" {
		t.Errorf("%+v", s)
	}
	for _, warning := range report.Warnings {
		if strings.HasPrefix(warning.Path, "mail_in") || warning.Path == "sources.tool" {
			t.Error(warning)
		}
	}
}

// TestWrongMailIn: what is wrong is refused with the key that it stands in.
func TestWrongMailIn(t *testing.T) {
	whole := func(change string) string {
		return `mail_in: {listen: ":2525", from_relays: [127.0.0.1], to: {a@example.net: {source: tool}}` + change + `}`
	}
	for _, c := range []struct{ source, section, path, says string }{
		{"{type: mail, token: abc}", whole(""), "sources.tool.token", "leave it out"},
		{"{type: mail, max_alerts: 5}", whole(""), "sources.tool.max_alerts", "leave it out"},
		{"{type: mail, each: .}", whole(""), "sources.tool.each", "a mail is one alert"},
		{"{type: mail, map: {key: 'x('}}", whole(""), "sources.tool.map.key", ""},
		{"{type: mail}", `mail_in: {}`, "mail_in.listen", "wanted"},
		{"{type: mail}", `mail_in: {}`, "mail_in.from_relays", "wanted"},
		{"{type: mail}", `mail_in: {}`, "mail_in.to", "wanted"},
		{"{type: mail}", whole(", max_size: 1KiB"), "mail_in.max_size", "64KiB"},
		{"{type: mail}", whole(", certificate: a.crt"), "mail_in.certificate", "key"},
		{"{type: mail}", whole(", key: a.key"), "mail_in.key", "certificate"},
		{"{type: mail}", whole(", certificate: a.crt, key: a.key"), "mail_in.certificate", "cannot be used"},
		{"{type: mail}", whole(", tls: {}"), "mail_in.tls", "mail_in itself"},
		{"{type: mail}", strings.Replace(whole(""), "source: tool", "desk: true", 1), `mail_in.to."a@example.net".desk`, "cannot do that yet"},
		{"{type: mail}", strings.Replace(whole(""), "source: tool", "source: tol", 1), `mail_in.to."a@example.net".source`, `did you mean "tool"?`},
		{"{type: mail}", strings.Replace(whole(""), "source: tool", "", 1), `mail_in.to."a@example.net".source`, "wanted"},
		{"{type: mail}", strings.Replace(whole(""), "a@example.net", "a", 1), "mail_in.to.a", "no e-mail address"},
		{"{type: mail}", strings.Replace(whole(""), "source: tool", "source: tool, from: [nagios]", 1), `mail_in.to."a@example.net".from[0]`, "@ and a domain"},
		{"{type: mail}", strings.Replace(whole(""), "source: tool", "source: tool, from: []", 1), `mail_in.to."a@example.net".from`, "leave it out"},
		{"{type: alertmanager, token: abcdefgh}", whole(""), `mail_in.to."a@example.net".source`, "comes by HTTP"},
		{"{type: mail}", strings.Replace(whole(""), "127.0.0.1", "nagios", 1), "mail_in.from_relays[0]", "no network"},
	} {
		_, report := mailDesk(t, c.source, c.section)
		if !slices.ContainsFunc(report.Errors, func(p Problem) bool { return p.Path == c.path && strings.Contains(p.Message, c.says) }) {
			t.Errorf("%s %s: no error of %s that says %q: %v", c.source, c.section, c.path, c.says, report.Errors)
		}
	}
	for source, section := range map[string]string{
		"{type: mail}":                 "",
		"{type: mail, labels: {a: b}}": strings.Replace(whole(""), "127.0.0.1", "0.0.0.0/0", 1),
	} {
		if _, report := mailDesk(t, source, section); !slices.ContainsFunc(report.Warnings, func(p Problem) bool {
			return p.Path == "sources.tool" && strings.Contains(p.Message, "no mail_in") || p.Path == "mail_in.from_relays[0]"
		}) {
			t.Errorf("%s %s: %v", source, section, report.Warnings)
		}
	}
}

// TestASampleOfMails is read by the map when check looks.
func TestASampleOfMails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.eml"), []byte("Subject: lift 4\r\n\r\nx"), 0o600); err != nil {
		t.Fatal(err)
	}
	for source, says := range map[string]string{
		"{type: mail, sample: a.eml}":                               "",
		"{type: mail, map: {key: .subject}, sample: a.eml}":         "",
		"{type: mail, map: {key: .subject.x}, sample: a.eml}":       "key",
		"{type: mail, map: {status: '\"ignore\"'}, sample: a.eml}":  "finds no alert",
		"{type: mail, map: {status: '\"perhaps\"'}, sample: a.eml}": "perhaps",
	} {
		_, report := Parse("a.yml", []byte(desk+"\nsources:\n  tool: "+source+"\n"), dir, Options{Now: saturday, Thorough: true})
		i := slices.IndexFunc(report.Errors, func(p Problem) bool { return p.Path == "sources.tool.sample" })
		if (i >= 0) != (says != "") || i >= 0 && !strings.Contains(report.Errors[i].Message, says) {
			t.Errorf("%s: %v, want %q", source, report.Errors, says)
		}
	}
}
