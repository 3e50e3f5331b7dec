package screens

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// watching is a page of somebody that stays open.
type watching struct {
	*browsertest.Tab
	s *site
}

// watch opens a page, and returns when it hears what happens.
func (s *site) watch(b *browsertest.Browser, session, path string) *watching {
	s.t.Helper()
	w := &watching{Tab: b.Tab(s.t), s: s}
	w.Cookie(s.at, cookieName, session)
	w.Screen(1440, 900, "light")
	w.Open(s.at + path)
	w.Eval(`window.same = "the same page"`)
	w.hears()
	return w
}

// hears waits until the page's stream is open, after the last time that it was not.
func (w *watching) hears() {
	w.s.t.Helper()
	w.Until("the page hears what happens", hearing)
}

// shows waits until a ticket is on the page.
func (w *watching) shows(number string) {
	w.s.t.Helper()
	w.Until(number+" is shown", `document.getElementById("t-`+number+`")`)
}

// byEventsAlone stops the page's own clock, so that what it shows from now on can only come by
// what it hears.
func (w *watching) byEventsAlone() {
	w.s.t.Helper()
	w.Eval(`(() => { window.clock ??= Date.now; const now = clock(); Date.now = () => now; return ""; })()`)
}

// later lets the page's clock go on, so many milliseconds later than it was.
func (w *watching) later(milliseconds string) {
	w.s.t.Helper()
	w.Eval(`(() => { window.clock ??= Date.now; Date.now = () => clock() + ` + milliseconds + `; return ""; })()`)
}

// stayed says whether the page is the one that was opened.
func (w *watching) stayed() {
	w.s.t.Helper()
	if got := w.Eval(`String(window.same)`); got != "the same page" {
		w.s.t.Error("the page was loaded anew")
	}
	if got := w.Eval(`wrong.filter((w) => !w.includes("Failed to fetch") && !w.includes("network error")).join("; ")`); got != "" {
		w.s.t.Errorf("its scripts say %s", got)
	}
}

// TestAPageOutlastsItsDaemon: a page that stays open while the daemon is away says
// that what it shows is old. Once there is a daemon it is as new as if it had just
// been opened, hears what happens, and nobody touched it.
func TestAPageOutlastsItsDaemon(t *testing.T) {
	s := newSite(t)
	browser := browsertest.Open(t)
	before := s.alert("prometheus", "HostDown")
	w := s.watch(browser, s.signedIn("chloe"), "/now")
	w.byEventsAlone()
	w.shows(before)
	w.shows(s.alert("prometheus", "DiskFull"))

	s.stop()
	w.later("40000")
	w.Do("what it shows is old", browsertest.See("#stale"))
	s.start()
	back := time.Now()
	s.acts("alice", before, "acknowledge")
	w.shows(s.alert("prometheus", "BackupLate"))
	t.Logf("the page shows what is new %s after the daemon was back", time.Since(back).Round(time.Millisecond))
	w.Until("who took it is told", `document.querySelector("#t-`+before+` .state.taken")`)
	w.Until("it is old no more", `document.getElementById("stale").hidden`)
	w.hears()
	t.Logf("it hears what happens %s after the daemon was back", time.Since(back).Round(time.Millisecond))
	w.byEventsAlone()
	w.shows(s.alert("prometheus", "Heard"))
	w.stayed()
}

// TestAPageOutlastsAReload: another configuration shows on a page that is open, by
// what the daemon tells, and tickets go on to.
func TestAPageOutlastsAReload(t *testing.T) {
	s := newSite(t)
	w := s.watch(browsertest.Open(t), s.signedIn("chloe"), "/now")
	w.byEventsAlone()
	w.Until("who is on call is told", `document.querySelector(".duties").textContent.includes("Alice Martin")`)
	s.onCall = "[bruno, chloe, alice]"
	if err := s.daemon.Reload(t.Context(), s.configured()); err != nil {
		t.Fatal(err)
	}
	w.Until("who is on call now is told", `document.querySelector(".duties").textContent.includes("Bruno Petit")`)
	w.shows(s.alert("prometheus", "HostDown"))
	w.stayed()
}

// TestPagesComeBackApart: of many pages that lose their daemon at once, each asks for
// its stream again after a time of its own, at most some seconds, and so does each
// that hears that it has to read everything anew.
func TestPagesComeBackApart(t *testing.T) {
	s := newSite(t)
	browser := browsertest.Open(t)
	session := s.signedIn("chloe")
	var anew, again [2]string
	for i, dice := range []string{"0", "0.999999"} {
		w := s.watch(browser, session, "/now")
		w.Eval(`(() => {
			Math.random = () => ` + dice + `;
			let next = "";
			window.waits = {};
			const set = setTimeout, live = document.getElementById("live");
			window.setTimeout = (f, ms, ...more) => { if (next) waits[next] ??= String(Math.round(ms)); next = ""; return set(f, ms, ...more); };
			live.addEventListener("htmx:sse:before:connection", () => { next = "again"; });
			next = "anew";
			htmx.trigger(live, "resync", {});
			return "";
		})()`)
		s.stop()
		w.Until("it asks again", `waits.again`)
		anew[i], again[i] = w.Eval(`waits.anew`), w.Eval(`waits.again`)
		s.start()
		w.hears()
	}
	if anew != [2]string{"150", "2150"} || again != [2]string{"200", "1800"} {
		t.Errorf("they read anew after %s ms, and ask for their stream again after %s ms", anew, again)
	}
}
