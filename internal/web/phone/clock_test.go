package phone

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/web/console"
)

// TestTheDesksClockIsNotTheBrowsers: as in the demo, whose clock may be days ahead and
// runs fast. What is kept and what is pressed without network has the desk's time, after
// a start of the worker too. Where the two are one again, so is what the worker says.
func TestTheDesksClockIsNotTheBrowsers(t *testing.T) {
	h := newHandset(t)
	var ahead atomic.Bool
	ahead.Store(true)
	began, all := h.engine.Now(), h.handler
	const speed = 600
	h.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ahead.Load() {
			shows := began.Add(48*time.Hour + h.engine.Now().Sub(began)*speed)
			w.Header().Set(console.ClockHeader, shows.UTC().Format(time.RFC3339)+" "+strconv.Itoa(speed))
		}
		all.ServeHTTP(w, r)
	})
	number := h.alert("HostDown")
	h.install("alice")
	h.open("/tickets/" + number)
	const hours = `Math.floor(((await now()) - Date.now()) / 3600000)`
	h.until("it is kept", `(await (await caches.open("pages")).keys()).some((k) => k.url.endsWith("`+number+`"))`, "true")
	h.until("the desk's clock", hours+` >= 48`, "true")
	if got := h.evalIn(h.worker, `await (async () => { const from = await now(), here = Date.now(); await new Promise((r) => setTimeout(r, 100)); return ((await now()) - from) / (Date.now() - here) > 300; })()`); got != "true" {
		t.Error("it does not run fast")
	}
	h.away.Store(true)
	h.evalIn(h.worker, `(desk = undefined)`) // as at a start
	h.open("/tickets/" + number)
	h.do("acknowledge", chromedp.Click(chromedp.CSS(`.keys button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS("main .flash.bad")))
	if got := h.evalIn(h.worker, `(await queued()).map((i) => Date.parse(i.pressedAt) - Date.now() > 48 * 3600000)`); got != "true" {
		t.Errorf("what was pressed has the browser's time: %s", got)
	}
	h.evalIn(h.worker, `await dropQueue()`)
	if got := h.evalIn(h.worker, `Date.parse((await (await caches.open("pages")).match("/tickets/`+number+`")).headers.get("X-Kept-At")) - Date.now() > 47 * 3600000`); got != "true" {
		t.Errorf("what is kept has the browser's time: %s", got)
	}
	h.open("/tickets/" + number)
	if got := h.eval(`document.getElementById("kept").textContent`); !strings.Contains(got, "No network. This was known at ") || strings.Contains(got, "-") {
		t.Errorf("the page says %q", got)
	}
	h.away.Store(false)
	ahead.Store(false)
	h.open("/now")
	h.until("the browser's clock", hours, "0")
}
