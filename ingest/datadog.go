package ingest

import (
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeDatadog is Datadog's webhook: with the payload of docs/sources/datadog.md,
// or with the one that it has by default.
const TypeDatadog = "datadog"

func datadog() Tool { return Tool{Type: TypeDatadog, paths: []path{singles(readDatadog)}} }

var (
	// datadogTitle is "[Re-Triggered on {host:db}] name", or "[Recovered] name".
	datadogTitle = regexp.MustCompile(`^\[(TEST\] \[)?([A-Za-z -]+?)(?: on \{([^}]*)\})?\] *(.*)$`)
	// datadogVariable is a variable that was not replaced.
	datadogVariable = regexp.MustCompile(`^\$[A-Z_]+(\[[^\]]*\])?$`)
)

// datadogText is a member's text, unless the sender left the variable.
type datadogText struct{ object }

func (d datadogText) text(names ...string) string {
	for _, name := range names {
		if text := d.object.text(name); text != "" && !datadogVariable.MatchString(text) {
			return text
		}
	}
	return ""
}

// readDatadog reads an event of a monitor. The default payload has neither the
// monitor's id nor what happened: both are read from its title.
func readDatadog(body value, _ time.Time) (a ticket.Alert, err error) {
	o := datadogText{body.object("alert_id", "alert_cycle_key", "aggreg_key", "alert_transition", "alert_type", "alert_title", "alert_scope", "alert_status", "priority", "alert_priority",
		"title", "event_title", "body", "event_msg", "text_only_msg", "hostname", "tags", "link", "url", "date", "last_updated", "event_type")}
	full := o.text("event_title", "title", "alert_title")
	parts := datadogTitle.FindStringSubmatch(full)
	if parts == nil {
		parts = []string{full, "", "", "", full}
	}
	transition := firstText(o.text("alert_transition"), parts[2])
	name, scope := firstText(o.text("alert_title"), parts[4]), firstText(o.text("alert_scope"), parts[3])
	if inner := datadogTitle.FindStringSubmatch(name); inner != nil {
		name, scope = inner[4], firstText(scope, inner[3])
	}
	switch {
	case strings.HasPrefix(full, "[TEST]"):
		return a, ErrTest
	case transition == "" && o.text("alert_type") == "":
		return a, missing("alert_transition, and no transition at the beginning of its title")
	case name == "":
		return a, missing("title")
	}
	switch cycle, id := o.text("alert_cycle_key"), o.text("alert_id"); {
	case cycle != "":
		a.Fingerprint = key(cycle)
	case id != "":
		a.Fingerprint = key(id, firstText(o.text("aggreg_key"), scope))
	default:
		a.Fingerprint = key(scope, name)
	}
	tagList(&a, o.text("tags"))
	tagList(&a, scope)
	named(&a, firstText(o.text("hostname"), a.Labels["host"], scope), name)
	a.Annotations = map[string]string{"summary": o.text("alert_status"), "description": firstText(o.text("text_only_msg", "event_msg"), strings.Trim(o.text("body"), "% \n"))}
	a.GeneratorURL = o.text("link", "url")
	datadogState(&a, strings.ToLower(transition), o)
	return a, nil
}

// datadogState: everything but a recovery fires. "No Data" does, because its
// monitor was told to say so.
func datadogState(a *ticket.Alert, transition string, o datadogText) {
	at := epoch(o.text("date", "last_updated"))
	if strings.Contains(transition, "recovered") || transition == "" && oneOf(o.text("alert_type"), []string{"success"}) {
		a.Status, a.EndsAt = ticket.Resolved, at
		return
	}
	a.Status = ticket.Firing
	if !strings.HasPrefix(transition, "re") { // a repeat says when it repeats
		a.StartsAt = at
	}
	switch given := firstText(o.text("priority", "alert_priority"), a.Labels["severity"]); {
	case given != "" && !strings.EqualFold(given, "normal"):
		a.Labels["severity"] = severity(given)
	case strings.Contains(transition, "warn"), strings.Contains(transition, "no data"):
		a.Labels["severity"] = severityWarning
	default:
		a.Labels["severity"] = severityError
	}
}
