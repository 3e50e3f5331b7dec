package ingest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// standIns are sources whose senders believe that they post to another pager,
// and one whose senders do not.
func standIns(tk *taker, options ...func(*Options)) *Handler {
	options = append([]func(*Options){func(o *Options) {
		o.Sources = []Source{
			{Name: "pd", Type: TypePagerDuty, Token: "pd-hush-hush", MaxBody: DefaultMaxBody},
			{Name: "pd-other", Type: TypePagerDuty, Token: "other-hush-hush", MaxBody: DefaultMaxBody},
			{Name: "og", Type: TypeOpsgenie, Token: "og-hush-hush", MaxBody: DefaultMaxBody},
			{Name: "og-other", Type: TypeOpsgenie, Token: "other-og-hush", MaxBody: DefaultMaxBody},
			{Name: "prometheus", Type: TypeAlertmanager, Token: "s3cr3t", MaxBody: DefaultMaxBody},
		}
	}}, options...)
	return newHandler(tk, options...)
}

func withoutKey(r *http.Request) { r.Header.Del("Authorization") }

// expected is a body that the other pager answers, from a fixture.
func expected(t *testing.T, file, name string) string {
	t.Helper()
	var all map[string]struct{ Body json.RawMessage }
	if err := json.Unmarshal([]byte(fixture(t, file)), &all); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(all[name].Body)) { // a fixture is indented, an answer is not
		b.WriteString(strings.TrimSpace(line))
	}
	return strings.ReplaceAll(b.String(), `": `, `":`)
}

// event posts an event, with the source's key in it, and returns the alert
// that was taken.
func postEvent(t *testing.T, h http.Handler, tk *taker, path, body string, status int) (ticket.Alert, *httptest.ResponseRecorder) {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	key := "routing_key"
	if strings.HasPrefix(path, "/generic/") {
		key = "service_key"
	}
	e[key] = "pd-hush-hush"
	keyed, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	before := len(tk.batches)
	w := post(t, h, path, string(keyed), withoutKey)
	if w.Code != status {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(tk.batches) != before+1 || len(tk.batches[before].Alerts) != 1 || tk.batches[before].Source != "pd" {
		t.Fatalf("%+v", tk.batches[before:])
	}
	return tk.batches[before].Alerts[0], w
}

const (
	v2Path = "/v2/enqueue"
	v1Path = "/generic/2010-04-15/create_event.json"
)

// TestEventsOfRealSenders: each opens an alert with the right title, severity
// and key, whichever version it speaks.
func TestEventsOfRealSenders(t *testing.T) {
	tests := []struct {
		file, path, title, severity, key string
		labels                           map[string]string
	}{
		{
			"pagerduty-v2-trigger-alertmanager.json", v2Path, "PostgresDown pg-prod (postgres critical db)", "critical", "d9e0ec5f531a3eac3cbbc07c2f4fb56f127c563d50b7f84949aeb4dbaf3fbfc5",
			map[string]string{"alertname": "PostgresDown", "cluster": "pg-prod", "job": "postgres", "team": "db", "instance": "", "source": "Alertmanager"},
		},
		{
			"pagerduty-v2-trigger-full.json", v2Path, "Example alert on host1.example.com", "info", "samplekeyhere",
			map[string]string{"component": "postgres", "group": "prod-datapipe", "class": "deploy", "host": ""},
		},
		{
			"grafana-pagerduty-trigger.json", v2Path, "test-source alert1", "critical", "6e3538104c14b583da237e9693b76debbc17f0f8058ef20492e5853096cf8733",
			map[string]string{"lbl1": "val1", "class": "test-class", "host": "test-source"},
		},
		{
			"zabbix-pagerduty-problem.json", v2Path, "srv-app02 Zabbix agent is not available (for 3m)", "warning", "11053",
			map[string]string{"host": "srv-app02", "source": "srv-app02 : 192.0.2.31"},
		},
		{"zabbix-pdagent-v1-trigger.json", v1Path, "Zabbix server: just restarted : PROBLEM for Zabbix server", "error", "", map[string]string{"hostname": "Zabbix server"}},
		{"nagios-pdagent-service-trigger.json", v1Path, "service.test.local service=test-service", "critical", "", map[string]string{"host": "service.test.local"}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			tk := &taker{}
			status := http.StatusAccepted
			if tt.path == v1Path {
				status = http.StatusOK
			}
			a, _ := postEvent(t, standIns(tk), tk, tt.path, fixture(t, tt.file), status)
			if a.Title() != tt.title || a.Labels["severity"] != tt.severity || a.Status != ticket.Firing || !a.StartsAt.IsZero() {
				t.Errorf("%q %+v", a.Title(), a)
			}
			if tt.key != "" && a.Fingerprint != tt.key || a.Fingerprint == "" {
				t.Errorf("key %q, want %q", a.Fingerprint, tt.key)
			}
			for name, want := range tt.labels {
				if a.Labels[name] != want {
					t.Errorf("label %s is %q, want %q", name, a.Labels[name], want)
				}
			}
			read, err := Tools().Read(Source{Type: TypePagerDuty}, []byte(fixture(t, tt.file)), now)
			if err != nil || len(read) != 1 || read[0].Fingerprint != a.Fingerprint || read[0].Title() != a.Title() {
				t.Errorf("simulate reads %+v, %v", read, err)
			}
		})
	}
}

// TestWhatAnEventShows: links, images, client and details are kept where
// people see them.
func TestWhatAnEventShows(t *testing.T) {
	tk := &taker{}
	a, _ := postEvent(t, standIns(tk), tk, v2Path, fixture(t, "pagerduty-v2-trigger-full.json"), http.StatusAccepted)
	for name, want := range map[string]string{
		"summary": "Example alert on host1.example.com", "ping time": "1500ms", "load avg": "0.75", "client": "Sample Monitoring Service",
		"client_url": "https://monitoring.example.com", "link": "Link text: https://example.com/", "timestamp": "2015-07-17T08:42:58.315+0000",
		"image": "Example text: https://www.pagerduty.com/wp-content/uploads/2016/05/pagerduty-logo-green.png",
	} {
		if a.Annotations[name] != want {
			t.Errorf("annotation %s is %q, want %q", name, a.Annotations[name], want)
		}
	}
	if a.GeneratorURL != "https://example.com/" {
		t.Errorf("its address is %q", a.GeneratorURL)
	}
	a, _ = postEvent(t, standIns(tk), tk, v1Path, `{"event_type":"trigger","description":"x","contexts":[{"type":"link","href":"http://a"},{"type":"image","src":"http://b","href":"http://c"}],
		"details":{"customer":"acme","site":"Givrand","long":"a\nb","n":7,"deep":{"a":[1]},"instance":"db1:9100"}}`, http.StatusOK)
	if a.Labels["customer"] != "acme" || a.Labels["site"] != "Givrand" || a.Labels["n"] != "" || a.Annotations["n"] != "7" ||
		a.Annotations["deep"] != `{"a":[1]}` || a.Annotations["long"] != "a\nb" || a.Annotations["link"] != "http://a" || a.Annotations["image"] != "http://b" ||
		a.Title() != "db1:9100 x" {
		t.Errorf("%q %+v", a.Title(), a)
	}
}

// TestEventAnswers: byte for byte what PagerDuty answers.
func TestEventAnswers(t *testing.T) {
	tk := &taker{}
	h := standIns(tk)
	const trigger = `{"event_action":"trigger","dedup_key":"a <b> & c","payload":{"summary":"x","source":"y","severity":"error"}}`
	want := strings.Replace(expected(t, "pagerduty-expected-responses.json", "v2_202"), "<echo or generated>", "a <b> & c", 1)
	if _, w := postEvent(t, h, tk, v2Path, trigger, http.StatusAccepted); w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s\nwant %s", w.Body, want)
	}
	want = expected(t, "pagerduty-expected-responses.json", "v1_200")
	if _, w := postEvent(t, h, tk, v1Path, `{"event_type":"trigger","incident_key":"73af7a305bd7012d7c06002500d5d1a6","description":"x"}`, http.StatusOK); w.Body.String() != want {
		t.Errorf("%s\nwant %s", w.Body, want)
	}
	want = expected(t, "pagerduty-expected-responses.json", "v1_400")
	if w := post(t, h, v1Path, `{"service_key":"pd-hush-hush","event_type":"x"}`); w.Code != http.StatusBadRequest || w.Body.String() != want {
		t.Errorf("%d %s\nwant %s", w.Code, w.Body, want)
	}
	a, w := postEvent(t, h, tk, v2Path, `{"event_action":"trigger","payload":{"summary":"x","source":"y","severity":"error"}}`, http.StatusAccepted)
	if len(a.Fingerprint) != 32 || w.Body.String() != `{"status":"success","message":"Event processed","dedup_key":"`+a.Fingerprint+`"}` {
		t.Errorf("%s %s", a.Fingerprint, w.Body)
	}
	const change = `{"routing_key":"pd-hush-hush","payload":{"summary":"deployed","timestamp":"2026-11-21T17:00:00Z","custom_details":{}},"links":[]}`
	taken := len(tk.batches)
	if w := post(t, h, "/v2/change/enqueue", change); w.Code != http.StatusAccepted || w.Body.String() != `{"status":"success","message":"Change event processed"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if len(tk.batches) != taken {
		t.Errorf("a change opened %+v", tk.batches[taken:])
	}
}

// TestAcknowledgedAndResolved: both name the alert that the trigger named, and
// need nothing besides.
func TestAcknowledgedAndResolved(t *testing.T) {
	tk := &taker{}
	h := standIns(tk)
	for _, tt := range []struct {
		file, key string
		taken     bool
	}{
		{"zabbix-pagerduty-update-ack.json", "11053", true},
		{"zabbix-pagerduty-recovery.json", "11053", false},
		{"pagerduty-v2-resolve-alertmanager.json", "d9e0ec5f531a3eac3cbbc07c2f4fb56f127c563d50b7f84949aeb4dbaf3fbfc5", false},
	} {
		a, _ := postEvent(t, h, tk, v2Path, fixture(t, tt.file), http.StatusAccepted)
		if a.Fingerprint != tt.key {
			t.Errorf("%s: key %q", tt.file, a.Fingerprint)
		}
		taken := a.Status == ticket.Unsaid && a.Remark != nil && a.Remark.Kind == ticket.RemarkTaken
		over := a.Status == ticket.Resolved && a.EndsAt.Equal(now) && a.Remark == nil
		if taken != tt.taken || over == tt.taken {
			t.Errorf("%s: %+v", tt.file, a)
		}
	}
	long := strings.Repeat("k", 5000)
	var keys []string
	for _, e := range []string{
		`{"event_action":"trigger","dedup_key":"` + long + `","payload":{"summary":"x","source":"y","severity":"error","custom_details":{"a":"b"}}}`,
		`{"event_action":"acknowledge","dedup_key":"` + long + `"}`, `{"event_action":"resolve","dedup_key":"` + long + `"}`,
	} {
		a, w := postEvent(t, h, tk, v2Path, e, http.StatusAccepted)
		keys = append(keys, a.Fingerprint)
		if len(a.Fingerprint) > longestFingerprint || !strings.Contains(w.Body.String(), long) {
			t.Errorf("%q %.80s", a.Fingerprint, w.Body)
		}
	}
	if keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("one key became %q", keys)
	}
}

// TestWrongEvents: what PagerDuty refuses is refused as it does: 400, and the
// reasons are strings.
func TestWrongEvents(t *testing.T) {
	const key = `"routing_key":"pd-hush-hush"`
	for _, tt := range []struct {
		name, path, body string
		status           int
		says             []string
	}{
		{"no key", v2Path, `{"event_action":"trigger"}`, 400, []string{"'routing_key' is missing or blank"}},
		{"no key, old", v1Path, `{"event_type":"trigger"}`, 400, []string{"'service_key' is missing or blank"}},
		{"a wrong key", v2Path, `{"routing_key":"pd-hush-hus","event_action":"resolve","dedup_key":"a"}`, 400, []string{"Invalid routing key"}},
		{"an empty key", v2Path, `{"routing_key":"","event_action":"resolve","dedup_key":"a"}`, 400, []string{"'routing_key' is missing or blank"}},
		{"another type's key", v2Path, `{"routing_key":"s3cr3t","event_action":"resolve","dedup_key":"a"}`, 400, []string{"Invalid routing key"}},
		{"a key that is none", v2Path, `{"routing_key":["pd-hush-hush"],"event_action":"resolve","dedup_key":"a"}`, 400, []string{"'routing_key' is missing or blank"}},
		{"the key in the query", v2Path + "?token=pd-hush-hush", `{"event_action":"resolve","dedup_key":"a"}`, 400, []string{"'routing_key' is missing or blank"}},
		{"another source's key", "/ingest/pd-other" + v2Path, `{` + key + `,"event_action":"resolve","dedup_key":"a"}`, 400, []string{"Invalid routing key"}},
		{"no source", "/ingest/nobody" + v2Path, `{` + key + `}`, 404, []string{"no source named"}},
		{"another type's source", "/ingest/prometheus" + v2Path + "?token=s3cr3t", `{}`, 404, []string{"is of type alertmanager"}},
		{"no action", v2Path, `{` + key + `}`, 400, []string{"'event_action' is missing or blank"}},
		{"an unknown action", v2Path, `{` + key + `,"event_action":"boom"}`, 400, []string{"'event_action' is invalid"}},
		{"no payload", v2Path, `{` + key + `,"event_action":"trigger"}`, 400, []string{"'payload' is missing or blank"}},
		{"an empty payload", v2Path, `{` + key + `,"event_action":"trigger","payload":{"summary":" "}}`, 400, []string{"'payload.summary' is missing or blank", "'payload.source' is missing or blank", "'payload.severity' is missing or blank"}},
		{"an unknown severity", v2Path, `{` + key + `,"event_action":"trigger","payload":{"summary":"x","source":"y","severity":"bad"}}`, 400, []string{"'payload.severity' is invalid"}},
		{"a summary that is none", v2Path, `{` + key + `,"event_action":"trigger","payload":{"summary":{},"source":"y","severity":"info"}}`, 400, []string{"'payload.summary' is invalid"}},
		{"nothing to acknowledge", v2Path, `{` + key + `,"event_action":"acknowledge"}`, 400, []string{"'dedup_key' is missing or blank"}},
		{"nothing to resolve, old", v1Path, `{"service_key":"pd-hush-hush","event_type":"resolve"}`, 400, []string{"'incident_key' is missing or blank"}},
		{"no JSON", v2Path, `{`, 400, []string{"the body is not JSON"}},
		{"nothing", v2Path, ``, 400, []string{"the body is empty"}},
		{"a list", "/ingest/pd" + v2Path + "?token=pd-hush-hush", `[]`, 400, []string{"not a JSON object"}},
		{"too long", v2Path, `{` + key + `,"x":"` + strings.Repeat("x", longestEvent) + `"}`, 413, []string{"larger than 524288"}},
		{"a change without a summary", "/v2/change/enqueue", `{` + key + `}`, 400, []string{"'payload.summary' is missing or blank"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			w := post(t, standIns(tk), tt.path, tt.body, withoutKey)
			var answer struct {
				Status, Message string
				Errors          []string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != tt.status || answer.Status == "" || answer.Message == "" || len(answer.Errors) != len(tt.says) {
				t.Fatalf("%d %.300s %v", w.Code, w.Body, err)
			}
			for i, says := range tt.says {
				if !strings.Contains(answer.Errors[i], says) {
					t.Errorf("%q, want %q", answer.Errors, tt.says)
				}
			}
			if strings.Contains(w.Body.String(), "hush") || len(tk.batches) > 0 {
				t.Errorf("%s, took %+v", w.Body, tk.batches)
			}
		})
	}
	if w := post(t, standIns(&taker{}), v2Path, "", func(r *http.Request) { r.Method = http.MethodGet }); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestEventsByName: under a source's own path its token may stand where any
// source's may.
func TestEventsByName(t *testing.T) {
	const event = `{"event_action":"resolve","dedup_key":"a"}`
	for _, tt := range []struct {
		path   string
		change func(*http.Request)
	}{
		{"/ingest/pd" + v2Path + "?token=pd-hush-hush", withoutKey},
		{"/ingest/pd" + v2Path + "/", func(r *http.Request) { r.SetBasicAuth("any", "pd-hush-hush") }},
		{"/ingest/pd" + v2Path, func(r *http.Request) { r.Header.Set("Authorization", "Bearer pd-hush-hush") }},
	} {
		tk := &taker{}
		if w := post(t, standIns(tk), tt.path, event, tt.change); w.Code != http.StatusAccepted || len(tk.batches) != 1 || tk.batches[0].Source != "pd" {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
	}
}

// TestEventsThatAreNotDurable are 503, which PagerDuty's senders repeat, and
// never 403 or 429.
func TestEventsThatAreNotDurable(t *testing.T) {
	for _, path := range []string{v2Path, v1Path} {
		w := post(t, standIns(&taker{err: errors.New("disk full at /secret/place")}), path,
			`{"routing_key":"pd-hush-hush","service_key":"pd-hush-hush","event_action":"resolve","event_type":"resolve","dedup_key":"a","incident_key":"a"}`)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), `"errors":["`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestAWrongKeyIsNobodysRefusal: whoever does not know a source's key cannot
// have it told of as refused.
func TestAWrongKeyIsNobodysRefusal(t *testing.T) {
	h := standIns(&taker{})
	post(t, h, "/ingest/pd"+v2Path, `{"routing_key":"x"}`)
	post(t, h, v2Path, `{"routing_key":"x"}`)
	post(t, h, "/ingest/og/v2/alerts", `{}`)
	post(t, h, "/v2/alerts/nobody", "", genieAuth, func(r *http.Request) { r.Method = http.MethodGet }) // no fault either
	for _, w := range h.Words() {
		if !w.RefusedAt.IsZero() {
			t.Errorf("%+v", w)
		}
	}
	post(t, h, v2Path, `{"routing_key":"pd-hush-hush"}`)
	if w := h.Words()[2]; w.Source != "pd" || w.RefusedAt.IsZero() || !strings.Contains(w.Reason, "event_action") {
		t.Errorf("%+v", w)
	}
}
