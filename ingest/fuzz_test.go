package ingest

import (
	"encoding/json"
	"reflect"
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

// FuzzQuickPosted holds the quick way to the usual one: what it reads at all it
// reads as encoding/json does.
func FuzzQuickPosted(f *testing.F) {
	f.Add([]byte(fixture(f, "prometheus-api-v2-post-firing.json")))
	for _, body := range []string{
		`[]`, `[{}]`, ` [ { "labels" : { "a" : "b" , "a" : "\u00e9\n" } } ] `, `[{"labels":{}},{"annotations":{"x":"y\"z"}}]`,
		`[{"startsAt":"2026-11-21T03:12:00+01:00","endsAt":"2026-11-21T03:12:00.123456789Z"}]`,
		`[{"labels":{"a":"b"},"labels":{"c":"d"}}]`, `[{"Labels":{"a":"b"}}]`, `[{"labels":null}]`, `[{"generatorURL":"\ud800"}]`,
		"[{\"labels\":{\"a\":\"\x01\"}}]", "[{\"labels\":{\"a\":\"\xff\"}}]", `[{"labels":{"a":"b\"}}]`, `[{"startsAt":"2026-11-21"}]`,
		`[{},]`, `[{"labels":{"a":"b",}}]`, `[{}]]`, `[{"x":1}]`, `[`, `[{"labels":{"a":"`, `null`, ``,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		quick, ok := quickPosted(data)
		if !ok {
			return
		}
		var list []posted
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatalf("%q: read as %+v, but %v", data, quick, err)
		}
		if !reflect.DeepEqual(quick, list) {
			t.Errorf("%q: read as %+v, is %+v", data, quick, list)
		}
	})
}

// TestQuickPostedTakesTheUsual: what Prometheus posts never needs the slow way.
func TestQuickPostedTakesTheUsual(t *testing.T) {
	for _, name := range []string{"prometheus-api-v2-post-firing.json", "prometheus-api-v2-post-resolved.json"} {
		if list, ok := quickPosted([]byte(fixture(t, name))); !ok || len(list) == 0 {
			t.Errorf("%s was left to encoding/json", name)
		}
	}
}

func BenchmarkParsePosted(b *testing.B) {
	body := []byte(fixture(b, "prometheus-api-v2-post-firing.json"))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := parsePosted(body, now, DefaultResolveTimeout); err != nil {
			b.Fatal(err)
		}
	}
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
