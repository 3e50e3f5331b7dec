package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeCheckmk is Checkmk by a notification script that posts its variables
// (docs/sources/checkmk.md), with or without NOTIFY_ before their names.
const TypeCheckmk = "checkmk"

func checkmk() Tool { return Tool{Type: TypeCheckmk, paths: []path{singles(readCheckmk)}} }

var checkmkFields = []string{
	"notify_hostname", "hostname", "host", "notify_servicedesc", "servicedesc", "service", "notify_what", "what",
	"notify_notificationtype", "notificationtype", "notification_type", "notify_hoststate", "hoststate", "notify_servicestate", "servicestate", "status", "severity",
	"notify_hostoutput", "hostoutput", "notify_serviceoutput", "serviceoutput", "output", "notify_longserviceoutput", "long_output",
	"notify_notificationauthor", "notificationauthor", "author", "notify_notificationcomment", "notificationcomment", "comment",
	"notify_hostaddress", "hostaddress", "address", "notify_omd_site", "site", "notify_hosturl", "notify_serviceurl", "url",
	"notify_lasthoststatechange", "notify_lastservicestatechange",
}

// readCheckmk reads a notification. Checkmk's own site is no customer's.
func readCheckmk(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object(checkmkFields...)
	host, service := o.text("notify_hostname", "hostname", "host"), o.text("notify_servicedesc", "servicedesc", "service")
	if strings.EqualFold(o.text("notify_what", "what"), "host") {
		service = ""
	}
	kind := o.text("notify_notificationtype", "notificationtype", "notification_type")
	state, output, since := o.text("notify_hoststate", "hoststate"), o.text("notify_hostoutput", "hostoutput"), o.text("notify_lasthoststatechange")
	if service != "" {
		state, output, since = o.text("notify_servicestate", "servicestate"), o.text("notify_serviceoutput", "serviceoutput"), o.text("notify_lastservicestatechange")
	}
	n := notice{
		host: host, service: service, kind: kind, state: firstText(state, o.text("status", "severity")), since: epoch(since),
		by: o.text("notify_notificationauthor", "notificationauthor", "author"), comment: o.text("notify_notificationcomment", "notificationcomment", "comment"),
		output: firstText(output, o.text("output")), more: o.text("notify_longserviceoutput", "long_output"),
		address: o.text("notify_hostaddress", "hostaddress", "address"),
	}
	if a, err = n.alert(); err != nil {
		return a, err
	}
	label(&a, "omd_site", o.text("notify_omd_site", "site"))
	if a.GeneratorURL = o.text("notify_serviceurl"); service == "" || a.GeneratorURL == "" {
		a.GeneratorURL = o.text("notify_hosturl", "url")
	}
	return a, nil
}
