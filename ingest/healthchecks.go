package ingest

import (
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeHealthchecks is healthchecks.io's webhook, or that of one's own
// Healthchecks (docs/sources/healthchecks.md).
const TypeHealthchecks = "healthchecks"

func healthchecks() Tool {
	p := singles(readHealthchecks)
	p.methods, p.query = []string{http.MethodPost, http.MethodPut, http.MethodGet}, true
	return Tool{Type: TypeHealthchecks, paths: []path{p}}
}

// readHealthchecks reads a check: by its own names, or as the API shows it.
func readHealthchecks(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("code", "uuid", "unique_key", "ping_url", "slug", "name", "status", "tags", "desc", "last_ping", "now", "url", "body", "exitstatus")
	id := firstText(o.text("code", "uuid"), lastOf(o.text("ping_url")), o.text("unique_key", "slug", "name"))
	if id == "" || o.text("status") == "" {
		return a, missing("code and status")
	}
	a.Fingerprint = key(id)
	for tag := range strings.FieldsSeq(o.text("tags")) {
		for _, sign := range []string{"=", ":"} {
			if name, value, ok := strings.Cut(tag, sign); ok {
				label(&a, name, value)
				break
			}
		}
	}
	named(&a, "", firstText(o.text("name"), o.text("slug"), "check "+id))
	if given := a.Labels["severity"]; given != "" {
		a.Labels["severity"] = severity(given)
	} else {
		a.Labels["severity"] = severityError
	}
	a.Annotations = map[string]string{"description": o.text("desc"), "last_ping": o.text("last_ping"), "output": o.text("body")}
	a.GeneratorURL = o.text("url")
	switch strings.ToLower(o.text("status")) {
	case "down":
		a.Status, a.StartsAt = ticket.Firing, atOrNone(o.text("now"))
	case "up":
		a.Status, a.EndsAt = ticket.Resolved, atOrNone(o.text("now"))
	case "paused":
		a.Status, a.Remark = ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "paused"}
	default: // new, grace, started: not late yet
		return a, errNothing
	}
	return a, nil
}

// lastOf is the last part of a URL's path; empty if there is no URL.
func lastOf(link string) string {
	if !strings.Contains(link, "/") {
		return ""
	}
	return link[strings.LastIndexByte(link, '/')+1:]
}
