package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/escalation"
)

// stream is a daemon's events, as far as a page reads them.
type stream struct {
	away   chan struct{} // closed: there is none
	full   atomic.Bool   // there is no place now
	begun  chan struct{} // each time that one begins
	events chan string
}

func newStream() *stream {
	return &stream{away: make(chan struct{}), begun: make(chan struct{}, 16), events: make(chan string, 16)}
}

func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.away:
		http.Error(w, "no events here", http.StatusNotFound)
		return
	default:
	}
	if s.full.Load() {
		http.Error(w, "no place", http.StatusServiceUnavailable)
		return
	}
	s.begun <- struct{}{}
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	_, _ = fmt.Fprint(w, ": here\n\n")
	_ = control.Flush()
	for {
		select {
		case e := <-s.events:
			_, _ = fmt.Fprint(w, e)
			_ = control.Flush()
		case <-s.away:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// tell says that a ticket changed.
func (s *stream) tell(number string) {
	s.events <- fmt.Sprintf("event: ticket\ndata: {\"number\": %q, \"state\": \"open\"}\n\n", number)
}

const markTab = `(window.same = "the same tab")`

// TestAPageReadsItselfAnew when the daemon says that something changed, and what is
// under the pointer stays there.
func TestAPageReadsItselfAnew(t *testing.T) {
	s := newScreen(t)
	s.busy()
	s.signIn("alice")
	s.size(1440, 500, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	s.eval(markTab)
	under := s.eval(`document.querySelectorAll("[data-row]")[2].id`)
	at := s.eval(`(() => { const r = document.querySelectorAll("[data-row]")[2].getBoundingClientRect(); return Math.round(r.left + 300) + " " + Math.round(r.top + 20); })()`)
	var x, y float64
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		t.Fatal(err)
	}
	s.do("the pointer is on the third row", chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	for range 3 {
		number := s.alert("Worst"+fmt.Sprint(len(s.events.events), x, y), "instance", "srv-new")
		s.events.tell(number)
		s.do("a row comes", see("#t-"+number))
		if got := s.eval(fmt.Sprintf(`document.elementFromPoint(%f, %f).closest("[data-row]").id`, x, y)); got != under {
			t.Errorf("under the pointer is %s, not %s", got, under)
		}
		x++
		s.do("it moves", chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	}
	if got := s.eval(`String(window.same)`); got != "the same tab" {
		t.Error("the page was loaded anew")
	}
}

// TestATicketsPageIsNotDisturbed: what somebody types stays, whatever happens to the
// ticket, and it is told what does.
func TestATicketsPageIsNotDisturbed(t *testing.T) {
	s := newScreen(t)
	number := s.alert("HostDown")
	s.signIn("alice")
	s.size(390, 844, "dark")
	s.do("the ticket", chromedp.Navigate(s.at+"/tickets/"+number), see(".bar"))
	place := s.eval(takePlace)
	s.eval(`(() => { const n = document.getElementById("note"); n.focus(); n.value = "half a sen"; return ""; })()`)
	s.acts("bruno", number, escalation.ActAcknowledge)
	s.events.tell(number)
	s.do("it is taken", see(".facts .state.taken"))
	if got := s.eval(`document.getElementById("note").value + "/" + document.activeElement.id`); got != "half a sen/note" {
		t.Errorf("the note is %q", got)
	}
	if got := s.eval(takePlace); got != place {
		t.Errorf("the button was at %s and is at %s", place, got)
	}
	s.do("asked whether one is sure", chromedp.Navigate(s.at+"/tickets/"+number+"?sure=resolve"), see("#sure"))
	s.eval(`(document.getElementById("words").value = "the cable", "")`)
	s.alert("HostDown", "instance", "srv-db-02")
	s.events.tell(number)
	s.events.tell("I000000_0000")
	s.do("it asks still", see(".sure"))
	if got := s.eval(`document.getElementById("words").value`); got != "the cable" {
		t.Errorf("the words are %q", got)
	}
}

const takePlace = `(() => { const r = document.querySelector('.keys button[value="acknowledge"]').getBoundingClientRect(); return [r.left, r.top, r.width, r.height].map(Math.round).join(" "); })()`

// TestAFormAnswersWithoutALoad, and a clash says who was first.
func TestAFormAnswersWithoutALoad(t *testing.T) {
	s := newScreen(t)
	first, second := s.alert("Down"), s.alert("Slow", "urgency", "low")
	s.signIn("alice")
	s.size(390, 844, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	s.eval(markTab)
	s.do("she takes it", click("#t-"+first+" button"), see(".flash.good"))
	s.acts("bruno", second, escalation.ActAcknowledge)
	s.do("he was first", click("#t-"+second+" button"), see(".flash.bad"))
	if got := s.eval(`document.querySelector(".flash").textContent + "/" + window.same`); !strings.Contains(got, "Bruno Petit") || !strings.HasSuffix(got, "/the same tab") {
		t.Errorf("%q", got)
	}
	s.do("then the ticket", click("#t-"+first+" a"), see(".bar"), click(`.keys button[value="pickup"]`), see(`.said.good`), click(`.keys button[value="resolve"]`), see("#sure"), click(`.said button`), see(`.facts .state.over`))
	if view := s.view(first); !view.Ticket.State.Active() && view.Ticket.ResolvedBy.Person() != "alice" {
		t.Errorf("%+v", view.Ticket.ResolvedBy)
	}
}

// TestWhatWasSaidStays for some seconds, though the page is read anew at once.
func TestWhatWasSaidStays(t *testing.T) {
	s := newScreen(t)
	first := s.alert("Down")
	s.signIn("alice")
	s.size(390, 844, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	s.eval(`(() => { const now = Date.now(); Date.now = () => now; return ""; })()`)
	s.do("she takes it", click("#t-"+first+" button"), see(".flash.good"))
	said := s.eval(`document.querySelector(".flash").textContent`)
	for range 2 {
		another := s.alert("Another", "instance", said)
		s.events.tell(another)
		s.do("another one comes", see("#t-"+another))
		if got := s.eval(`[...document.querySelectorAll(".flash")].map(e => e.textContent + (e.role || "")).join("/")`); got != said {
			t.Errorf("%q, want %q", got, said)
		}
		said = s.eval(`document.querySelector(".flash").textContent`)
	}
	s.later(11)
	another := s.alert("Third")
	s.events.tell(another)
	s.do("later", see("#t-"+another))
	if got := s.eval(`String(document.querySelectorAll(".flash").length)`); got != "0" {
		t.Errorf("%s lines are left", got)
	}
}

// TestAnOlderAnswer never covers a newer one: what was asked before a button was
// pressed, and comes after, changes nothing.
func TestAnOlderAnswer(t *testing.T) {
	s := newScreen(t)
	number := s.alert("Down")
	s.signIn("alice")
	s.size(1440, 900, "light")
	d := &delay{asked: make(chan struct{}, 1), brings: make(chan struct{})}
	s.late.Store(d)
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	s.events.tell(number)
	select {
	case <-d.asked:
	case <-time.After(patience):
		t.Fatal("the page does not ask")
	}
	s.do("she takes it", click("#t-"+number+" button"), see(".flash.good"))
	s.eval(`(() => {
	window.lost = "";
	new MutationObserver(() => { if (!document.querySelector("#t-` + number + ` .taken")) window.lost = "lost"; }).observe(document.body, {childList: true, subtree: true, attributes: true});
	return "";
})()`)
	close(d.brings)
	s.late.Store(nil)
	another := s.alert("Another")
	s.events.tell(another)
	s.do("another one comes", see("#t-"+another))
	if got := s.eval(`window.lost`); got != "" {
		t.Error("what was so before covered it")
	}
}

// TestWithoutAStream a page asks by itself, and says when what it shows is old.
func TestWithoutAStream(t *testing.T) {
	s := newScreen(t)
	s.alert("Down")
	close(s.events.away)
	s.signIn("bruno")
	s.size(1440, 900, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	number := s.alert("Another")
	s.later(10)
	s.do("it comes all the same", see("#t-"+number))
	s.broken.Store(true)
	s.later(60)
	s.do("what is shown is old", see("#stale"))
	if got := s.eval(`document.getElementById("stale").textContent`); !strings.Contains(got, "old") || strings.Contains(got, "{") {
		t.Errorf("%q", got)
	}
	if got := s.eval(`String(document.querySelectorAll("[data-row]").length)`); got != "2" {
		t.Errorf("%s rows are left", got)
	}
	s.broken.Store(false)
	s.later(10)
	s.do("and is not any more", chromedp.WaitNotVisible(chromedp.CSS("#stale")))
}

// TestAStreamThatFoundNoPlace at first is asked for again, while the page looks by
// itself.
func TestAStreamThatFoundNoPlace(t *testing.T) {
	s := newScreen(t)
	s.events.full.Store(true)
	s.signIn("bruno")
	s.size(1440, 900, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	number := s.alert("Another")
	s.later(10)
	s.do("it comes all the same", see("#t-"+number))
	s.events.full.Store(false)
	s.later(10)
	select {
	case <-s.events.begun:
	case <-time.After(patience):
		t.Error("the page did not ask for a stream again")
	}
}

// TestAScriptThatComesLate costs a page nothing but time: it hears what happens.
func TestAScriptThatComesLate(t *testing.T) {
	s := newScreen(t)
	s.slow.Store(true)
	s.signIn("bruno")
	s.size(1440, 900, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	select {
	case <-s.events.begun:
	case <-time.After(patience):
		t.Error("the page did not ask for a stream")
	}
}

// later has so many seconds pass for the page.
func (s *screen) later(seconds int) {
	s.t.Helper()
	s.eval(fmt.Sprintf(`(() => { const now = Date.now; Date.now = () => now() + %d; return ""; })()`, seconds*1000))
}

// TestKeys of the list.
func TestKeys(t *testing.T) {
	s := newScreen(t)
	numbers := s.many(3, "major")
	s.signIn("alice")
	s.size(1440, 900, "light")
	s.do("the list", chromedp.Navigate(s.at+"/tickets"), see("[data-row]"))
	press := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			s.do("press "+key, chromedp.KeyEvent(key))
		}
	}
	here := func() string { return s.eval(`document.querySelector("[data-here]")?.id || ""`) }
	press("j", "j", "k")
	if got := here(); got != "t-"+numbers[2] {
		t.Errorf("here is %s", got)
	}
	press("j", "j", "j")
	if got := here(); got != "t-"+numbers[0] {
		t.Errorf("here is %s", got)
	}
	press("?")
	s.do("there is help", see("#keyhelp[open]"))
	s.events.tell(s.alert("Fourth"))
	s.do("the page is read anew, and the help stays", see("[data-row]:nth-child(4)"), see("#keyhelp[open]"))
	press("a")
	s.do("it is taken", see(".flash.good"))
	if view := s.view(numbers[0]); !view.Ticket.TakenBy("alice") {
		t.Errorf("%s", view.Ticket.State)
	}
	press("/")
	if got := s.eval(`document.activeElement.id`); got != "q" {
		t.Errorf("the focus is on %q", got)
	}
	s.eval(`(document.activeElement.blur(), "")`)
	press("o")
	s.do("it is open", see(".bar"))
}

// TestWithoutScripts everything can be read and done.
func TestWithoutScripts(t *testing.T) {
	s := newScreen(t)
	number := s.alert("Down")
	s.signIn("alice")
	s.size(390, 844, "light")
	s.do("no scripts", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	s.do("taken from Now", chromedp.Navigate(s.at+"/now"), see("#t-"+number+" button"), click("#t-"+number+" button"), see(".flash.good"))
	s.do("begun, resolved, undone on its page", click("#t-"+number+" a"), see(".bar"), click(`.keys button[value="pickup"]`), see(".said.good"),
		click(`.keys button[value="resolve"]`), see("#sure"), click(".said button"), see(".facts .state.over"), click(`.keys button[value="undo"]`), see(".facts .state.taken"))
	if view := s.view(number); !view.Ticket.State.Taken() {
		t.Errorf("%s", view.Ticket.State)
	}
	s.do("searched", chromedp.Navigate(s.at+"/tickets"), chromedp.SetValue(chromedp.CSS("#q"), "down"), click(".go button"), see("#t-"+number))
}

// TestWhoLeavesIsNotLedAway: what the page asked for as somebody who is signed in no more
// leads to where one signs in, unless the page is left already.
func TestWhoLeavesIsNotLedAway(t *testing.T) {
	s := newScreen(t)
	s.alert("Down")
	s.signIn("alice")
	s.size(390, 844, "light")
	s.do("Now", chromedp.Navigate(s.at+"/now"), see("#asks"))
	s.eval(`document.cookie = "badge=; max-age=0; path=/"`)
	led := func() string {
		return s.eval(`new Promise((done) => {
			let led = false;
			navigation.addEventListener("navigate", (e) => { led = true; e.preventDefault(); });
			document.addEventListener("htmx:finally:request", () => done(String(led)), { once: true });
			htmx.trigger(document.getElementById("page"), "refresh");
		})`)
	}
	s.eval(`(dispatchEvent(new Event("beforeunload")), "")`)
	if got := led(); got != "false" {
		t.Error("it is led away while it is left")
	}
	s.later(60)
	if got := led(); got != "true" {
		t.Error("it stays where nobody is signed in")
	}
}
