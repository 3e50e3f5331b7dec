package config

import (
	"slices"
	"strings"
	"testing"
)

// TestPushNeedsNoAccount: pushes to browsers are on if the file does not
// mention them.
func TestPushNeedsNoAccount(t *testing.T) {
	for _, tt := range []struct{ public, section, subject string }{
		{"https://astreinte.example.net", "", "https://astreinte.example.net"},
		{"https://astreinte.example.net/desk/", "", "https://astreinte.example.net/desk"},
		{"https://astreinte.example.net", "push: {web: true}", "https://astreinte.example.net"},
		{"https://astreinte.example.net", "push: {web: {}}", "https://astreinte.example.net"},
		{"https://astreinte.example.net", `push: {web: {subject: "mailto:ops@example.net"}}`, "mailto:ops@example.net"},
		{"http://127.0.0.1:8080", `push: {web: {subject: "mailto:ops@example.net"}}`, "mailto:ops@example.net"},
		{"https://astreinte.example.net", "push: {web: false}", ""},
		{"http://127.0.0.1:8080", "", ""},
		{"https://pager.local", "", ""},
		{"https://10.1.2.3", "", ""},
		{"http://astreinte.example.net", "", ""},
	} {
		text := strings.Replace(desk, "https://astreinte.example.net", tt.public, 1)
		cfg, report := parseText(t, text+"\n"+tt.section+"\n", nil)
		wantErrors(t, report.Errors)
		switch {
		case cfg == nil:
		case tt.subject == "" && (cfg.Push != nil || slices.Contains(cfg.Rules.Channels, "push")):
			t.Errorf("%s, %s: there are pushes by %+v", tt.public, tt.section, cfg.Push)
		case tt.subject != "" && (cfg.Push == nil || cfg.Push.Web == nil || cfg.Push.Web.Subject != tt.subject || !slices.Equal(cfg.Rules.Channels, []string{"push", "sms"})):
			t.Errorf("%s, %s: %+v, %q", tt.public, tt.section, cfg.Push, cfg.Rules.Channels)
		}
	}
}

func TestMistakesOfPush(t *testing.T) {
	for _, tt := range []struct{ public, section, want string }{
		{"https://astreinte.example.net", `push: {web: {subject: "mailto:ops@localhost"}}`, `push.web.subject: "localhost" leads nowhere from outside`},
		{"https://astreinte.example.net", `push: {web: {subject: "mailto:ops@pager.local"}}`, `push.web.subject: "pager.local" leads nowhere`},
		{"https://astreinte.example.net", `push: {web: {subject: "https://x.invalid"}}`, `push.web.subject: "x.invalid" leads nowhere`},
		{"https://astreinte.example.net", `push: {web: {subject: "ops@example.net"}}`, "push.web.subject: mailto: and a mail address wanted"},
		{"https://astreinte.example.net", "push: {web: {key: x}}", "push.web.key: unknown key"},
		{"https://astreinte.example.net", "push: {web: [x]}", "push.web: keys with values wanted"},
		{"http://127.0.0.1:8080", "push: {web: true}", "push.web.subject: who push services may ask wanted"},
		{"http://127.0.0.1:8080", "push: {web: {}}", "push.web.subject: who push services may ask wanted"},
		{"http://127.0.0.1:8080", "push: {}", "push: nothing to push by"},
		{"https://astreinte.example.net", `push: {allow: ["http://push.example.net"]}`, "push.allow[0]: https wanted"},
		{"https://astreinte.example.net", `push: {allow: ["https://push.example.net/x"]}`, "push.allow[0]: the origin of a push service wanted"},
		{"https://astreinte.example.net", `push: {web: false, fcm: {credentials: '{}'}, allow: ["https://push.example.net"]}`, "push.allow: it is of push.web, which is off"},
		{"https://astreinte.example.net", "push: {apns: {}}", "push.apns: browsers are push.web"},
		{"http://127.0.0.1:8080", "", "policies.page[0].by[0]: push is not configured: it needs a server.public_url of https, push.web.subject or push.fcm"},
	} {
		text := strings.Replace(desk, "https://astreinte.example.net", tt.public, 1)
		if tt.section == "" {
			text = strings.Replace(text, "{page: on-call}", "{page: on-call, by: [push]}", 1)
		}
		cfg, report := parseText(t, text+"\n"+tt.section+"\n", nil)
		if cfg != nil || len(report.Errors) != 1 || !strings.HasPrefix(report.Errors[0].String(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.section, report.Errors, tt.want)
		}
	}
}

// TestDoubtsDoNotCountOnAPushThatNobodyAskedFor: as far as the file tells,
// nobody can reach a person without a phone.
func TestDoubtsDoNotCountOnAPushThatNobodyAskedFor(t *testing.T) {
	for section, want := range map[string]bool{"": false, "push: {web: true}\n": true, "push: {fcm: {credentials: '{}'}}\n": true} {
		r := newReader("desk.yml", t.TempDir(), Options{Now: saturday})
		r.config(value{r: r, n: r.parse("desk.yml", []byte(desk+"\n"+section))})
		if got := slices.Contains(r.counted(), "push"); got != want || !slices.Contains(r.channels, "push") {
			t.Errorf("%q: %q of %q", section, r.counted(), r.channels)
		}
	}
}
