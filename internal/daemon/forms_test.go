package daemon

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// tokenIn is the token in the line of curl that a page shows once.
var tokenIn = regexp.MustCompile(`Authorization: Bearer ([^' ]+)`)

// TestAHeartbeatByTheForm: it is made, beats by the token that the page shows once, and
// is ended; what cannot be taken is said by its field, and what was typed stays.
func TestAHeartbeatByTheForm(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		g := w.signsIn("bruno")
		g.get("/heartbeats", http.StatusOK, "Nothing is watched", `name="every" required value="1d"`)
		code, page, _ := g.asks(http.MethodPost, "/heartbeats", url.Values{"name": {"nightly"}, "every": {"one day"}, "labels": {"host=srv-<b>"}})
		page = html.UnescapeString(page)
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, "“At least every (5m, 1h, 1d)” cannot be taken like that. Write 5m") || !strings.Contains(page, `value="nightly"`) || !strings.Contains(page, "one day") {
			t.Errorf("%d %s", code, page)
		}
		code, page, _ = g.asks(http.MethodPost, "/heartbeats", url.Values{"name": {"nightly"}, "every": {"1h"}, "grace": {"5m"}, "customer": {"acme"}, "severity": {"critical"}})
		found := tokenIn.FindStringSubmatch(html.UnescapeString(page))
		if code != http.StatusOK || found == nil {
			t.Fatalf("%d %s", code, page)
		}
		if code, body := w.beat("/heartbeat/nightly", found[1]); code != http.StatusOK {
			t.Errorf("%d %s", code, body)
		}
		again := g.get("/heartbeats", http.StatusOK, "<b>nightly</b>", "beats", `name="end" value="nightly"`)
		if strings.Contains(again, found[1]) {
			t.Error("its token is shown twice")
		}
		code, _, to := g.asks(http.MethodPost, "/heartbeats", url.Values{"end": {"nightly"}})
		if code != http.StatusSeeOther || !strings.HasSuffix(to, "/heartbeats") {
			t.Errorf("%d %s", code, to)
		}
		g.get("/heartbeats", http.StatusOK, "Nothing is watched")
		if code, _ := w.beat("/heartbeat/nightly", found[1]); code == http.StatusOK {
			t.Error("it beats on")
		}
		w.at(3 * time.Hour)
		w.alice.ExpectNothing(t)
	})
}

func adminDominique(text []byte) []byte {
	return replaced("email: dominique@example.net, role: manager", "email: dominique@example.net, role: admin")(text)
}

// TestWhatAllDaemonsHeard: the list of sources and a source's page show what another
// daemon took and refused, without its secrets.
func TestWhatAllDaemonsHeard(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		g := w.signsIn("dominique")
		g.get("/sources", http.StatusOK, "prometheus", "nothing known")
		w.alert("firing", "srv-db-01", "password", "hunter2")
		w.call(http.MethodPost, "/ingest/bellac-prometheus", "token-of-bellac", map[string]any{"alerts": []any{map[string]any{"labels": 7}}})
		w.at(2 * time.Minute) // it is written down
		w.call(http.MethodPost, "/api/v1/tickets/"+w.onlyTicket()+"/acknowledge", apiToken, map[string]string{})
		stop := w.restart(adminDominique) // this one heard nothing itself
		defer stop()
		list := g.get("/sources", http.StatusOK)
		for name, class := range map[string]string{"prometheus": "good", "bellac-prometheus": "bad"} {
			_, row, _ := strings.Cut(list, "/sources/"+name+`"`)
			if row, _, _ = strings.Cut(row, "</tr>"); !strings.Contains(row, `<b class="`+class+`">`) {
				t.Errorf("%s: %s", name, row)
			}
		}
		page := html.UnescapeString(g.get("/sources/prometheus?try=taken", http.StatusOK, `id="tried"`, "Another daemon heard it", "alerts taken: 1", "Alice Martin · sms", `name="try" value="taken"`))
		if strings.Contains(page, "hunter2") || !strings.Contains(page, `"password": "***"`) || !strings.Contains(page, "srv-db-01") {
			t.Error(page)
		}
		g.get("/sources/bellac-prometheus", http.StatusOK, "The last request that was refused", "Some of its alerts could not be read", "labels")
		g.get("/sources/nobody", http.StatusNotFound)
		w.signsIn("bruno").get("/sources/prometheus", http.StatusForbidden)
	}, adminDominique)
}
