package ticket

import "time"

// The times between which a sender's time is kept. Stores count nanoseconds,
// which end in 2262, and JSON has no year above 9999.
var (
	earliestSent = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	latestSent   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// SentTime is a sender's time as we keep it. A time that is too late becomes
// the latest that there is: senders mean "without end" by it. A time that is
// too early becomes none: senders mean "none" by it.
func SentTime(t time.Time) time.Time {
	switch {
	case t.Before(earliestSent):
		return time.Time{}
	case t.After(latestSent):
		return latestSent
	}
	return t
}
