package ingest

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// notified says what a notification of Nagios, or of a tool that grew from it,
// means: PROBLEM fires, RECOVERY ends, ACKNOWLEDGEMENT is somebody who takes
// it, and everything else is a line in the timeline. ok says whether the host
// or service is well now. What is not well opens a ticket, whatever the kind
// of the notification, unless it has one; only RECOVERY ends one: a
// DOWNTIMEEND may come with the host down, and a FLAPPINGSTART while all is
// well.
func notified(kind string, ok bool, by, comment string) (ticket.AlertStatus, *ticket.Remark) {
	status := ticket.Firing
	if ok {
		status = ticket.Unsaid
	}
	kind = strings.ToUpper(strings.TrimSpace(kind))
	switch {
	case kind == "RECOVERY", kind == "OK", kind == "UP":
		return ticket.Resolved, nil
	case kind == "PROBLEM", kind == "CRITICAL", kind == "WARNING", kind == "UNKNOWN", kind == "DOWN", kind == "UNREACHABLE":
		if ok { // it says "problem" and is none: an end whose own message is lost
			return ticket.Resolved, nil
		}
		return status, nil
	case kind == "ACKNOWLEDGEMENT": // and not that it was removed
		return status, &ticket.Remark{Kind: ticket.RemarkTaken, By: by, What: kind, Text: comment}
	case kind == "":
		if ok {
			return ticket.Resolved, nil
		}
		return status, nil
	}
	return status, &ticket.Remark{Kind: ticket.RemarkNoted, By: by, What: kind, Text: comment}
}
