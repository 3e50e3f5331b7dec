package ingest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeUptimeKuma is Uptime Kuma's webhook: JSON, a form with a field data, or
// a GET.
const TypeUptimeKuma = "uptime-kuma"

func uptimeKuma() Tool {
	p := singles(readUptimeKuma)
	p.methods, p.query = []string{http.MethodPost, http.MethodGet}, true
	return Tool{Type: TypeUptimeKuma, paths: []path{p}}
}

// kumaExpires is the message about a certificate, which names no monitor.
var kumaExpires = regexp.MustCompile(`^(.*) will expire in -?\d+ days?$`)

// readUptimeKuma reads a heartbeat. A monitor that is tried again says nothing
// yet; one that went into maintenance says nothing of how it is.
func readUptimeKuma(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("heartbeat", "monitor", "msg")
	monitor := stringOrObject(o.value("monitor")).object("id", "name", "pathName", "url", "hostname", "port", "type", "description", "tags")
	beat := stringOrObject(o.value("heartbeat")).object("monitorID", "status", "time", "msg", "ping")
	id, message := firstText(monitor.text("id"), beat.text("monitorID")), o.text("msg")
	if id == "" {
		return kumaMessage(message)
	}
	a.Fingerprint, a.Again = key(id), ticket.AgainLater
	for _, tag := range monitor.value("tags").elements() {
		is := tag.object("name", "value")
		label(&a, is.text("name"), is.text("value"))
	}
	label(&a, "check", monitor.text("type"))
	named(&a, firstText(monitor.text("hostname"), hostOf(monitor.text("url"))), firstText(monitor.text("pathName"), monitor.text("name"), "monitor "+id))
	if given := a.Labels["severity"]; given != "" {
		a.Labels["severity"] = severity(given)
	} else {
		a.Labels["severity"] = severityCritical
	}
	a.Annotations = map[string]string{"summary": firstText(beat.text("msg"), message), "description": monitor.text("description")}
	if link := monitor.text("url"); link != "https://" {
		a.GeneratorURL = link
	}
	at := atOrNone(beat.text("time"))
	switch beat.text("status") {
	case "0":
		a.Status, a.StartsAt = ticket.Firing, at
	case "1":
		a.Status, a.EndsAt = ticket.Resolved, at
	case "2":
		return a, errNothing
	case "3":
		a.Status, a.Remark = ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "maintenance", Text: beat.text("msg")}
	default:
		return a, missing("heartbeat.status from 0 to 3")
	}
	return a, nil
}

// kumaMessage reads what is about no monitor: a test, or a certificate.
func kumaMessage(message string) (a ticket.Alert, err error) {
	switch {
	case message == "":
		return a, missing("heartbeat, monitor or msg")
	case strings.HasSuffix(message, " Testing"):
		return a, ErrTest
	}
	what := message
	if found := kumaExpires.FindStringSubmatch(message); found != nil {
		what = found[1]
	}
	a.Fingerprint, a.Status = key("message", what), ticket.Firing
	a.Labels = map[string]string{"severity": severityWarning}
	a.Annotations = map[string]string{"summary": message}
	return a, nil
}

// stringOrObject is an object that may come as JSON in a string: in a query.
func stringOrObject(v value) value {
	if v.kind() == '"' {
		return v.inside()
	}
	return v
}

// hostOf is the host of a URL; empty if there is none.
func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Host
}
