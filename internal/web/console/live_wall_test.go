package console

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAWallRings when something opens, once somebody pressed its button, and not before.
func TestAWallRings(t *testing.T) {
	s := newScreen(t)
	s.alert("HostDown")
	path := regexp.MustCompile(`/wall/[A-Z0-9]+`).FindString(s.post("edith", "/walls").Body.String())
	s.size(1440, 900, "dark")
	s.do("the wall", chromedp.Navigate(s.at+path), see("#bell"))
	rung := func(what, want string) {
		t.Helper()
		if got := s.eval(`document.getElementById("bell").dataset.rung || "0"`); got != want {
			t.Errorf("%s: it rang %s times, not %s", what, got, want)
		}
	}
	first := s.alert("DiskFull", "instance", "srv-2")
	s.do("a row comes", see("#t-"+first))
	rung("nobody asked", "0")
	s.do("somebody asks", click("#bell"), see(`#bell[aria-pressed="true"]`))
	rung("asked", "1")
	second := s.alert("LinkDown", "instance", "srv-3")
	s.do("a row comes", see("#t-"+second))
	rung("something opened", "2")
	if got := s.eval(`location.hash`); got != "#sound" {
		t.Errorf("the address ends with %q", got)
	}
	s.do("enough", click("#bell"), see(`#bell[aria-pressed="false"]`))
	third := s.alert("MemoryLow", "instance", "srv-4")
	s.do("a row comes", see("#t-"+third))
	rung("nobody asks any more", "2")
}
