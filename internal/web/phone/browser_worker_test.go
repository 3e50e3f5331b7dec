package phone

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// sync has the browser tell the worker that there is network, as background sync does.
func (h *handset) sync() {
	h.t.Helper()
	call(h, "sync", serviceworker.DispatchSyncEvent, serviceworker.DispatchSyncEventParams{Origin: h.at, RegistrationID: h.registration(), Tag: "queue"})
}

// subscribesTo has the worker's browser subscribe at an endpoint, as it would with a
// push service, which it cannot reach here. It has no subscription before.
func (h *handset) subscribesTo(endpoint string) {
	h.t.Helper()
	h.evalIn(h.worker, fmt.Sprintf(`(() => {
		globalThis.subscribed = null;
		PushManager.prototype.getSubscription = async function () { return globalThis.subscribed; };
		PushManager.prototype.subscribe = async function (o) {
			const said = { endpoint: %[1]q, expirationTime: null, keys: { p256dh: String(o.applicationServerKey), auth: "AAAA" } };
			return globalThis.subscribed = { endpoint: %[1]q, options: {}, toJSON: () => said };
		};
	})()`, endpoint))
}

// changed tells the worker that its subscription ended.
func (h *handset) changed() {
	h.t.Helper()
	h.evalIn(h.worker, `await (async () => {
		let work;
		dispatchEvent(Object.assign(new Event("pushsubscriptionchange"), { oldSubscription: null, newSubscription: null, waitUntil: (p) => { work = p; } }));
		await work;
	})()`)
}

// TestASubscriptionThatEnds: the worker subscribes anew by the key that it knows and
// tells the daemon, without network as soon as there is some; the device goes on under
// its id, and what it had before is gone.
func TestASubscriptionThatEnds(t *testing.T) {
	h := newHandset(t)
	h.install("alice")
	id := h.device("alice", "https://push.example.net/1")
	h.evalIn(h.worker, fmt.Sprintf(`await (async () => { for (const [k, v] of Object.entries({ endpoint: "https://push.example.net/1", key: %q, name: "Pixel", device: %q })) await note(k, v); })()`, publicKey, id))
	at := func(endpoint string) {
		t.Helper()
		devices, err := h.store.Devices(context.Background(), "alice")
		if err != nil || len(devices) != 1 || devices[0].ID != id || devices[0].Push.Endpoint != endpoint || devices[0].Name != "Pixel" {
			t.Errorf("%+v, %v", devices, err)
		}
	}
	h.subscribesTo("https://push.example.net/2")
	h.changed()
	at("https://push.example.net/2")
	h.subscribesTo("https://push.example.net/3")
	h.away.Store(true)
	h.changed()
	at("https://push.example.net/2")
	h.away.Store(false)
	h.sync()
	h.until("it is told", `fact("endpoint")`, "https://push.example.net/3")
	at("https://push.example.net/3")
	// One that is gone without a word is made anew when the application starts.
	h.subscribesTo("https://push.example.net/4")
	h.open("/now")
	h.until("it is told", `fact("endpoint")`, "https://push.example.net/4")
	at("https://push.example.net/4")
}

// TestTheBrowserSendsWhatWaits: what was pressed without network, on the notification
// and on the page behind a link, is sent when the browser says that there is network.
func TestTheBrowserSendsWhatWaits(t *testing.T) {
	h := newHandset(t)
	first, second := h.alert("HostDown"), h.alert("DiskFull")
	h.install("alice")
	h.push(h.page(first, h.link("alice", first)))
	h.do("the link", chromedp.Navigate(h.link("alice", second)), chromedp.WaitVisible(chromedp.CSS(`.bar button[value="acknowledge"]`)))
	h.until("shown is sent", `(await queued()).length`, "0")
	h.away.Store(true)
	h.press("acknowledge")
	h.do("the button", chromedp.Click(chromedp.CSS(`.bar button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS("main .flash.bad")))
	if got := h.eval(`document.querySelector("main").textContent`); !strings.Contains(got, "NOT acknowledged yet") {
		t.Errorf("the page says %q", got)
	}
	if got := h.eval(`document.querySelector("main a").href === location.href`); got != "true" {
		t.Error("nothing leads back to the page")
	}
	h.picture("offline-link", 390, "dark")
	if got := h.evalIn(h.worker, `(await queued()).length`); got != "2" {
		t.Fatalf("%s wait", got)
	}
	h.sync() // too early: they go on waiting
	h.until("they were tried", `(await queued()).every((i) => i.tries > 1)`, "true")
	h.away.Store(false)
	h.sync()
	h.until("the queue", `(await queued()).length`, "0")
	for _, number := range []string{first, second} {
		if v := h.view(number); v.Ticket.State != ticket.Acknowledged || v.Ticket.AcknowledgedBy.Name != "alice" {
			t.Errorf("%s is %s", number, v.Ticket.State)
		}
	}
	if got := h.evalIn(h.worker, shows); !strings.Contains(got, "You have it | "+first+" is acknowledged only now; you pressed at ") {
		t.Errorf("the notification says %q", got)
	}
}

// TestTheSamePushTwice is one notification, which the phone reports each time; pressed
// again it says that it is one's own.
func TestTheSamePushTwice(t *testing.T) {
	h := newHandset(t)
	number := h.alert("HostDown")
	h.install("alice")
	text := h.page(number, h.link("alice", number))
	h.push(text)
	h.push(text)
	want := "CRITICAL: HostDown | srv-db-01 | acknowledge open | " + number
	if got := h.evalIn(h.worker, shows); got != want {
		t.Errorf("%q is shown, not %q", got, want)
	}
	if got := h.pushes.count(); got != 2 {
		t.Errorf("it was reported %d times", got)
	}
	h.press("acknowledge")
	lines := len(h.view(number).Timeline)
	h.push(text)
	h.press("acknowledge")
	if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "You have it | "+number+" acknowledged ") {
		t.Errorf("the notification says %q", got)
	}
	if got := len(h.view(number).Timeline); got != lines {
		t.Errorf("%d lines were written", got-lines)
	}
}

// TestAPushOfWhatIsOver: the notification says so, of a ticket that is resolved and of
// one that is closed.
func TestAPushOfWhatIsOver(t *testing.T) {
	h := newHandset(t)
	h.install("alice")
	for i, ends := range [][]escalation.Action{{escalation.ActResolve}, {escalation.ActResolve, escalation.ActClose}} {
		number := h.alert(fmt.Sprintf("HostDown%d", i))
		link := h.link("alice", number)
		for _, action := range ends {
			if _, err := h.engine.Act(t.Context(), number, escalation.Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}, Via: "sms"}); err != nil {
				t.Fatal(err)
			}
		}
		h.push(h.page(number, link))
		h.press("acknowledge")
		if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "It is over | "+number+" was over already. Nothing changed.") {
			t.Errorf("the notification says %q", got)
		}
		h.evalIn(h.worker, `(await registration.getNotifications()).forEach((n) => n.close())`)
	}
}

// TestAnOlderWorker: after the daemon was replaced by a newer one, a browser goes on with
// the worker that it has until it asks for another. It shows and acknowledges as it did;
// what waits in it the new one sends. There is a file of each version whose worker asked
// something else of the daemon, or kept something else, than the one before.
func TestAnOlderWorker(t *testing.T) {
	older, err := os.ReadFile("testdata/worker-1.js")
	if err != nil {
		t.Fatal(err)
	}
	h := newHandset(t)
	h.older.Store(&older)
	first, second := h.alert("HostDown"), h.alert("DiskFull")
	h.install("alice")
	if got := h.evalIn(h.worker, `typeof subscribe`); got != "undefined" {
		t.Fatal("it is not the older one")
	}
	h.push(h.page(first, h.link("alice", first)))
	h.press("acknowledge")
	if got := h.evalIn(h.worker, shows); !strings.HasPrefix(got, "You have it | "+first+" acknowledged ") {
		t.Errorf("the notification says %q", got)
	}
	h.push(h.page(second, h.link("alice", second)))
	h.evalIn(h.worker, `(await registration.getNotifications({ tag: "`+first+`" })).forEach((n) => n.close())`)
	h.until("shown is sent", `(await queued()).length`, "0")
	h.away.Store(true)
	h.press("acknowledge")
	h.away.Store(false)
	h.older.Store(nil)
	h.eval(`await (async () => {
		const changed = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
		await (await navigator.serviceWorker.ready).update();
		await changed;
	})()`)
	h.eval(`await (async () => {
		for (const end = Date.now() + 20000; Date.now() < end;) {
			const db = await new Promise((done) => { const ask = indexedDB.open("astreinte"); ask.onsuccess = () => done(ask.result); });
			const left = await new Promise((done) => { const ask = db.transaction("queue").objectStore("queue").count(); ask.onsuccess = () => done(ask.result); });
			db.close();
			if (!left) return;
			await new Promise((r) => setTimeout(r, 20));
		}
		throw new Error("it still waits");
	})()`)
	if v := h.view(second); v.Ticket.State != ticket.Acknowledged {
		t.Errorf("%s is %s", second, v.Ticket.State)
	}
}

// serveOlder answers with an older worker.
func serveOlder(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Security-Policy", workerPolicy)
	_, _ = w.Write(append([]byte("\"use strict\";\nconst base = \"\";\n"), text...))
}
