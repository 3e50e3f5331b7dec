package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// If rounds follow each other faster than SMS may go, each is overtaken before
// its turn. The ticket's SMS goes out at its turn all the same, the first one
// too.
func TestRoundsThatHurryDoNotLoseTheirTurn(t *testing.T) {
	for _, after := range []time.Duration{15 * time.Second, 15300 * time.Millisecond, 15600 * time.Millisecond, 16 * time.Second, 16500 * time.Millisecond, 19900 * time.Millisecond} {
		inTown(t, func(t *testing.T, w *town) {
			w.storm("high", 0, 1)
			w.at(after)
			w.storm("high", 1, 2)
			w.at(after + 21*time.Second)
			var first, second int
			for _, m := range texts(w.alice) {
				both := strings.Contains(m.Body, "2 x MAJEUR")
				if both || strings.Contains(m.Body, "srv-high-0") {
					first++
				}
				if both || strings.Contains(m.Body, "srv-high-1") {
					second++
				}
			}
			if first < 4 || second < 2 {
				t.Errorf("the second %s after the first: in %d and %d SMS", after, second, first)
			}
		}, replaced("repeat: [{every: 3m, for: 1h}, {every: 15m}] ", "repeat: 1s "))
	}
}

// TestNoTicketHasAllTurns: nothing is bundled, and rounds come faster than the
// sender's turns. Each ticket has its turn again and again, even the one that
// came last.
func TestNoTicketHasAllTurns(t *testing.T) {
	for _, apart := range []time.Duration{250 * time.Millisecond, 1300 * time.Millisecond} {
		inTown(t, func(t *testing.T, w *town) {
			for i := range 4 {
				w.storm("high", i, i+1)
				w.at(time.Duration(i+1) * apart)
			}
			w.at(4*apart + 40*time.Second)
			got := texts(w.alice)
			for i := range 4 {
				n := 0
				for _, m := range got {
					if strings.Contains(m.Body, fmt.Sprintf("srv-high-%d ", i)) {
						n++
					}
				}
				if n < 8 {
					t.Errorf("%s apart, ticket %d: in %d of %d SMS", apart, i, n, len(got))
				}
			}
		}, aliceAlone, replaced("repeat: [{every: 3m, for: 1h}, {every: 15m}] ", "repeat: 1s "),
			replaced("messaging_service_sid: MG00000000000000000000000000000000", `from: "+33639980000"`),
			replaced("  replies: same", "  bundle_over: 0\n  replies: same"))
	}
}
