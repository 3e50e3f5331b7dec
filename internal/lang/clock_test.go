package lang

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatIsUsedAndLeftMakeTheWhole, as people read it, whatever the part of a second.
func TestWhatIsUsedAndLeftMakeTheWhole(t *testing.T) {
	at := time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)
	reader := Reader{At: func(t time.Time) string { return t.Format("15:04") }}
	for _, used := range []time.Duration{77*time.Second + 400*time.Millisecond, 77 * time.Second, 78*time.Second - time.Nanosecond} {
		s := ClockState{State: ticket.GTIRunning, Began: at, Due: at.Add(4 * time.Hour), Within: 4 * time.Hour, Used: used, Calendar: "always"}
		for _, words := range []*Words{In("fr"), In("en"), In("it")} {
			if text := words.ClockSum(&s, reader); !strings.Contains(text, "1 min 17 s") || !strings.Contains(text, "3 h 58 min 43 s") {
				t.Errorf("%s: %s", used, text)
			}
		}
	}
}
