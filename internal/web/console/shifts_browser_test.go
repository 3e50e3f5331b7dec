package console

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/duty"
)

// mouse does something with the mouse in the middle of what a selector finds.
func (s *screen) mouse(kind input.DispatchMouseEventType, selector string) {
	s.t.Helper()
	at := strings.Fields(s.eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return (r.x + r.width / 2) + " " + (r.y + r.height / 2); })()`, selector)))
	x, _ := strconv.ParseFloat(at[0], 64)
	y, _ := strconv.ParseFloat(at[1], 64)
	s.do("the mouse on "+selector, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
		return err
	}))
}

func dayIn(date string) string { return `.month td[data-group="on-call"][data-day="` + date + `"]` }

// press presses a button of a page that may just be reading itself anew, and waits
// for what the next one says.
func (s *screen) press(selector, said string) {
	s.t.Helper()
	s.do(selector, see(selector))
	s.eval(`document.querySelector("` + selector + `").click(), ""`)
	s.tab.Until("it says "+said, `document.querySelector(".flash")?.textContent === "`+said+`"`)
}

// shifted is a month with replacements of every kind.
func (o *office) shifted() {
	o.t.Helper()
	for _, q := range []string{
		"person=bruno&instead_of=alice&from=2026-11-22T09:00&to=2026-11-22T21:00&note=a+wedding",
		"person=edith&kind=besides&from=2026-11-24T18:00&to=2026-11-25T08:00",
	} {
		o.save("dominique", "/oncall/change?group=on-call&"+q)
	}
	o.save("alice", "/oncall/change?group=on-call&person=bruno&instead_of=alice&from=2026-11-23T09:00&to=2026-11-23T21:00")
}

// TestDraggingOverTheMonth fills the form in; what it does is shown, and one press
// saves it.
func TestDraggingOverTheMonth(t *testing.T) {
	s := newScreen(t)
	s.signIn("dominique")
	s.size(1440, 2400, "light")
	s.do("the month", chromedp.Navigate(s.at+"/oncall"), see(".month"), see(".draghint"))
	s.mouse(input.DispatchMouseEventTypeMousePressed, dayIn("2026-11-27"))
	s.mouse(input.DispatchMouseEventTypeMouseMoved, dayIn("2026-11-28"))
	s.mouse(input.DispatchMouseEventTypeMouseMoved, dayIn("2026-11-29"))
	if got := s.eval(`String(document.querySelectorAll(".picked").length)`); got != "3" {
		t.Errorf("%s days are picked", got)
	}
	s.tab.Picture("oncall-drag")
	s.mouse(input.DispatchMouseEventTypeMouseReleased, dayIn("2026-11-29"))
	s.do("the form", see("#group"))
	if got := s.eval(`[group.value, instead.value, person.value, from.value, to.value].join(" ")`); got != "on-call bruno  2026-11-27T00:00 2026-11-30T00:00" {
		t.Errorf("the form holds %q", got)
	}
	s.eval(`person.value = "edith"`)
	s.do("what it does", click(".filters button.main"), see(".does button.main"))
	s.tab.Picture("oncall-does")
	s.do("saved", click(".does button.main"), see(".flash.good"))
	if got := s.on(24*7 - 2); got != "edith" {
		t.Errorf("%s is on call", got)
	}
	s.press(".shifts button[value=drop]", "Undone.")
	if got := s.on(24*7 - 2); got != "bruno" {
		t.Errorf("%s is on call", got)
	}
	if got := s.eval(`wrong.join("; ")`); got != "" {
		t.Error(got)
	}
}

// TestTwoTapsOnAPhone: from now on, a week, and an offer; without JavaScript too.
func TestTwoTapsOnAPhone(t *testing.T) {
	s := newScreen(t)
	s.shifted()
	s.signIn("bruno")
	s.size(390, 844, "dark")
	s.do("on call", chromedp.Navigate(s.at+"/oncall"), see(".takes"))
	s.tab.Picture("oncall-phone")
	s.do("two taps", click(".taps a.button"), see(".does button.main"), click(".does button.main"), see(".flash.good"))
	if got := s.on(0); got != "bruno" {
		t.Errorf("%s is on call", got)
	}
	s.press("button[value=accept]", "Accepted: it holds.")
	if got := s.on(24*2 + 12); got != "bruno" {
		t.Errorf("%s is on call after the offer was accepted", got)
	}
	s.signIn("alice")
	week := `.shifts a.button[aria-label*="26/11 09:00"]`
	s.do("a week", chromedp.Navigate(s.at+"/oncall"), see(week), click(week), see(".does button.main"), click(".does button.main"), see(".flash.good"))
	if got := s.on(24 * 7); got != "alice" {
		t.Errorf("%s has the week", got)
	}
	if got := s.eval(`String(document.documentElement.scrollWidth > document.documentElement.clientWidth) + wrong.join("; ")`); got != "false" {
		t.Error(got)
	}
}

// TestAnOpenPageHearsOfIt: an event reads who is on call anew. The page's clock stands
// still, so that it does not by itself.
func TestAnOpenPageHearsOfIt(t *testing.T) {
	s := newScreen(t)
	s.signIn("bruno")
	s.size(390, 844, "light")
	s.do("on call", chromedp.Navigate(s.at+"/oncall"), see(".takes"))
	s.eval(`(() => { const now = Date.now(); Date.now = () => now; return ""; })()`)
	if _, err := s.shifts.Replace(t.Context(), duty.Replacement{Kind: duty.Cover, Group: "on-call", Person: "bruno", InsteadOf: "alice", Hours: duty.Hours{To: saturday.Add(time.Hour)}}, duty.Actor{Name: "alice", Person: "alice"}, false); err != nil {
		t.Fatal(err)
	}
	s.events.events <- "event: oncall\ndata: {}\n\n"
	s.do("the offer", see("button[value=accept]"))
}

// TestPagesOfDutyOnEveryScreen: with replacements of every kind, gaps and doubts.
func TestPagesOfDutyOnEveryScreen(t *testing.T) {
	s := newScreen(t)
	s.shifted()
	s.signIn("bruno")
	query := url.Values{"group": {"on-call"}, "person": {"bruno"}, "instead_of": {"alice"}, "from": {"2026-11-24T20:00"}, "to": {"2026-11-26T02:00"}}
	for _, width := range []int64{390, 1440} {
		for _, theme := range []string{"light", "dark"} {
			s.size(width, map[int64]int64{390: 844, 1440: 900}[width], theme)
			for name, path := range map[string]string{"shifts": "/oncall", "gaps": "/oncall?month=2026-10", "change": "/oncall/change?" + query.Encode(), "empty": "/oncall/change"} {
				s.do(name, chromedp.Navigate(s.at+path), see("main"))
				for _, flaw := range s.tab.Flaws() {
					t.Errorf("%s at %d, %s: %s", name, width, theme, flaw)
				}
				s.tab.Picture(fmt.Sprintf("duty-%s-%d-%s", name, width, theme))
			}
		}
	}
}
