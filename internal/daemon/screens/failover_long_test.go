//go:build long

package screens

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// everyScreen has each language's pages looked at on every screen.
const everyScreen = true

// TestAPageOutlastsAFailover: two daemons on one Redis, whose primary dies under
// Sentinel. A page that is open at one of them shows what was taken in at the other,
// before and after, and what the page does not show is not there either.
func TestAPageOutlastsAFailover(t *testing.T) {
	set := redistest.Sentinel(t)
	here, there := newSiteOn(t, set.URL()), newSiteOn(t, set.URL())
	w := here.watch(browsertest.Open(t), here.signedIn("chloe"), "/now")
	w.byEventsAlone()
	before := there.alert("prometheus", "Before")
	w.shows(before)

	set.Primary.Kill()
	w.later("40000")
	w.Do("what it shows is old", browsertest.See("#stale"))
	set.Replica.Promoted()
	back := time.Now()
	there.until(t, http.StatusOK, "/readyz")
	here.until(t, http.StatusOK, "/readyz")
	after := there.alert("prometheus", "After")
	there.acts("alice", before, "acknowledge")
	w.shows(after)
	t.Logf("the page shows what is new %s after there was a primary", time.Since(back).Round(time.Millisecond))
	w.Until("who took it is told", `document.querySelector("#t-`+before+` .state.taken")`)
	w.Until("it is old no more", `document.getElementById("stale").hidden`)
	w.hears()
	w.byEventsAlone()
	w.shows(there.alert("prometheus", "Heard"))
	w.stayed()
}

// until waits until a path is answered with a status.
func (s *site) until(t *testing.T, status int, path string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	said := ""
	for began := time.Now(); time.Since(began) < time.Minute; <-tick.C {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.at+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if said = resp.Status; resp.StatusCode == status {
			return
		}
	}
	t.Fatalf("%s: %s", path, strings.TrimSpace(said))
}
