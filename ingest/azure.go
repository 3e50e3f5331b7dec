package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeAzure is Azure Monitor by the webhook of an action group: the common
// alert schema, or the schemas of metric, log and activity log alerts that it
// replaces.
const TypeAzure = "azure"

func azure() Tool { return Tool{Type: TypeAzure, paths: []path{singles(readAzure)}} }

// azureSample is the subscription of the alerts that an action group's test
// sends.
const azureSample = "/subscriptions/11111111-1111-1111-1111-111111111111/"

func readAzure(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("schemaId", "data", "status", "context")
	data := o.value("data")
	if data.kind() == 0 { // a classic alert has no data around it
		data = body
	}
	d := data.object("essentials", "alertContext", "status", "context", "customProperties", "properties", "AlertRuleName")
	activity := d.object("context", "activityLog").value("activityLog")
	switch {
	case d.value("essentials").kind() == '{':
		return azureCommon(d)
	case activity.kind() == '{':
		return azureEventOf(activity, "").alert()
	case d.text("AlertRuleName") != "":
		return azureLog(data)
	}
	return azureMetric(d)
}

// azureCommon reads an alert of the common alert schema.
func azureCommon(d object) (a ticket.Alert, err error) {
	e := d.object("essentials", "alertId", "originAlertId", "alertRule", "severity", "monitorCondition", "configurationItems", "alertTargetIDs", "description", "firedDateTime", "resolvedDateTime", "signalType", "monitoringService", "investigationLink")
	id, condition := e.text("alertId", "originAlertId"), e.text("monitorCondition")
	switch {
	case strings.HasPrefix(id, azureSample):
		return a, ErrTest
	case id == "" || condition == "":
		return a, missing("essentials.alertId and essentials.monitorCondition")
	}
	a.Fingerprint, a.Again = key(id), ticket.AgainLater
	properties, _ := d.value("customProperties").pairs()
	for name, value := range properties {
		label(&a, name, value)
	}
	context, where := d.value("alertContext"), azureTarget(e)
	if strings.EqualFold(e.text("signalType"), "log") {
		where = azureLogContext(&a, context, where)
	}
	named(&a, where, e.text("alertRule"))
	a.Labels["severity"] = severity(e.text("severity"))
	label(&a, "signal", e.text("signalType"))
	a.Annotations = map[string]string{"summary": e.text("description"), "service": e.text("monitoringService")}
	a.GeneratorURL = firstText(e.text("investigationLink"), azurePortal(e.text("alertId")))
	a.Status, a.StartsAt = ticket.Firing, atOrNone(e.text("firedDateTime"))
	if strings.EqualFold(condition, "resolved") {
		a.Status, a.EndsAt = ticket.Resolved, atOrNone(e.text("resolvedDateTime"))
	}
	if strings.EqualFold(e.text("signalType"), "activity log") {
		target := ""
		for _, one := range e.value("alertTargetIDs").elements() {
			target = firstText(target, one.text())
		}
		azureEventOf(context, e.text("monitoringService")).into(&a, e.text("severity"), target)
	}
	return a, nil
}

// azureTarget is the name of the first thing that the alert is about.
func azureTarget(e object) string {
	for _, list := range []string{"configurationItems", "alertTargetIDs"} {
		for _, one := range e.value(list).elements() {
			if name := lastOf("/" + one.text()); name != "" {
				return name
			}
		}
	}
	return ""
}

func azurePortal(id string) string {
	if !strings.HasPrefix(id, "/") {
		return ""
	}
	return "https://portal.azure.com/#resource" + id
}

// azureMetric reads a metric alert that is not of the common schema, and
// classic alerts. One rule may watch several resources.
func azureMetric(d object) (a ticket.Alert, err error) {
	c := d.object("context", "id", "name", "description", "timestamp", "resourceId", "resourceName", "portalLink", "severity")
	status := d.text("status")
	if c.text("id") == "" || status == "" {
		return a, missing("data.essentials, or context.id and status: turn on the common alert schema in the action group")
	}
	a.Fingerprint, a.Again = key(c.text("id"), c.text("resourceId")), ticket.AgainLater
	properties, _ := d.value("properties").pairs()
	for name, value := range properties {
		label(&a, name, value)
	}
	named(&a, firstText(c.text("resourceName"), lastOf(c.text("resourceId"))), firstText(c.text("name"), lastOf(c.text("id"))))
	if level := c.text("severity"); level != "" {
		a.Labels["severity"] = severity("sev" + strings.TrimPrefix(strings.ToLower(level), "sev"))
	}
	a.Annotations = map[string]string{"summary": c.text("description")}
	a.GeneratorURL = c.text("portalLink")
	at := atOrNone(c.text("timestamp"))
	if oneOf(status, []string{"deactivated", "resolved"}) {
		a.Status, a.EndsAt = ticket.Resolved, at
		return a, nil
	}
	a.Status, a.StartsAt = ticket.Firing, at
	return a, nil
}
