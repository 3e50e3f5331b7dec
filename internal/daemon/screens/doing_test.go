package screens

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// atOnce is how soon what is pressed shows that it is under way, in milliseconds.
const atOnce = 100

// watchPress notes, where the next page finds it, how soon after a press a page showed
// in words that it is under way, and whether anything moved. It counts the pictures that
// the browser drew since the press, a sixtieth of a second each: a busy machine draws
// fewer of them, and is no fault of the page. What an animation holds back is counted.
// Then it presses once more.
const watchPress = `((selector) => {
	const button = document.querySelector(selector), top = button.getBoundingClientRect().top;
	let pressed = false, seen = false, drawn = 0;
	sessionStorage.clear();
	const draw = () => { drawn++; requestAnimationFrame(draw); };
	addEventListener("click", () => { if (!pressed) { pressed = true; requestAnimationFrame(draw); } }, true);
	new MutationObserver(() => {
		const said = document.querySelector("#doing:not([hidden]), .said[aria-busy=true]");
		if (!pressed || seen || !said?.textContent.trim() || !document.querySelector("button[aria-disabled=true]")) return;
		seen = true;
		const late = Math.max(...getComputedStyle(said).animationDuration.split(",").map(parseFloat)) * 1000;
		sessionStorage.setItem("seen", JSON.stringify({
			after: drawn * 1000 / 60 + late, said: said.textContent.trim(), moved: button.getBoundingClientRect().top - top,
			height: said.getBoundingClientRect().height,
		}));
		setTimeout(() => button.click());
	}).observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
	return "";
})`

// seenPress is what it noted.
type seenPress struct {
	After, Moved, Height float64
	Said                 string
}

// TestAPressShowsThatItIsUnderWay within a tenth of a second, in words, while the
// answer is on its way; the same button sends nothing more meanwhile; and once there is
// an answer nothing of it is left.
func TestAPressShowsThatItIsUnderWay(t *testing.T) {
	s := newSite(t)
	browser := browsertest.Open(t)
	session := s.signedIn("chloe")
	for _, width := range []int64{390, 1440} {
		take, ack, link := s.alert("prometheus", fmt.Sprintf("Take%d", width)), s.alert("prometheus", fmt.Sprintf("Ack%d", width)), s.alert("prometheus", fmt.Sprintf("Link%d", width))
		many := []string{s.alert("prometheus", fmt.Sprintf("A%d", width)), s.alert("prometheus", fmt.Sprintf("B%d", width))}
		for _, c := range []struct{ what, path, button, says, then string }{
			{"Now", "/now", "#t-" + take + " button", "I take it: ", "#t-" + take + " .state.taken"},
			{"a ticket", "/tickets/" + ack, `.keys button[value="acknowledge"]`, "I'll take it: ", ".facts .state.taken"},
			{"a form that loads a page", "/walls", "form.go button", "", "section.card a"},
			{"a link", s.link("chloe", link), `.keys button[value="acknowledge"]`, "I'll take it: ", ".facts .state.taken"},
			{"a link to many", s.link("chloe", many...), `.keys button[value="acknowledge"]`, "I'll take all (2): ", ".facts .state.taken"},
		} {
			tab := browser.Tab(t)
			tab.Cookie(s.at, cookieName, session)
			tab.Language("en")
			tab.Screen(width, 844, "light")
			tab.Open(s.at + c.path)
			tab.Until("all of it is here", `document.readyState === "complete" && (!document.getElementById("live") || `+hearing+`)`)
			tab.Eval(watchPress + fmt.Sprintf("(%q)", c.button))
			release, before := s.door.hold(), s.door.posts.Load()
			t.Cleanup(release)
			tab.Do("press", browsertest.Click(c.button))
			for began := time.Now(); s.door.posts.Load() == before && time.Since(began) < browsertest.Patience; {
				runtime.Gosched()
			}
			release()
			tab.Do(c.what+" is answered", browsertest.See(c.then))
			var seen seenPress
			if err := json.Unmarshal([]byte(tab.Eval(`sessionStorage.getItem("seen") ?? ""`)), &seen); err != nil {
				t.Fatalf("%s, %d pixels: nothing showed that it is under way (%v)", c.what, width, err)
			}
			if seen.After > atOnce || seen.Height < 10 || seen.Moved != 0 {
				t.Errorf("%s, %d pixels: %+v", c.what, width, seen)
			}
			if !strings.HasPrefix(seen.Said, c.says) || !strings.HasSuffix(seen.Said, ": under way …") {
				t.Errorf("%s, %d pixels: it says %q", c.what, width, seen.Said)
			}
			tab.Until("nothing is under way", `!document.querySelector("#doing:not([hidden]), [aria-busy], button[aria-disabled]")`)
			if n := s.door.posts.Load() - before; n != 1 {
				t.Errorf("%s, %d pixels: %d requests", c.what, width, n)
			}
		}
	}
}
