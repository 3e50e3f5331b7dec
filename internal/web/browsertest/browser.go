package browsertest

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Patience is how long a page may take to do what is waited for.
const Patience = time.Minute

// Browser is one real Chromium. It ends with its test.
type Browser struct{ ctx context.Context }

// Open starts one.
func Open(tb testing.TB) *Browser {
	tb.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		tb.Fatal("chromium-headless-shell is not installed: apt-get install it (bash .ci/test does it)")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(tb.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	tb.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		tb.Fatalf("start chromium: %v", err)
	}
	return &Browser{ctx: ctx}
}

// Tab opens a tab in a profile of its own: its cookies, its storage and its workers
// are no other tab's. It ends with the test that it is given.
func (b *Browser) Tab(tb testing.TB) *Tab {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as this context
		tb.Fatalf("open a tab: %v", err)
	}
	t := &Tab{TB: tb, Ctx: ctx}
	t.Do("open a tab", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, page.Enable, page.EnableParams{}); err != nil {
			return err //nolint:wrapcheck // the caller says what it was
		}
		_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watcher})
		return err //nolint:wrapcheck // likewise
	}))
	return t
}

// watcher keeps in window.wrong what goes wrong on a page: a script that fails, what
// the policy refuses.
const watcher = `window.wrong = [];
addEventListener("error", (e) => wrong.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => wrong.push("rejection: " + e.reason));
document.addEventListener("securitypolicyviolation", (e) => wrong.push("refused: " + e.violatedDirective + " " + e.blockedURI));
{ const warn = console.warn; console.warn = (...a) => { wrong.push("warned: " + a.join(" ")); warn(...a); }; }`
