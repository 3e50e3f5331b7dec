package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Tab is one tab. What goes wrong in it ends its test.
type Tab struct {
	TB  testing.TB
	Ctx context.Context
	at  string // the address that was opened last
}

// Do does some steps, within Patience.
func (t *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	t.TB.Helper()
	ctx, cancel := context.WithTimeout(t.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.TB.Fatalf("%s: %s: %v", t.at, what, err)
	}
}

// Open opens an address, and waits until there is a page.
func (t *Tab) Open(address string) {
	t.TB.Helper()
	t.at = address
	t.Do("open", chromedp.Navigate(address), See("main"))
}

// NoScripts has the tab's pages run none of their scripts, as a browser in which they are
// switched off.
func (t *Tab) NoScripts() {
	t.TB.Helper()
	call(t, "no scripts", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Eval evaluates an expression, waits if it is a promise, and wants a string.
func (t *Tab) Eval(expression string) string {
	t.TB.Helper()
	ctx, cancel := context.WithTimeout(t.Ctx, Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.TB.Fatalf("%s: %.60s: %v", t.at, expression, err)
	}
	return value
}

// See waits until something is on the page.
func See(selector string) chromedp.Action[chromedp.Void] {
	return still(chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Click clicks on something, once it is there.
func Click(selector string) chromedp.Action[chromedp.Void] {
	return still(chromedp.Click(chromedp.CSS(selector)))
}

// still does a step again when the page replaced what it was at between its being found
// and its being used: whoever sits there uses what is there now.
func still(step chromedp.Action[chromedp.Void]) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		for {
			_, err := step(ctx, tab)
			if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "ode with given id") {
				return err //nolint:wrapcheck // Do says what it was
			}
		}
	})
}

// call gives the tab an order of the debugging protocol.
func call[P, R any](t *Tab, what string, cmd cdp.Command[P, R], params P) {
	t.TB.Helper()
	t.Do(what, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, cmd, params)
		return err //nolint:wrapcheck // Do says what it was
	}))
}

// Cookie gives the tab a cookie of an address.
func (t *Tab) Cookie(address, name, value string) {
	t.TB.Helper()
	call(t, "a cookie", network.SetCookie, network.SetCookieParams{URL: address, Name: name, Value: value})
}

// Language is what the browser says that its person reads ("fr").
func (t *Tab) Language(tag string) {
	t.TB.Helper()
	call(t, "a language", emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: t.Eval(`navigator.userAgent`), AcceptLanguage: tag,
	})
}

// phoneWidth is below what a screen is a phone's, with a finger on it.
const phoneWidth = 600

// Screen makes the tab's screen one of a size, in a light or a dark room.
func (t *Tab) Screen(width, height int64, theme string) {
	t.TB.Helper()
	view := chromedp.EmulateViewport(width, height)
	if width < phoneWidth {
		view = chromedp.EmulateViewport(width, height, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	t.Do("the screen", view)
	call(t, "the theme", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
}

// Pictures names a folder for pictures of what tests look at.
const Pictures = "ASTREINTE_SCREENSHOTS"

// Picture keeps the page, all of it, if Pictures names a folder.
func (t *Tab) Picture(name string) {
	t.TB.Helper()
	folder := os.Getenv(Pictures)
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(t.Ctx, Patience)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), image, 0o600)
	}
	if err != nil {
		t.TB.Fatalf("a picture of %s: %v", name, err)
	}
}

// Until waits until an expression is true.
func (t *Tab) Until(what, expression string) {
	t.TB.Helper()
	if got := t.Eval(`(async () => {
		for (const end = performance.now() + ` + patienceOfPages + `; performance.now() < end; await new Promise((r) => setTimeout(r, 20))) if (` + expression + `) return "";
		return document.body.innerText.slice(0, 400);
	})()`); got != "" {
		t.TB.Fatalf("%s: it is never so that %s: %s\n%s", t.at, what, expression, got)
	}
}

// patienceOfPages is less than Patience, so that a page says what it waited for.
const patienceOfPages = "25000"
