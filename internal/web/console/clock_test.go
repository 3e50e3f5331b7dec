package console

import (
	"strings"
	"testing"
	"time"
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
	hasNot(t, o.get("edith", "/tickets/"+number+"/clock"), "<script>alert")
	has(t, o.get("bruno", "/tickets/none/clock"), "There is nothing here")
}
