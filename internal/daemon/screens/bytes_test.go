package screens

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// What pages may weigh on the wire, headers and all.
const (
	firstWeighs = 100_000 // the first page that a browser opens, with its scripts, icons and worker
	thenWeighs  = 30_000  // each further one
)

// TestWhatPagesWeigh counts the bytes that leave the daemon for a browser that has
// never been there, with as many tickets as a page shows.
func TestWhatPagesWeigh(t *testing.T) {
	s := newSite(t)
	numbers := s.many(120)
	session := s.signedIn("chloe")
	link := s.link("chloe", numbers[0])
	bundle := s.link("chloe", numbers[:50]...)
	tab := browsertest.Open(t).Tab(t)
	tab.Cookie(s.at, cookieName, session)
	tab.Screen(390, 844, "light")
	weighs := func(path string, most int64) {
		t.Helper()
		before := s.door.sent.Load()
		tab.Open(s.at + path)
		tab.Until("all of it is here", `document.readyState === "complete" && (!document.getElementById("live") || `+hearing+`)`)
		tab.Eval(`navigator.serviceWorker.ready.then(() => "")`)
		if again := tab.Eval(readAgain); again != "0" {
			t.Errorf("%s: it read itself anew, though nothing has happened", path)
		}
		bytes := s.door.sent.Load() - before
		t.Logf("%-12.12s %6d bytes", path, bytes)
		if bytes > most || bytes < 1000 {
			t.Errorf("%s takes %d bytes, %d are its budget", path, bytes, most)
		}
	}
	weighs("/now", firstWeighs)
	for _, path := range []string{"/now", "/tickets", "/tickets/" + numbers[0], "/oncall", "/people", "/people/chloe", "/sources", "/health", "/walls", "/phone", "/people/chloe/phone", link, bundle} {
		weighs(path, thenWeighs)
	}
}

// hearing says of a page whether its stream is open, after the last time that it was
// not.
const hearing = `(() => { const s = document.getElementById("live")._htmx?.sse; return s?.status === 200 && s.attempt === 0; })()`

// readAgain is how often a page has read itself anew, once it would have done so for
// what it heard before.
const readAgain = `new Promise((known) => setTimeout(known, 300)).then(() =>
	String(performance.getEntriesByType("resource").filter((e) => e.initiatorType === "fetch" && e.name === location.href).length))`

// many posts so many alerts at once, each of which opens a ticket.
func (s *site) many(n int) (numbers []string) {
	s.t.Helper()
	var alerts []any
	for i := range n {
		alerts = append(alerts, map[string]any{"status": "firing", "startsAt": s.clock.Now(), "labels": map[string]string{
			"alertname": fmt.Sprintf("Down%03d", i), "instance": fmt.Sprintf("srv-%03d.clinique-saint-yves.example.com", i), "customer": "acme", "site": "Givrand",
			"severity": []string{"critical", "high", "warning", "info"}[i%4],
		}})
	}
	body, err := json.Marshal(map[string]any{"version": "4", "status": "firing", "alerts": alerts})
	if err != nil {
		s.t.Fatal(err)
	}
	_, text := s.ask(http.MethodPost, "/ingest/prometheus", map[string]string{"Authorization": "Bearer " + postToken}, body)
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(text, &taken); err != nil || len(taken.Tickets) != n {
		s.t.Fatalf("%s (%v)", text, err)
	}
	return taken.Tickets
}
