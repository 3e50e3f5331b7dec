package phone

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// TestFromALockedPhone: the page behind a link from a cold start on a slow line, and
// without JavaScript: two taps, two requests, fifty kilobytes, and five seconds of
// that line until the page says that it is taken. What the machine takes beside the
// line is logged, not judged.
func TestFromALockedPhone(t *testing.T) {
	h := newHandset(t)
	var bytes, requests atomic.Int64
	if err := chromedp.Listen(h.ctx, func(ev any) {
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			requests.Add(1)
		case *network.EventLoadingFinished:
			bytes.Add(int64(e.EncodedDataLength))
		}
	}); err != nil {
		t.Fatal(err)
	}
	call(h, "network", network.Enable, network.EnableParams{})
	call(h, "no scripts", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	// Chromium's "Slow 3G": 400 ms, 500 kbit/s, each as its own factor makes it.
	const latency, throughput = 2 * time.Second, 50_000 // a request, bytes a second
	call(h, "slow", network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Latency: float64(latency.Milliseconds()), DownloadThroughput: throughput, UploadThroughput: throughput}},
	})
	number := h.alert("HostDown")
	link := h.link("alice", number)
	bytes.Store(0)
	requests.Store(0)
	began := h.engine.Now()
	h.do("the first tap", chromedp.Navigate(link), chromedp.WaitVisible(chromedp.CSS(`.bar button[value="acknowledge"]`)))
	h.do("the second", chromedp.Click(chromedp.CSS(`.bar button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	told := h.engine.Now().Sub(began)
	if v := h.view(number); v.Ticket.State != ticket.Acknowledged {
		t.Fatalf("it is %s", v.Ticket.State)
	}
	sent := bytes.Load()
	line := time.Duration(requests.Load())*latency + time.Duration(sent)*time.Second/throughput
	t.Logf("told after %s, %s of them the line's, %d bytes", told, line, sent)
	if sent == 0 || sent > 50_000 || requests.Load() != 2 || line > 5*time.Second {
		t.Errorf("%d bytes, %d requests: %s", sent, requests.Load(), line)
	}
	if told < 2*latency {
		t.Errorf("told after %s: the line is not slow", told)
	}
}

// TestAPressCanBeReadAgain: the answer to a button is a page like any other: reload and
// back ask for it and send no form. Without JavaScript a form that is sent again
// changes nothing.
func TestAPressCanBeReadAgain(t *testing.T) {
	h := newHandset(t)
	number := h.alert("HostDown")
	link := h.link("alice", number)
	h.do("the first tap", chromedp.Navigate(link), chromedp.WaitVisible(chromedp.CSS(`.bar button[value="acknowledge"]`)))
	h.do("the second", chromedp.Click(chromedp.CSS(`.bar button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	if got := h.eval(`location.pathname + location.search`); !strings.HasSuffix(link+"?done=acknowledge", got) {
		t.Errorf("it is at %s", got)
	}
	if got := h.posted.Load(); got != 1 {
		t.Fatalf("%d forms were sent", got)
	}
	h.picture("taken", 390, "dark")
	h.do("reload", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	h.eval(`history.back()`)
	h.do("back", chromedp.WaitVisible(chromedp.CSS(".said:not(.good)")))
	h.eval(`history.forward()`)
	h.do("forward", chromedp.WaitVisible(chromedp.CSS(".said.good")))
	if got := h.posted.Load(); got != 1 {
		t.Errorf("%d forms were sent", got)
	}

	bundle := paging.Link{Person: "alice", Ticket: "bundle", At: h.engine.Now()}
	for _, name := range []string{"DiskFull1", "DiskFull2", "DiskFull3"} {
		bundle.Bundle = append(bundle.Bundle, ticket.Ref{Source: "prometheus", Number: h.alert(name)})
	}
	if _, err := h.store.Reserve(t.Context(), paging.Reservation{Hash: paging.LinkHash("token-of-a-bundle"), Link: bundle}); err != nil {
		t.Fatal(err)
	}
	h.do("a bundle", chromedp.Navigate(h.at+"/a/token-of-a-bundle"), chromedp.WaitVisible(chromedp.CSS(`button[value="snooze"]`)))
	h.picture("bundle", 390, "dark")
	h.do("wake me again", chromedp.Click(chromedp.CSS(`button[value="snooze"]`)), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	h.picture("bundle-snoozed", 390, "light")
	h.posted.Store(1)

	call(h, "no scripts", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	other := h.alert("DiskFull")
	h.do("the first tap", chromedp.Navigate(h.link("alice", other)), chromedp.WaitVisible(chromedp.CSS(`.bar button[value="acknowledge"]`)))
	h.do("the second", chromedp.Click(chromedp.CSS(`.bar button[value="acknowledge"]`)), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	lines := len(h.view(other).Timeline)
	h.do("reload", chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".said.good")))
	if v := h.view(other); h.posted.Load() != 3 || len(v.Timeline) != lines || v.Ticket.State != ticket.Acknowledged {
		t.Errorf("%d forms were sent, %s with %d lines", h.posted.Load(), v.Ticket.State, len(v.Timeline)-lines)
	}
}
