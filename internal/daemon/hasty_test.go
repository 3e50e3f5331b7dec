package daemon

import (
	"strings"
	"testing"
	"time"
)

// Where rounds follow each other faster than SMS may go, each is overtaken before
// its turn; the ticket's SMS goes out at its turn all the same, the first one too.
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
