package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeGCP is Google Cloud Monitoring's webhook, versions 1.1 and 1.2.
const TypeGCP = "gcp"

func gcp() Tool { return Tool{Type: TypeGCP, paths: []path{singles(readGCP)}} }

func readGCP(body value, _ time.Time) (a ticket.Alert, err error) {
	in := body.object("incident").object("incident", "incident_id", "state", "started_at", "ended_at", "policy_name", "condition_name", "resource_name", "resource_display_name", "resource_id",
		"resource", "summary", "url", "severity", "documentation", "policy_user_labels", "scoping_project_id")
	id, state := in.text("incident_id"), in.text("state")
	switch {
	case id == "12345" || in.text("summary") == "Test Incident": // the channel's test
		return a, ErrTest
	case id == "" || state == "":
		return a, missing("incident.incident_id and incident.state")
	}
	a.Fingerprint, a.Again = key(id), ticket.AgainLater
	a.Labels, _ = in.value("policy_user_labels").pairs()
	resource, _ := in.object("resource", "labels", "type").value("labels").pairs()
	for name, value := range resource {
		label(&a, name, value)
	}
	label(&a, "project_id", in.text("scoping_project_id"))
	named(&a, gcpWhere(in, resource), firstText(in.text("condition_name"), in.text("policy_name")))
	label(&a, "policy", in.text("policy_name"))
	a.Labels["severity"] = gcpSeverity(firstText(in.text("severity"), a.Labels["severity"]))
	a.Annotations = map[string]string{"summary": in.text("summary"), "description": gcpDocumentation(in.value("documentation"))}
	a.GeneratorURL = in.text("url")
	a.Status, a.StartsAt = ticket.Firing, epoch(in.text("started_at"))
	if strings.EqualFold(state, "closed") {
		a.Status, a.EndsAt = ticket.Resolved, epoch(in.text("ended_at"))
	}
	return a, nil
}

// gcpWhere is the resource. Its name may be its whole list of labels.
func gcpWhere(in object, resource map[string]string) string {
	name := in.text("resource_display_name", "resource_name")
	if name != "" && !strings.Contains(name, " labels {") {
		return name
	}
	for _, of := range []string{"instance_name", "container_name", "pod_name", "database_id", "service_name", "host", "instance_id"} {
		if resource[of] != "" {
			return resource[of]
		}
	}
	return firstText(in.text("resource_id"), in.text("scoping_project_id"))
}

func gcpSeverity(given string) string {
	if strings.EqualFold(given, "no severity") {
		return ""
	}
	return severity(given)
}

// gcpDocumentation is what the policy's author wrote: an object, or the text
// alone.
func gcpDocumentation(v value) string {
	if v.kind() == '{' {
		return v.object("content").text("content")
	}
	return v.text()
}
