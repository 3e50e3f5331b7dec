package ingest

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeZabbix is Zabbix by a media type of ours (docs/sources/zabbix.md), or by
// the media type for SIGNL4 that Zabbix ships, or any webhook with such names.
const TypeZabbix = "zabbix"

// Zabbix's media type for SIGNL4 takes nothing but 201 for a success.
func zabbix() Tool {
	p := singles(readZabbix)
	p.answers = answers{taken: plainTaken(http.StatusCreated), wrong: writeError}
	return Tool{Type: TypeZabbix, paths: []path{p}}
}

var zabbixFields = []string{
	"event_id", "eventid", "event_value", "eventvalue", "event_name", "eventname", "trigger", "subject",
	"event_nseverity", "nseverity", "event_severity", "severity", "trigger_status", "event_status", "status", "x-s4-status",
	"event_update_status", "eventupdate", "event_update_action", "event_update_message", "event_ack_status", "eventack", "user", "user_fullname",
	"host", "hostname", "host_name", "host_ip", "hostip", "trigger_id", "triggerid", "trigger_description", "triggerdesc",
	"event_opdata", "triggeropdata", "item", "message", "alert_message", "link", "url", "event_tags_json", "event_tags", "eventtags",
	"event_timestamp", "event_recovery_timestamp",
}

// zabbixOver are the words for an end.
var zabbixOver = []string{"ok", "resolved", "0", "recovery"}

var (
	// zabbixMacro is a macro that was not expanded.
	zabbixMacro = regexp.MustCompile(`^\{[$#A-Z][^{}\s]*\}$`)
	// zabbixEvent is the event's id in a link to it.
	zabbixEvent = regexp.MustCompile(`[?&]eventid=(\d+)`)
	// zabbixSubject is what Zabbix's own templates put before a problem's name.
	zabbixSubject = regexp.MustCompile(`^(?:Problem|Resolved(?: in [^:]*)?|Updated problem(?: in [^:]*)?): `)
)

// zabbixOwn begins the tags that media types give a problem to find it again:
// those that Zabbix ships, and ours. They are no labels.
const zabbixOwn = "__"

// zabbixText says a member's text unless it is a macro that stayed as it was.
type zabbixText struct{ object }

func (z zabbixText) text(names ...string) string {
	for _, name := range names {
		if text := z.object.text(name); text != "" && text != "*UNKNOWN*" && !zabbixMacro.MatchString(text) {
			return text
		}
	}
	return ""
}

func readZabbix(body value, _ time.Time) (a ticket.Alert, err error) {
	o := zabbixText{body.object(zabbixFields...)}
	id, host := o.text("event_id", "eventid"), o.text("host_name", "host", "hostname")
	name := o.text("event_name", "eventname", "trigger")
	if name == "" {
		name = zabbixSubject.ReplaceAllString(o.text("subject"), "")
	}
	link := o.text("link", "url")
	if found := zabbixEvent.FindStringSubmatch(link); id == "" && found != nil {
		id = found[1]
	}
	switch {
	case id != "":
		a.Fingerprint, a.Again = key(id), ticket.AgainNever
	case o.object.text("event_id", "eventid") != "" && host == "":
		return a, ErrTest // the media type's test button sends every macro as it is written
	case host == "" && name == "":
		return a, missing("event_id, {EVENT.ID}")
	default:
		a.Fingerprint = key(host, o.text("trigger_id", "triggerid"), name)
	}
	a.Labels = map[string]string{"address": o.text("host_ip", "hostip"), "severity": zabbixSeverity(o)}
	o.tags(&a)
	named(&a, host, name)
	a.Annotations = map[string]string{
		"summary": o.text("message", "alert_message", "item"), "opdata": o.text("event_opdata", "triggeropdata"),
		"description": o.text("trigger_description", "triggerdesc"),
	}
	a.GeneratorURL = link
	a.StartsAt = epoch(o.text("event_timestamp"))
	o.status(&a)
	return a, nil
}

// status says whether the problem goes on, and what somebody did to it.
func (z zabbixText) status(a *ticket.Alert) {
	over := z.text("event_value", "eventvalue") == "0"
	if z.text("event_value", "eventvalue") == "" {
		over = oneOf(z.text("trigger_status", "event_status", "status", "x-s4-status"), zabbixOver)
	}
	a.Status = ticket.Firing
	if z.text("event_update_status", "eventupdate") == "1" {
		a.Remark = z.update()
		if over {
			a.Status = ticket.Unsaid
		}
		return
	}
	if over {
		a.Status, a.EndsAt = ticket.Resolved, epoch(z.text("event_recovery_timestamp"))
	}
}

// update is what somebody did: Zabbix says "acknowledged and commented", or
// "unacknowledged", or how the severity changed.
func (z zabbixText) update() *ticket.Remark {
	action := strings.ToLower(z.text("event_update_action"))
	taken := strings.Contains(strings.ReplaceAll(action, "unacknowledged", ""), "acknowledged")
	if action == "" {
		taken, action = oneOf(z.text("event_ack_status", "eventack"), []string{"yes"}), "updated"
	}
	r := &ticket.Remark{Kind: ticket.RemarkNoted, By: z.text("user", "user_fullname"), What: action, Text: z.text("event_update_message")}
	if taken {
		r.Kind = ticket.RemarkTaken
	}
	return r
}

func zabbixSeverity(o zabbixText) string {
	number := o.text("event_nseverity", "nseverity")
	if number == "" {
		number = o.text("event_severity", "severity")
	}
	if len(number) == 1 && '0' <= number[0] && number[0] <= '5' {
		return []string{severityInfo, severityInfo, severityWarning, severityError, severityError, severityCritical}[number[0]-'0']
	}
	return severity(o.text("event_severity", "severity"))
}

// tags makes labels of the event's tags: a list of {"tag", "value"}, as such
// or in a string, or "tag:value, tag:value".
func (z zabbixText) tags(a *ticket.Alert) {
	for _, name := range []string{"event_tags_json", "event_tags", "eventtags"} {
		list := z.value(name)
		if list.kind() == '"' {
			if inside := list.inside(); inside.kind() == '[' {
				list = inside
			}
		}
		for _, one := range list.elements() {
			tag := one.object("tag", "value")
			if name := tag.text("tag"); !strings.HasPrefix(name, zabbixOwn) {
				label(a, name, tag.text("value"))
			}
		}
		if list.kind() == '"' {
			tagList(a, z.text(name))
		}
	}
}
