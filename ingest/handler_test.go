package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

var now = time.Date(2026, 11, 21, 17, 22, 30, 0, time.UTC)

type taker struct {
	err     error
	batches []ticket.Batch
}

func (t *taker) Take(_ context.Context, b ticket.Batch) (Taken, error) {
	if t.err != nil {
		return Taken{}, t.err
	}
	t.batches = append(t.batches, b)
	return Taken{Accepted: len(b.Alerts), Tickets: []string{"I261121_0001"}}, nil
}

func newHandler(tk *taker, options ...func(*Options)) *Handler {
	o := Options{
		Taker: tk, Now: func() time.Time { return now },
		Sources: []Source{{Name: "prometheus", Type: TypeAlertmanager, Token: "s3cr3t", MaxBody: 4096, ResolveTimeout: DefaultResolveTimeout}},
	}
	for _, f := range options {
		f(&o)
	}
	return New(o)
}

func post(t *testing.T, h http.Handler, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer s3cr3t")
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWebhook(t *testing.T) {
	tk := &taker{}
	w := post(t, newHandler(tk), "/ingest/prometheus", fixture(t, "alertmanager-v4-firing-2alerts.json"))
	if w.Code != http.StatusAccepted || strings.TrimSpace(w.Body.String()) != `{"accepted":2,"tickets":["I261121_0001"]}` {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	a := tk.batches[0].Alerts[0]
	if tk.batches[0].Source != "prometheus" || a.Status != ticket.Firing || len(a.Fingerprint) != 16 || a.SenderGroup == "" || !a.EndsAt.IsZero() || !a.SilentAt.IsZero() {
		t.Errorf("%+v", a)
	}
}

func TestWebhookQuirks(t *testing.T) {
	tests := []struct {
		name, body string
		alerts     int
		check      func(b ticket.Batch) bool
	}{
		{"version 3: a number for a group, no fingerprint", fixture(t, "alertmanager-v3-legacy-firing.json"), 1, func(b ticket.Batch) bool {
			return b.Alerts[0].SenderGroup == "5615590933959184469" && len(b.Alerts[0].Fingerprint) == 16
		}},
		{"resolved", fixture(t, "alertmanager-v4-resolved-2alerts.json"), 2, func(b ticket.Batch) bool {
			return b.Alerts[1].Status == ticket.Resolved && !b.Alerts[1].EndsAt.IsZero() && b.ResolveGroups == nil
		}},
		{"truncated while it fires", fixture(t, "alertmanager-v4-truncated-10of3.json"), 3, func(b ticket.Batch) bool { return b.ResolveGroups == nil }},
		{"truncated and resolved", fixture(t, "alertmanager-v4-truncated-resolved.json"), 3, func(b ticket.Batch) bool {
			return len(b.ResolveGroups) == 1 && b.ResolveGroups[0] == b.Alerts[0].SenderGroup
		}},
		{"any script", fixture(t, "alertmanager-v4-unicode-firing.json"), 1, func(b ticket.Batch) bool { return b.Alerts[0].Labels["ville"] == "Orléans" }},
		{"each alert's own status counts", `{"status":"firing","alerts":[{"status":"resolved","labels":{"a":"b"}},{"labels":{"a":"c"}}]}`, 2, func(b ticket.Batch) bool {
			return b.Alerts[0].Status == ticket.Resolved && b.Alerts[1].Status == ticket.Firing
		}},
		{"empty values are no labels", `{"status":"firing","alerts":[{"labels":{"a":"b","c":""}}]}`, 1, func(b ticket.Batch) bool { return len(b.Alerts[0].Labels) == 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			if w := post(t, newHandler(tk), "/ingest/prometheus", tt.body); w.Code != http.StatusAccepted {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if got := tk.batches[0]; len(got.Alerts) != tt.alerts || !tt.check(got) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAsAnAlertmanager(t *testing.T) {
	tk := &taker{}
	h := newHandler(tk)
	if w := post(t, h, "/ingest/prometheus/api/v2/alerts", fixture(t, "prometheus-api-v2-post-firing.json")); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if a := tk.batches[0].Alerts[0]; a.Status != ticket.Firing || !a.SilentAt.Equal(time.Date(2026, 11, 21, 17, 25, 58, 184e6, time.UTC)) {
		t.Errorf("%+v", a)
	}
	post(t, h, "/ingest/prometheus/api/v2/alerts", fixture(t, "prometheus-api-v2-post-resolved.json"))
	if a := tk.batches[1].Alerts[0]; a.Status != ticket.Resolved || !a.SilentAt.IsZero() {
		t.Errorf("%+v", a)
	}
	post(t, h, "/ingest/prometheus/api/v2/alerts", `[{"labels":{"alertname":"x"},"endsAt":"0001-01-01T00:00:00.000Z"}]`)
	if a := tk.batches[2].Alerts[0]; a.Status != ticket.Firing || !a.SilentAt.Equal(now.Add(5*time.Minute)) {
		t.Errorf("%+v", a)
	}
}

// TestTimesThatNobodyCanCount: a store counts nanoseconds, and JSON has no
// year above 9999. The alert is kept.
func TestTimesThatNobodyCanCount(t *testing.T) {
	latest := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		times              string
		startsAt, silentAt time.Time
	}{
		{`"endsAt":"9999-12-31T23:59:59Z"`, time.Time{}, latest},
		{`"endsAt":"2300-01-01T00:00:00Z"`, time.Time{}, latest},
		{`"startsAt":"0000-01-01T00:00:00+23:59","endsAt":"0001-01-01T00:00:00+01:00"`, time.Time{}, now.Add(5 * time.Minute)},
		{`"startsAt":"9999-12-31T23:59:59-23:59"`, latest, now.Add(5 * time.Minute)},
	} {
		tk := &taker{}
		w := post(t, newHandler(tk), "/ingest/prometheus/api/v2/alerts", `[{"labels":{"alertname":"x"},`+tt.times+`}]`)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", tt.times, w.Code, w.Body)
		}
		if a := tk.batches[0].Alerts[0]; a.Status != ticket.Firing || !a.StartsAt.Equal(tt.startsAt) || !a.SilentAt.Equal(tt.silentAt) {
			t.Errorf("%s: %s, starts %s, silent %s", tt.times, a.Status, a.StartsAt, a.SilentAt)
		}
	}
}

func TestOneFingerprintWhicheverWay(t *testing.T) {
	tk := &taker{}
	h := newHandler(tk)
	post(t, h, "/ingest/prometheus", fixture(t, "alertmanager-v4-unicode-firing.json"))
	labels, err := json.Marshal(tk.batches[0].Alerts[0].Labels)
	if err != nil {
		t.Fatal(err)
	}
	post(t, h, "/ingest/prometheus/api/v2/alerts", `[{"labels":`+string(labels)+`}]`)
	if a, b := tk.batches[0].Alerts[0].Fingerprint, tk.batches[1].Alerts[0].Fingerprint; a != b {
		t.Errorf("Alertmanager says %s, we say %s", a, b)
	}
}

func TestAnswers(t *testing.T) {
	gz := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	good := `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`
	header := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	tests := []struct {
		name, path, body string
		change           func(*http.Request)
		status           int
		says             string
		taken            int
	}{
		{"unknown source", "/ingest/nagios", good, nil, 404, "no source named", 0},
		{"no token", "/ingest/prometheus", good, header("Authorization", ""), 401, "token is wanted", 0},
		{"wrong token", "/ingest/prometheus", good, header("Authorization", "Bearer s3cr3"), 401, "token is wanted", 0},
		{"basic", "/ingest/prometheus", good, func(r *http.Request) { r.SetBasicAuth("any", "s3cr3t") }, 202, "", 1},
		{"query", "/ingest/prometheus?token=s3cr3t", good, header("Authorization", ""), 202, "", 1},
		{"put", "/ingest/prometheus", good, func(r *http.Request) { r.Method = http.MethodPut }, 202, "", 1},
		{"get", "/ingest/prometheus", "", func(r *http.Request) { r.Method = http.MethodGet }, 405, "POST or PUT", 0},
		{"gzip", "/ingest/prometheus", gz(good), header("Content-Encoding", "gzip"), 202, "", 1},
		{"gzip that is not", "/ingest/prometheus", good, header("Content-Encoding", "gzip"), 400, "gzip", 0},
		{"gzip that unpacks to too much", "/ingest/prometheus", gz(strings.Repeat(" ", 1<<20) + good), header("Content-Encoding", "gzip"), 413, "max_body", 0},
		{"another encoding", "/ingest/prometheus", good, header("Content-Encoding", "br"), 415, "br", 0},
		{"too large", "/ingest/prometheus", strings.Repeat(" ", 4097) + good, nil, 413, "larger than 4096", 0},
		{"nothing", "/ingest/prometheus", "", nil, 400, "empty", 0},
		{"not JSON", "/ingest/prometheus", "{\n  \"alerts\": [}", nil, 400, "line 2, column 14", 0},
		{"cut off", "/ingest/prometheus", `{"alerts": [`, nil, 400, "byte 12", 0},
		{"another thing", "/ingest/prometheus", `[1]`, nil, 400, "array", 0},
		{"no alerts in it", "/ingest/prometheus", `{"hello":"world"}`, nil, 400, `no list of \"alerts\"`, 0},
		{"no alerts, and that is fine", "/ingest/prometheus", `{"alerts":[]}`, nil, 202, `"tickets":[]`, 0},
		{"one of two is wrong", "/ingest/prometheus", `{"status":"firing","alerts":[{"labels":{"a":"b"}},{"labels":{"a":7}},{"status":"odd","labels":{"a":"c"}}]}`, nil, 400, "alerts[1]: ", 1},
		{"api: no labels", "/ingest/prometheus/api/v2/alerts", `[{"labels":{}}]`, nil, 400, `"alerts[0]: at least one label pair required"`, 0},
		{"api: ends before it starts", "/ingest/prometheus/api/v2/alerts", `[{"labels":{"a":"b"},"startsAt":"2026-11-21T10:00:00Z","endsAt":"2026-11-21T09:00:00Z"}]`, nil, 400, "start time must be before end time", 0},
		{"api: not a list", "/ingest/prometheus/api/v2/alerts", `{}`, nil, 400, "object", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			var change []func(*http.Request)
			if tt.change != nil {
				change = append(change, tt.change)
			}
			w := post(t, newHandler(tk), tt.path, tt.body, change...)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			taken := 0
			for _, b := range tk.batches {
				taken += len(b.Alerts)
			}
			if taken != tt.taken {
				t.Errorf("%d alerts were taken, want %d", taken, tt.taken)
			}
		})
	}
}

func TestNotDurableIs503(t *testing.T) {
	for _, path := range []string{"/ingest/prometheus", "/ingest/prometheus/api/v2/alerts"} {
		body := `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`
		if strings.HasSuffix(path, "alerts") {
			body = `[{"labels":{"a":"b"}}]`
		}
		w := post(t, newHandler(&taker{err: errors.New("disk full at /secret/place")}), path, body)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// unconfirmed is the error for what no replica has confirmed.
type unconfirmed struct{ error }

func (unconfirmed) Unconfirmed() bool { return true }

func TestUnconfirmedIs503AndSaysSo(t *testing.T) {
	err := fmt.Errorf("escalation: %w", unconfirmed{errors.New("by 0 of 1 replicas")})
	w := post(t, newHandler(&taker{err: err}), "/ingest/prometheus", `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no replica of the store has confirmed it") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRefusedForFiveMinutesIsToldOnce(t *testing.T) {
	clock := now
	var told []string
	h := newHandler(&taker{}, func(o *Options) {
		o.Now = func() time.Time { return clock }
		o.Refused = func(source, reason string) { told = append(told, source+": "+reason) }
	})
	for _, at := range []time.Duration{0, 4*time.Minute + 59*time.Second, 5 * time.Minute, 10 * time.Minute} {
		clock = now.Add(at)
		post(t, h, "/ingest/prometheus", "{")
		if want := at >= 5*time.Minute; (len(told) > 0) != want {
			t.Fatalf("after %s: told %v", at, told)
		}
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "prometheus: the body is not JSON") {
		t.Errorf("told %v", told)
	}
	post(t, h, "/ingest/prometheus", `{"alerts":[]}`)
	clock = now.Add(20 * time.Minute)
	post(t, h, "/ingest/prometheus", "{")
	if len(told) != 1 {
		t.Errorf("a source that was taken in between was told of: %v", told)
	}
}
