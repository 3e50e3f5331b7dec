//go:build !race || long

package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestNoBodyCostsMuch: whatever is posted within max_body costs less than 200
// MiB and does not take long. The alerts in it are taken.
func TestNoBodyCostsMuch(t *testing.T) {
	for i, tt := range hostileBodies() {
		t.Run(tt.name, func(t *testing.T) {
			if i%2 == 0 { // the forms take turns: one reader reads the alerts of both
				costs(t, tt, "/ingest/prometheus/api/v2/alerts", tt.body(hostileSize()))
				return
			}
			const begin, end = `{"status":"firing","groupKey":"g","alerts":`, `}`
			costs(t, tt, "/ingest/prometheus", begin+tt.body(hostileSize()-len(begin+end))+end)
		})
	}
}

// TestPackedBodies: a body that unpacks to far too much is refused before it
// is unpacked. Ten thousand similar alerts are not.
func TestPackedBodies(t *testing.T) {
	alike := filled(`{"status":"firing","alerts":[`, `]}`, func(i int) string {
		if i >= DefaultMaxAlerts {
			return ""
		}
		return fmt.Sprintf(`{"status":"firing","labels":{"alertname":"InstanceDown","instance":"host-%05d.example.com:9100","job":"node","severity":"critical","cluster":"paris-1","customer":"acme","site":"givrand"},"annotations":{"summary":"Instance host-%05d.example.com:9100 is down","description":"host-%05d.example.com:9100 of job node has been down for more than 5 minutes.","runbook_url":"https://runbooks.example.com/InstanceDown"},"startsAt":"2026-11-21T17:22:%02d.184Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.example.com:9090/graph?g0.expr=up+%%3D%%3D+0&g0.tab=1","fingerprint":"%016x"}`, i, i, i, i%60, i)
	})
	tests := []struct {
		name   string
		body   func(size int) string
		status int
	}{
		{"numbers", filled("[", "]", always("0")), http.StatusBadRequest},
		{"empty alerts", filled(`{"alerts":[`, "]}", always("{}")), http.StatusBadRequest},
		{"alike", alike, http.StatusAccepted},
	}
	for _, tt := range tests {
		body := tt.body(DefaultMaxBody)
		packed := zipped(t, body)
		tk := &taker{}
		h := newHandler(tk, func(o *Options) { o.Sources[0].MaxBody = DefaultMaxBody })
		var said string
		code := 0
		grown, took := peak(t, func() {
			w := post(t, h, "/ingest/prometheus", packed, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
			code, said = w.Code, w.Body.String()
		})
		t.Logf("%s: %d bytes as %d, %d times, %d MiB, %s", tt.name, len(body), len(packed), len(body)/len(packed), grown>>20, took)
		if code != tt.status || tt.status == http.StatusBadRequest && !strings.Contains(said, "unpacks to more than") || grown > mostGrowth {
			t.Errorf("%s: %d %s, %d MiB", tt.name, code, said, grown>>20)
		}
	}
}

// TestNoStandInBodyCostsMuch: the same for what is posted as to another pager,
// with the key of a source or without.
func TestNoStandInBodyCostsMuch(t *testing.T) {
	events := standInBodies(`{"routing_key":"pd-hush-hush","event_action":"trigger","dedup_key":"a","payload":{"summary":"x","source":"y","severity":"info",`, `}}`, `"custom_details":`)
	events = append(events,
		hostileBody{"links without end", filled(`{"routing_key":"pd-hush-hush","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"info"},"links":[`, `]}`, each(`{"href":"%d"}`)), 1},
		hostileBody{"keys without end", filled(`{`, `}`, each(`"routing_key":"%d"`)), 0},
		hostileBody{"a long key", long(`{"routing_key":"`, `"}`, "x"), 0},
		hostileBody{"a long name of an alert", long(`{"routing_key":"pd-hush-hush","event_action":"resolve","dedup_key":"`, `"}`, "x"), 1},
	)
	alerts := standInBodies(`{"message":"x",`, `}`, `"details":`)
	alerts = append(alerts,
		hostileBody{"tags without end", filled(`{"message":"x","tags":[`, `]}`, each(`"a%d:b"`)), 1},
		hostileBody{"responders without end", filled(`{"message":"x","responders":[`, `]}`, each(`{"name":"%d"}`)), 1},
		hostileBody{"a long description", long(`{"message":"x","description":"`, `"}`, `Host: a\n`), 1},
		hostileBody{"a long alias", long(`{"message":"x","alias":"`, `"}`, `x`), 1},
	)
	for _, all := range []struct {
		path   string
		bodies []hostileBody
		size   int
		auth   func(*http.Request)
	}{{v2Path, events, longestEvent, withoutKey}, {"/v2/alerts", alerts, longestGenie, genieAuth}} {
		for _, b := range all.bodies {
			t.Run(strings.Trim(all.path, "/")+" "+b.name, func(t *testing.T) {
				tk := &taker{}
				h := standIns(tk)
				body, said := b.body(all.size), 0
				grown, took := peak(t, func() { said = post(t, h, all.path, body, all.auth).Body.Len() })
				if grown > 32<<20 || took > mostTime || said > all.size+4096 {
					t.Errorf("%d MiB, %s, answered %d bytes", grown>>20, took, said)
				}
				if len(tk.batches) != b.taken {
					t.Errorf("%d requests were taken, want %d", len(tk.batches), b.taken)
				}
			})
		}
	}
}

// TestMapsThatTakeTooMuch end with an error that the sender sees; what else is
// right in the request is taken.
func TestMapsThatTakeTooMuch(t *testing.T) {
	spec := anything()
	spec.Title = `if .id == "bad" then last(repeat(1)) else .host end`
	body := `{"alerts": [{"id": "bad", "state": "CRIT"}, {"id": "b", "state": "CRIT", "host": "srv"}]}`
	w, alerts := postMapped(t, spec, body)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "alerts[0]: title: the expression does not end") || len(alerts) != 1 {
		t.Errorf("%d %s: %+v", w.Code, w.Body, alerts)
	}
	spec = anything()
	spec.Each = `range(1e9)`
	if w, alerts := postMapped(t, spec, body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "each: the expression yields more than") || len(alerts) > 0 {
		t.Errorf("%d %s: %+v", w.Code, w.Body, alerts)
	}
	spec.Each = `[range(1e9)][]`
	if w, _ := postMapped(t, spec, body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "each: the expression does not end") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
