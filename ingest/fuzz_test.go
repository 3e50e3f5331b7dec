package ingest

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

var usual = &Source{Name: "prometheus", MaxAlerts: DefaultMaxAlerts, ResolveTimeout: DefaultResolveTimeout}

// checkParsed checks that what was read of a body is what the engine relies
// on.
func checkParsed(t *testing.T, p parsed) {
	t.Helper()
	for i := range p.Alerts {
		a := p.Alerts[i]
		bounded(t, &a)
		if a.Fingerprint == "" || len(a.Fingerprint) > longestFingerprint {
			t.Errorf("fingerprint %q", a.Fingerprint)
		}
		if a.Status != ticket.Firing && a.Status != ticket.Resolved && (a.Status != ticket.Unsaid || a.Remark == nil) {
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

// oddities are odd parts of an alert of either form, which encoding/json may
// accept or refuse.
var oddities = []string{
	`{}`, `null`, `7`, `[]`, `"x"`, `true`, `{"labels":{"a":"b"}}`, ` { "labels" : { "a" : "b" , "a" : "\u00e9\n" } } `,
	`{"labels":{"a":"b"},"labels":{"c":"d"}}`, `{"labels":{"a":"b"},"labels":null}`, `{"Labels":{"a":"b"},"ENDSAT":null}`,
	`{"labels":{"a":"b","c":null}}`, `{"labels":{"a":"b","a":""}}`, `{"labels":{"":"b"}}`, `{"labels":{"a":{"b":"c"}}}`, `{"label\u0073":{"a":"b"}}`,
	`{"labels":{"a":"b"},"generatorURL":"\ud800\u0026\ud83d\ude00"}`, `{"labels":{"a":"\u0026\b\f\n\r\t\/\\\"é"}}`, "{\"labels\":{\"a\":\"\xff\"}}", `{"labels":{"a":"b"},"generatorURL":7}`, "{\"labels\":{\"a\":\"\x01\"}}",
	`{"labels":{"a":"b"},"startsAt":"2026-11-21T03:12:00+01:00","endsAt":"2026-11-21T03:12:00.123456789Z"}`,
	`{"labels":{"a":"b"},"startsAt":"2026-11-21"}`, `{"labels":{"a":"b"},"startsAt":1,"endsAt":{}}`, `{"labels":{"a":"b"},"endsAt":"2026-11-21T09:00:00Z"}`,
	`{"labels":{"a":"b"},"x":[[{"y":-0.1e+7}],true,false,null]}`, `{"labels":{"a":"b\"}}`, `{"labels":{"a":"b",}}`, `{"labels":{"a":"\x"}}`, `{"labels":{"a":01}}`,
	`{"status":"resolved","labels":{"a":"b"},"fingerprint":"abc"}`, `{"fingerprint":"a b","status":7}`, `{"fingerprint":"x"}`, `{`, ``, `{}]`, `{"a":tru}`, `{"a":-}`,
}

func FuzzParseWebhook(f *testing.F) {
	for _, name := range []string{
		"alertmanager-v3-legacy-firing.json", "alertmanager-v4-firing-2alerts.json", "alertmanager-v4-resolved-2alerts.json",
		"alertmanager-v4-truncated-resolved.json", "alertmanager-v4-unicode-firing.json", "alertmanager-v4-oncall-example.json",
	} {
		f.Add([]byte(fixture(f, name)))
	}
	for _, body := range []string{
		`{"alerts":[{"labels":{"a":7}}],"groupKey":null}`, `null`, `[]`, `{"alerts":null}`, `{"alerts":{}}`, `{"alerts":[],"status":7}`,
		`{"alerts":[],"truncatedAlerts":"x"}`, `{"alerts":[],"truncatedAlerts":1e3}`, `{"alerts":[{"labels":{"a":"b"}}],"status":"firing","groupKey":{"a":1}}`,
		`{"alerts":[{"labels":{"a":"b"}}],"status":"firing","alerts":[{"labels":{"c":"d"}}]}`, `{"alerts":[]} x`, `{"status":"firing","groupKey":"`,
	} {
		f.Add([]byte(body))
	}
	for _, alert := range oddities {
		f.Add([]byte(`{"status":"firing","groupKey":"g","alerts":[` + alert + `,{"labels":{"x":"y"}}]}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseWebhook(t.Context(), data, usual, now, nil)
		list, status, key, plain := plainGroup(data)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error that says nothing")
			}
			if plain == nil && list != nil {
				t.Errorf("%q: is JSON, but %v", data, err)
			}
			return
		}
		checkParsed(t, p)
		if plain != nil {
			t.Fatalf("%q: read, but %v", data, plain)
		}
		if p.unread == 0 && len(list) == len(p.Alerts)+len(p.problems) { // one list of alerts
			alerts, wrong := plainly(list, false, status, key)
			agrees(t, data, &p, alerts, wrong)
		}
	})
}

func FuzzParsePosted(f *testing.F) {
	f.Add([]byte(fixture(f, "prometheus-api-v2-post-firing.json")))
	f.Add([]byte(fixture(f, "prometheus-api-v2-post-resolved.json")))
	for _, body := range []string{`[]`, `null`, `{}`, `[`, `[{"labels":{"a":"`, `[]]`, ` [ ] `, `[,]`, `[{"labels":{"a":"b"},"endsAt":1}]`} {
		f.Add([]byte(body))
	}
	for _, alert := range oddities {
		f.Add([]byte(`[{"labels":{"x":"y"}},` + alert + `]`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePosted(t.Context(), data, usual, now, nil)
		var list []json.RawMessage
		plain := json.Unmarshal(data, &list)
		if (err == nil) != (plain == nil) || err != nil && err.Error() == "" {
			t.Fatalf("%q: read with %v, and by encoding/json with %v", data, err, plain)
		}
		checkParsed(t, p)
		for _, a := range p.Alerts {
			if (a.Status == ticket.Firing) != !a.SilentAt.IsZero() {
				t.Errorf("%s, silent at %s", a.Status, a.SilentAt)
			}
		}
		if p.unread == 0 && err == nil {
			alerts, wrong := plainly(list, true, "", "")
			agrees(t, data, &p, alerts, wrong)
		}
	})
}

func BenchmarkParsePosted(b *testing.B) {
	body := []byte(fixture(b, "prometheus-api-v2-post-firing.json"))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := parsePosted(b.Context(), body, usual, now, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseWebhook(b *testing.B) {
	data := []byte(fixture(b, "alertmanager-v4-firing-2alerts.json"))
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parseWebhook(b.Context(), data, usual, now, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// bounded checks an alert against the table of limits.
func bounded(t *testing.T, a *ticket.Alert) {
	t.Helper()
	total := 0
	for k, v := range a.Labels {
		total += len(k) + len(v)
		if len(k) > ticket.MaxLabelName || len(v) > ticket.MaxLabelValue {
			t.Errorf("label of %d bytes with %d", len(k), len(v))
		}
	}
	for k, v := range a.Annotations {
		total += len(k) + len(v)
		if len(k) > ticket.MaxLabelName || len(v) > ticket.MaxAnnotationValue {
			t.Errorf("annotation of %d bytes with %d", len(k), len(v))
		}
	}
	total -= len(ticket.CutNote) + len(a.Annotations[ticket.CutNote])
	if len(a.Labels) > ticket.MaxLabels || len(a.Annotations) > ticket.MaxAnnotations || total > ticket.MaxAlertText ||
		len(a.GeneratorURL) > ticket.MaxURL || len(a.SenderGroup) > ticket.MaxSenderGroup || len(a.Title()) > ticket.MaxTitle {
		t.Errorf("%d labels, %d annotations, %d bytes, an address of %d, a group of %d, a title of %d",
			len(a.Labels), len(a.Annotations), total, len(a.GeneratorURL), len(a.SenderGroup), len(a.Title()))
	}
}
