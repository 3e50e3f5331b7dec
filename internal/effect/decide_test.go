package effect

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestDecide(t *testing.T) {
	at := storetest.At
	for _, c := range []struct {
		name   string
		tries  int
		now    time.Time
		result Result
		chance float64
		want   verdict
	}{
		{"taken", 0, at(0), Result{Class: Taken}, 0, verdict{ended: true, sent: true}},
		{"refused for good", 3, at(0), Result{Class: Never, Error: "HTTP 410"}, 0, verdict{ended: true, why: "HTTP 410"}},
		{"the first that fails", 0, at(0), Result{Error: "x"}, 0, verdict{again: at(500 * time.Millisecond), why: "x"}},
		{"the first, at worst", 0, at(0), Result{Error: "x"}, 1, verdict{again: at(time.Second), why: "x"}},
		{"the fourth", 3, at(0), Result{Error: "x"}, 1, verdict{again: at(8 * time.Second), why: "x"}},
		{"the hundredth", 99, at(time.Hour), Result{Error: "x"}, 1, verdict{again: at(75 * time.Minute), why: "x"}},
		{"it asks for a while", 0, at(0), Result{Error: "x", After: time.Minute}, 1, verdict{again: at(time.Minute), why: "x"}},
		{"it asks for a week", 0, at(0), Result{Error: "x", After: 168 * time.Hour}, 1, verdict{again: at(time.Hour), why: "x"}},
		{"once more at its end", 99, at(24*time.Hour - time.Minute), Result{Error: "x"}, 1, verdict{again: at(24 * time.Hour), why: "x"}},
		{"its end", 100, at(24 * time.Hour), Result{}, 1, verdict{ended: true, why: "no reason given"}},
	} {
		e := ticket.Effect{Queued: storetest.Began(), Tries: c.tries}
		if got := decide(&e, c.result, c.now, DefaultPatience, c.chance); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
