package main

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/client"
)

// TestAClockAddsUp: what counts of the spans is what is used and what is left, to the second.
func TestAClockAddsUp(t *testing.T) {
	from := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	span := func(begins, ends time.Duration, length string) client.ClockSpan {
		return client.ClockSpan{From: from.Add(begins), To: from.Add(ends), Counted: true, Length: length}
	}
	var out strings.Builder
	if err := printClock(&out, &client.Clock{
		Text:  "Used: 1 h 21 s.",
		Spans: []client.ClockSpan{span(0, 19600*time.Millisecond, ""), span(time.Minute, 61700*time.Millisecond, ""), span(time.Hour, 9*time.Hour, "1h")},
		Ahead: []client.ClockSpan{span(9*time.Hour, 9*time.Hour+1700*time.Millisecond, "")},
	}); err != nil {
		t.Fatal(err)
	}
	var counts []string
	for line := range strings.Lines(out.String()) {
		if cells := strings.Fields(line); len(cells) == 5 && strings.HasPrefix(cells[0], "2026-") {
			counts = append(counts, cells[4])
		}
	}
	if got := strings.Join(counts, " "); got != "19s 2s 1h 2s" {
		t.Errorf("%s in\n%s", got, out.String())
	}
}
