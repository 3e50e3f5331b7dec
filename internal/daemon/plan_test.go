package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// planned is the plan of the house for the two days from now.
func (w *town) planned() (list []ticket.Planned) {
	w.t.Helper()
	from := time.Now().UTC()
	code, answer := w.call(http.MethodGet, "/api/v1/planning?from="+from.Format(time.RFC3339)+"&until="+from.Add(48*time.Hour).Format(time.RFC3339), apiToken, nil)
	var plan struct{ Interventions []ticket.Planned }
	if err := json.Unmarshal(answer, &plan); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s, %v", code, answer, err)
	}
	return plan.Interventions
}

// TestAnInterventionElsewhere: it is in the calendar of whoever goes, until it is
// cancelled; and in the plan under the customer that its ticket has now, by which people
// are kept from seeing it.
func TestAnInterventionElsewhere(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		from := time.Now().UTC().Truncate(time.Second).Add(26 * time.Hour)
		at := "/api/v1/tickets/" + number
		code, answer := w.call(http.MethodPost, at+"/interventions", apiToken, map[string]any{"from": from, "until": from.Add(2 * time.Hour), "place": "Givrand", "person": "bruno"})
		if code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(time.Minute)
		his, _ := w.feed("bruno", "")
		others, _ := w.feed("alice", "")
		ofAll, _ := w.feed("bruno", "on-call")
		reads := func(path string) string {
			_, text := w.call(http.MethodGet, path, "", nil)
			_, event, _ := strings.Cut(strings.ReplaceAll(string(text), "\r\n ", ""), "SUMMARY:Intervention "+number)
			return event
		}
		for _, path := range []string{others, ofAll} {
			if event := reads(path); event != "" {
				t.Errorf("another's calendar: %s", event)
			}
		}
		_, text := w.call(http.MethodGet, his, "", nil)
		for _, want := range []string{"LOCATION:Givrand", "URL:" + publicURL + "/tickets/" + number, "DTSTART;TZID=Europe/Paris:" + from.In(w.daemon.Load().pager.Rules().Location).Format("20060102T150405")} {
			if event := reads(his); event == "" || !strings.Contains(strings.ReplaceAll(string(text), "\r\n ", ""), want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
		if list := w.planned(); len(list) != 1 || list[0].Customer != "acme" {
			t.Fatalf("%+v", list)
		}

		req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, publicURL+at, strings.NewReader(`{"customer":"bellac"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+apiToken)
		req.Header.Set("If-Match", "*")
		resp, err := w.client.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		_ = resp.Body.Close()
		w.at(2 * time.Minute)
		list := w.planned()
		if len(list) != 1 || list[0].Customer != "bellac" {
			t.Fatalf("under another customer: %+v", list)
		}
		if code, answer := w.call(http.MethodPatch, at+"/interventions/"+list[0].ID, apiToken, map[string]string{"state": "cancelled"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(3 * time.Minute)
		if event := reads(his); event != "" || len(w.planned()) != 0 {
			t.Errorf("it is cancelled: %s, %+v", event, w.planned())
		}
	})
}
