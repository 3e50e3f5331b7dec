package console

import (
	"net/http"
	"strconv"
	"time"
)

// ClockHeader says on each page what the desk's clock shows and how fast it runs
// ("2026-11-21T03:12:00Z 60"), where that is not the machine's clock. The service
// worker goes by it: what it keeps, and what is pressed without network, has the time
// of the desk.
const ClockHeader = "Astreinte-Clock"

const (
	usualPace = 15 * time.Second       // how often a page looks anew though nobody told it of anything
	bestPace  = 900 * time.Millisecond // as often as its script asks itself
)

// hasten has a page follow a clock that runs fast: what it says of time, an age or
// what is left, is as old as on any other.
func (c *Console) hasten(h http.Header, f *frame) {
	if c.speed == nil {
		return
	}
	speed := c.speed()
	h.Set(ClockHeader, c.engine.Now().UTC().Format(time.RFC3339)+" "+strconv.FormatFloat(speed, 'g', -1, 64))
	if speed <= 1 {
		return
	}
	f.Pace = int(max(bestPace, time.Duration(float64(usualPace)/speed)) / time.Millisecond)
	if f.Every > 0 {
		f.Every = max(2, int(float64(f.Every)/speed))
	}
}
