package ingest

import (
	"testing"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// checkParsed holds whatever a body was read into to what the engine relies on.
func checkParsed(t *testing.T, p parsed) {
	t.Helper()
	for _, a := range p.Alerts {
		if a.Fingerprint == "" || len(a.Fingerprint) > longestFingerprint {
			t.Errorf("fingerprint %q", a.Fingerprint)
		}
		if a.Status != ticket.Firing && a.Status != ticket.Resolved {
			t.Errorf("status %q", a.Status)
		}
		for k, v := range a.Labels {
			if k == "" || v == "" || !utf8.ValidString(k+v) {
				t.Errorf("label %q=%q", k, v)
			}
		}
	}
	for _, problem := range p.problems {
		if problem.Reason == "" {
			t.Error("an alert was refused without a reason")
		}
	}
}

func FuzzParseWebhook(f *testing.F) {
	for _, name := range []string{
		"alertmanager-v3-legacy-firing.json", "alertmanager-v4-firing-2alerts.json", "alertmanager-v4-resolved-2alerts.json",
		"alertmanager-v4-truncated-resolved.json", "alertmanager-v4-unicode-firing.json", "alertmanager-v4-oncall-example.json",
	} {
		f.Add([]byte(fixture(f, name)))
	}
	f.Add([]byte(`{"alerts":[{"labels":{"a":7}}],"groupKey":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseWebhook(data)
		if err != nil && err.Error() == "" {
			t.Error("an error that says nothing")
		}
		checkParsed(t, p)
	})
}

func FuzzParsePosted(f *testing.F) {
	f.Add([]byte(fixture(f, "prometheus-api-v2-post-firing.json")))
	f.Add([]byte(fixture(f, "prometheus-api-v2-post-resolved.json")))
	f.Add([]byte(`[{"labels":{"a":"b"},"endsAt":1}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePosted(data, now, DefaultResolveTimeout)
		if err != nil && err.Error() == "" {
			t.Error("an error that says nothing")
		}
		checkParsed(t, p)
		for _, a := range p.Alerts {
			if (a.Status == ticket.Firing) != !a.SilentAt.IsZero() {
				t.Errorf("%s, silent at %s", a.Status, a.SilentAt)
			}
		}
	})
}

func BenchmarkParseWebhook(b *testing.B) {
	data := []byte(fixture(b, "alertmanager-v4-firing-2alerts.json"))
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parseWebhook(data); err != nil {
			b.Fatal(err)
		}
	}
}
