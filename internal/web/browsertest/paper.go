package browsertest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What a sheet of A4 has room for within its margins, in pixels of pages.
const (
	paperWidth  = 718
	paperHeight = 1046
)

// Sheets prints the page on A4, and says how many sheets that takes. The print is kept
// where pictures are.
func (t *Tab) Sheets(name string) int {
	t.TB.Helper()
	var printed []byte
	t.Do("print", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		result, err := cdp.Call(ctx, tab, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
		printed = result.Data
		return err //nolint:wrapcheck // Do says what it was
	}))
	if folder := os.Getenv(Pictures); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".pdf"), printed, 0o600); err != nil {
			t.TB.Fatal(err)
		}
	}
	return bytes.Count(printed, []byte("/Type /Page\n"))
}

// Paper shows the page as paper does, and says what is wrong with it there, a line
// each: what can only be pressed, what is wider than the sheet, what is cut off.
func (t *Tab) Paper() []string {
	t.TB.Helper()
	t.Do("the sheet", chromedp.EmulateViewport(paperWidth, paperHeight))
	media := func(kind string) {
		call(t, "the media", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
	}
	media("print")
	defer media("")
	if found := t.Eval(unprintable); found != "" {
		return strings.Split(found, "\n")
	}
	return nil
}

const unprintable = `(() => {
	const tell = (what, all) => all.map((e) => (what + ": " + e.outerHTML.slice(0, 160)).replace(/\s+/g, " "));
	const shown = (e) => e.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true });
	const found = tell("it can only be pressed", [...document.querySelectorAll("nav, button, input:not([type=hidden]), textarea, select, .skip, .bar")].filter(shown));
	const { clientWidth: width, scrollWidth: takes } = document.documentElement;
	if (takes > width) found.push("wider than the sheet: " + takes);
	found.push(...tell("cut off", [...document.querySelectorAll("body *")].filter((e) => {
		const style = getComputedStyle(e);
		return shown(e) && !e.closest(".apart, svg") && style.display !== "inline" && (style.overflowX !== "visible" || style.overflowY !== "visible") &&
			(e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
	})));
	found.push(...tell("folded", [...document.querySelectorAll("details > :not(summary, form)")].filter((e) => e.textContent.trim() && shown(e.parentElement) && !shown(e))));
	if (!document.querySelector("h1, h2") || !document.body.innerText.trim()) found.push("nothing is on it");
	return found.join("\n");
})()`

// Zone puts the browser into a time zone ("America/New_York").
func (t *Tab) Zone(name string) {
	t.TB.Helper()
	call(t, "the zone", emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
}
