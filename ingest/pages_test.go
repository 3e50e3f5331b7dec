package ingest

import (
	"os"
	"strings"
	"testing"
)

// TestEachTypeHasAPage: with the configuration of the source and of its sender.
func TestEachTypeHasAPage(t *testing.T) {
	index, err := os.ReadFile("../docs/sources/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Tools().Types() {
		if kind == TypeJSON {
			continue // it is of no tool
		}
		page := kind
		if kind == TypeAlertmanager {
			page = "grafana" // the README of the project has Alertmanager and Prometheus themselves
		}
		text, err := os.ReadFile("../docs/sources/" + page + ".md")
		if err != nil || !strings.Contains(string(text), "type: "+kind) || !strings.Contains(string(text), "/ingest/") && kind != TypeMail {
			t.Errorf("%s: %v, or no source of that type in it", page, err)
		}
		if !strings.Contains(string(index), "("+page+".md)") || !strings.Contains(string(index), "`"+kind+"`") {
			t.Errorf("the index lacks %s", kind)
		}
	}
}

// TestGrafanasOwnForm: what Grafana's present alerting posts is what
// Alertmanager does, by either method; a payload of its user's is refused, and
// says why.
func TestGrafanasOwnForm(t *testing.T) {
	for _, file := range []string{"grafana-webhook-firing.json", "grafana-webhook-truncated-put.json", "grafana-zulip-v11-values.json"} {
		if got := saidBy(t, TypeAlertmanager, fixture(t, file)); !strings.HasPrefix(got, "firing ") {
			t.Errorf("%s: %s", file, got)
		}
	}
	if got := saidBy(t, TypeAlertmanager, fixture(t, "grafana-oncall-resolved.json")); !strings.HasPrefix(got, "resolved ") {
		t.Errorf("resolved: %s", got)
	}
	trusted := `{"status":"resolved","state":"alerting","groupKey":"{}/{at=\"12:00\"}","alerts":[{"status":"resolved","labels":{"a":"b"},"values":null,"endsAt":"2026-11-21T17:00:00Z"}]}`
	if got := saidBy(t, TypeAlertmanager, trusted); !strings.HasPrefix(got, "resolved ") {
		t.Errorf("state and not status is believed: %s", got)
	}
	for body, want := range map[string]string{
		`{"text":"my own"}`: `there is no list of "alerts": an Alertmanager webhook has one`,
		`["a"]`:             "alerts[0]: the alert: string where object is wanted",
		``:                  "the body is empty",
		`plain words`:       "the body is not JSON",
	} {
		if got := saidBy(t, TypeAlertmanager, body); !strings.HasPrefix(got, "refused: "+want) {
			t.Errorf("%q: %s", body, got)
		}
	}
}
