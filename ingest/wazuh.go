package ingest

import (
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeWazuh is Wazuh's integrator, by a script that posts the alert as it is
// (docs/sources/wazuh.md), or by the one for Keep.
const TypeWazuh = "wazuh"

func wazuh() Tool { return Tool{Type: TypeWazuh, paths: []path{singles(readWazuh)}} }

// readWazuh reads an alert. It has no end: a rule that matched on an agent is
// one ticket until somebody resolves it.
func readWazuh(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("rule", "agent", "timestamp", "full_log", "location", "message", "severity", "description", "created_at")
	rule, agent := o.object("rule", "id", "level", "description", "groups"), o.object("agent", "id", "name", "ip")
	is := wazuhAlert{
		rule: rule.text("id"), level: rule.text("level"), agent: agent.text("id"), name: agent.text("name"),
		title: rule.text("description"), log: o.text("full_log"), at: atOrNone(o.text("timestamp")),
	}
	if rule.text("id") == "" {
		if is = keepsWazuh(o.text("description")); is.title == "" {
			is.title = o.text("message")
		}
		is.at = atOrNone(strings.Replace(o.text("created_at"), ".00", ":00", 1))
	}
	if is.title == "" || is.rule == "" && is.name == "" {
		return a, missing("rule.id and rule.description")
	}
	a.Fingerprint, a.Status, a.StartsAt = key(is.rule, firstText(is.agent, is.name)), ticket.Firing, is.at
	a.Labels = map[string]string{"rule_id": is.rule, "level": is.level, "agent_id": is.agent, "address": agent.text("ip"), "severity": is.severity(o.text("severity"))}
	named(&a, is.name, is.title)
	a.Annotations = map[string]string{"summary": is.title, "description": is.log, "location": o.text("location")}
	return a, nil
}

// wazuhAlert is what either form says.
type wazuhAlert struct {
	rule, level, agent, name, title, log string
	at                                   time.Time
}

// keepsWazuh reads the description that the script for Keep writes, a line for
// each thing.
func keepsWazuh(description string) (is wazuhAlert) {
	for prefix, into := range map[string]*string{
		"Rule ID ": &is.rule, "Level ": &is.level, "Agent ID ": &is.agent, "Agent Name ": &is.name, "Title ": &is.title, "Full Log ": &is.log,
	} {
		for line := range strings.Lines(description) {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				*into = strings.TrimSpace(rest)
				break
			}
		}
	}
	return is
}

// severity is by the rule's level, from 0 to 15 (Wazuh's rules classification).
func (w wazuhAlert) severity(given string) string {
	level, err := strconv.Atoi(w.level)
	switch {
	case err != nil:
		return severity(given)
	case level >= 15:
		return severityCritical
	case level >= 12:
		return severityError
	case level >= 7:
		return severityWarning
	}
	return severityInfo
}
