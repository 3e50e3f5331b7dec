package upstream

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Asking a tool to check something now takes as long as the tool takes: until the
// context ends.
const (
	checkEvery  = time.Second // how often it is looked for the new result
	checkSettle = 2 * time.Second
)

// unanswered is what is found where a tool does not answer as it should.
func unanswered(err error) ticket.Finding {
	f := ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonToolAway}
	var said *Error
	if errors.As(err, &said) {
		f.Text = said.Said
		if said.Status == http.StatusUnauthorized || said.Status == http.StatusForbidden || mendable(said.Said) {
			f.Reason = ticket.ReasonToolRefuses
		}
	}
	return f
}

// slow is what is found where a tool had no new result in time.
func slow() ticket.Finding {
	return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonToolSlow}
}

func unknown(text string) ticket.Finding {
	return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonToolUnknown, Text: text}
}

// rests waits, and says whether the context still stands.
func rests(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// epochOf is a time in seconds since 1970 with fractions, as Icinga writes it.
func epochOf(seconds float64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC()
}

// secondsOf is one in whole seconds in a text, as Zabbix writes it.
func secondsOf(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
