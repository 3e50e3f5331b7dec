package daemon

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// feed makes a feed by the API. It returns the feed's path and ID.
func (w *town) feed(person, group string) (path, id string) {
	w.t.Helper()
	code, answer := w.call(http.MethodPost, "/api/v1/people/"+person+"/feeds", apiToken, map[string]string{"group": group})
	var made struct{ ID, URL string }
	if err := json.Unmarshal(answer, &made); err != nil || code != http.StatusCreated {
		w.t.Fatalf("%d %s", code, answer)
	}
	path, ok := strings.CutPrefix(made.URL, publicURL)
	if !ok {
		w.t.Fatalf("the address %s", made.URL)
	}
	return path, made.ID
}

// TestAFeedShowsAReplacement: whoever has its address reads it without signing
// in, in the person's language. It shows who is on call now, until it is
// revoked or its person is gone.
func TestAFeedShowsAReplacement(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		path, id := w.feed("bruno", "")
		of, _ := w.feed("bruno", "on-call")
		if !regexp.MustCompile(`^/calendar/[a-z2-7]{26}\.ics$`).MatchString(path) || path == of {
			t.Fatalf("%s %s", path, of)
		}
		begins := "DTSTART;TZID=Europe/Paris:20261128T090000"
		code, text := w.call(http.MethodGet, path, "", nil)
		if code != http.StatusOK || !strings.HasPrefix(string(text), "BEGIN:VCALENDAR\r\n") || !strings.Contains(string(text), "Astreinte : on-call") || strings.Contains(string(text), begins) {
			t.Fatalf("%d %s", code, text)
		}
		saturday := time.Date(2026, time.November, 28, 8, 0, 0, 0, time.UTC)
		w.replacement(map[string]any{"group": "on-call", "person": "chloe", "instead_of": "bruno", "from": saturday, "to": saturday.Add(24 * time.Hour)})
		_, text = w.call(http.MethodGet, path, "", nil)
		if !strings.Contains(string(text), "DTEND;TZID=Europe/Paris:20261128T090000") || !strings.Contains(string(text), "DTSTART;TZID=Europe/Paris:20261129T090000") {
			t.Errorf("%s", text)
		}
		if _, text = w.call(http.MethodGet, of, "", nil); !strings.Contains(string(text), begins) {
			t.Errorf("the group's: %s", text)
		}
		if code, _ := w.call(http.MethodDelete, "/api/v1/people/bruno/feeds?id="+id, apiToken, nil); code != http.StatusOK {
			t.Errorf("revoked: %d", code)
		}
		for _, gone := range []string{path, of + "x", strings.TrimSuffix(of, ".ics"), "/calendar/.ics", "/calendar/" + strings.Repeat("a", 5000) + ".ics"} {
			if code, answer := w.call(http.MethodGet, gone, "", nil); code != http.StatusNotFound {
				t.Errorf("%.60s: %d %.100s", gone, code, answer)
			}
		}
	})
}

// TestWhoMayMakeFeeds: people make their own, and a manager makes anybody's,
// by the API and on the page.
func TestWhoMayMakeFeeds(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		alice, dominique := w.signsIn("alice"), w.signsIn("dominique")
		page := alice.get("/people/alice", http.StatusOK)
		if !strings.Contains(page, "/people/alice/feeds") {
			t.Error("nothing leads to them")
		}
		alice.get("/people/bruno/feeds", http.StatusForbidden)
		dominique.get("/people/bruno/feeds", http.StatusOK)
		dominique.get("/people/nobody/feeds", http.StatusNotFound)

		_, page, _ = alice.asks(http.MethodPost, "/people/alice/feeds", url.Values{"group": {""}})
		found := regexp.MustCompile(regexp.QuoteMeta(publicURL) + `(/calendar/[a-z2-7]{26}\.ics)"`).FindStringSubmatch(page)
		if found == nil || !strings.Contains(page, "webcal://astreinte.example.net/calendar/") {
			t.Fatalf("%s", page)
		}
		if code, text := w.call(http.MethodGet, found[1], "", nil); code != http.StatusOK || !strings.Contains(string(text), "on-call") {
			t.Errorf("%d %s", code, text)
		}
		page = alice.get("/people/alice/feeds", http.StatusOK)
		if strings.Contains(page, found[1]) {
			t.Error("the address is shown twice")
		}
		button := regexp.MustCompile(`name="revoke" value="([0-9a-f]{12})"`).FindStringSubmatch(page)
		if button == nil {
			t.Fatalf("%s", page)
		}
		if code, _, _ := dominique.asks(http.MethodPost, "/people/bruno/feeds", url.Values{"revoke": {button[1]}}); code != http.StatusSeeOther {
			t.Errorf("%d", code)
		}
		if code, _ := w.call(http.MethodGet, found[1], "", nil); code != http.StatusOK {
			t.Error("it was revoked among another's")
		}
		if code, _, _ := alice.asks(http.MethodPost, "/people/alice/feeds", url.Values{"revoke": {button[1]}}); code != http.StatusSeeOther {
			t.Errorf("%d", code)
		}
		if code, _ := w.call(http.MethodGet, found[1], "", nil); code != http.StatusNotFound {
			t.Error("it is not revoked")
		}
		if code, _, _ := alice.asks(http.MethodPost, "/people/alice/feeds", url.Values{"group": {"nobody"}}); code != http.StatusUnprocessableEntity {
			t.Errorf("of a group that is none: %d", code)
		}
		if code, answer := w.call(http.MethodGet, "/api/v1/people/alice/feeds", "", nil); code != http.StatusUnauthorized {
			t.Errorf("%d %s", code, answer)
		}
	})
}
