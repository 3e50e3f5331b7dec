package console

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/escalation"
)

// screen is one tab of a real Chromium, on an office that it can reach.
type screen struct {
	*office
	t   *testing.T
	ctx context.Context
	at  string

	events *stream
	broken atomic.Bool // the daemon answers nothing any more
	late   atomic.Pointer[delay]
}

// delay is a network that brings what was answered long after it was.
type delay struct{ asked, brings chan struct{} }

func (d *delay) answer(w http.ResponseWriter, r *http.Request, by http.Handler) {
	was := httptest.NewRecorder()
	by.ServeHTTP(was, r)
	select {
	case d.asked <- struct{}{}:
	default:
	}
	select {
	case <-d.brings:
	case <-r.Context().Done():
	}
	for name, values := range was.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(was.Code)
	_, _ = w.Write(was.Body.Bytes())
}

const patience = 30 * time.Second

func newScreen(t *testing.T) *screen {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not installed: apt-get install chromium (bash .ci/test does it)")
	}
	s := &screen{office: newOffice(t, home), t: t, events: newStream()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := r.URL.Query().Get("as"); r.URL.Path == "/as" {
			http.SetCookie(w, &http.Cookie{Name: "badge", Value: who, Path: "/"})
			return
		}
		switch {
		case s.broken.Load():
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == EventsPath:
			s.events.ServeHTTP(w, r)
		case s.late.Load() != nil && r.Method == http.MethodGet && r.Header.Get("HX-Source") == "main#page":
			s.late.Load().answer(w, r, s.handler)
		default:
			s.handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.at = server.URL
	s.serve(server.URL, s.store)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("start chromium: %v", err)
	}
	s.ctx = ctx
	s.do("watch", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, page.Enable, page.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watcher})
		return err
	}))
	return s
}

// watcher keeps what goes wrong on a page: a script that fails, what the policy
// refuses.
const watcher = `window.wrong = [];
addEventListener("error", (e) => wrong.push("error: " + e.message));
addEventListener("unhandledrejection", (e) => wrong.push("rejection: " + e.reason));
document.addEventListener("securitypolicyviolation", (e) => wrong.push("refused: " + e.violatedDirective + " " + e.blockedURI));
const warn = console.warn; console.warn = (...a) => { wrong.push("warned: " + a.join(" ")); warn(...a); };`

func (s *screen) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

func (s *screen) eval(expression string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// signIn makes the tab a person's.
func (s *screen) signIn(person string) {
	s.t.Helper()
	s.do("sign in", chromedp.Navigate(s.at+"/as?as="+person))
}

// size is a screen of a size, in a light or a dark room.
func (s *screen) size(width, height int64, theme string) {
	s.t.Helper()
	view := chromedp.EmulateViewport(width, height)
	if width < 600 {
		view = chromedp.EmulateViewport(width, height, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	s.do("the screen", view, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return err
	}))
}

// picture keeps what the tab shows, where ASTREINTE_SCREENSHOTS names a folder.
func (s *screen) picture(name string) {
	s.t.Helper()
	folder := os.Getenv("ASTREINTE_SCREENSHOTS")
	if folder == "" {
		return
	}
	image, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), image, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func see(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

// TestEveryPageOnEveryScreen opens all pages at the width of a phone and of a desk,
// in both themes: nothing is wider than the screen, and every target on a phone is
// as large as a thumb.
func TestEveryPageOnEveryScreen(t *testing.T) {
	s := newScreen(t)
	s.busy()
	number := s.alert("HostDown", "instance", "srv-base-de-donnees-01.clinique-saint-yves.example.com:9100", "site", "Givrand-sur-Vie, bâtiment des urgences")
	wall := s.wall()
	pages := map[string]string{
		"now": "/now", "tickets": "/tickets?state=open&urgency=critical", "ticket": "/tickets/" + number, "sure": "/tickets/" + number + "?sure=resolve",
		"oncall": "/oncall", "people": "/people", "person": "/people/alice", "sources": "/sources", "health": "/health", "walls": "/walls",
		"wall": wall, "none": "/tickets/none",
	}
	s.signIn("edith")
	for _, width := range []int64{390, 1440} {
		for _, theme := range []string{"light", "dark"} {
			s.size(width, map[int64]int64{390: 844, 1440: 900}[width], theme)
			for name, path := range pages {
				s.do(name, chromedp.Navigate(s.at+path), see("main"))
				if got := s.eval(`String(document.documentElement.scrollWidth > innerWidth)`); got != "false" {
					t.Errorf("%s at %d is wider than the screen", name, width)
				}
				if got := s.eval(`typeof htmx + " " + typeof tinykeys`); got != "object object" {
					t.Errorf("%s: its scripts: %s", name, got)
				}
				if got := s.eval(`wrong.join("; ")`); got != "" {
					t.Errorf("%s: %s", name, got)
				}
				if got := s.eval(spilled); got != "" {
					t.Errorf("%s at %d: it is wider than its place: %s", name, width, got)
				}
				if got := s.eval(smallTargets); width == 390 && got != "" {
					t.Errorf("%s: too small for a thumb: %s", name, got)
				}
				s.picture(fmt.Sprintf("%s-%d-%s", name, width, theme))
			}
		}
	}
}

// spilled is what is wider than its place and neither cut off with a mark nor
// scrolled.
const spilled = `[...document.querySelectorAll("main *")].filter((e) => {
	const style = getComputedStyle(e);
	return e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && style.overflowX === "visible" && style.display !== "inline";
}).map((e) => e.outerHTML.slice(0, 120)).join("\\n")`

// smallTargets are what can be pressed and is less than 44 pixels high: links in a
// sentence excepted, as WCAG 2.5.8 does.
const smallTargets = `[...document.querySelectorAll("a, button, select, input:not([type=hidden]), summary")].filter((e) => {
	const r = (e.closest("label.pick, label.choose") || e).getBoundingClientRect();
	return r.width > 0 && r.height > 0 && r.height < 43.5 && !e.closest(".skip, dd, li.inline, td");
}).map((e) => e.outerHTML.slice(0, 120)).join("\n")`

// busy is a night with something of everything.
func (s *screen) busy() {
	s.t.Helper()
	s.health = Health{
		Version: "1.2.3", Providers: []Provider{{"sms", "twilio", false}, {"push", "fcm", true}}, Warnings: []string{"this machine's clock is 2s from the store's, by which deadlines are kept"},
		Sources: []Source{{Name: "prometheus", Type: "alertmanager", HeardAt: saturday.Add(-3 * time.Minute)}, {Name: "bellac", Type: "alertmanager", RefusedAt: saturday.Add(-time.Hour), Reason: "the body is no JSON object: invalid character '<' looking for beginning of value"}},
		Queued:  3, Waits: 4 * time.Minute, Doubts: []string{"groups.on-call: nobody is on call on 2026-12-24 from 18:00 to 20:00"},
	}
	for i, urgency := range []string{"critical", "major", "minor", "low", "major", "low"} {
		number := s.alert(fmt.Sprintf("Trouble%d", i), "urgency", urgency, "instance", fmt.Sprintf("srv-%02d.example.com", i))
		s.clock.pass(7 * time.Minute)
		if i%2 == 1 {
			s.acts([]string{"alice", "bruno"}[i/2%2], number, escalation.ActAcknowledge)
		}
	}
	s.acts("bruno", s.alert("Over"), escalation.ActResolve)
	s.follow("edith", s.post("edith", "/people/alice", "test", ""))
}

// wall makes the address of one.
func (s *screen) wall() string {
	s.t.Helper()
	m := regexp.MustCompile(`(/wall/[A-Z0-9]+)"`).FindStringSubmatch(s.post("edith", "/walls").Body.String())
	if m == nil {
		s.t.Fatal("no address was made")
	}
	return m[1]
}
