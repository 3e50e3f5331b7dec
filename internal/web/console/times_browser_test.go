package console

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Where buttons are, to see whether any of them moves.
const buttonPlaces = `JSON.stringify([...document.querySelectorAll("button, .rows a")].map((b) => { const r = b.getBoundingClientRect(); return [r.left, b.closest(".bar") ? r.top : r.top + scrollY, r.width].map(Math.round); }))`

// tap taps in the middle of what a selector finds.
func (s *screen) tap(selector string) {
	s.t.Helper()
	var at struct{ X, Y float64 }
	if err := json.Unmarshal([]byte(s.eval(`(() => {
		const e = document.querySelector(`+jsText(selector)+`);
		e.scrollIntoView({ block: "center" });
		const r = e.getBoundingClientRect();
		return JSON.stringify({ X: r.x + r.width / 2, Y: r.y + r.height / 2 });
	})()`)), &at); err != nil {
		s.t.Fatal(err)
	}
	s.do("a tap on "+selector, chromedp.TapXY(at.X, at.Y))
}

func jsText(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// TestATapOnATimeSaysBothZones: whose browser is elsewhere sees the desk's time, and by
// a tap, the keyboard or a mouse that rests on it the own one too. Nothing moves, and
// nothing is covered for a finger.
func TestATapOnATimeSaysBothZones(t *testing.T) {
	s := newScreen(t)
	number := s.alert("HostDown")
	s.acts("bruno", number, "acknowledge")
	s.signIn("alice")
	s.tab.Zone("America/New_York")
	s.size(390, 844, "light")
	s.do("the ticket", chromedp.Navigate(s.at+"/tickets/"+number), see(".timeline time[role=button]"))
	both := func() string {
		return s.eval(`(() => { const z = document.getElementById("zones"); return z.hidden ? "" : z.textContent; })()`)
	}
	places := s.eval(buttonPlaces)
	if got := both(); got != "" {
		t.Errorf("before: %q", got)
	}
	s.tap(".timeline time")
	s.tab.Until("both zones are said", `!document.getElementById("zones").hidden`)
	for _, want := range []string{"Europe/Paris: sam. 21 nov.", "03:12", "America/New York: ven. 20 nov.", "21:12"} {
		if got := both(); !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := s.eval(`(() => { const r = document.getElementById("zones").getBoundingClientRect(); return String(r.left >= 0 && r.right <= document.documentElement.clientWidth && r.top >= 0 && r.height > 20); })()`); got != "true" {
		t.Errorf("it is beside the screen: %s", s.eval(`JSON.stringify(document.getElementById("zones").getBoundingClientRect())`))
	}
	if now := s.eval(buttonPlaces); now != places {
		t.Errorf("buttons moved:\n%s\n%s", places, now)
	}
	s.tab.Picture("times-tapped")
	if flaws := s.tab.Flaws(); len(flaws) > 0 {
		t.Errorf("%s", strings.Join(flaws, "\n"))
	}
	// What it lies over is pressed, not it.
	if got := s.eval(`(() => { const r = document.getElementById("zones").getBoundingClientRect(); return document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2).id; })()`); got == "zones" {
		t.Error("it takes presses")
	}
	s.tap(".timeline time")
	s.tab.Until("a second tap takes it away", `document.getElementById("zones").hidden`)
	s.tap(".timeline time")
	s.events.tell(number)
	s.tab.Until("it stays when the page reads itself anew", `!document.getElementById("zones").hidden`)
	s.tap("h1")
	s.tab.Until("a tap elsewhere takes it away", `document.getElementById("zones").hidden`)

	s.size(1440, 900, "dark")
	s.eval(`(document.querySelector(".timeline time").focus(), "")`)
	s.tab.Until("the keyboard's focus says it", `!document.getElementById("zones").hidden`)
	s.do("escape", chromedp.KeyEvent(kb.Escape))
	s.tab.Until("and Escape ends it", `document.getElementById("zones").hidden`)
	if got := s.eval(`document.querySelector(".facts .state time").title`); !strings.Contains(got, "America/New York") || !strings.Contains(got, "Europe/Paris") {
		t.Errorf("a mouse is told %q", got)
	}
	// In a link a tap opens it, and a time says it to a mouse alone.
	s.size(390, 844, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see(".rows time[data-both]"))
	if got := s.eval(`String(document.querySelectorAll(".rows a time[role]").length)`); got != "0" {
		t.Errorf("%s times in links are buttons", got)
	}
	s.tap(".rows a time")
	s.do("the ticket opens", see(".bar"))
	// Where the clocks agree there is nothing more to say.
	s.tab.Zone("Europe/Brussels")
	s.do("in Brussels", chromedp.Navigate(s.at+"/tickets/"+number), see(".timeline time"))
	if got := s.eval(`String(document.querySelectorAll("time[role]").length)`); got != "0" {
		t.Errorf("%s times say two zones", got)
	}
}
