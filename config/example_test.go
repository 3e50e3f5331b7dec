package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// saturday is when the tests' alice is on call: 2026-11-21 03:12 in Paris.
var saturday = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)

// secretFiles are the secret files that the reference example names.
var secretFiles = map[string]string{
	"prometheus.token": "prometheus-hush-hush\n", "bellac.token": "bellac-hush-hush\n",
	"twilio.token": "twilio-hush\n", "api.token": "api-hush-api-hush\n",
	"firebase.json": `{"type": "service_account", "project_id": "x", "private_key": "firebase-hush"}`,
}

// exampleDir is a folder with the example, and its secrets.
func exampleDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "astreinte.yml"), string(Example()))
	for name, text := range secretFiles {
		write(t, filepath.Join(dir, "secrets", name), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func loadExample(t testing.TB) *Config {
	t.Helper()
	cfg, report := Load(filepath.Join(exampleDir(t), "astreinte.yml"), Options{Now: saturday})
	for _, p := range report.Errors {
		t.Error(p)
	}
	if cfg == nil {
		t.Fatal("the example does not load")
	}
	for _, p := range report.Warnings {
		t.Log(p)
	}
	return cfg
}

// TestExampleRules compares what the example says with what was read.
func TestExampleRules(t *testing.T) {
	cfg := loadExample(t)
	r := cfg.Rules
	round := r.Policies["round-the-clock"]
	want := ticket.Policy{
		Name: "round-the-clock", AckTimeout: 45 * time.Minute, ReopenWithin: 10 * time.Minute, CloseAfter: 72 * time.Hour,
		Steps: []ticket.Step{
			{Group: "on-call", By: []string{"push", "sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute, For: time.Hour}, {Every: 15 * time.Minute}}},
			{Group: "managers", By: []string{"push", "sms"}, After: 15 * time.Minute, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}},
		},
	}
	if !reflect.DeepEqual(round, want) {
		t.Errorf("round-the-clock is\n%+v, want\n%+v", round, want)
	}
	if s := r.Policies["office-hours"].Steps[0]; s.During != "business" || !slices.Equal(s.By, []string{"sms"}) {
		t.Errorf("office-hours pages %+v", s)
	}
	on, _ := r.Directory.On("on-call", saturday)
	if len(on) != 1 || on[0].Key != "alice" || on[0].Language != "fr" || on[0].Skill != "confirmed" {
		t.Errorf("on call is %+v", on)
	}
	if m := r.Directory.Managers(); len(m) != 1 || m[0].Key != "dominique" {
		t.Errorf("managers are %+v", m)
	}
	if p := r.Contracts["full-time"].GTI[ticket.Minor]; p.Within != 8*time.Hour || p.Calendar != "business" || r.Contracts["full-time"].PickupOnAck {
		t.Errorf("full-time promises %+v", p)
	}
	if p := r.Contracts["office"].GTI[ticket.Low]; p.Calendar != "business" || r.Contracts["office"].PickupOnAck {
		t.Errorf("office promises %+v", p)
	}
	if r.Calendars["business"].Open(time.Date(2026, 5, 15, 8, 0, 0, 0, time.UTC)) || !r.Calendars["always"].AlwaysOpen() {
		t.Error("the calendars are not those of the file")
	}
	if !slices.Equal(r.Channels, []string{"push", "sms"}) || r.Language != "fr" || r.Location.String() != "Europe/Paris" {
		t.Errorf("channels %v, language %s, zone %s", r.Channels, r.Language, r.Location)
	}
}

func TestExampleRoutes(t *testing.T) {
	r := loadExample(t).Rules
	tests := []struct {
		source                   string
		labels                   map[string]string
		customer, policy, gtiCal string
		urgency                  ticket.Urgency
	}{
		{"prometheus", map[string]string{"customer": "acme", "severity": "page"}, "acme", "round-the-clock", "always", ticket.Critical},
		{"prometheus", map[string]string{"customer": "acme", "severity": "warning"}, "acme", "office-hours", "business", ticket.Minor},
		{"prometheus", map[string]string{"alertname": "X"}, "", "round-the-clock", "", ticket.Major},
		{"bellac-prometheus", map[string]string{"customer": "acme"}, "bellac", "office-hours", "business", ticket.Major},
	}
	for _, tt := range tests {
		got := r.Resolve(&ticket.Alert{Source: tt.source, Labels: tt.labels, Status: ticket.Firing})
		if got.Customer != tt.customer || got.Policy.Name != tt.policy || got.Urgency != tt.urgency || r.Contracts[got.Contract].GTI[got.Urgency].Calendar != tt.gtiCal {
			t.Errorf("%s %v: %+v", tt.source, tt.labels, got)
		}
	}
}

func TestExampleDaemon(t *testing.T) {
	cfg := loadExample(t)
	if s := cfg.Server; s.Listen != ":8080" || s.PublicURL != "https://astreinte.example.net" || len(s.TrustedProxies) != 1 || s.TrustedProxies[0].String() != "127.0.0.1/32" {
		t.Errorf("server %+v", s)
	}
	if !filepath.IsAbs(cfg.Store[len("bolt:"):]) || filepath.Base(cfg.Store) != "astreinte.db" {
		t.Errorf("store %s", cfg.Store)
	}
	if len(cfg.Sources) != 2 || cfg.Sources[1].Customer != "bellac" || cfg.Sources[0].Token.Reveal() != "prometheus-hush-hush" ||
		cfg.Sources[0].MaxBody != DefaultMaxBody || cfg.Sources[0].MaxAlerts != DefaultMaxAlerts || cfg.Sources[0].ResolveTimeout != DefaultResolveTimeout || cfg.Sources[0].Type != "alertmanager" {
		t.Errorf("sources %+v", cfg.Sources)
	}
	if r := cfg.Rules.Sources["prometheus"]; r.MaxOpen != DefaultMaxOpen || r.MaxRate != DefaultMaxRate || r.MaxKept != DefaultMaxKept {
		t.Errorf("a source's bounds: %+v", r)
	}
	if s := cfg.SMS; s.Provider != "twilio" || s.Replies != "same" || s.BundleOver != DefaultBundleOver || s.Fallback != nil || s.Twilio.Rate != 0 || s.Twilio.MessagingServiceSID == "" {
		t.Errorf("sms %+v", s)
	}
	if k := cfg.Tokens; len(k) != 1 || k[0].Name != "ops" || k[0].Role != "admin" || k[0].Token.Reveal() != "api-hush-api-hush" {
		t.Errorf("tokens %+v", k)
	}
}

// TestExampleWarnings: check warns of a calendar that waits for a customer,
// and of a policy whose acknowledgements have no end.
func TestExampleWarnings(t *testing.T) {
	_, report := Load(filepath.Join(exampleDir(t), "astreinte.yml"), Options{Now: saturday})
	wantErrors(t, report.Warnings, "calendars.extended: nothing uses it (line 26)", "policies.office-hours: no ack_timeout: ")
}
