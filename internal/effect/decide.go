package effect

import (
	"cmp"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Paces of trying again.
const (
	DefaultPatience = 24 * time.Hour
	firstPause      = time.Second
	longestPause    = 15 * time.Minute
	longestAsked    = time.Hour // that a receiver may ask for
)

// verdict is what becomes of an effect after a try: its end, or when to try again.
type verdict struct {
	ended bool
	sent  bool
	why   string
	again time.Time
}

// decide judges a try that ended now; chance is from 0 to 1. Patience counts from
// the commit, and what is left of it has one last try at its end.
func decide(e *ticket.Effect, r Result, now time.Time, patience time.Duration, chance float64) verdict {
	until := e.Queued.Add(patience)
	why := ticket.Cut(cmp.Or(r.Error, "no reason given"), ticket.MaxEffectError)
	switch {
	case r.Class == Taken:
		return verdict{ended: true, sent: true}
	case r.Class == Never, !now.Before(until):
		return verdict{ended: true, why: why}
	}
	wait := max(pause(e.Tries, longestPause, chance), min(r.After, longestAsked))
	again := now.Add(wait)
	if again.After(until) {
		again = until
	}
	return verdict{again: again, why: why}
}

// pause is how long to wait after so many tries that failed before: twice as long
// each time, up to longest, between half of that and all of it.
func pause(tries int, longest time.Duration, chance float64) time.Duration {
	wait := longest
	if tries < 16 {
		wait = min(longest, firstPause<<tries)
	}
	return wait/2 + time.Duration(chance*float64(wait/2))
}
