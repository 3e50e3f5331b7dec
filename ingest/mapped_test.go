package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// anything is the map of docs/OPERATIONS.md.
func anything() MappingSpec {
	return MappingSpec{
		Each:        ".alerts[]",
		Key:         ".id",
		Status:      `if .state == "OK" then "resolved" elif .state == "ACK" then "acknowledged" elif .state == "TEST" then "ignore" elif .state == "CRIT" then "firing" else .state end`,
		Title:       `"\(.host) \(.check)"`,
		Labels:      `{host, check, severity: .level}`,
		Annotations: `{summary: .text}`,
		StartsAt:    `.since`,
		EndsAt:      `.until`,
	}
}

func mappedSource(t *testing.T, spec MappingSpec) Source {
	t.Helper()
	m, faults := NewMapping(spec)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return Source{Name: "anything", Type: TypeJSON, Token: "t", MaxBody: DefaultMaxBody, Mapping: m}
}

// postMapped posts a body to a source with that map.
func postMapped(t *testing.T, spec MappingSpec, body string) (*httptest.ResponseRecorder, []ticket.Alert) {
	t.Helper()
	return postTo(t, mappedSource(t, spec), body)
}

func postTo(t *testing.T, s Source, body string) (*httptest.ResponseRecorder, []ticket.Alert) {
	t.Helper()
	tk := &taker{}
	h := New(Options{Taker: tk, Sources: []Source{s}, Now: func() time.Time { return now }})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ingest/"+s.Name, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var alerts []ticket.Alert
	for _, b := range tk.batches {
		alerts = append(alerts, b.Alerts...)
	}
	return w, alerts
}

// TestAnyJSON: a map makes alerts of whatever is posted; a problem and its end
// are one alert.
func TestAnyJSON(t *testing.T) {
	w, alerts := postMapped(t, anything(), `{"alerts": [
		{"id": "disk 7", "state": "CRIT", "host": "srv-db01", "check": "Disk /var", "level": "critical", "text": "1 % free", "since": "2026-11-21T03:00:00Z"},
		{"id": 12345678901234567890, "state": "CRIT", "host": "srv-web", "check": null, "level": 3, "since": 1795230000},
		{"id": "disk 7", "state": "OK", "host": "srv-db01", "check": "Disk /var", "level": "ok", "until": 1795230060500},
		{"id": "x", "state": "TEST"}, {"id": "y", "state": "ACK"}]}`)
	if w.Code != http.StatusAccepted || len(alerts) != 4 {
		t.Fatalf("%d %s: %+v", w.Code, w.Body, alerts)
	}
	disk, web, over := alerts[0], alerts[1], alerts[2]
	if taken := alerts[3]; taken.Status != ticket.Firing || taken.Remark == nil || taken.Remark.Kind != ticket.RemarkTaken || disk.Remark != nil {
		t.Errorf("acknowledged: %+v", taken)
	}
	if disk.Status != ticket.Firing || disk.Title() != "srv-db01 Disk /var" || disk.Host() != "srv-db01" || disk.Labels["severity"] != "critical" ||
		disk.Annotations["summary"] != "1 % free" || !disk.StartsAt.Equal(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", disk)
	}
	if web.Fingerprint != "12345678901234567890" || web.Labels["severity"] != "3" || len(web.Labels) != 2 || web.StartsAt.Unix() != 1795230000 {
		t.Errorf("%+v", web)
	}
	if over.Status != ticket.Resolved || over.Fingerprint != disk.Fingerprint || over.EndsAt.UnixMilli() != 1795230060500 {
		t.Errorf("%+v is the end of %+v", over, disk)
	}
}

// TestTheWholeBodyIsAnAlert where each is left out; and a title is made of the
// labels where the map has none.
func TestTheWholeBodyIsAnAlert(t *testing.T) {
	w, alerts := postMapped(t, MappingSpec{Key: ".id", Status: `"firing"`, Labels: `{alertname: .what, instance: .host}`}, "\ufeff"+`{"id": "7", "what": "Down", "host": "srv"}`)
	if w.Code != http.StatusAccepted || len(alerts) != 1 || alerts[0].Title() != "srv Down" {
		t.Errorf("%d %s: %+v", w.Code, w.Body, alerts)
	}
}

// TestWhatAMapCannotRead is named, and the right alerts are taken.
func TestWhatAMapCannotRead(t *testing.T) {
	for alert, want := range map[string]string{
		`{"id": "a", "state": "PANIC"}`:                      `alerts[0]: status: "PANIC" is none of firing, resolved, acknowledged and ignore`,
		`{"id": "a"}`:                                        `alerts[0]: status: "" is none of`,
		`{"state": "CRIT"}`:                                  "alerts[0]: key: it is empty",
		`{"id": {}, "state": "CRIT"}`:                        "alerts[0]: key: the expression yields neither a text nor a number",
		`{"id": "a", "state": "CRIT", "host": ["x"]}`:        "alerts[0]: labels.host: a text wanted",
		`{"id": "a", "state": "CRIT", "since": "yesterday"}`: `alerts[0]: starts_at: "yesterday" is no time`,
		`{"id": "a", "state": "CRIT", "since": 1e300}`:       "alerts[0]: starts_at: ",
		`"text"`: "alerts[0]: status: expected an object",
		`{"id": "a", "state": "` + strings.Repeat("x", 9000) + `"}`: "alerts[0]: status: ",
	} {
		w, alerts := postMapped(t, anything(), `{"alerts": [`+alert+`, {"id": "b", "state": "CRIT"}]}`)
		if w.Code != http.StatusBadRequest || !strings.Contains(message(t, w), want) || !strings.Contains(message(t, w), "the other 1 were taken") || w.Body.Len() > 1000 {
			t.Errorf("%.80s: %d %s, want %s", alert, w.Code, w.Body, want)
		}
		if len(alerts) != 1 || alerts[0].Fingerprint != "b" {
			t.Errorf("%.80s: %+v was taken", alert, alerts)
		}
	}
	for body, want := range map[string]string{
		``:                       "empty",
		`{`:                      "not JSON",
		`{"alerts": 7}`:          "each: cannot iterate over",
		strings.Repeat("[", 200): "not JSON",
		`{"alerts":[` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `]}`: "inside of each other",
	} {
		if w, alerts := postMapped(t, anything(), body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) || len(alerts) > 0 {
			t.Errorf("%.40s: %d %s, want %s", body, w.Code, w.Body, want)
		}
	}
}

func message(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var said struct{ Error struct{ Message string } }
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return said.Error.Message
}

// TestAMapsAnswer: the sender gets what the map says, and errors as ever.
func TestAMapsAnswer(t *testing.T) {
	for _, tt := range []struct {
		answer MappedAnswer
		status int
		kind   string
		body   string
	}{
		{MappedAnswer{}, 202, "application/json", `"accepted":1`},
		{MappedAnswer{Status: 200, Body: `{"ok": true}`}, 200, "application/json", `{"ok": true}`},
		{MappedAnswer{Body: "OK"}, 202, "text/plain; charset=utf-8", "OK"},
		{MappedAnswer{Status: 204}, 204, "", ""},
	} {
		spec := anything()
		spec.Answer = tt.answer
		w, _ := postMapped(t, spec, `{"alerts": [{"id": "a", "state": "CRIT"}]}`)
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.kind || !strings.Contains(w.Body.String(), tt.body) {
			t.Errorf("%+v: %d %v %s", tt.answer, w.Code, w.Header(), w.Body)
		}
		if w, _ := postMapped(t, spec, `{"alerts": [{"id": "a"}]}`); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "bad_alerts") {
			t.Errorf("%+v: a wrong one gets %d %s", tt.answer, w.Code, w.Body)
		}
	}
}

// TestMapsThatAreWrong are refused with the key.
func TestMapsThatAreWrong(t *testing.T) {
	_, faults := NewMapping(MappingSpec{Each: ".[", Status: "input", Labels: "env", Answer: MappedAnswer{Status: 500}})
	var keys []string
	for _, f := range faults {
		keys = append(keys, strings.Join(f.Path, "."))
	}
	if want := []string{"each", "map.key", "map.status", "map.labels", "answer.status"}; !slices.Equal(keys, want) {
		t.Errorf("%v", faults)
	}
}

// TestManyMapped: no more than max_alerts are taken, and the rest is said.
func TestManyMapped(t *testing.T) {
	var b strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&b, `{"id": "%d", "state": "CRIT", "host": "srv-%d"},`, i, i)
	}
	body := `{"alerts": [` + strings.TrimSuffix(b.String(), ",") + `]}`
	s := mappedSource(t, anything())
	if w, alerts := postTo(t, s, body); w.Code != http.StatusAccepted || len(alerts) != 2500 {
		t.Errorf("%d %s: %d", w.Code, w.Body, len(alerts))
	}
	s.MaxAlerts = 2000
	w, alerts := postTo(t, s, body)
	if w.Code != http.StatusBadRequest || len(alerts) != 2000 || !strings.Contains(w.Body.String(), "500 were left out: raise sources.anything.max_alerts") {
		t.Errorf("%d %s: %d", w.Code, w.Body, len(alerts))
	}
}

// TestAMachineThatStandsStill loses nothing: the sender is asked again.
func TestAMachineThatStandsStill(t *testing.T) {
	s := mappedSource(t, anything())
	s.MaxAlerts = 10
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	spec := anything()
	spec.Each = `.alerts[] | select(last(range(1e4)) > 1)`
	m, _ := NewMapping(spec)
	s.Mapping = m
	_, err := parseMapped(ctx, []byte(`{"alerts": [1]}`), &s, now, nil)
	if err == nil {
		t.Fatal("it was read")
	}
	if f := New(Options{}).failure(err, &s); f.status != http.StatusServiceUnavailable {
		t.Errorf("%v is answered %+v", err, f)
	}
}

func FuzzMapped(f *testing.F) {
	for _, body := range []string{`{"alerts": [{"id": "a", "state": "CRIT", "host": "h", "since": 1}]}`, `[]`, `{"alerts": {"a": {"id": 1, "state": "OK"}}}`, `{"alerts": [null, 1e999, "x"]}`} {
		f.Add([]byte(body))
	}
	spec := anything()
	m, faults := NewMapping(spec)
	if len(faults) > 0 {
		f.Fatal(faults)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseMapped(t.Context(), data, &Source{Name: "anything", Mapping: m, MaxAlerts: 50}, now, nil)
		if err != nil {
			return
		}
		for _, a := range p.Alerts {
			if a.Fingerprint == "" || len(a.Fingerprint) > longestFingerprint || a.Status != ticket.Firing && a.Status != ticket.Resolved {
				t.Errorf("%q: %+v", data, a)
			}
		}
	})
}
