package ingest

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// azureLogContext adds what the context of a log alert says: the rule's own
// properties and the dimensions that it splits by are labels. It returns where
// the problem is. The target of such an alert is often the workspace, which is
// well; the dimension says what is not.
func azureLogContext(a *ticket.Alert, context value, where string) string {
	c := context.object("properties", "condition")
	properties, _ := c.value("properties").pairs()
	for name, value := range properties {
		label(a, name, value)
	}
	for _, one := range c.object("condition", "allOf").value("allOf").elements() {
		return firstText(azureDimensions(a, one.object("dimensions").value("dimensions")), where)
	}
	return where
}

// azureDimensions makes labels of dimensions. It returns the one that names a
// machine or a resource.
func azureDimensions(a *ticket.Alert, list value) (where string) {
	for _, one := range list.elements() {
		dimension := one.object("name", "value")
		name, is := dimension.text("name"), dimension.text("value")
		label(a, strings.ToLower(name), is)
		if where == "" && oneOf(name, []string{"Computer", "Host", "HostName", "_ResourceId", "ResourceId", "Resource", "Instance"}) {
			where = firstText(lastOf(is), is)
		}
	}
	return where
}

// azureLog reads a log alert of the schema before the common one, which says no
// end.
func azureLog(data value) (a ticket.Alert, err error) {
	o := data.object("SubscriptionId", "AlertRuleName", "SearchQuery", "SearchIntervalEndtimeUtc", "ResultCount", "LinkToFilteredSearchResultsUI", "LinkToSearchResults",
		"Description", "Severity", "AffectedConfigurationItems", "Dimensions", "WorkspaceId", "ApplicationId")
	where := azureDimensions(&a, o.value("Dimensions"))
	of := []string{o.text("SubscriptionId"), o.text("AlertRuleName")}
	for _, one := range o.value("Dimensions").elements() {
		dimension := one.object("name", "value")
		of = append(of, dimension.text("name"), dimension.text("value"))
	}
	for _, item := range o.value("AffectedConfigurationItems").elements() {
		where = firstText(where, item.text())
	}
	a.Fingerprint, a.Status, a.StartsAt = key(of...), ticket.Firing, atOrNone(o.text("SearchIntervalEndtimeUtc"))
	named(&a, where, o.text("AlertRuleName"))
	level := o.text("Severity")
	if len(level) == 1 {
		level = "sev" + level
	}
	a.Labels["severity"] = severity(level)
	a.Annotations = map[string]string{"summary": o.text("Description"), "query": o.text("SearchQuery"), "results": o.text("ResultCount")}
	a.GeneratorURL = o.text("LinkToFilteredSearchResultsUI", "LinkToSearchResults")
	return a, nil
}
