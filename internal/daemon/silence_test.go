package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// silenceFor makes one by the API. It returns its ID.
func (w *town) silenceFor(ask map[string]any) string {
	w.t.Helper()
	code, answer := w.call(http.MethodPost, "/api/v1/silences", apiToken, ask)
	var made struct{ ID, State string }
	if err := json.Unmarshal(answer, &made); err != nil || code != http.StatusCreated || made.ID == "" {
		w.t.Fatalf("%d %s", code, answer)
	}
	return made.ID
}

// silencedTicket is the first open ticket, and until when it is silenced.
func (w *town) silencedTicket() (number string, until time.Time) {
	w.t.Helper()
	_, answer := w.call(http.MethodGet, "/api/v1/tickets?state=open", apiToken, nil)
	var list struct {
		Tickets []struct {
			Number   string
			Silenced *struct{ Until time.Time }
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Tickets) == 0 {
		w.t.Fatalf("%s", answer)
	}
	if s := list.Tickets[0].Silenced; s != nil {
		until = s.Until
	}
	return list.Tickets[0].Number, until
}

// TestASilence: what it matches opens its ticket, marked, and pages nobody. Another
// alert pages. What still fires at its end pages then.
func TestASilence(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		id := w.silenceFor(map[string]any{"matchers": []string{`instance="srv-db-01"`}, "for": "1h", "why": "a new disk"})
		w.at(time.Second)
		w.alert("firing", "srv-db-01")
		w.at(10 * time.Minute)
		if _, until := w.silencedTicket(); !until.Equal(w.start.Add(time.Hour).Truncate(time.Second)) {
			t.Errorf("its ticket is silenced until %s", until)
		}
		w.alice.ExpectNothing(t)
		if _, list := w.call(http.MethodGet, "/api/v1/silences?state=active", apiToken, nil); !strings.Contains(string(list), id) {
			t.Errorf("%s", list)
		}
		w.alert("firing", "srv-db-02", "site", "Nantes")
		w.alice.ExpectSMS(t, "srv-db-02")
		w.at(time.Hour + time.Minute)
		w.alice.ExpectSMS(t, "srv-db-01")
		w.expectChange("?about=setting", `"why":"a new disk"`)
	}, aliceAlone)
}

// TestASilenceOfWhatFires stops its pages, and to end it begins them anew. It is there
// after a restart.
func TestASilenceOfWhatFires(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.alice.ExpectSMS(t, "srv-db-01")
		w.at(time.Minute)
		id := w.silenceFor(map[string]any{"customer": "acme", "for": "2h", "why": "they move"})
		w.at(2 * time.Minute)
		quiet := time.Now()
		stop := w.run(exampleConfig(t, w.world)) // another daemon on the same store
		w.at(20 * time.Minute)
		w.alert("firing", "srv-db-01", "alertname", "Ping")
		w.at(40 * time.Minute)
		w.alice.ExpectNothing(t, quiet)
		if code, answer := w.call(http.MethodDelete, "/api/v1/silences/"+id, apiToken, nil); code != http.StatusOK || !strings.Contains(string(answer), `"state":"expired"`) {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(40*time.Minute + 10*time.Second)
		w.alice.ExpectSMS(t, "srv-db-01")
		stop()
		for _, again := range []string{id, "none", strings.Repeat("x", 500)} {
			want := http.StatusNotFound
			if again == id {
				want = http.StatusConflict
			}
			if code, answer := w.call(http.MethodDelete, "/api/v1/silences/"+again, apiToken, nil); code != want {
				t.Errorf("%.20s: %d %s", again, code, answer)
			}
		}
	}, aliceAlone)
}

// TestAMaintenanceWindowComesAgain every day at the same hour.
func TestAMaintenanceWindowComesAgain(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTown(t, func(t *testing.T, w *town) {
		begins := w.start.Add(time.Hour)
		w.silenceFor(map[string]any{"customer": "acme", "from": begins, "until": begins.Add(time.Hour), "every": "1d", "why": "backups"})
		for day := range 2 {
			night := time.Duration(day)*24*time.Hour + time.Hour
			w.at(night + time.Minute)
			since := time.Now()
			w.alert("firing", "srv-db-01")
			w.at(night + 30*time.Minute)
			w.alert("resolved", "srv-db-01")
			w.at(night + 90*time.Minute)
			w.alice.ExpectNothing(t, since)
		}
		w.at(26*time.Hour + 30*time.Minute)
		w.alert("firing", "srv-db-01")
		w.alice.ExpectSMS(t, "srv-db-01")
	}, aliceAlone)
}

// TestWhatIsNoSilence gets a clear error, and nothing is kept.
func TestWhatIsNoSilence(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		valid := func(change map[string]any) map[string]any {
			ask := map[string]any{"matchers": []string{`instance="a"`}, "for": "1h", "why": "x"}
			for k, v := range change {
				if ask[k] = v; v == nil {
					delete(ask, k)
				}
			}
			return ask
		}
		for _, c := range []struct {
			ask  map[string]any
			want string
		}{
			{valid(map[string]any{"matchers": nil}), "it would hold back everything"},
			{valid(map[string]any{"matchers": []string{`a=""`}}), "lacks these labels"},
			{valid(map[string]any{"matchers": []string{`a=~".*"`}}), "lacks these labels"},
			{valid(map[string]any{"matchers": []string{`a=~"("`}}), "matchers"},
			{valid(map[string]any{"customer": "nobody"}), "no customer has the key"},
			{valid(map[string]any{"for": nil}), "until: it is needed"},
			{valid(map[string]any{"for": "400d"}), "a year at most"},
			{valid(map[string]any{"for": "soon"}), "write 30m"},
			{valid(map[string]any{"until": "2020-01-01T00:00:00Z"}), "it has until already"},
			{valid(map[string]any{"for": nil, "until": "2020-01-01T00:00:00Z"}), "over before it begins"},
			{valid(map[string]any{"from": "now"}), "from: write"},
			{valid(map[string]any{"why": " "}), "say why"},
			{valid(map[string]any{"why": strings.Repeat("x", 5000)}), "at most"},
			{valid(map[string]any{"every": "FREQ=SECONDLY"}), "repeats by days"},
			{valid(map[string]any{"every": "FREQ=DAILY;BYHOUR=1,2"}), "repeats by days"},
			{valid(map[string]any{"every": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}), "names no time"},
			{valid(map[string]any{"every": "now and then"}), "neither a length"},
			{valid(map[string]any{"every": "1d", "for": "2d"}), "comes again before it is over"},
			{valid(map[string]any{"every": "1d", "zone": "Mars/Olympus"}), "there is no time zone"},
			{valid(map[string]any{"who": "x"}), "is no JSON object of a silence"},
		} {
			if code, answer := w.call(http.MethodPost, "/api/v1/silences", apiToken, c.ask); code/100 != 4 || !strings.Contains(string(answer), c.want) {
				t.Errorf("%v: %d %s", c.ask, code, answer)
			}
		}
		if _, list := w.call(http.MethodGet, "/api/v1/silences", apiToken, nil); string(list) != "{\"silences\":[]}\n" {
			t.Errorf("%s", list)
		}
	})
}
