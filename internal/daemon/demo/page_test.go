package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/zap/zaptest"
)

// browser opens a page in a real Chromium of its own.
func browser(t *testing.T, language string, width, height int) *page {
	t.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		t.Fatal("chromium-headless-shell is not installed: apt-get install it (bash .ci/test does it)")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("lang", language), chromedp.Flag("accept-lang", language))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("start chromium: %v", err)
	}
	return &page{t: t, ctx: ctx}
}

func startDemo(t *testing.T, speed float64) *Demo {
	t.Helper()
	d, err := Start(t.Context(), Options{
		Listen: "127.0.0.1:0", Speed: speed, DataDir: t.TempDir(), Log: zaptest.NewLogger(t),
		Start: time.Date(2026, time.November, 21, 3, 12, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return d
}

// page is one tab; every step fails the test by itself.
type page struct {
	t   *testing.T
	ctx context.Context
}

const patience = time.Minute

func (p *page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

func (p *page) text(selector string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.TextContent(chromedp.CSS(selector)))
	if err != nil {
		p.t.Fatalf("text of %s: %v", selector, err)
	}
	return text
}

func (p *page) eval(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func see(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

func TestThePageInABrowser(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "fr", 1400, 900)
	p.do("the page opens", chromedp.Navigate(d.URL()), see("#phone-alice .badge"))
	if got := p.eval(`document.documentElement.lang`); got != "fr" {
		t.Errorf("language %q", got)
	}
	if got := p.text("#curl"); !strings.Contains(got, d.URL()+"/ingest/prometheus") {
		t.Errorf("curl line %q", got)
	}
	p.do("an alert is raised and alice's phone rings", click("#raise-srv-db-01"),
		see("#phone-alice .msg.sms"), see("#phone-alice .msg.push"), see(".state.open"))
	p.do("the manager's does too, after 15 minutes that pass fast", click("#speed-600"), see("#phone-dominique .msg.sms"), click("#speed-1"))
	// What is on the page stays, whatever arrives beside it: one may be about to press it.
	p.eval(`(["#phone-alice .msg:last-child", ".ticket dl a", ".ticket li:last-child"].forEach((s) => { document.querySelector(s).dataset.mark = "here"; }), "")`)
	p.do("alice answers by SMS", click("#phone-alice .answer"), see("#phone-alice .msg.mine"), see(".state.acknowledged"))
	if got := p.eval(`String(document.querySelectorAll("[data-mark=here]").length)`); got != "3" {
		t.Errorf("of three things on the page before the answer %s stayed", got)
	}
	if got := p.text(".state.acknowledged"); got != "pris en compte" {
		t.Errorf("state %q", got)
	}
	p.do("the alert recovers", click("#recover-srv-db-01"), see(".state.resolved"))
	if got := p.text(".ticket ol"); !strings.Contains(got, "Pris par Alice Martin (par SMS)") || !strings.Contains(got, "Appels: étape 2, tour 1 : Dominique Roy (push, sms)") {
		t.Errorf("timeline %q", got)
	}
}

func TestBrokenProviderAndTheLinkOnAPhonesScreen(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "en", 390, 844)
	p.do("the page opens", chromedp.Navigate(d.URL()), see("#phone-alice .badge"))
	if got := p.eval(`String(document.documentElement.scrollWidth > document.documentElement.clientWidth)`); got != "false" {
		t.Error("the page is wider than a phone's screen")
	}
	p.do("SMS is broken", chromedp.SetValue(chromedp.CSS("#break-sms"), "down"))
	p.eval(`(document.getElementById("break-sms").dispatchEvent(new Event("change")), "")`)
	p.do("push gets through", click("#raise-srv-web-02"), see("#phone-alice .msg.push"))
	link := p.eval(`document.querySelector("#phone-alice .msg.push a").href`)
	p.do("acknowledge by the link", chromedp.Navigate(link), click(`button[value="acknowledge"]`),
		see(`button[value="acknowledge"]:disabled`), chromedp.Navigate(d.URL()), see(".state.acknowledged"))
	if got := p.eval(`String(document.querySelectorAll("#phone-alice .msg.sms").length)`); got != "0" {
		t.Errorf("%s SMS got through a provider that is down", got)
	}
}

// storm posts so many alerts at once that a person gets one SMS for them all.
func (d *Demo) storm(t *testing.T, n int) {
	t.Helper()
	var alerts []any
	for i := range n {
		alerts = append(alerts, map[string]any{"status": "firing", "startsAt": d.clock.Now(), "labels": map[string]string{
			"alertname": fmt.Sprintf("Down%02d", i), "instance": fmt.Sprintf("srv-%02d", i), "severity": "high", "customer": "acme", "site": "Givrand",
		}})
	}
	body, err := json.Marshal(map[string]any{"version": "4", "status": "firing", "groupKey": "storm", "alerts": alerts})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL()+"/ingest/prometheus", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	resp, err := d.sender.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("the daemon answered %s", resp.Status)
	}
}

func TestTheLinkOfABundleOnAPhonesScreen(t *testing.T) {
	d := startDemo(t, 1)
	p := browser(t, "fr", 390, 844)
	p.do("the page opens", chromedp.Navigate(d.URL()), see("#phone-alice .badge"))
	d.storm(t, 6) // the demo shows the last messages alone, and a push comes for each
	p.do("one SMS comes for all", see("#phone-alice .msg.sms"))
	link := p.eval(`document.querySelector("#phone-alice .msg.sms a").href`)
	p.do("its link shows the list", chromedp.Navigate(link), see(`button[value="acknowledge"]`))
	if got := p.eval(`String(document.querySelectorAll(".list li").length + "/" + (document.documentElement.scrollWidth > document.documentElement.clientWidth))`); got != "6/false" {
		t.Errorf("%s: tickets listed, and whether the page is wider than the screen", got)
	}
	screenshot(t, p, "ASTREINTE_SCREENSHOT_LIST")
	p.do("one of them is taken by itself", click(".list li:last-child a"), see(".back a"), click(`button[value="acknowledge"]`),
		see(`button[value="acknowledge"]:disabled`), see(`button.main[value="pickup"]`))
	p.do("then the rest, on the way back", click(".back a"), see(".list"), click(`button[value="acknowledge"]`),
		see(`button[value="acknowledge"]:disabled`))
	if got := p.text(".said"); !strings.Contains(got, "6") {
		t.Errorf("it says %q", got)
	}
	if got := p.eval(`String(document.querySelectorAll(".list .taken").length)`); got != "6" {
		t.Errorf("%s tickets are taken", got)
	}
}

// screenshot keeps what the browser shows in the file that a variable names,
// if it names one.
func screenshot(t *testing.T, p *page, variable string) {
	t.Helper()
	to := os.Getenv(variable)
	if to == "" {
		return
	}
	image, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, image, 0o600); err != nil {
		t.Fatal(err)
	}
}
