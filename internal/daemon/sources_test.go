package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// knownSource is a source as the API tells it.
type knownSource struct {
	Name, State string
	HeardAt     time.Time `json:"heard_at"`
	Counts      map[string]int64
	Refused     *struct{ Code, From string }
	Payloads    map[string]struct {
		Text  string
		Whole bool
	}
	Tried *struct {
		Masked  bool
		Problem string
		Alerts  []struct{ Title, Status, Urgency string }
		Tickets []struct {
			Pages []struct{ Person, Channel string }
		}
	}
}

func (w *town) source(query string) (s knownSource) {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/sources/prometheus"+query, apiToken, nil)
	if err := json.Unmarshal(answer, &s); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	return s
}

// TestWhatASourceSaid: the last payloads are shown without their secrets and tried again
// without being taken, by this daemon, and by the one that comes after it.
func TestWhatASourceSaid(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		if s := w.source(""); s.State != "silent" || !s.HeardAt.IsZero() {
			t.Errorf("before it said anything: %+v", s)
		}
		w.at(time.Second)
		w.alert("firing", "srv-db-01", "password", "hunter2")
		w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{"alerts": []any{map[string]any{"labels": 7}}})
		w.call(http.MethodPost, "/ingest/prometheus", "wrong", map[string]any{})
		w.alice.ExpectSMS(t, "srv-db-01")
		if _, list := w.call(http.MethodGet, "/api/v1/sources", apiToken, nil); !strings.Contains(string(list), `"name":"prometheus"`) || !strings.Contains(string(list), `"bellac-prometheus"`) || strings.Contains(string(list), "hunter2") {
			t.Errorf("%s", list)
		}
		s := w.source("?try=taken")
		if s.Counts["taken"] != 1 || s.Counts["refused"] != 1 || s.Counts["strange"] != 1 || s.Refused == nil || s.Refused.Code != "bad_alerts" || s.Refused.From == "" {
			t.Errorf("%+v", s)
		}
		w.expectTried(s, false)
		w.at(2 * time.Minute) // it is written down
		w.call(http.MethodPost, "/api/v1/tickets/"+w.onlyTicket()+"/acknowledge", apiToken, map[string]string{})
		stop := w.restart()
		defer stop()
		s = w.source("?try=taken")
		if s.Counts["taken"] != 0 || s.HeardAt.IsZero() || s.Refused == nil {
			t.Errorf("after a start: %+v", s)
		}
		w.expectTried(s, true)
		if code, answer := w.call(http.MethodGet, "/api/v1/sources/prometheus?try=strange", apiToken, nil); code != http.StatusBadRequest {
			t.Errorf("%d %s", code, answer)
		}
		if code, answer := w.call(http.MethodGet, "/api/v1/sources/nobody", apiToken, nil); code != http.StatusNotFound {
			t.Errorf("%d %s", code, answer)
		}
		if n := len(w.tickets()); n != 1 {
			t.Errorf("%d tickets: one that was only tried is taken", n)
		}
	})
}

// expectTried holds what trying the one alert again shows.
func (w *town) expectTried(s knownSource, masked bool) {
	w.t.Helper()
	p := s.Payloads["taken"]
	if !p.Whole || strings.Contains(p.Text, "hunter2") || !strings.Contains(p.Text, "srv-db-01") {
		w.t.Errorf("the payload: %+v", p)
	}
	t := s.Tried
	if t == nil || t.Masked != masked || t.Problem != "" || len(t.Alerts) != 1 || t.Alerts[0].Status != "firing" || !strings.Contains(t.Alerts[0].Title, "srv-db-01") {
		w.t.Fatalf("tried: %+v", t)
	}
	if len(t.Tickets) != 1 || len(t.Tickets[0].Pages) == 0 || t.Tickets[0].Pages[0].Person != "alice" {
		w.t.Errorf("who would be paged: %+v", t.Tickets)
	}
}
