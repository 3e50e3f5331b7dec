package screens

import (
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// plain is what a page says and offers, as a browser shows it that runs no scripts: its
// first heading, the forms that nothing can send, and what promises to do something and
// does not without a script.
const plain = `(() => {
	const seen = (e) => e.checkVisibility();
	const flaws = [...document.forms].filter((f) => seen(f) && f.elements.length && ![...f.elements].some((e) =>
		(e.type === "submit" || e.type === "image") && (seen(e) || e.closest("details")))).map((f) => "nothing sends " + f.outerHTML.slice(0, 200));
	flaws.push(...[...document.querySelectorAll("button")].filter((b) => seen(b) && (b.type !== "submit" || !b.form)).map((b) => "it does nothing: " + b.outerHTML.slice(0, 200)));
	flaws.push(...[...document.querySelectorAll("a")].filter((a) => seen(a) && !a.getAttribute("href")).map((a) => "it leads nowhere: " + a.outerHTML.slice(0, 200)));
	if (document.querySelector("main").innerText.trim().length < 20) flaws.push("it says nothing");
	return [document.querySelector("h1")?.textContent.trim() ?? "", ...flaws.map((f) => f.replace(/\s+/g, " "))].join("\n");
})()`

// TestEveryPageWithoutScripts: each says what it says with them, and whatever it offers
// can be done.
func TestEveryPageWithoutScripts(t *testing.T) {
	n := newNight(t)
	browser := browsertest.Open(t)
	who := &n.readers[2]
	for _, session := range []string{who.session, ""} {
		with, without := browser.Tab(t), browser.Tab(t)
		without.NoScripts()
		views := n.outside(who)
		for _, tab := range []*browsertest.Tab{with, without} {
			tab.Screen(390, 844, "light")
			if tab.Language(who.language); session != "" {
				tab.Cookie(n.at, cookieName, session)
				views = n.inside(who)
			}
		}
		for _, v := range views {
			with.Open(n.at + v.path)
			without.Open(n.at + v.path)
			heading, _, _ := strings.Cut(with.Eval(plain), "\n")
			said, flaws, _ := strings.Cut(without.Eval(plain), "\n")
			if said != heading || flaws != "" {
				t.Errorf("%s: %q, and with scripts %q\n%s", v.name, said, heading, flaws)
			}
		}
	}
}
