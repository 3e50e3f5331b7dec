package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// backed reads a desk whose source has a write_back.
func backed(t *testing.T, kind, section string) (*Config, Report) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"tool.token": "the-token-of-the-tool", "tool.password": "the-password-of-the-tool"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	section = strings.ReplaceAll(section, "DIR", dir)
	return parseText(t, strings.Replace(desk, "groups:\n", "sources: {x: {type: "+kind+", token: a-long-word-for-a-tool, write_back: {"+section+"}}}\ngroups:\n", 1), nil)
}

func TestWriteBack(t *testing.T) {
	for _, c := range []struct{ kind, section, receiver string }{
		{"icinga", `icinga: {url: "https://icinga.example.net:5665", user: astreinte, password_file: DIR/tool.password}`, "icinga/x"},
		{"nagios", `icinga: {url: "https://icinga.example.net:5665", user: astreinte, password_file: DIR/tool.password}`, "icinga/x"},
		{"nagios", `checkmk: {url: "https://checkmk.example.net/site", user: astreinte, password_file: DIR/tool.password}`, "checkmk/x"},
		{"zabbix", `zabbix: {url: "https://zabbix.example.net", token_file: DIR/tool.token, close: true}`, "zabbix/x"},
		{"alertmanager", `alertmanager: {url: "http://127.0.0.1:9093"}`, "alertmanager/x"},
		{"alertmanager", `alertmanager: {url: "https://alertmanager.example.net", token_file: DIR/tool.token}`, "alertmanager/x"},
		{"graylog", `webhook: {url: "https://example.net/hook", secret_file: DIR/tool.token, events: [ticket.resolved]}`, ""},
	} {
		cfg, report := backed(t, c.kind, c.section)
		wantErrors(t, report.Errors)
		if cfg == nil {
			continue
		}
		got := cfg.Rules.Sources["x"].Back
		if c.receiver != "" && !slices.Equal(got, []string{c.receiver}) {
			t.Errorf("%s: told are %v", c.section, got)
		}
		if c.receiver == "" && (len(cfg.Webhooks) != 1 || cfg.Rules.Webhooks[0].Source != "x" || cfg.Webhooks[0].Name != cfg.Rules.Webhooks[0].Name || cfg.Webhooks[0].Secret.Reveal() != "the-token-of-the-tool") {
			t.Errorf("%+v", cfg.Rules.Webhooks)
		}
		if len(report.Warnings) > 0 {
			for _, w := range report.Warnings {
				if strings.Contains(w.Path, "write_back") {
					t.Errorf("%s: %v", c.section, w)
				}
			}
		}
	}
}

func TestWriteBackThatIsWrong(t *testing.T) {
	for _, c := range []struct{ kind, section, want string }{
		{"graylog", `icinga: {url: "https://i.example.net", user: a, password_file: DIR/tool.password}`, `sources.x.write_back.icinga: alerts of type "graylog"`},
		{"icinga", `icinga: {user: a, password_file: DIR/tool.password}`, "sources.x.write_back.icinga.url: the address of the tool wanted"},
		{"icinga", `icinga: {url: "https://i.example.net", password_file: DIR/tool.password}`, "sources.x.write_back.icinga.user: "},
		{"icinga", `icinga: {url: "https://i.example.net", user: a}`, "sources.x.write_back.icinga.password: password or password_file wanted"},
		{"icinga", `icinga: {url: "https://i.example.net", user: a, password_file: DIR/none}`, "sources.x.write_back.icinga.password_file: cannot read"},
		{"icinga", `icinga: {url: "https://i.example.net", user: a, password_file: DIR/tool.password, ca_file: DIR/none}`, "sources.x.write_back.icinga.ca_file: cannot read"},
		{"zabbix", `zabbix: {url: "ftp://z.example.net", token_file: DIR/tool.token}`, "sources.x.write_back.zabbix.url: not an absolute address"},
		{"zabbix", `zabbix: {url: "https://z.example.net"}`, "sources.x.write_back.zabbix.token: token or token_file wanted"},
		{"alertmanager", `alertmanager: {url: "https://a.example.net", user: a, password_file: DIR/tool.password, token_file: DIR/tool.token}`, "sources.x.write_back.alertmanager: user and token"},
		{"nagios", `nagios: {url: "https://n.example.net"}`, "sources.x.write_back.nagios: it has no API"},
		{"zabbix", `zabix: {url: "https://z.example.net"}`, "sources.x.write_back.zabix: unknown key"},
		{"zabbix", `webhook: {url: "https://z.example.net", secret_file: DIR/tool.token, events: [ticket.released]}`, "sources.x.write_back.webhook.events[0]: no event"},
	} {
		cfg, report := backed(t, c.kind, c.section)
		if cfg != nil || len(report.Errors) == 0 || !strings.HasPrefix(report.Errors[0].String(), c.want) {
			t.Errorf("%s: %v, want %s", c.section, report.Errors, c.want)
		}
	}
	_, report := backed(t, "alertmanager", `alertmanager: {url: "http://am.example.net:9093"}`)
	if len(report.Warnings) == 0 || !strings.HasPrefix(report.Warnings[0].String(), "sources.x.write_back.alertmanager.url: http to another host") {
		t.Errorf("warnings %v", report.Warnings)
	}
}
