package ticket

import "time"

// A time that a sender gives is kept where it lies between these: stores count
// nanoseconds, which end in 2262, and JSON has no year above 9999.
var (
	earliestSent = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	latestSent   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// SentTime is a time that a sender gave, as it is kept. What is too late is the
// latest that there is: such a time means "without end". What is too early is
// none: such a time is a sender's own word for none.
func SentTime(t time.Time) time.Time {
	switch {
	case t.Before(earliestSent):
		return time.Time{}
	case t.After(latestSent):
		return latestSent
	}
	return t
}
