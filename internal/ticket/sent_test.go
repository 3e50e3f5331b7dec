package ticket_test

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func TestSentTime(t *testing.T) {
	for given, want := range map[string]string{
		"2026-11-26T20:00:00+01:00": "2026-11-26T20:00:00+01:00",
		"9999-12-31T23:59:59Z":      "2200-01-01T00:00:00Z",
		"9999-12-31T23:59:59-23:59": "2200-01-01T00:00:00Z", // the year 10000 in UTC
		"0001-01-01T00:00:00Z":      "0001-01-01T00:00:00Z",
		"0001-01-01T00:00:00+01:00": "0001-01-01T00:00:00Z",
		"0000-01-01T00:00:00+23:59": "0001-01-01T00:00:00Z",
		"1601-01-01T00:00:00Z":      "0001-01-01T00:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, given)
		if err != nil {
			t.Fatal(err)
		}
		if got := ticket.SentTime(at).Format(time.RFC3339); got != want {
			t.Errorf("%s is kept as %s, want %s", given, got, want)
		}
	}
	if !ticket.SentTime(time.Time{}).IsZero() {
		t.Error("none is kept as one")
	}
}
