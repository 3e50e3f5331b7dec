package daemon

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// A stale "resolved" by either path: an occurrence cannot end before it began.
func TestAStaleResolvedEndsNoFiringAlert(t *testing.T) {
	for _, path := range []string{"/ingest/prometheus", "/ingest/prometheus/api/v2/alerts"} {
		for _, together := range []bool{false, true} {
			inTown(t, func(t *testing.T, w *town) {
				w.at(10 * time.Minute)
				began := time.Now()
				ago := func(seconds int) time.Time { return began.Add(-time.Duration(seconds) * time.Second) }
				fires := occurrence(path, ago(30), time.Time{})
				stale := occurrence(path, ago(600), ago(300))
				if together {
					w.postAlerts(path, fires, stale)
				} else {
					w.postAlerts(path, fires)
					w.postAlerts(path, stale)
				}
				number := w.onlyTicket()
				w.at(10*time.Minute + 2*time.Second)
				w.expectState(number, "open")
				w.expectCount(w.alice, 1)
				w.at(13*time.Minute + 2*time.Second)
				w.expectCount(w.alice, 2)

				w.postAlerts(path, occurrence(path, ago(600), time.Now())) // another's word: it ends after the present begin
				w.expectState(number, "resolved")
				w.postAlerts(path, occurrence(path, ago(-150), time.Time{}))
				w.expectState(number, "open")
				w.postAlerts(path, occurrence(path, ago(-150), time.Now()))
				w.expectState(number, "resolved")
			})
		}
	}
}

// occurrence is an alert in the form of that path. over is when it ended;
// zero: it fires.
func occurrence(path string, since, over time.Time) map[string]any {
	a := map[string]any{"startsAt": since, "labels": map[string]string{
		"alertname": "HostDown", "instance": "srv-db-01", "customer": "acme", "site": "Givrand", "severity": "critical",
	}}
	if !over.IsZero() {
		a["endsAt"] = over
	}
	if path == "/ingest/prometheus" {
		a["status"] = map[bool]string{true: "firing", false: "resolved"}[over.IsZero()]
	}
	return a
}

func (w *town) postAlerts(path string, alerts ...any) {
	w.t.Helper()
	var body any = alerts
	if path == "/ingest/prometheus" {
		body = map[string]any{"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": alerts}
	}
	if code, answer := w.call(http.MethodPost, path, postToken, body); code/100 != 2 {
		w.t.Fatalf("%d %s", code, answer)
	}
}

// onlyTicket is the number of the only ticket.
func (w *town) onlyTicket() string {
	w.t.Helper()
	_, answer := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil)
	var list struct{ Tickets []struct{ Number string } }
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Tickets) != 1 {
		w.t.Fatalf("%v %s", err, answer)
	}
	return list.Tickets[0].Number
}
