package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// notice is a notification of Nagios, or of a tool that grew from it.
type notice struct {
	host, service string // the service is empty where the notification is about the host
	kind, state   string // PROBLEM, RECOVERY …; DOWN, CRITICAL, OK …
	since         time.Time
	by, comment   string // of an acknowledgement, a downtime …
	output, more  string // of the check
	address       string
}

// wellStates are the states in which nothing is wrong.
var wellStates = []string{"up", "ok"}

// alert is what the notification says. Host and service are one key for a
// problem, its repeats and its end.
func (n notice) alert() (a ticket.Alert, err error) {
	switch {
	case n.host == "":
		return a, missing("host's name")
	case n.kind == "" && n.state == "":
		return a, missing("type of the notification and no state")
	}
	a.Fingerprint = key(n.host, n.service)
	a.Status, a.Remark = notified(n.kind, oneOf(n.state, wellStates), n.by, n.comment)
	what := n.service
	if what == "" {
		if what = strings.ToUpper(n.state); what == "" || a.Status != ticket.Firing {
			what = "DOWN"
		}
	}
	a.Labels = map[string]string{
		"alertname": what, "instance": n.host, "service": n.service, "address": n.address,
		"severity": severity(n.state), "state": n.state,
	}
	a.Annotations = map[string]string{"summary": n.output, "description": n.more}
	if a.Status == ticket.Firing {
		a.StartsAt = n.since
	}
	return a, nil
}
