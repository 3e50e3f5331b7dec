package ingest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeIcinga is Icinga 2 by a NotificationCommand that posts its runtime
// macros (docs/sources/icinga.md), with or without IC_ before their names.
const TypeIcinga = "icinga"

func icinga() Tool { return Tool{Type: TypeIcinga, paths: []path{singles(readIcinga)}} }

var icingaFields = []string{
	"notificationtype", "notification_type", "ic_hostname", "hostname", "host_name", "host", "ic_hostdisplayname", "hostdisplayname",
	"ic_servicedesc", "servicedesc", "servicename", "service_name", "service", "ic_kind", "kind",
	"ic_hoststate", "hoststate", "host_state", "ic_servicestate", "servicestate", "service_state", "state",
	"ic_hostoutput", "hostoutput", "host_output", "ic_serviceoutput", "serviceoutput", "service_output", "output",
	"notificationauthorname", "notificationauthor", "author", "notificationcomment", "comment",
	"ic_hostaddress", "hostaddress", "address", "ic_laststatechange", "laststatechange", "last_state_change", "url",
}

func readIcinga(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object(icingaFields...)
	service := o.text("ic_servicedesc", "servicedesc", "servicename", "service_name", "service")
	if strings.EqualFold(o.text("ic_kind", "kind"), "host") {
		service = ""
	}
	state, output := o.text("ic_hoststate", "hoststate", "host_state"), o.text("ic_hostoutput", "hostoutput", "host_output")
	if service != "" {
		state, output = o.text("ic_servicestate", "servicestate", "service_state"), o.text("ic_serviceoutput", "serviceoutput", "service_output")
	}
	n := notice{
		host: o.text("ic_hostname", "hostname", "host_name", "host"), service: service,
		kind: o.text("notificationtype", "notification_type"), state: firstText(state, o.text("state")), output: firstText(output, o.text("output")),
		by: o.text("notificationauthorname", "notificationauthor", "author"), comment: o.text("notificationcomment", "comment"),
		address: o.text("ic_hostaddress", "hostaddress", "address"), since: epoch(o.text("ic_laststatechange", "laststatechange", "last_state_change")),
	}
	if a, err = n.alert(); err != nil {
		return a, err
	}
	label(&a, "display_name", o.text("ic_hostdisplayname", "hostdisplayname"))
	a.GeneratorURL = o.text("url")
	return a, nil
}
