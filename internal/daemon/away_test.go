package daemon

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// guest is a browser that is signed in.
type guest struct {
	w      *town
	cookie string
}

// signsIn makes a session of a person.
func (w *town) signsIn(person string) *guest {
	w.t.Helper()
	session, err := w.daemon.Load().signing.Book.Enter(context.Background(), person, signin.ByPasskey, signin.From{})
	if err != nil {
		w.t.Fatal(err)
	}
	g := &guest{w: w, cookie: session}
	g.get("/now", http.StatusOK)
	return g
}

// asks sends a form, or gets a page if form is nil. It follows no redirect.
func (g *guest) asks(method, path string, form url.Values) (code int, page, to string) {
	g.w.t.Helper()
	r, err := http.NewRequestWithContext(g.w.t.Context(), method, publicURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if g.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: g.cookie})
	}
	r.Header.Set("Accept-Language", "en")
	resp, err := g.w.client.Transport.RoundTrip(r)
	if err != nil {
		g.w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		g.w.t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header.Get("Location")
}

func (g *guest) get(path string, want int, said ...string) string {
	g.w.t.Helper()
	code, page, _ := g.asks(http.MethodGet, path, nil)
	if code != want {
		g.w.t.Fatalf("%s: %d, want %d: %s", path, code, want, page)
	}
	for _, text := range said {
		if !strings.Contains(page, text) {
			g.w.t.Errorf("%s does not say %q: %s", path, text, page)
		}
	}
	return page
}

var (
	sealIn    = regexp.MustCompile(`name="seen" value="([^"]*)"`)
	awayOne   = regexp.MustCompile(`/tickets/(I\d+_E\w+_\d+)`)
	awayAsked = "/api/v1/tickets/"
)

// presses presses a button of a ticket's page.
func (g *guest) presses(number, action string) int {
	g.w.t.Helper()
	seal := sealIn.FindStringSubmatch(g.get("/tickets/"+number, http.StatusOK))
	if seal == nil {
		g.w.t.Fatal("the page has no button")
	}
	code, _, _ := g.asks(http.MethodPost, "/tickets/"+number, url.Values{"action": {action}, "seen": {seal[1]}})
	return code
}

// TestPeopleWhileTheStoreIsAway: whoever was seen within the hour reads and
// takes what is paged from the spool, in the console and by the API. Other
// pages say that they need the store. What was taken stays taken when the
// store is back.
func TestPeopleWhileTheStoreIsAway(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		old := w.alert("firing", "srv-old-01", "alertname", "Old")
		alice, dominique, never := w.signsIn("alice"), w.signsIn("dominique"), &guest{w: w}
		w.storeGoes()
		never.cookie = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		alice.get("/now", http.StatusServiceUnavailable) // nothing was kept yet
		w.alert("firing", "srv-db-01")
		w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(10 * time.Second)
		alice.get("/now", http.StatusServiceUnavailable, "The store is away", "2 requests")
		w.at(40 * time.Second)

		now := alice.get("/now", http.StatusOK, "Ne figure ici que ce qui est arrivé", "srv-db-01", "DiskFull")
		if strings.Contains(now, "srv-old-01") || strings.Contains(now, old) {
			t.Error("it shows what it cannot know")
		}
		numbers := map[string]bool{}
		for _, m := range awayOne.FindAllStringSubmatch(now, -1) {
			numbers[m[1]] = true
		}
		if len(numbers) != 2 {
			t.Fatalf("%v", numbers)
		}
		taken := ""
		for number := range numbers {
			if page := alice.get("/tickets/"+number, http.StatusOK, "indisponible depuis"); strings.Contains(page, "srv-db-01") {
				taken = number
			}
		}
		if code := alice.presses(taken, "acknowledge"); code != http.StatusSeeOther {
			t.Fatalf("acknowledge: %d", code)
		}
		w.refuseTheRest(alice, dominique, never, old)

		before := len(w.alice.Messages())
		w.at(10 * time.Minute)
		for _, m := range w.alice.Messages()[before:] {
			if m.Kind == phonetest.SMS && strings.Contains(m.Body, "srv-db-01") {
				t.Errorf("after it was taken: %v", m)
			}
		}
		w.storeComesBack()
		w.at(11 * time.Minute)
		alice.get("/now", http.StatusOK, "srv-old-01", "srv-db-01")
		if s := w.expectState(taken, "acknowledged"); s.AcknowledgedBy != "alice" {
			t.Errorf("taken by %s\n%s", s.AcknowledgedBy, timelineOf(s))
		}
		alice.get("/people/alice", http.StatusOK)
	})
}

// refuseTheRest checks what cannot be done while the store is away, and the
// API.
func (w *town) refuseTheRest(alice, dominique, never *guest, old string) {
	t := w.t
	t.Helper()
	for _, path := range []string{"/tickets/" + old, "/tickets", "/people/alice", "/oncall", awayAsked + old, "/api/v1/people/alice/devices"} {
		alice.get(path, http.StatusServiceUnavailable)
	}
	alice.get("/people/alice", http.StatusServiceUnavailable, "The store is away", "stand on Now", `<a class="tap" href="/now">Now</a>`)
	dominique.get("/people", http.StatusServiceUnavailable)
	never.get("/now", http.StatusServiceUnavailable, "The store is away")
	(&guest{w: w}).get("/now", http.StatusSeeOther)
	alice.get("/api/v1/tickets", http.StatusOK, `"away_since":"2026-11-21T02:12`)
	for _, c := range []struct {
		method, path, token string
		want                int
	}{
		{"GET", "/api/v1/tickets", apiToken, http.StatusOK},
		{"GET", "/api/v1/tickets", "wrong", http.StatusUnauthorized},
		{"POST", "/api/v1/tickets", apiToken, http.StatusServiceUnavailable},
		{"POST", awayAsked + old + "/acknowledge", apiToken, http.StatusServiceUnavailable}, // no 404: a phone would give it up
		{"GET", "/api/v1/backup", apiToken, http.StatusNotImplemented},
		{"GET", "/api/v1/oncall", apiToken, http.StatusOK},
	} {
		body := map[string]string{}
		if c.path == "/api/v1/tickets" {
			body["title"] = "by hand"
		}
		if code, answer := w.call(c.method, c.path, c.token, body); code != c.want {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, code, c.want, answer)
		}
	}
	code, _, _ := (&guest{w: w}).asks(http.MethodPost, "/sign-in", url.Values{"name": {"alice"}, "password": {"whatever it may be"}})
	if code != http.StatusServiceUnavailable {
		t.Errorf("somebody signs in: %d", code)
	}
}

// TestWhoIsRememberedWhileTheStoreIsAway: a session is remembered for an hour,
// and no longer.
func TestWhoIsRememberedWhileTheStoreIsAway(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		alice := w.signsIn("alice")
		w.storeGoes()
		w.alert("firing", "srv-db-01")
		w.at(59 * time.Minute)
		alice.get("/now", http.StatusOK, "srv-db-01")
		w.at(61 * time.Minute)
		alice.get("/now", http.StatusServiceUnavailable)
		w.storeComesBack()
		w.at(62 * time.Minute)
		alice.get("/now", http.StatusOK)
	})
}

// TestATokenTakesATwin: a token that names no person takes a ticket while the
// store is away. Then the store's ticket for the same alert is taken too.
func TestATokenTakesATwin(t *testing.T) {
	withSpool(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		w.storeGoes()
		w.alert("firing", "srv-db-02")
		w.at(45 * time.Second)
		_, list := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil)
		found := regexp.MustCompile(`"number":"(I\d+_E\w+_\d+)"`).FindSubmatch(list)
		if found == nil {
			t.Fatalf("%s", list)
		}
		if code, answer := w.call(http.MethodPost, awayAsked+string(found[1])+"/acknowledge", apiToken, map[string]string{}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.storeComesBack()
		w.at(55 * time.Second)
		if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "ops" {
			t.Errorf("taken by %q", s.AcknowledgedBy)
		}
	})
}
