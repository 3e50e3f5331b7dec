package console

import (
	"strings"
	"testing"
)

// TestAPageFollowsAClockThatRunsFast: it looks anew sooner, and says what that clock
// shows. A page of a house whose clock is everybody's says nothing of it.
func TestAPageFollowsAClockThatRunsFast(t *testing.T) {
	o := newOffice(t, home)
	look := func() (header, body string) {
		w := o.get("alice", "/now")
		return w.Header().Get(ClockHeader), w.Body.String()
	}
	if header, body := look(); header != "" || strings.Contains(body, "data-pace") || !strings.Contains(body, `<meta http-equiv="refresh" content="30">`) {
		t.Errorf("%q: %s", header, body)
	}
	for speed, want := range map[float64]struct{ clock, pace, every string }{
		1:   {" 1", "", "30"},
		2.5: {" 2.5", ` data-pace="6000"`, "12"},
		600: {" 600", ` data-pace="900"`, "2"},
	} {
		o.console.speed = func() float64 { return speed }
		header, body := look()
		if header != o.clock.Now().UTC().Format("2006-01-02T15:04:05Z")+want.clock {
			t.Errorf("×%v: the clock is %q", speed, header)
		}
		if !strings.Contains(body, want.pace) || strings.Contains(body, "data-pace") != (want.pace != "") || !strings.Contains(body, `content="`+want.every+`"></noscript>`) {
			t.Errorf("×%v: %s", speed, body)
		}
	}
}
