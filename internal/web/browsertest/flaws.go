package browsertest

import (
	_ "embed"
	"strings"
)

// axe is axe-core as it was released, under the Mozilla Public License 2.0: its
// version, checksum and licence stand in the table of foreign assets of
// internal/web/console. Nothing of it is in the product.
//
//go:embed testdata/axe.min.js
var axe string

// Flaws are what is wrong with the page as it is shown, a line each: what axe-core
// finds against WCAG 2.2 AA and its own best practice, what is wider than the
// screen, what on a phone is too small for a thumb, a title or a language that is
// missing, and what the page's scripts said is wrong.
func (t *Tab) Flaws() []string {
	t.TB.Helper()
	if t.Eval(`typeof window.axe`) != "object" {
		t.Eval(axe + `; "loaded"`)
	}
	if found := t.Eval(`(async () => [...` + ours + `, ...await ` + theirs + `].join("\n"))()`); found != "" {
		return strings.Split(found, "\n")
	}
	return nil
}

// theirs is what axe-core finds. Its rule of the sizes of targets, which is of WCAG
// 2.2, is off unless it is asked for.
const theirs = `axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }).then((r) => r.violations.flatMap((v) =>
	v.nodes.map((n) => (v.id + ": " + n.html.slice(0, 160) + " " + n.failureSummary).replace(/\s+/g, " "))))`

// ours are rules of the house. What is wider than its place has to be cut off with a
// mark or scrolled. Lines are as high as their letters at least. How wide the screen is says the root, for a phone's window grows
// with what is too wide for it. A target in a sentence or a table may be small, as WCAG 2.5.8
// has it; others are 44 pixels high on a phone.
const ours = `(() => {
	const tell = (what, all) => all.map((e) => (what + ": " + e.outerHTML.slice(0, 160)).replace(/\s+/g, " "));
	const found = [...(window.wrong ?? [])];
	if (!document.title.trim()) found.push("no title");
	if (!document.documentElement.lang) found.push("no language");
	const { clientWidth: width, scrollWidth: takes } = document.documentElement;
	if (takes > width) found.push("wider than the screen: " + takes);
	found.push(...tell("wider than its place", [...document.querySelectorAll("main *")].filter((e) => {
		const style = getComputedStyle(e);
		return e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && style.overflowX === "visible" && style.display !== "inline";
	})));
	found.push(...tell("its lines overlap", [...document.querySelectorAll("main *")].filter((e) => {
		const style = getComputedStyle(e);
		return e.clientHeight > 0 && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && parseFloat(style.lineHeight) < parseFloat(style.fontSize);
	})));
	if (width < 600) found.push(...tell("too small for a thumb", [...document.querySelectorAll("a, button, select, input:not([type=hidden]), summary")].filter((e) => {
		const r = (e.closest("label.pick, label.choose") || e).getBoundingClientRect();
		return r.width > 0 && r.height > 0 && r.height < 43.5 && !e.closest(".skip, dd, li.inline, td");
	})));
	return found;
})()`
