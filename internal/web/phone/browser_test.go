package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// handset is a real Chromium with one tab, on a house that it can reach.
type handset struct {
	*house
	ctx    context.Context
	worker context.Context // the service worker
	at     string
	away   atomic.Bool            // there is no network: connections end without an answer
	posted atomic.Int64           // forms that came to links
	older  atomic.Pointer[[]byte] // the worker of a former version; nil: today's
	ids    chan serviceworker.RegistrationID
	id     serviceworker.RegistrationID // of the worker
}

const patience = time.Minute

func newHandset(t *testing.T) *handset {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not installed: apt-get install chromium (bash .ci/test does it)")
	}
	h := &handset{house: newHouse(t, home), ids: make(chan serviceworker.RegistrationID, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/a/") {
			h.posted.Add(1)
		}
		switch {
		case h.away.Load():
			panic(http.ErrAbortHandler)
		case r.URL.Path == "/sw.js" && h.older.Load() != nil:
			serveOlder(w, *h.older.Load())
		case r.URL.Path == "/as":
			http.SetCookie(w, &http.Cookie{Name: "badge", Value: r.URL.Query().Get("who"), Path: "/"})
		case r.URL.Path == "/sign-out", r.URL.Path == "/sign-in":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><title>x</title><main>signed out</main>"))
		default:
			h.handler.ServeHTTP(w, r)
		}
	}))
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	h.at = server.URL
	h.serve(server.URL)
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
	h.ctx = ctx
	if err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				if !r.IsDeleted {
					h.ids <- r.RegistrationID
				}
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	call(h, "service workers", serviceworker.Enable, cdp.Empty{})
	for _, name := range []string{"notifications", "push"} {
		if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name, UserVisibleOnly: true}, Setting: "granted", Origin: h.at,
		}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func call[P, R any](h *handset, what string, cmd cdp.Command[P, R], params P) R {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, patience)
	defer cancel()
	got, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
	return got
}

func (h *handset) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
}

func (h *handset) open(path string) {
	h.t.Helper()
	h.do(path, chromedp.Navigate(h.at+path), chromedp.WaitVisible(chromedp.CSS("main, .bar")))
}

// eval evaluates in the tab, waiting for a promise.
func (h *handset) eval(expression string) string {
	h.t.Helper()
	return h.evalIn(h.ctx, expression)
}

func (h *handset) evalIn(ctx context.Context, expression string) string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	yes := true
	got, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "(async () => String(" + expression + "))()", AwaitPromise: &yes, ReturnByValue: &yes})
	if err != nil {
		h.t.Fatalf("%s: %v", expression, err)
	}
	if got.ExceptionDetails != nil {
		h.t.Fatalf("%s: %s", expression, got.ExceptionDetails.Exception.Description)
	}
	var text string
	if err := json.Unmarshal(got.Result.Value, &text); err != nil {
		h.t.Fatalf("%s: %s", expression, got.Result.Value)
	}
	return text
}

// until waits for an expression of the worker to be what it should be.
func (h *handset) until(what, expression, want string) {
	h.t.Helper()
	h.evalIn(h.worker, fmt.Sprintf(`await (async () => {
		for (const end = Date.now() + %d; Date.now() < end;) {
			if (String(await (%s)) === %q) return;
			await new Promise((r) => setTimeout(r, 20));
		}
		throw new Error(%q + ": " + String(await (%s)));
	})()`, (patience-10*time.Second).Milliseconds(), expression, want, what, expression))
}

// install opens the application as a person, and waits for its worker.
func (h *handset) install(person string) {
	h.t.Helper()
	h.do("sign in", chromedp.Navigate(h.at+"/as?who="+person))
	h.open("/now")
	h.eval(`await navigator.serviceWorker.ready.then((r) => r.active.state === "activated" || new Promise((done) => r.active.addEventListener("statechange", done)))`)
	targets, err := chromedp.Targets(h.ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, info := range targets {
		if info.Type == "service_worker" {
			h.worker = h.attach(info.TargetID)
			h.until("who it is", `fact("person")`, "/people/"+person)
			return
		}
	}
	h.t.Fatal("there is no service worker")
}

func (h *handset) attach(id target.ID) context.Context {
	h.t.Helper()
	ctx, cancel := chromedp.NewContext(h.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	h.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		h.t.Fatalf("the worker: %v", err)
	}
	return ctx
}

// push delivers a push by the protocol, as a push service does, and waits until the
// phone has said that it showed it. Before that nobody may ask for notifications: a
// browser without a screen forgets those that it is about to show.
func (h *handset) push(text string) {
	h.t.Helper()
	call(h, "push", serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: h.at, RegistrationID: h.registration(), Data: text})
	select {
	case <-h.pushes.told:
	case <-time.After(patience):
		h.t.Fatal("the phone does not say that it showed a push")
	}
}

// registration is that of the worker.
func (h *handset) registration() serviceworker.RegistrationID {
	h.t.Helper()
	for h.id == "" {
		select {
		case h.id = <-h.ids:
		case <-time.After(patience):
			h.t.Fatal("no worker is registered")
		}
	}
	return h.id
}

// page is a push of a page, as paging/webpush writes it.
func (h *handset) page(number, link string) string {
	return fmt.Sprintf(`{"web_push":8030,"mutable":true,"notification":{"title":"CRITICAL: HostDown","body":"srv-db-01","lang":"en","navigate":%[2]q,"tag":%[1]q,
		"renotify":true,"requireInteraction":true,"timestamp":%[4]d,"data":{"ticket":%[1]q,"kind":"page","link":%[2]q,"open":%[2]q,"acknowledge":%[2]q,"shown":"%[3]s/push/shown/TOKEN-%[1]s"},
		"actions":[{"action":"acknowledge","title":"I take it","navigate":%[2]q},{"action":"open","title":"Open","navigate":%[2]q}]}}`,
		number, link, h.at, h.engine.Now().UnixMilli())
}

// link makes the address that a page of a ticket has.
func (h *handset) link(person, number string) string {
	h.t.Helper()
	token := "token-of-" + person + "-" + number
	link := paging.Link{Person: person, Source: "prometheus", Ticket: number, At: h.engine.Now()}
	if _, err := h.store.Reserve(context.Background(), paging.Reservation{Hash: paging.LinkHash(token), Link: link}); err != nil {
		h.t.Fatal(err)
	}
	return h.at + "/a/" + token
}

// shows is what the notification of a ticket says: title, body and buttons.
const shows = `(await registration.getNotifications()).map((n) => [n.title, n.body, n.actions.map((a) => a.action).join(" "), n.tag].join(" | ")).join("\n")`

// press presses a button of the one notification.
func (h *handset) press(action string) {
	h.t.Helper()
	h.evalIn(h.worker, fmt.Sprintf(`await (async () => {
		const [notification] = await registration.getNotifications();
		let work;
		const event = Object.assign(new Event("notificationclick"), { notification, action: %q, waitUntil: (p) => { work = p; } });
		dispatchEvent(event);
		await work;
	})()`, action))
}

// TestAPushIsShownAndAcknowledges: a push that the browser delivers is shown and
// reported; its button acknowledges, and the notification says what the daemon
// answered: taken, or by whom it was, or that it is over.
func TestAPushIsShownAndAcknowledges(t *testing.T) {
	h := newHandset(t)
	number := h.alert("HostDown")
	h.install("alice")
	link := h.link("alice", number)
	h.push(h.page(number, link))
	if got, want := h.evalIn(h.worker, shows), "CRITICAL: HostDown | srv-db-01 | acknowledge open | "+number; got != want {
		t.Fatalf("%q is shown, not %q", got, want)
	}
	if got := h.pushes.count(); got != 1 {
		t.Errorf("%d pushes were reported as shown", got)
	}
	h.press("acknowledge")
	if v := h.view(number); v.Ticket.State != ticket.Acknowledged || v.Ticket.AcknowledgedBy.Name != "alice" {
		t.Fatalf("%s by %v", v.Ticket.State, v.Ticket.AcknowledgedBy)
	}
	if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "You have it | "+number+" acknowledged ") {
		t.Errorf("the notification says %q", got)
	}

	other := h.alert("DiskFull")
	h.push(h.page(other, h.link("alice", other)))
	h.evalIn(h.worker, `(await registration.getNotifications({ tag: "`+number+`" })).forEach((n) => n.close())`)
	theirs := h.link("bruno", other)
	h.evalIn(h.worker, `await fetch("`+theirs+`", { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ action: "acknowledge" }) })`)
	h.press("acknowledge")
	if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "bruno has it | "+other+" was taken at ") {
		t.Errorf("the notification says %q", got)
	}
}

// TestWithoutNetwork: an acknowledgement waits, says so, is sent once when there is
// network, and the timeline tells when it was pressed; pages are shown with their age.
func TestWithoutNetwork(t *testing.T) {
	h := newHandset(t)
	number, second := h.alert("HostDown"), h.alert("DiskFull")
	h.install("alice")
	h.push(h.page(second, h.link("alice", second)))
	h.until("shown is sent", `(await queued()).length`, "0")
	h.open("/tickets/" + number)
	h.until("it is kept", `(await (await caches.open("pages")).keys()).some((k) => k.url.endsWith("`+number+`"))`, "true")
	h.away.Store(true)

	h.press("acknowledge")
	if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "NOT acknowledged yet | "+second+": the pager could not be reached, and paging goes on.") {
		t.Errorf("the notification says %q", got)
	}
	h.open("/tickets/" + number)
	if got := h.eval(`document.getElementById("kept").textContent`); !strings.Contains(got, "No network. This was known at ") {
		t.Errorf("the page says %q", got)
	}
	h.picture("offline", 390, "light")
	h.do("acknowledge", chromedp.Click(chromedp.CSS(`.keys button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS("main .flash.bad")))
	if got := h.eval(`document.querySelector("main").textContent`); !strings.Contains(got, "NOT acknowledged yet") {
		t.Errorf("the page says %q", got)
	}
	if v := h.view(number); v.Ticket.State != ticket.Open {
		t.Fatalf("it is %s", v.Ticket.State)
	}
	if got := h.evalIn(h.worker, `(await queued()).length`); got != "2" {
		t.Fatalf("%s wait", got)
	}
	// An hour passes.
	h.evalIn(h.worker, `await (async () => { for (const i of await queued()) await keepItem({ ...i, pressedAt: new Date(Date.parse(i.pressedAt) - 3600000).toISOString() }); })()`)
	h.away.Store(false)
	h.open("/now") // the next start
	h.until("the queue", `(await queued()).length`, "0")
	for _, n := range []string{number, second} {
		v := h.view(n)
		if v.Ticket.State != ticket.Acknowledged || v.Ticket.AcknowledgedBy.Name != "alice" {
			t.Errorf("%s is %s", n, v.Ticket.State)
		}
		if told, err := json.Marshal(v.Timeline); err != nil || !strings.Contains(string(told), "pressed") {
			t.Errorf("the timeline of %s does not say when it was pressed: %s", n, told)
		}
	}
	if got := h.evalIn(h.worker, `(await registration.getNotifications({ tag: "`+second+`" }))[0].body`); !strings.Contains(got, "acknowledged only now; you pressed at") {
		t.Errorf("the notification says %q", got)
	}
}

// TestWhatIsRefusedIsDropped: what the daemon refuses is told and never sent again.
func TestWhatIsRefusedIsDropped(t *testing.T) {
	h := newHandset(t)
	h.install("alice")
	h.evalIn(h.worker, `await press({ link: "`+h.at+`/a/nothing", name: "I1", tag: "I1", lang: "en" })`)
	if got := h.evalIn(h.worker, shows+` + (await queued()).length`); !strings.HasPrefix(got, "NOT acknowledged | I1: the pager refused it") || !strings.HasSuffix(got, "0") {
		t.Errorf("%q", got)
	}
}

// TestSignOutForgets: nothing that was kept for a person is there after it.
func TestSignOutForgets(t *testing.T) {
	h := newHandset(t)
	h.alert("HostDown")
	h.install("alice")
	h.open("/tickets")
	h.until("it is kept", `(await (await caches.open("pages")).keys()).length > 0`, "true")
	h.away.Store(true)
	h.evalIn(h.worker, `await press({ ticket: "I1" })`)
	h.away.Store(false)
	h.do("sign out", chromedp.Click(chromedp.CSS(`form[action="/sign-out"] button`)), chromedp.WaitVisible(chromedp.CSS("main")))
	h.until("it is forgotten", `[(await (await caches.open("pages")).keys()).length, (await queued()).length].join()`, "0,0")
	h.do("sign in", chromedp.Navigate(h.at+"/as?who=bruno"))
	h.away.Store(true)
	h.open("/tickets")
	if got := h.eval(`document.body.textContent`); strings.Contains(got, "HostDown") || !strings.Contains(got, "nothing is kept of this page") {
		t.Errorf("%q", got)
	}
}

// aSubscription has the browser subscribe as it would with a push service, which it
// cannot reach here.
const aSubscription = `(() => { PushManager.prototype.getSubscription = async function () { return globalThis.subscribed ?? null; };
PushManager.prototype.subscribe = async function (o) {
	return globalThis.subscribed = { endpoint: "https://push.example.net/send/1", options: {}, unsubscribe: async () => true,
		toJSON: () => ({ endpoint: "https://push.example.net/send/1", expirationTime: null, keys: { p256dh: o.applicationServerKey, auth: "AAAA" } }) };
}; })()`

// TestAPhoneProvesItself: two taps until a push can arrive, and one that proves it.
func TestAPhoneProvesItself(t *testing.T) {
	h := newHandset(t)
	h.install("alice")
	h.open("/phone")
	h.eval(aSubscription)
	for _, theme := range []string{"light", "dark"} {
		h.picture("phone", 390, theme)
	}
	h.do("subscribe", chromedp.Click(chromedp.CSS("#push [data-when=ask] [data-check]")), chromedp.WaitVisible(chromedp.CSS("#push [data-when=sent]")))
	devices, err := h.store.Devices(t.Context(), "alice")
	if err != nil || len(devices) != 1 || devices[0].Push == nil || devices[0].Push.P256dh != publicKey {
		t.Fatalf("%+v, %v", devices, err)
	}
	h.push(`{"web_push":8030,"notification":{"title":"Test","tag":"test-1","data":{"kind":"test","shown":"` + h.at + `/push/shown/T"}}}`)
	h.do("confirm", chromedp.Click(chromedp.CSS("#confirm button")), chromedp.WaitVisible(chromedp.CSS(".flash.good")))
	has(t, h.get("alice", "/phone"), "confirmed")
	h.picture("phone-proven", 390, "light")
	h.post("dominique", "/people/alice/phone", "add", "1")
	h.open("/people/alice/phone")
	h.do("a code", chromedp.Click(chromedp.CSS("button[name=add]")), chromedp.WaitVisible(chromedp.CSS("svg.qr")))
	for _, theme := range []string{"light", "dark"} {
		h.picture("code", 390, theme)
	}
}

// picture keeps what the tab shows at a width, where ASTREINTE_SCREENSHOTS names a
// folder.
func (h *handset) picture(name string, width int64, theme string) {
	h.t.Helper()
	h.do("the screen", chromedp.EmulateViewport(width, 844, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch))
	call(h, "theme", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	if got := h.eval(`document.documentElement.scrollWidth > document.documentElement.clientWidth`); got != "false" {
		h.t.Errorf("%s is wider than the screen", name)
	}
	folder := os.Getenv("ASTREINTE_SCREENSHOTS")
	if folder == "" {
		return
	}
	image, err := chromedp.Run(h.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, theme)), image, 0o600); err != nil {
		h.t.Fatal(err)
	}
}
