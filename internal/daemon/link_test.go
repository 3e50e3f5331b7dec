package daemon

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// pressed posts a form to a link and returns the JSON answer.
func (w *town) pressed(path, form string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	answer := httptest.NewRecorder()
	w.daemon.Load().Handler().ServeHTTP(answer, r)
	return answer
}

func TestTheLinkOfABundle(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		tickets := w.storm("high", 0, 40)
		w.at(2 * time.Second)
		path := strings.TrimPrefix(w.alice.ExpectSMS(t, "40 x MAJEUR").Link(), publicURL)
		code, page := w.call(http.MethodGet, path, "", nil)
		if code != http.StatusOK || !strings.Contains(string(page), "Je prends tout (40)") || strings.Count(string(page), "?ticket=") != 40 {
			t.Fatalf("%d %s", code, page)
		}
		if code, page = w.call(http.MethodGet, path+"?ticket="+tickets[7], "", nil); code != http.StatusOK || !strings.Contains(string(page), "envoyé en un message pour 40 tickets") {
			t.Errorf("%d %s", code, page)
		}
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+tickets[3]+"/acknowledge", apiToken, map[string]string{"person": "bruno"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		if answer := w.pressed(path, "action=acknowledge"); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `{"done":39,"unchanged":1,`) {
			t.Errorf("%d %.300s", answer.Code, answer.Body)
		}
		for i, number := range tickets {
			by := "alice"
			if i == 3 {
				by = "bruno"
			}
			if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != by {
				t.Errorf("%s is taken by %s", number, s.AcknowledgedBy)
			}
		}
	}, aliceAlone)
}

// TestReloadMovesTheAddresses: addresses in answers begin with the public URL
// in force.
func TestReloadMovesTheAddresses(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		next := exampleConfig(t, w.world, replaced("public_url: "+publicURL, "public_url: "+publicURL+"/pager"))
		if err := w.daemon.Load().Reload(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/tickets", strings.NewReader(`{"title": "Coffee"}`))
		r.Header.Set("Authorization", "Bearer "+apiToken)
		answer := httptest.NewRecorder()
		w.daemon.Load().Handler().ServeHTTP(answer, r)
		if got := answer.Header().Get("Location"); answer.Code != http.StatusCreated || !strings.HasPrefix(got, "/pager/api/v1/tickets/") {
			t.Errorf("%d to %q", answer.Code, got)
		}
	})
}
