//go:build long

package daemon

import (
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
)

// TestADailyLookThatCouldNotBe is told once the store is back, the same day; and tomorrow
// if nobody lived all day.
func TestADailyLookThatCouldNotBe(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTown(t, func(t *testing.T, w *town) {
		w.registered(w.dominique)
		w.untilParis("2026-11-23 07:50")
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.untilParis("2026-11-23 10:00")
		w.store.Fail(nil)
		w.untilParis("2026-11-23 10:02")
		if got := aheads(w.dominique); len(got) != 1 {
			t.Fatalf("%q", got)
		}
		w.reload(replaced(`# until: "2027-07-01"`, endsSoon))
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.untilParis("2026-11-24 18:00")
		w.store.Fail(nil)
		w.untilParis("2026-11-25 07:59")
		if got := aheads(w.dominique); len(got) != 1 {
			t.Errorf("in the evening: %q", got)
		}
		w.untilParis("2026-11-25 08:01")
		if got := aheads(w.dominique); len(got) != 2 {
			t.Errorf("%q", got)
		}
	})
}
