package screens

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// sheets is on how many sheets of A4 a page is printed at most, where one is not
// enough. The ticket that somebody has taken has four other clocks, tasks, interventions and
// files (worked); each of its clocks has its minutes.
var sheets = map[string]int{"now": 2, "tickets": 2, "ticket": 3, "ticket-sure": 3, "ticket-taken": 4, "ticket-checked": 4, "clock": 2, "link-checked": 3, "source": 2, "ticket-over": 3, "oncall": 3, "people": 1, "health": 2, "audit": 6, "phone": 2, "link": 3, "bundle-one": 2, "person": 2, "person-invited": 2, "wall": 3, "source-refused": 2, "link-sure": 3, "qualified": 3, "customer": 2}

// TestPages holds what is true of each of them: it has a title that no other page has,
// which says what it is; it can be loaded anew and come back to; and it prints on few
// sheets, with everything unfolded and nothing on it that can only be pressed.
func TestPages(t *testing.T) {
	n := newNight(t)
	browser := browsertest.Open(t)
	who := &n.readers[2]
	in, out := browser.Tab(t), browser.Tab(t)
	in.Cookie(n.at, cookieName, who.session)
	out.Language(who.language)
	titles := map[string]string{}
	for _, v := range n.inside(who) {
		n.holdPage(t, in, v, titles)
	}
	for _, v := range n.outside(who) {
		n.holdPage(t, out, v, titles)
	}
}

// secretTitle begins the addresses whose pages say nothing of a ticket in their titles:
// messengers fetch links for previews, and show titles.
const secretTitle = "/a/"

func (n *night) holdPage(t *testing.T, tab *browsertest.Tab, v view, titles map[string]string) {
	t.Helper()
	tab.Screen(1440, 900, "dark")
	tab.Open(n.at + v.path)
	said := func() string {
		return tab.Eval(`document.title + "|" + document.querySelector("h1")?.textContent.trim()`)
	}
	was := said()
	title, _, _ := strings.Cut(was, "|")
	path, _, _ := strings.Cut(v.path, "?")
	switch other := titles[title]; {
	case strings.HasPrefix(path, secretTitle):
		if title != "Astreinte" {
			t.Errorf("%s: its title says %q", v.name, title)
		}
	case !strings.HasSuffix(title, " · Astreinte") && v.name != "offline":
		t.Errorf("%s: its title is %q", v.name, title)
	case other != "" && other != path:
		t.Errorf("%s: its title %q is that of %s", v.name, title, other)
	default:
		titles[title] = path
	}
	tab.Do(v.name+" anew", chromedp.Reload(), browsertest.See("main"))
	if now := said(); now != was {
		t.Errorf("%s: loaded anew it is %q, and was %q", v.name, now, was)
	}
	at := tab.Eval(`location.href`)
	elsewhere := "/phone/offline"
	if path == elsewhere {
		elsewhere = web.SignInPath
	}
	tab.Do(v.name+" and on", chromedp.Navigate(n.at+elsewhere), browsertest.See("main"))
	back(tab, at)
	if now := said(); now != was {
		t.Errorf("%s: one comes back to %q, and it was %q", v.name, now, was)
	}
	tab.Open(n.at + v.path)
	tab.Do(v.name, v.then...)
	for _, flaw := range tab.Paper() {
		t.Errorf("%s on paper: %s", v.name, flaw)
	}
	if took, most := tab.Sheets("paper-"+v.name), max(1, sheets[v.name]); took < 1 || took > most {
		t.Errorf("%s is printed on %d sheets, %d are expected at most", v.name, took, most)
	}
}

// back goes back to an address, whether the browser has kept its page or loads it anew.
func back(tab *browsertest.Tab, at string) {
	tab.TB.Helper()
	tab.Eval(`setTimeout(() => history.back()), ""`)
	ctx, cancel := context.WithTimeout(tab.Ctx, browsertest.Patience)
	defer cancel()
	for now := ""; now != at; runtime.Gosched() { // between two pages there is nobody to ask
		if ctx.Err() != nil {
			tab.TB.Fatalf("one comes back to %s, not %s", now, at)
		}
		if is, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.href : ""`)); err == nil {
			now = is
		}
	}
}

// TestBackToAList: who opens a ticket from a list that is filtered comes back to that
// list, after a press as well.
func TestBackToAList(t *testing.T) {
	n := newNight(t)
	tab := browsertest.Open(t).Tab(t)
	tab.Cookie(n.at, cookieName, n.readers[2].session)
	tab.Screen(390, 844, "light")
	tab.Open(n.at + "/tickets?state=open&urgency=critical")
	list := `[...document.querySelectorAll("[data-row]")].map((r) => r.id).join(" ")`
	rows, at := tab.Eval(list), tab.Eval(`location.href`)
	tab.Do("a ticket", browsertest.Click("#t-"+n.open+" a"), browsertest.See(".bar"))
	tab.Until("all of it is here", `document.readyState === "complete"`)
	tab.Eval(`window.same = "yes"`)
	tab.Do("a press", browsertest.Click(`.keys button[value="recheck"]`), browsertest.See(".said.good, .said.bad"))
	tab.Until("it is the same page", `window.same === "yes"`)
	back(tab, at)
	if now := tab.Eval(list); now != rows || !strings.Contains(rows, n.open) {
		t.Errorf("the list was %s, and is %s", rows, now)
	}
}
