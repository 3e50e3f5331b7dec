package demo

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// opens is the tab that a press opens at a path.
func (p *page) opens(what, path string, steps ...chromedp.Action[chromedp.Void]) *page {
	p.t.Helper()
	opened := chromedp.WaitNewTarget(p.ctx, func(tab *target.Info) bool { return strings.HasSuffix(tab.URL, path) })
	p.do(what, steps...)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	select {
	case id := <-opened:
		tab, end := chromedp.NewContext(p.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
		p.t.Cleanup(end)
		if err := chromedp.Do(tab); err != nil { // it is attached for as long as this context
			p.t.Fatalf("%s: %v", what, err)
		}
		return &page{t: p.t, ctx: tab}
	case <-ctx.Done():
		p.t.Fatalf("%s: no tab opens", what)
		return nil
	}
}

// tabs is how many there are.
func (p *page) tabs() (n int) {
	p.t.Helper()
	list, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range list {
		if one.Type == "page" {
			n++
		}
	}
	return n
}

// desk is the demo's page on a desk's screen.
func (p *page) desk(theme string) {
	p.t.Helper()
	p.do("the screen", chromedp.EmulateViewport(1440, 900), themed(theme))
}

// looks keeps what a page shows on both screens, in both themes, and holds that it
// is no wider than they are.
func (p *page) looks(name string) {
	p.t.Helper()
	for _, theme := range []string{"dark", "light"} {
		for _, width := range []int64{390, 1440} {
			if width == 390 {
				p.screen(390, 844, theme)
			} else {
				p.desk(theme)
			}
			if wide := p.eval(`String(document.documentElement.scrollWidth > document.documentElement.clientWidth)`); wide != "false" {
				p.t.Errorf("%s: it is wider than a screen of %d", name, width)
			}
			for _, flaw := range (&browsertest.Tab{TB: p.t, Ctx: p.ctx}).Flaws() {
				p.t.Errorf("%s, %d pixels, %s: %s", name, width, theme, flaw)
			}
			p.keep(fmt.Sprintf("%s-%d-%s", name, width, theme))
		}
	}
}

// TestTheAppInABrowser: a push on a drawn phone, the button that signs in as its
// owner, Now in a window of its own, the app in the same one, and an acknowledgement
// there.
func TestTheAppInABrowser(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "fr", 1440, 900)
	p.do("the page opens", chromedp.Navigate(d.URL()), see("#phone-alice .badge"))
	p.do("an alert is raised, and a push comes with its buttons", click("#raise-srv-db-01"), see("#phone-alice .msg.push .take"), see("#phone-alice .msg.sms"), see(".state.open"))
	if got := p.text("#phone-alice .msg.push .buttons"); got != "Je prendsOuvrir" {
		t.Errorf("the push has the buttons %q", got)
	}
	p.looks("demo")
	console := p.opens("sign in as dominique", "/now", click("#as-dominique"))
	console.do("Now", see("#asks"), see("[data-take]"))
	if got := console.eval(`document.querySelector(".me a").textContent`); got != "Dominique Roy" {
		t.Errorf("%q is signed in", got)
	}
	if got := console.eval("location.pathname"); got != "/now" {
		t.Errorf("it is at %s", got)
	}
	console.looks("now")
	p.do("the app on alice's phone", click("#app-alice"))
	console.do("its checks", see("#checks"))
	if got := console.eval(`document.querySelector(".me a").textContent`); got != "Alice Martin" || p.tabs() != 2 {
		t.Errorf("%q is signed in, in %d tabs", got, p.tabs())
	}
	console.looks("app")
	console.screen(390, 844, "light")
	console.do("Now on the phone, and the ticket is taken", click(`nav a[href="/now"]`), see("[data-take]"))
	console.eval(`document.querySelector("[data-take]").click() ?? ""`) // in one step: the list is drawn anew while it is looked for
	console.do("it is taken", see(".flash.good"), see(".state.taken"))
	list, _, err := d.store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 1})
	if err != nil || len(list) != 1 || list[0].State != ticket.Acknowledged || list[0].AcknowledgedBy.Person() != "alice" {
		t.Errorf("%+v, %v", list, err)
	}
	p.do("the demo's page shows it", see(".state.acknowledged"))
	p.do("the push is pressed all the same", click("#phone-alice .msg.push .take"), see("#phone-alice .came"))
	if got := p.text("#phone-alice .came"); !strings.HasPrefix(got, "C'est à vous") {
		t.Errorf("the phone says %q", got)
	}
	p.looks("demo-taken")
}

// TestFromTheSignInPageToTheDemosAndBack: who asks for a page of the console, and is
// nobody, chooses whom to be and is led there.
func TestFromTheSignInPageToTheDemosAndBack(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "it", 1440, 900)
	p.do("a page of the console", chromedp.Navigate(d.URL()+"/oncall"), see("#name"), click(".flash a"), see("#as-chloe"), see("#who"))
	console := p.opens("sign in as chloe", "/oncall", click("#as-chloe"))
	console.do("who is on call", see("h1"))
	if got := console.eval("location.pathname"); got != "/oncall" {
		t.Errorf("it is at %s", got)
	}
	console.looks("oncall")
}

// TestTheConsoleFollowsTheClock: at any speed, without an event that would tell it to
// look; of a change of speed it hears at once.
func TestTheConsoleFollowsTheClock(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "en", 1440, 900)
	p.do("the page opens", chromedp.Navigate(d.URL()), see("#as-bruno"))
	console := p.opens("sign in as bruno", "/now", click("#as-bruno"))
	console.do("Now", see("#duty"))
	p.do("time runs fast", click("#speed-600"))
	const foot = `document.querySelector(".foot").textContent`
	seen := map[string]bool{}
	began := time.Now() // a page that nobody tells of anything looks each 15 s
	for len(seen) < 5 {
		seen[console.eval(foot)] = true
		if took := time.Since(began); took > 40*time.Second {
			t.Fatalf("in %s it shows %v", took, seen)
		}
		<-realAfter(100 * time.Millisecond)
	}
	at := console.eval(`document.querySelector(".foot").textContent.match(/\d\d:\d\d:\d\d/)[0]`)
	if at < "04:20" { // it was 04:12
		t.Errorf("it shows %s", at)
	}
	// Who is on call until when is said by that clock: the reserve changes at eight.
	d.clock.Reach(time.Date(2026, time.November, 21, 6, 58, 0, 0, time.UTC))
	wait(t, "the handover", func() bool {
		return strings.Contains(console.eval(`[...document.querySelectorAll(".duties div")].find((e) => e.textContent.startsWith("reserve")).textContent`), "22/11")
	})
}

// pictures names a folder for the README's.
const pictures = "ASTREINTE_PICTURES"

// TestAsTheREADMETells: an alert rings alice's phone, and after fifteen minutes
// dominique's; alice takes it by the push; the console shows what asks for somebody.
func TestAsTheREADMETells(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "en", 1400, 960)
	p.do("the page opens", chromedp.EmulateViewport(1400, 960), chromedp.Navigate(d.URL()), see("#phone-alice .badge"))
	p.do("an alert is raised, and time runs fast until dominique is woken", click("#raise-srv-db-01"), see("#phone-alice .msg.push"),
		click("#speed-60"), see("#phone-dominique .msg.push"), see("#phone-dominique .msg.sms"), click("#speed-1"))
	wait(t, "a push on the phone", func() bool {
		return p.eval(`([...document.querySelectorAll("#phone-alice .take")].at(-1)?.click(), "")`) == ""
	})
	p.do("alice takes it", see("#phone-alice .came"), see(".state.acknowledged"))
	wait(t, "dominique hears of it", func() bool { return strings.Contains(p.text("#phone-dominique .screen"), "Alice") })
	if got := p.text("#phone-alice .came"); !strings.HasPrefix(got, "C'est à vous") {
		t.Errorf("alice's phone says %q", got)
	}
	p.picture(pictures, "demo")
	p.do("more is raised", click("#raise-srv-web-02"), click("#raise-imp-03"), see(`.ticket:nth-child(3)`))
	console := p.opens("sign in as chloé", "/now", click("#as-chloe"))
	console.do("Now", chromedp.EmulateViewport(1180, 620), see("[data-take]"), see(".state.taken"))
	if got := console.eval(`String(document.querySelectorAll("[data-take]").length)`); got != "2" {
		t.Errorf("%s tickets ask for somebody", got)
	}
	console.picture(pictures, "console")
}
