package ingest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Dates as Alertmanager takes them, in both forms of a body.
func TestTimesAsAlertmanagerTakesThem(t *testing.T) {
	at := time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)
	midnight := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		text string
		want time.Time
	}{
		{``, time.Time{}},
		{`0001-01-01T00:00:00Z`, time.Time{}},
		{`2026-11-21T17:00:00Z`, at},
		{`2026-11-21T18:00:00+01:00`, at},
		{`2026-11-21T17:00:00.25Z`, at.Add(250 * time.Millisecond)},
		{`2026-11-21T17:00:00.123456789Z`, at.Add(123456789)},
		{`2026-11-21T18:00:00.123+0100`, at.Add(123 * time.Millisecond)},
		{`2026-11-21T18:00:00.123456+0100`, at.Add(123456 * time.Microsecond)},
		{`2026-11-21T17:00:00`, at},
		{`2026-11-21T17:00:00.5`, at.Add(500 * time.Millisecond)},
		{`2026-11-21T17:00Z`, at},
		{`2026-11-21T17:00`, at},
		{`2026-11-21 17:00:00`, at},
		{`2026-11-21 17:00:00.5`, at.Add(500 * time.Millisecond)},
		{`2026-11-21 18:00:00+01:00`, at},
		{`2026-11-21 17:00:00Z`, at},
		{`2026-11-21`, midnight},
		{`2026\u002d11-21T17:00:00`, at},
	}
	for _, tt := range tests {
		for path, body := range map[string]string{
			"/ingest/prometheus":               `{"status":"firing","alerts":[{"labels":{"a":"b"},"startsAt":"` + tt.text + `"}]}`,
			"/ingest/prometheus/api/v2/alerts": `[{"labels":{"a":"b"},"startsAt":"` + tt.text + `"}]`,
		} {
			tk := &taker{}
			if w := post(t, newHandler(tk), path, body); w.Code/100 != 2 {
				t.Errorf("%q to %s: %d %s", tt.text, path, w.Code, w.Body)
				continue
			}
			if a := tk.batches[0].Alerts[0]; !a.StartsAt.Equal(tt.want) || a.Status != ticket.Firing {
				t.Errorf("%q to %s: %s since %s, want %s", tt.text, path, a.Status, a.StartsAt, tt.want)
			}
		}
	}
	for _, text := range []string{" ", "yesterday", "2026-11-21 17:00", " 2026-11-21T17:00:00Z", "2026-13-21T17:00:00", "1764187200"} {
		if w := post(t, newHandler(&taker{}), "/ingest/prometheus/api/v2/alerts", `[{"labels":{"a":"b"},"startsAt":"`+text+`"}]`); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", text, w.Code)
		}
	}
}

// An end without a zone is an end like any other. An empty end is none.
func TestEndsInAnyForm(t *testing.T) {
	for text, want := range map[string]ticket.AlertStatus{
		`"2026-11-21 17:00:00"`: ticket.Resolved,
		`"2026-11-21T17:00"`:    ticket.Resolved,
		`"2026-11-21T18:00:00"`: ticket.Firing,
		`""`:                    ticket.Firing,
		`null`:                  ticket.Firing,
	} {
		tk := &taker{}
		post(t, newHandler(tk), "/ingest/prometheus/api/v2/alerts", `[{"labels":{"a":"b"},"startsAt":"","endsAt":`+text+`}]`)
		if len(tk.batches) != 1 || tk.batches[0].Alerts[0].Status != want {
			t.Errorf("%s: %+v, want %s", text, tk.batches, want)
		}
		read, err := Tools().Read(Source{Type: TypeAlertmanager, ResolveTimeout: DefaultResolveTimeout}, []byte(`[{"labels":{"a":"b"},"endsAt":`+text+`}]`), now)
		if err != nil || read[0].Status != want {
			t.Errorf("%s is read as %+v, %v; want %s", text, read, err, want)
		}
	}
}

func TestASlashAtTheEndOfAPath(t *testing.T) {
	for path, body := range map[string]string{
		"/ingest/prometheus/":               `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`,
		"/ingest/prometheus/api/v2/alerts/": `[{"labels":{"a":"b"}}]`,
	} {
		tk := &taker{}
		if w := post(t, newHandler(tk), path, body); w.Code/100 != 2 || len(tk.batches) != 1 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := post(t, newHandler(&taker{}), "/ingest/prometheus/other/", "{}"); w.Code != http.StatusNotFound {
		t.Errorf("another path: %d", w.Code)
	}
}

func TestAByteOrderMark(t *testing.T) {
	for path, body := range map[string]string{
		"/ingest/prometheus":               `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`,
		"/ingest/prometheus/api/v2/alerts": `[{"labels":{"a":"b"}}]`,
	} {
		tk := &taker{}
		if w := post(t, newHandler(tk), path, "\ufeff"+body); w.Code/100 != 2 || len(tk.batches) != 1 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if read, err := Tools().Read(Source{Type: TypeAlertmanager, ResolveTimeout: DefaultResolveTimeout}, []byte("\ufeff"+body), now); err != nil || len(read) != 1 {
			t.Errorf("read: %v, %v", read, err)
		}
	}
	if w := post(t, newHandler(&taker{}), "/ingest/prometheus", "\ufeff"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "empty") {
		t.Errorf("nothing but a mark: %d %s", w.Code, w.Body)
	}
}
