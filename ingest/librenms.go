package ingest

import (
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeLibreNMS is LibreNMS's API transport, whose options or body have these
// names (docs/sources/librenms.md).
const TypeLibreNMS = "librenms"

func libreNMS() Tool {
	p := singles(readLibreNMS)
	p.methods, p.query = []string{http.MethodPost, http.MethodPut, http.MethodGet}, true
	return Tool{Type: TypeLibreNMS, paths: []path{p}}
}

// readLibreNMS reads an alert. Its states: 0 over, 1 fires, 2 acknowledged, 3
// worse, 4 better, 5 changed. The id is that of the rule on the device, and
// stays for ever.
func readLibreNMS(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("title", "hostname", "sysName", "display", "ip", "device_id", "alert_id", "uid", "rule_id", "name", "rule", "state", "severity",
		"msg", "alert_notes", "location", "hardware", "os", "elapsed", "url", "proc")
	id, host, name := o.text("alert_id"), o.text("display", "hostname", "sysName"), o.text("name", "title")
	if id == "000" || o.text("uid") == "000" { // the transport's test
		return a, ErrTest
	}
	switch {
	case o.text("device_id") != "" && o.text("rule_id") != "":
		a.Fingerprint = key(o.text("device_id"), o.text("rule_id"))
	case id != "":
		a.Fingerprint = key("alert", id)
	case host != "" && name != "":
		a.Fingerprint = key(host, name)
	default:
		return a, missing("device_id and rule_id, alert_id, or hostname and name")
	}
	a.Labels = map[string]string{"location": o.text("location"), "os": o.text("os"), "address": o.text("ip"), "severity": severity(o.text("severity"))}
	named(&a, host, name)
	a.Annotations = map[string]string{"summary": o.text("title"), "description": o.text("msg"), "notes": o.text("alert_notes"), "runbook_url": o.text("proc")}
	a.GeneratorURL = o.text("url")
	a.Status = ticket.Firing
	switch o.text("state") {
	case "0":
		a.Status = ticket.Resolved
	case "2":
		a.Remark = &ticket.Remark{Kind: ticket.RemarkTaken, What: "acknowledged", Text: o.text("alert_notes")}
	case "3":
		a.Remark = &ticket.Remark{Kind: ticket.RemarkNoted, What: "worse"}
	case "4":
		a.Remark = &ticket.Remark{Kind: ticket.RemarkNoted, What: "better"}
	case "":
		if o.text("severity") == "" {
			return a, missing("state")
		}
		if severity(o.text("severity")) == severityInfo && oneOf(o.text("severity"), wellStates) {
			a.Status = ticket.Resolved
		}
	}
	return a, nil
}
