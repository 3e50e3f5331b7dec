package ingest

import (
	"fmt"
	"time"
)

// timeForms are the forms of time that Alertmanager takes: RFC 3339, then RFC
// 3339 with a blank instead of the T, and others. A form without a zone is
// UTC.
var timeForms = []string{
	time.RFC3339,
	"2006-01-02T15:04:05.000000Z0700", // exactly so many digits
	"2006-01-02T15:04:05.000Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05",
	"2006-01-02",
	"2006-01-02 15:04:05Z07:00",
}

// parseTime reads a time of an alert. An empty one is none. Alertmanager takes
// it for 1970, which would end an alert with an empty end at once.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range timeForms {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: send it as 2026-12-25T03:00:00Z", text)
}
