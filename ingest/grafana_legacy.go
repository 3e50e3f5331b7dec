package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeGrafanaLegacy is the alerting of Grafana's dashboards, up to version 8.
// What came after it posts as Alertmanager does.
const TypeGrafanaLegacy = "grafana-legacy"

func grafanaLegacy() Tool {
	return Tool{Type: TypeGrafanaLegacy, paths: []path{singles(readGrafanaLegacy)}}
}

// readGrafanaLegacy reads a rule's state. A rule without data watches nothing,
// so it fires. A rule that was paused will not say that it is over, which is
// worth a line; it ends nothing.
func readGrafanaLegacy(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("ruleId", "ruleName", "ruleUrl", "orgId", "dashboardId", "panelId", "state", "title", "message", "imageUrl", "tags", "evalMatches", "alerts")
	rule, state := o.text("ruleId"), strings.ToLower(o.text("state"))
	switch {
	case o.value("alerts").kind() == '[':
		return a, wrongType("Grafana's present alerting", TypeAlertmanager)
	case rule == "0": // the contact point's test button
		return a, ErrTest
	case rule == "" || state == "":
		return a, missing("ruleId and state")
	case state == "pending":
		return a, errNothing
	}
	a.Fingerprint = key(o.text("orgId"), rule)
	a.Labels, _ = o.value("tags").pairs()
	matchTags(&a, o.value("evalMatches"))
	where := firstText(a.Labels["instance"], a.Labels["host"], a.Labels["hostname"])
	a.Status = ticket.Firing
	switch state {
	case "ok":
		a.Status = ticket.Resolved
	case "paused":
		a.Status, a.Remark = ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: state}
	case "no_data":
		label(&a, "state", state)
	}
	named(&a, where, firstText(o.text("ruleName"), o.text("title")))
	if given := a.Labels["severity"]; given != "" {
		a.Labels["severity"] = severity(given)
	}
	a.Annotations = map[string]string{"summary": o.text("message"), "image": o.text("imageUrl")}
	a.GeneratorURL = o.text("ruleUrl")
	return a, nil
}

// matchTags makes labels of the tags that all series have in common.
func matchTags(a *ticket.Alert, matches value) {
	var common map[string]string
	for i, match := range matches.elements() {
		tags, _ := match.object("tags").value("tags").pairs()
		if i == 0 {
			common = tags
			continue
		}
		for name, value := range common {
			if tags[name] != value {
				delete(common, name)
			}
		}
	}
	for name, value := range common {
		label(a, name, value)
	}
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
