package ingest

import (
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// azureEvent is an entry of the activity log, in either schema. Most have no end.
// Those of Service Health and of Resource Health do: a later entry, which Azure
// sends as one more alert that fires.
type azureEvent struct {
	object
	kind       string // ServiceHealth, ResourceHealth, Administrative …
	properties object
}

// azureEventOf reads an entry; service is what the common schema calls its kind.
func azureEventOf(entry value, service string) azureEvent {
	e := azureEvent{object: entry.object("eventSource", "eventTimestamp", "eventDataId", "level", "operationName", "operationId", "correlationId", "status", "description",
		"properties", "resourceId", "caller")}
	e.kind = strings.ReplaceAll(firstText(service, e.text("eventSource")), " ", "")
	properties := e.value("properties")
	if properties.kind() == '"' {
		properties = properties.inside()
	}
	e.properties = properties.object("title", "defaultLanguageTitle", "communication", "defaultLanguageContent", "details", "trackingId", "incidentType", "stage", "service", "region",
		"currentHealthStatus", "cause", "severity", "compromisedEntity")
	return e
}

// alert is an entry that comes without the common schema, and so without the
// name of its rule.
func (e azureEvent) alert() (a ticket.Alert, err error) {
	what := firstText(e.properties.text("title", "defaultLanguageTitle"), e.text("operationName", "description"))
	id := e.text("eventDataId", "correlationId", "operationId")
	if what == "" || id == "" {
		return a, missing("context.activityLog with operationName and eventDataId")
	}
	a.Fingerprint, a.Again, a.Status, a.StartsAt = key(id), ticket.AgainLater, ticket.Firing, atOrNone(e.text("eventTimestamp"))
	named(&a, firstText(lastOf(e.text("resourceId")), e.properties.text("compromisedEntity")), what)
	label(&a, "signal", "Activity Log")
	a.Annotations = map[string]string{"service": e.kind, "caller": e.text("caller"), "summary": e.text("description")}
	a.GeneratorURL = azurePortal(e.text("resourceId"))
	e.into(&a, "", "")
	return a, nil
}

// into adds what an entry says to its alert. given is the severity of the alert,
// which is Sev4 for whatever is in the activity log, and so says nothing. target
// is the id of what the alert is about, as the common schema has it.
func (e azureEvent) into(a *ticket.Alert, given, target string) {
	p := e.properties
	if given == "" || strings.EqualFold(given, "sev4") {
		a.Labels["severity"] = e.severity()
	}
	if a.Annotations["summary"] == "" {
		a.Annotations["summary"] = p.text("title", "defaultLanguageTitle")
	}
	a.Annotations["description"] = plainWords(p.text("communication", "defaultLanguageContent", "details"))
	a.Annotations["operation"], a.Annotations["cause"] = e.text("operationName"), p.text("cause")
	label(a, "region", p.text("region"))
	label(a, "tracking_id", p.text("trackingId"))
	switch e.kind {
	case "ServiceHealth":
		if id := p.text("trackingId"); id != "" {
			a.Fingerprint = key("health", id)
		}
		a.Labels["alertname"], a.Labels["instance"] = firstText(p.text("title", "defaultLanguageTitle"), a.Labels["alertname"]), "" // its target is a subscription
	case "ResourceHealth":
		if id := firstText(e.text("resourceId"), target); id != "" {
			a.Fingerprint = key("health", strings.ToLower(id))
		}
	default:
		return
	}
	if e.over() {
		a.Status, a.EndsAt = ticket.Resolved, atOrNone(e.text("eventTimestamp"))
		if a.EndsAt.IsZero() {
			a.EndsAt = a.StartsAt
		}
		a.StartsAt = time.Time{}
	}
}

// over says whether an entry about health is the end of what earlier ones told.
func (e azureEvent) over() bool {
	return oneOf(e.text("status"), []string{"resolved"}) || oneOf(e.properties.text("stage"), []string{"resolved", "complete", "canceled", "rca"}) ||
		oneOf(e.properties.text("currentHealthStatus"), []string{"available"})
}

// severity is by what happened, or by the entry's own level.
func (e azureEvent) severity() string {
	switch p := e.properties; {
	case e.kind == "ResourceHealth" && oneOf(p.text("currentHealthStatus"), []string{"unavailable"}),
		e.kind == "ServiceHealth" && oneOf(p.text("incidentType"), []string{"incident"}):
		return severityError
	case e.kind == "ServiceHealth" && oneOf(p.text("incidentType"), []string{"maintenance", "informational"}):
		return severityInfo
	case e.kind == "ResourceHealth", e.kind == "ServiceHealth" && oneOf(p.text("incidentType"), []string{"security", "actionrequired"}):
		return severityWarning
	case p.text("severity") != "" && e.kind == "Security":
		return severity(p.text("severity"))
	}
	if level := e.text("level"); len(level) == 1 && '1' <= level[0] && level[0] <= '4' { // as Service Health has it
		return []string{severityCritical, severityError, severityWarning, severityInfo}[level[0]-'1']
	}
	return severity(e.text("level"))
}

var markup = regexp.MustCompile(`<[^<>]*>`)

// plainWords is a text without its HTML.
func plainWords(text string) string {
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(text, " "))), " ")
}
