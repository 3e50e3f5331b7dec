package ingest

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeGraylog is Graylog's HTTP notification, from version 3.1, and the HTTP
// callback before that.
const TypeGraylog = "graylog"

func graylog() Tool { return Tool{Type: TypeGraylog, paths: []path{singles(readGraylog)}} }

// readGraylog reads an event. It has no end: a definition and its key are one
// ticket until somebody resolves it.
func readGraylog(body value, _ time.Time) (a ticket.Alert, err error) {
	o := body.object("event_definition_id", "event_definition_type", "event_definition_title", "event_definition_description", "event", "backlog", "stream", "check_result")
	event := o.object("event", "id", "key", "message", "timestamp", "priority", "fields")
	if o.value("stream").kind() == '{' {
		return graylogStream(o)
	}
	id, title := o.text("event_definition_id"), o.text("event_definition_title")
	switch {
	case o.text("event_definition_type") == "test-dummy-v1", event.text("id") == "NotificationTestId":
		return a, ErrTest
	case id == "" || title == "":
		return a, missing("event_definition_id and event_definition_title")
	}
	a.Fingerprint, a.Status, a.StartsAt = key(id, event.text("key")), ticket.Firing, atOrNone(event.text("timestamp"))
	a.Labels, _ = event.value("fields").pairs()
	where := firstText(a.Labels["host"], a.Labels["hostname"], a.Labels["source"])
	if backlog := o.value("backlog").elements(); where == "" && len(backlog) > 0 {
		where = backlog[0].object("source").text("source")
	}
	named(&a, where, title)
	a.Labels["key"] = event.text("key")
	if given := a.Labels["severity"]; given != "" {
		a.Labels["severity"] = severity(given)
	} else {
		a.Labels["severity"] = graylogPriority[event.text("priority")]
	}
	a.Annotations = map[string]string{"summary": event.text("message"), "description": o.text("event_definition_description")}
	return a, nil
}

// graylogPriority: low, normal, high, and critical from version 6.
var graylogPriority = map[string]string{"1": severityInfo, "2": severityWarning, "3": severityError, "4": severityCritical}

// graylogStream reads an alert of a stream, as before version 3.1.
func graylogStream(o object) (a ticket.Alert, err error) {
	stream, result := o.object("stream", "id", "title"), o.object("check_result", "result_description", "triggered_at", "triggered_condition")
	condition := result.object("triggered_condition", "id", "title")
	if stream.text("id") == "" {
		return a, missing("stream.id")
	}
	a.Fingerprint, a.Status = key("stream", stream.text("id"), condition.text("id")), ticket.Firing
	a.StartsAt = atOrNone(result.text("triggered_at"))
	named(&a, stream.text("title"), firstText(condition.text("title"), "stream alert"))
	a.Labels["severity"] = severityWarning
	a.Annotations = map[string]string{"summary": result.text("result_description")}
	return a, nil
}
