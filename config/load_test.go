package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/astreinte/astreinte/internal/ticket"
)

// smallest is a configuration that opens tickets and pages nobody.
const smallest = "policies: {silent: {}}\nroute: {receiver: silent}\n"

// parseText reads a text, with variables.
func parseText(t testing.TB, text string, env map[string]string) (*Config, Report) {
	t.Helper()
	return Parse("test.yml", []byte(text), t.TempDir(), Options{Now: saturday, Getenv: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
}

// wantErrors compares errors, written "path: message", by their beginnings.
func wantErrors(t *testing.T, got []Problem, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d: %v", len(got), len(want), got)
		return
	}
	for i, p := range got {
		if !strings.HasPrefix(p.String(), want[i]) {
			t.Errorf("problem %d is\n%s, want\n%s", i, p, want[i])
		}
	}
}

func TestDefaults(t *testing.T) {
	dir := t.TempDir()
	cfg, report := Parse("x.yml", []byte(smallest), dir, Options{Now: saturday})
	wantErrors(t, report.Errors)
	wantErrors(t, report.Warnings)
	if cfg.Store != "bolt:"+filepath.Join(dir, "data/astreinte.db") || cfg.Server.Listen != ":8080" || cfg.Rules.Location != time.UTC || cfg.Rules.Language != "en" {
		t.Errorf("got %+v", cfg)
	}
	want := ticket.Policy{Name: "silent", ReopenWithin: 10 * time.Minute, CloseAfter: 72 * time.Hour}
	if got := cfg.Rules.Policies["silent"]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("policy %+v, want %+v", got, want)
	}
	if cfg.SMS != nil || cfg.Push != nil || len(cfg.Rules.Channels) > 0 {
		t.Errorf("channels out of nothing: %v", cfg.Rules.Channels)
	}
}

func TestVariables(t *testing.T) {
	text := smallest + `
store: redis://:${PASS}@redis.example.net:6379/0
customers:
  acme: {name: "$$5 ${NAME}$", matchers: ['host=~"^web.*$"']}
sources:
  p: {type: alertmanager, token: "a-${PASS}", max_body: "${SIZE}", max_alerts: 7, resolve_timeout: "${WAIT}"}
`
	env := map[string]string{"PASS": "hush", "NAME": "Acme", "SIZE": "64kB", "WAIT": "2m"}
	cfg, report := parseText(t, text, env)
	wantErrors(t, report.Errors)
	if c := cfg.Rules.Customers[0]; c.Name != "$5 Acme$" || c.Matchers[0].Value != "^web.*$" {
		t.Errorf("customer %+v", c)
	}
	if s := cfg.Sources[0]; s.Token.Reveal() != "a-hush" || s.MaxBody != 64000 || s.MaxAlerts != 7 || s.ResolveTimeout != 2*time.Minute {
		t.Errorf("source %+v", s)
	}
	if cfg.Store != "redis://:hush@redis.example.net:6379/0" || cfg.StoreName() != "redis://***@redis.example.net:6379/0" {
		t.Errorf("store %s, by name %s", cfg.Store, cfg.StoreName())
	}
	_, report = parseText(t, text, nil)
	wantErrors(
		t, report.Errors,
		"store: the environment variable PASS is not set (line 4)",
		"customers.acme.name: the environment variable NAME is not set (line 6)",
		"sources.p.token: the environment variable PASS is not set (line 8)",
		"sources.p.max_body: the environment variable SIZE is not set (line 8)",
		"sources.p.resolve_timeout: the environment variable WAIT is not set (line 8)",
	)
}

func TestInclude(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "customers/a.yml"), "customers:\n  acme: {contract: office}\nurgency: [{matchers: [a=b], urgency: low}]\nroute:\n  routes: [{matchers: [customer=acme], receiver: silent}]\n")
	write(t, filepath.Join(dir, "customers/b.yml"), "customers:\n  bellac: {contract: office}\n")
	write(t, filepath.Join(dir, "main.yml"), "include: [customers/*.yml]\n"+smallest+
		"calendars: {always: {always: true}}\ncontracts: {office: {hours: always}}\nurgency: [{matchers: [c=d], urgency: major}]\n")
	cfg, report := Load(filepath.Join(dir, "main.yml"), Options{Now: saturday})
	wantErrors(t, report.Errors)
	if cfg == nil {
		t.Fatal("not loaded")
	}
	if c := cfg.Rules.Customers; len(c) != 2 || c[0].Key != "acme" || c[1].Key != "bellac" || !cfg.Rules.Contracts["office"].PickupOnAck {
		t.Errorf("customers %+v", c)
	}
	if u := cfg.Rules.Urgencies; len(u) != 2 || u[0].Urgency != ticket.Major || u[1].Urgency != ticket.Low || len(cfg.Rules.Route.Routes) != 1 {
		t.Errorf("lists are not appended: %+v", u)
	}

	write(t, filepath.Join(dir, "customers/c.yml"), "include: [x]\ncustomers:\n  acme: {name: Other}\n  zeta: {contract: offic}\nroute: {receiver: silent}\n")
	write(t, filepath.Join(dir, "customers/d.yml"), "customers: [")
	_, report = Load(filepath.Join(dir, "main.yml"), Options{Now: saturday})
	wantErrors(
		t, report.Errors,
		"include: only the main file includes others (customers/c.yml, line 1)",
		"customers.acme: defined twice, first in customers/a.yml line 2 (customers/c.yml, line 3)",
		`customers.zeta.contract: no contract named "offic"; did you mean "office"? (customers/c.yml, line 4)`,
		"route.receiver: defined twice, first in main.yml line 3 (customers/c.yml, line 5)",
		"not YAML: did not find expected node content (customers/d.yml, line 1)",
	)
}

// TestNoSecretShows prints a Config and its report in every way.
func TestNoSecretShows(t *testing.T) {
	dir := exampleDir(t)
	path := filepath.Join(dir, "astreinte.yml")
	text := strings.Replace(string(Example()), "store: bolt:data/astreinte.db", "store: redis+sentinel://u:store-hush@h:1/m?sentinel_password=other-hush", 1)
	write(t, path, text)
	cfg, report := Load(path, Options{Now: saturday})
	wantErrors(t, report.Errors)
	if cfg == nil || cfg.SMS.Twilio.AuthToken.Reveal() != "twilio-hush" || !strings.Contains(cfg.Push.FCM.Credentials.Reveal(), "firebase-hush") {
		t.Fatal("the secrets were not read")
	}
	for _, v := range []any{cfg, *cfg, report, *cfg.SMS, *cfg.Push, cfg.Sources, cfg.Tokens, struct{ s Secret }{cfg.Sources[0].Token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			wantHidden(t, verb, fmt.Sprintf(verb, v))
		}
		out, err := json.Marshal(v)
		wantHidden(t, "JSON", string(out))
		if err != nil {
			t.Error(err)
		}
	}
	for _, v := range []any{cfg, cfg.SMS, cfg.Push, cfg.Sources, cfg.Tokens} {
		out, err := yaml.Marshal(v)
		wantHidden(t, "YAML", string(out))
		if err != nil || !strings.Contains(string(out), "***") {
			t.Errorf("YAML %s, %v", out, err)
		}
	}
}

func wantHidden(t *testing.T, how, text string) {
	t.Helper()
	for _, form := range []string{"hush", fmt.Sprintf("%x", "hush")} {
		if strings.Contains(text, form) {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
}

// TestNoSecretInErrors puts secrets in the wrong places.
func TestNoSecretInErrors(t *testing.T) {
	for _, text := range []string{
		"sources: {p: {type: alertmanager, token: *hush}}", "sources: {p: {type: alertmanager, token: !hush}}",
		"sources: {p: {type: alertmanager, token: [hush]}}", "sources: {p: {type: alertmanager, token: {a: hush}}}",
		"sources: {p: {type: alertmanager, token: \"hush\\nhush\"}}", "store: redi://:hush@x", "store: bolt://hush",
		"server: {public_url: 'https://u:hush@x'}", "server: {public_url: 'https://u:hu sh@%%x hush'}",
		"sms: {provider: twilio, twilio: {account_sid: hush, auth_token: x, from: '+33612345601'}}",
		"push: {fcm: {credentials: hush}}",
	} {
		cfg, report := parseText(t, text+"\n"+smallest, nil)
		out, err := json.Marshal(report)
		if cfg != nil || err != nil || len(report.Errors) == 0 {
			t.Errorf("%s: no error, %v", text, err)
		}
		wantHidden(t, text, string(out))
	}
}

func TestReportJSON(t *testing.T) {
	_, report := parseText(t, "", nil)
	out, err := json.Marshal(report)
	want := `{"errors":[{"path":"route","line":1,"message":"the tree that gives each alert its policy wanted"}],"warnings":[]}`
	if err != nil || string(out) != want {
		t.Errorf("%s, %v, want %s", out, err, want)
	}
	_, report = Load(filepath.Join(t.TempDir(), "absent.yml"), Options{})
	wantErrors(t, report.Errors, "cannot read the configuration: ")
}

func TestBrokenYAML(t *testing.T) {
	tests := map[string]string{
		"a: [":                        "not YAML: ",
		"- a":                         "keys with values wanted",
		smallest + "---\nb: 1\n":      "a second document begins here",
		smallest + "store: *x\n":      "not YAML: an alias (*name) of no anchor (&name)",
		smallest + "store: &a [*a]\n": "store[0][0]: an alias inside what it stands for",
		smallest + "? [a]\n: b\n":     "a key is a text",
		smallest + "calendars:\n  x: {<<: {always: true}}\n": "calendars.x: << is not read",
	}
	for text, want := range tests {
		_, report := parseText(t, text, nil)
		if len(report.Errors) == 0 || !strings.HasPrefix(report.Errors[0].String(), want) {
			t.Errorf("%q: %v, want %s", text, report.Errors, want)
		}
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	if _, report := parseText(t, bomb, nil); !strings.Contains(fmt.Sprint(report.Errors), "too large") {
		t.Error("aliases of aliases are followed without end")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Example())
	for _, path := range []string{"testdata/mistakes.yml"} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(smallest))
	f.Add([]byte(gatewayText("", "")))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Contains(string(data), "include") {
			return // reads whatever the pattern says
		}
		cfg, report := Parse("fuzz.yml", data, dir, Options{Now: saturday, Getenv: noEnv})
		if (cfg == nil) != (len(report.Errors) > 0) {
			t.Errorf("Config %v with %v", cfg, report.Errors)
		}
		if cfg != nil && (cfg.Rules.Route == nil || cfg.Rules.Directory == nil) {
			t.Error("accepted, and incomplete")
		}
	})
}
