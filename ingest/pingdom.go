package ingest

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypePingdom is Pingdom's webhook.
const TypePingdom = "pingdom"

func pingdom() Tool { return Tool{Type: TypePingdom, paths: []path{singles(readPingdom)}} }

// pingdomOver are the states of a check that is well: of an uptime check, of a
// transaction.
var pingdomOver = []string{"up", "success"}

// readPingdom reads a check's state. A state that is not known to be good
// fires: FAILING of a transaction, UNCONFIRMED_DOWN.
func readPingdom(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("check_id", "check_name", "check_type", "check_params", "current_state", "description", "long_description", "importance_level", "state_changed_timestamp", "tags", "custom_message")
	id, state := o.text("check_id"), o.text("current_state")
	if id == "" || state == "" {
		return a, missing("check_id and current_state")
	}
	params := o.object("check_params", "hostname", "full_url", "url")
	a.Fingerprint, a.Again = key(id), ticket.AgainLater
	for _, tag := range o.value("tags").elements() {
		tagList(&a, tag.text())
	}
	label(&a, "check", o.text("check_type"))
	named(&a, params.text("hostname"), firstText(o.text("check_name"), "check "+id))
	a.Labels["severity"] = severityCritical
	if oneOf(o.text("importance_level"), []string{"low"}) {
		a.Labels["severity"] = severityWarning
	}
	a.Annotations = map[string]string{"summary": o.text("description"), "description": o.text("long_description"), "message": o.text("custom_message")}
	a.GeneratorURL = params.text("full_url")
	at := epoch(o.text("state_changed_timestamp"))
	switch {
	case oneOf(state, pingdomOver):
		a.Status, a.EndsAt = ticket.Resolved, at
	case oneOf(state, []string{"paused"}):
		a.Status, a.Remark = ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "paused"}
	default:
		a.Status, a.StartsAt = ticket.Firing, at
	}
	return a, nil
}
