package config

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/probe"
)

// rechecked reads the example with more at its end and in a source.
func rechecked(t *testing.T, more, source string) (*Config, Report) {
	t.Helper()
	text := string(Example())
	const at = "  prometheus:"
	if !strings.Contains(text, "\n"+at) {
		t.Fatal("the example has changed")
	}
	if source != "" {
		before, after, _ := strings.Cut(text, "\nsources:\n")
		text = before + "\nsources:\n  asked: {type: alertmanager, token: another-token-of-a-source, recheck: " + source + "}\n" + after
	}
	return Parse("astreinte.yml", []byte(text+"\n"+more+"\n"), exampleDir(t), Options{Now: saturday})
}

// TestRecheck reads what can be asked again.
func TestRecheck(t *testing.T) {
	c, report := rechecked(t, `
recheck_networks: [10.0.0.0/8, "2001:db8::/32"]
recheck:
  - {matchers: ['check="https"'], http: {url: 'https://{{.instance}}/', expect: 200, timeout: 5s}}
  - {matchers: ['alertname="HostDown"'], icmp: {host: '{{host .instance}}'}}
  - {matchers: ['check="smtp"'], tcp: {address: '{{.instance}}:25'}}`,
		`{prometheus: {url: "http://prometheus.example.net:9090/", user: pager, password_file: secrets/api.token}}`)
	if c == nil {
		t.Fatalf("%+v", report.Errors)
	}
	if len(c.Probes) != 3 || c.Probes[0].Kind != probe.HTTP || c.Probes[0].Expect != 200 || c.Probes[0].Timeout != 5*time.Second ||
		c.Probes[1].Kind != probe.ICMP || c.Probes[2].Kind != probe.TCP || c.Probes[2].Timeout != probe.DefaultTimeout || len(c.RecheckNetworks) != 2 {
		t.Errorf("%+v %v", c.Probes, c.RecheckNetworks)
	}
	if !c.Probes[1].Matches(map[string]string{"alertname": "HostDown"}) || c.Probes[1].Matches(map[string]string{"alertname": "DiskFull"}) {
		t.Error("matchers")
	}
	tool := c.Sources[0].Recheck
	if tool == nil || tool.Kind != ToolPrometheus || tool.URL != "http://prometheus.example.net:9090" || tool.User != "pager" || tool.Password.Reveal() == "" {
		t.Errorf("%+v", tool)
	}
}

// TestRecheckMistakes are said at their places.
func TestRecheckMistakes(t *testing.T) {
	networks := "recheck_networks: [10.0.0.0/8]\n"
	for _, c := range []struct{ more, source, want string }{
		{"recheck: [{matchers: ['a=\"b\"'], tcp: {address: '{{.instance}}:25'}}]", "", "recheck: probes of ours need recheck_networks"},
		{"recheck_networks: [127.0.0.0/8]", "", "recheck_networks[0]: 127.0.0.0/8 is never looked at"},
		{"recheck_networks: [10.0.0.0/8, 169.254.169.254]", "", "recheck_networks[1]: 169.254.169.254/32 is never looked at"},
		{networks + "recheck: {icinga: {url: x}}", "", "a list of probes wanted: which tool is asked stands in the source"},
		{networks + "recheck: [{tcp: {address: 'a:25'}}]", "", "recheck[0].matchers: matchers on an alert's labels wanted"},
		{networks + "recheck: [{matchers: [], tcp: {address: 'a:25'}}]", "", "recheck[0].matchers: none: it would be for every alert"},
		{networks + "recheck: [{matchers: ['a ~ b'], tcp: {address: 'a:25'}}]", "", "recheck[0].matchers[0]: "},
		{networks + "recheck: [{matchers: ['a=\"b\"']}]", "", "recheck[0]: http, icmp or tcp wanted"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: 'http://a/'}, tcp: {address: 'a:25'}}]", "", "recheck[0].tcp: http is given too"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: '{{.a}}'}}]", "", "recheck[0].http.url: an address that begins with http"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: 'http://{{instance}}/'}}]", "", "recheck[0].http.url: {{instance is no place for a label"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: 'http://a/', expect: 900}}]", "", "recheck[0].http.expect: a status of HTTP wanted"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: 'http://a/', timeout: 2m}}]", "", "recheck[0].http.timeout: 30s at most"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], http: {url: 'http://a/', body: x}}]", "", "recheck[0].http.body: unknown key"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], icmp: {address: a}}]", "", "recheck[0].icmp.host: a host such as {{.instance}} wanted"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], tcp: {address: a}}]", "", "recheck[0].tcp.address: an address host:port wanted"},
		{networks + "recheck: [{matchers: ['a=\"b\"'], icinga: {url: x}}]", "", "recheck[0].icinga: a tool that is asked stands in its source"},
		{"", "{}", "sources.asked.recheck: icinga, prometheus or zabbix wanted"},
		{"", "{http: {url: 'http://a/'}}", "sources.asked.recheck.http: a probe of ours stands in the list recheck"},
		{"", "{prometheus: {}}", "sources.asked.recheck.prometheus.url: the address of the tool wanted"},
		{"", "{prometheus: {url: 'prom:9090'}}", "not an absolute address"},
		{"", "{prometheus: {url: 'https://a/', user: x}}", "sources.asked.recheck.prometheus.password: password or password_file wanted"},
		{"", "{prometheus: {url: 'https://a/', ca_file: nowhere.pem}}", "recheck.prometheus.ca_file: cannot read the file nowhere.pem"},
		{"", "{prometheus: {url: 'https://a/', user: x, password: y, token: z}}", "user and token: only one of them can be"},
		{"", "{nagios: {url: 'https://a/'}}", "sources.asked.recheck.nagios: unknown key"},
		{"", "{zabbix: {url: 'https://a/'}}", "sources.asked.recheck.zabbix.token: token or token_file wanted"},
		{"", "{icinga: {url: 'https://a/', user: x}}", "sources.asked.recheck.icinga.password: password or password_file wanted"},
		{"", "{icinga: {url: 'https://a/', user: x, password_file: secrets/api.token}, prometheus: {url: 'https://a/'}}", "icinga is given too: only one of them can be"},
	} {
		_, report := rechecked(t, c.more, c.source)
		var all []string
		for _, p := range report.Errors {
			all = append(all, p.String())
		}
		if !strings.Contains(strings.Join(all, "\n"), c.want) {
			t.Errorf("%s %s: %q, wanted %q", c.more, c.source, all, c.want)
		}
	}
}
