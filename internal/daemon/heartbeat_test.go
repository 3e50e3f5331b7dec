package daemon

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

const beatToken = "the-token-of-the-nightly-backup"

func watching(text []byte) []byte {
	return append(text, []byte(`
heartbeats:
  nightly: {every: 1h, grace: 5m, token: `+beatToken+`, labels: {customer: acme, site: Givrand, severity: critical}}
  watchdog: {every: 5m, from: {source: prometheus, matchers: ['alertname="Watchdog"']}, labels: {customer: acme, severity: critical}}
`)...)
}

// beat calls a path as curl would, and says what is answered.
func (w *town) beat(path, token string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, publicURL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// beaten is the first ticket about heartbeats whose title has a text.
func (w *town) beaten(of string) (t ticket.Ticket, is bool) {
	w.t.Helper()
	list, _, err := w.store.Tickets(w.t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range list {
		if t.Source == "heartbeat" && strings.Contains(t.Title, of) {
			return t, true
		}
	}
	return t, false
}

// TestAHeartbeatThatStops pages, once for all daemons of a store; the next beat ends it.
// An alert that beats opens no ticket.
func TestAHeartbeatThatStops(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		stop := w.run(exampleConfig(t, w.world, aliceAlone, watching)) // another daemon on the same store
		defer stop()
		for range 12 {
			time.Sleep(5 * time.Minute)
			w.alert("firing", "am-01", "alertname", "Watchdog")
		}
		if code, body := w.beat("/heartbeat/nightly", beatToken); code != http.StatusOK || body != "OK\n" {
			t.Fatalf("%d %s", code, body)
		}
		quiet := time.Now()
		for range 12 {
			time.Sleep(5 * time.Minute)
			w.alert("firing", "am-01", "alertname", "Watchdog")
		}
		w.alice.ExpectNothing(t)
		time.Sleep(5*time.Minute - time.Second)
		w.alert("firing", "am-01", "alertname", "Watchdog")
		w.alice.ExpectNothing(t, quiet)
		time.Sleep(15 * time.Second)
		w.alice.ExpectSMS(t, "nightly")
		if is, _ := w.beaten("nightly"); is.Customer != "acme" || is.Site != "Givrand" || is.Urgency != ticket.Critical {
			t.Errorf("%+v", is)
		}
		if code, body := w.beat("/heartbeat/nightly", "another token, as long as a token"); code != http.StatusUnauthorized {
			t.Errorf("%d %s", code, body)
		}
		if code, body := w.call(http.MethodGet, "/api/v1/heartbeats?state=late", apiToken, nil); code != http.StatusOK || !strings.Contains(string(body), `"nightly"`) || strings.Contains(string(body), `"watchdog"`) {
			t.Errorf("%d %s", code, body)
		}
		w.beat("/heartbeat/nightly", beatToken)
		time.Sleep(5 * time.Second)
		if is, _ := w.beaten("nightly"); is.State != ticket.StateResolved {
			t.Errorf("it beats, and its ticket is %s", is.State)
		}
		w.beat("/heartbeat/nightly/fail", beatToken)
		time.Sleep(5 * time.Second)
		if is, _ := w.beaten("nightly"); is.State != ticket.Open {
			t.Errorf("it failed, and its ticket is %s", is.State)
		}
		time.Sleep(7 * time.Minute)
		if _, told := w.beaten("watchdog"); !told {
			t.Error("the watchdog is silent, and nobody is told")
		}
	}, aliceAlone, watching)
}

// TestAHeartbeatMadeByHand by the API: its token is told once, the audit log has who made
// it, and to end it ends its ticket.
func TestAHeartbeatMadeByHand(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		code, answer := w.call(http.MethodPost, "/api/v1/heartbeats", apiToken, map[string]any{"name": "mine", "every": "10m", "labels": map[string]string{"customer": "acme"}})
		var made struct{ Name, Token, Curl, State, Grace string }
		if err := json.Unmarshal(answer, &made); err != nil || code != http.StatusCreated || made.Token == "" || made.State != "new" || made.Grace != "2m" || !strings.Contains(made.Curl, publicURL+"/heartbeat/mine") {
			t.Fatalf("%d %s", code, answer)
		}
		if _, answer := w.call(http.MethodGet, "/api/v1/heartbeats/mine", apiToken, nil); strings.Contains(string(answer), made.Token) || strings.Contains(string(answer), `"key"`) {
			t.Errorf("%s", answer)
		}
		if code, body := w.beat("/ping/"+made.Token, ""); code != http.StatusOK || body != "OK" {
			t.Errorf("%d %s", code, body)
		}
		w.expectChange("?about=setting", `"every":"10m"`)
		time.Sleep(13 * time.Minute)
		if is, told := w.beaten("mine"); !told || is.Customer != "acme" {
			t.Fatalf("%v %+v", told, is)
		}
		for _, c := range []struct {
			ask  map[string]any
			code int
		}{
			{map[string]any{"name": "mine", "every": "10m"}, 422},
			{map[string]any{"name": "nightly", "every": "10m"}, 422},
			{map[string]any{"name": "x", "every": "10s"}, 422},
			{map[string]any{"name": "x", "every": "often"}, 422},
			{map[string]any{"name": "x/y", "every": "1h"}, 422},
			{map[string]any{"name": "x", "every": "1h", "labels": map[string]string{"customer": "nobody"}}, 422},
			{map[string]any{"name": "x", "every": "1h", "token": "mine"}, 400},
		} {
			if code, answer := w.call(http.MethodPost, "/api/v1/heartbeats", apiToken, c.ask); code != c.code {
				t.Errorf("%v: %d %s", c.ask, code, answer)
			}
		}
		if code, answer := w.call(http.MethodDelete, "/api/v1/heartbeats/nightly", apiToken, nil); code != http.StatusConflict {
			t.Errorf("%d %s", code, answer)
		}
		if code, answer := w.call(http.MethodDelete, "/api/v1/heartbeats/mine", apiToken, nil); code != http.StatusOK {
			t.Errorf("%d %s", code, answer)
		}
		time.Sleep(5 * time.Second)
		if is, _ := w.beaten("mine"); is.State != ticket.StateResolved {
			t.Errorf("it is watched no more, and its ticket is %s", is.State)
		}
		if code, _ := w.beat("/ping/"+made.Token, ""); code != http.StatusNotFound {
			t.Errorf("its token is answered %d", code)
		}
		if code, _ := w.call(http.MethodGet, "/api/v1/heartbeats/mine", apiToken, nil); code != http.StatusNotFound {
			t.Errorf("%d", code)
		}
	}, aliceAlone, watching)
}
