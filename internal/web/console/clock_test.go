package console

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestTheClockIsDrawn reads the page of a clock that rested.
func TestTheClockIsDrawn(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	o.clock.pass(10 * time.Minute)
	has(t, o.get("bruno", "/tickets/"+number), `/tickets/`+number+`/clock"`, `<option value="waiting_for_customer">waiting for the customer</option>`, `value="pause"`)
	has(t, o.press("bruno", number, "pause", "reason", "waiting_for_customer"), "The clock rests.", "paused · 50 min", `value="resume"`)
	has(t, o.press("bruno", number, "pause", "reason", "agreed_date"), "cannot rest, or go on, so")
	o.clock.pass(24 * time.Hour)
	has(t, o.press("bruno", number, "resume"), "The clock goes on.")
	o.clock.pass(20 * time.Minute)
	page := o.get("bruno", "/tickets/"+number+"/clock")
	has(t, page, "Used: 30 min.", `<svg role="img"`, `<rect class="pause"`, "paused by you: waiting for the customer", "<td>yes</td>", "<td>no</td>", "Still to come")
	if n := strings.Count(page.Body.String(), "<svg"); n != 2 {
		t.Errorf("%d days are drawn, want 2", n)
	}
	bars := regexp.MustCompile(`<rect class="([a-z]+)" x=[^>]*>(?:<title>([^<]*)</title>)?`).FindAllStringSubmatch(page.Body.String(), -1)
	for _, bar := range bars { // on hover
		if paused := strings.Contains(bar[2], "paused by you: waiting for the customer"); bar[2] == "" || paused != (bar[1] == "pause") {
			t.Errorf("a bar %q says %q", bar[1], bar[2])
		}
	}
	if len(bars) < 3 {
		t.Errorf("%d bars", len(bars))
	}
	again := o.alert("DiskFull")
	o.clock.pass(19*time.Second + 600*time.Millisecond) // its lines add up to the hour
	has(t, o.get("bruno", "/tickets/"+again+"/clock"), "Used: 19 s.", "<td>19 s</td>", "<td>59 min 41 s</td>")
	hasNot(t, o.get("edith", "/tickets/"+number+"/clock"), "<script>alert")
	has(t, o.get("bruno", "/tickets/none/clock"), "There is nothing here")
}

// TestTheOtherClocksAreShown reads a ticket's other promises, on its page and beside its GTI.
func TestTheOtherClocksAreShown(t *testing.T) {
	o := newOffice(t, home)
	contract := o.engine.Rules().Contracts["full-time"]
	promised := func(within time.Duration) map[ticket.Urgency]escalation.Promise {
		return map[ticket.Urgency]escalation.Promise{ticket.Critical: {Within: within, Calendar: "always"}}
	}
	contract.Clocks = map[ticket.ClockKind]map[ticket.Urgency]escalation.Promise{
		ticket.ClockRespond: promised(30 * time.Minute), ticket.ClockNews: promised(2 * time.Hour),
	}
	o.engine.Rules().Contracts["full-time"] = contract
	number := o.alert("HostDown")
	hasNot(t, o.get("bruno", "/tickets/"+number+"/clock"), "Call-back", "Time of treatment")
	o.clock.pass(40 * time.Minute)
	has(t, o.get("bruno", "/tickets/"+number), `<div class="gti missed"><dt>Response</dt>`, `<div class="gti running"><dt>News to the customer</dt>`)
	has(t, o.press("bruno", number, "pickup"), `<dt>Response</dt>`)
	o.clock.pass(2 * time.Hour)
	o.post("bruno", "/tickets/"+number+"/tasks", "kind", "remote", "text", "still at it", "public", "true")
	page := o.get("bruno", "/tickets/"+number+"/clock")
	has(t, page, "<h2>Other promises</h2>", "<h3>Response</h3>", "Used: 40 min.", "<h3>News to the customer</h3>", "Missed before: 1.", "<h2>Time of treatment</h2>", "2 h since the pick-up")
	if n := strings.Count(page.Body.String(), `<table class="minutes">`); n != 3 {
		t.Errorf("%d tables, want 3", n)
	}
}
