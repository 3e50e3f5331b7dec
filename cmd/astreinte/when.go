package main

import (
	"fmt"
	"time"
)

// localTimes are the forms of --at besides RFC 3339.
var localTimes = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.DateOnly}

// parseAt reads --at: RFC 3339, or a local time of the place. Empty is now, to
// the second.
func parseAt(text string, place *time.Location, now time.Time) (time.Time, error) {
	if text == "" {
		return now.In(place).Truncate(time.Second), nil
	}
	return parseWhen("--at", text, place)
}

// parseWhen reads the time that a flag gives.
func parseWhen(flag, text string, place *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.In(place), nil
		}
	}
	for _, layout := range localTimes {
		if t, err := time.ParseInLocation(layout, text, place); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is no time: write 2026-12-25T03:00, or 2026-12-25T03:00:00+01:00", flag, text)
}
