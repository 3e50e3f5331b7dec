package ingest

import (
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeUptimeRobot is UptimeRobot's webhook: its values in the query, in a form
// or in JSON.
const TypeUptimeRobot = "uptimerobot"

func uptimeRobot() Tool {
	p := singles(readUptimeRobot)
	p.methods, p.query = []string{http.MethodPost, http.MethodGet}, true
	return Tool{Type: TypeUptimeRobot, paths: []path{p}}
}

// robotText is a member's text, unless the sender left it as *alertDuration*.
type robotText struct{ object }

func (r robotText) text(names ...string) string {
	for _, name := range names {
		text := r.object.text(name)
		if text != "" && !(len(text) > 2 && strings.HasPrefix(text, "*") && strings.HasSuffix(text, "*")) {
			return text
		}
	}
	return ""
}

// readUptimeRobot reads an alert. Its types: 1 down, 2 up, 3 a certificate or
// a domain that expires, which says no end.
func readUptimeRobot(body value, _ time.Time) (a ticket.Alert, err error) {
	o := robotText{body.object("monitorID", "monitor_id", "monitorURL", "monitor_url", "monitorFriendlyName", "monitor_friendly_name",
		"alertType", "alert_type", "alertTypeFriendlyName", "alert_type_friendly_name", "alertDetails", "alert_details", "alertDateTime", "alert_date_time",
		"sslExpiryDaysLeft", "ssl_expiry_days_left")}
	link, name := o.text("monitorURL", "monitor_url"), o.text("monitorFriendlyName", "monitor_friendly_name")
	id := firstText(o.text("monitorID", "monitor_id"), link, name)
	kind := o.text("alertType", "alert_type")
	if kind == "" {
		kind = map[string]string{"down": "1", "up": "2"}[strings.ToLower(o.text("alertTypeFriendlyName", "alert_type_friendly_name"))]
	}
	switch {
	case o.object.text("monitorID", "monitor_id", "alertType", "alert_type") != "" && id == "" && kind == "":
		return a, ErrTest // every value was left as it is written
	case id == "" || kind == "":
		return a, missing("monitorID and alertType")
	}
	a.Fingerprint, a.Again = key(id), ticket.AgainLater
	where := hostOf(link)
	if where == "" {
		where = link
	}
	a.Labels = map[string]string{"severity": severityCritical}
	named(&a, where, firstText(name, "monitor "+id))
	a.Annotations = map[string]string{"summary": o.text("alertDetails", "alert_details")}
	a.GeneratorURL = link
	at := epoch(o.text("alertDateTime", "alert_date_time"))
	switch kind {
	case "2":
		a.Status, a.EndsAt = ticket.Resolved, at
	case "3":
		a.Fingerprint, a.Status, a.Labels["severity"] = key(id, "expiry"), ticket.Firing, severityWarning
		a.Annotations["summary"] = firstText(a.Annotations["summary"], "expires in "+o.text("sslExpiryDaysLeft", "ssl_expiry_days_left")+" days")
	default:
		a.Status, a.StartsAt = ticket.Firing, at
	}
	return a, nil
}
