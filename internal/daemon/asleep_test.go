package daemon

import (
	"testing"
	"time"
)

// TestWhoSleepsNoMore: what waits for the morning goes out once a reload takes quiet hours
// back, or once somebody stands in who does not sleep; not before.
func TestWhoSleepsNoMore(t *testing.T) {
	quiet := []func([]byte) []byte{
		replaced("    skill: confirmed ", "    quiet: {during: nights, urgencies: [major]}\n    skill: confirmed "),
		replaced("  always: {always: true}", "  always: {always: true}\n  nights: {hours: [{days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], times: [\"00:00-07:00\", \"22:00-24:00\"]}]}"),
		replaced("      - after: 15m ", "      - after: 5h "),
	}
	for _, how := range []string{"reload", "replacement"} {
		inTown(t, func(t *testing.T, w *town) {
			w.alert("firing", "srv-db-01", "severity", "high")
			w.at(10 * time.Minute)
			w.expectCount(w.alice, 0)
			w.reload(quiet...)
			w.at(11 * time.Minute)
			w.expectCount(w.alice, 0)
			if how == "reload" {
				w.reload()
				w.at(12 * time.Minute)
				w.expectCount(w.alice, 1)
				return
			}
			w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": time.Now().Add(time.Hour)})
			w.at(12 * time.Minute)
			w.expectCount(w.alice, 0)
			w.expectCount(w.bruno, 1)
		}, quiet...)
	}
}
