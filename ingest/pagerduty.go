package ingest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	hexadecimal "encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypePagerDuty is what posts to PagerDuty's Events API, version 1 or 2
// (docs/sources/pagerduty.md).
const TypePagerDuty = "pagerduty"

// longestEvent is how long a body may be. PagerDuty takes 512 KB.
const longestEvent = ticket.MaxEventBody

// pagerDuty is the row.
func pagerDuty() Tool {
	at := func(path string, form eventForm, hear func(*call) (said, error)) api {
		return api{
			at: []string{path}, methods: []string{http.MethodPost}, most: longestEvent, inBody: true,
			key: eventKey(form), hear: hear, wrong: eventWrong,
		}
	}
	return Tool{
		Type: TypePagerDuty, reads: parseEvent,
		apis: []api{
			at("/v2/enqueue", eventV2, hearEvent(eventV2)),
			at("/v2/change/enqueue", eventV2, hearChange),
			at("/generic/2010-04-15/create_event.json", eventV1, hearEvent(eventV1)),
		},
	}
}

// event is a request's body, of either version.
type event struct {
	heard
	action, name                  string // what to do, and of which alert
	summary, source, severity, at string
	component, group, class       string
	client, clientURL, firstLink  string
	payload                       bool
	faults                        []fault
}

// eventForm is what differs between the versions.
type eventForm struct {
	key, action, name string // fields
	old               bool   // version 1
}

var (
	eventV2 = eventForm{key: "routing_key", action: "event_action", name: "dedup_key"}
	eventV1 = eventForm{key: "service_key", action: "event_type", name: "incident_key", old: true}
)

var (
	eventFields = []string{
		"event_action", "event_type", "dedup_key", "incident_key",
		"client", "client_url", "description", "details", "payload", "links", "images", "contexts",
	}
	payloadFields = []string{"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
	linkFields    = []string{"href", "text", "src", "alt"}
)

// readEvent reads a body. The error is for one that is not JSON.
func readEvent(data []byte, form eventForm) (*event, error) {
	e := &event{heard: newHeard()}
	r := newReader(data)
	if r.peek() != '{' {
		if r.skip() && r.ended() {
			e.wrong("body", "The event is not a JSON object")
			return e, nil
		}
		return nil, explain(data)
	}
	ok := r.members(func(name text) bool { return e.member(&r, r.field(name, eventFields), form) })
	if !ok || !r.ended() {
		return nil, explain(data)
	}
	return e, nil
}

func (e *event) member(r *reader, field string, form eventForm) bool {
	switch field {
	case form.action:
		return e.text(r, field, &e.action)
	case form.name:
		return e.text(r, field, &e.name)
	case "client":
		return e.text(r, field, &e.client)
	case "client_url":
		return e.text(r, field, &e.clientURL)
	case "links", "images", "contexts":
		return e.readLinks(r, field)
	case "payload":
		if r.peek() != '{' || form.old {
			return r.skip()
		}
		e.payload = true
		return r.members(func(name text) bool { return e.detail(r, r.field(name, payloadFields)) })
	case "description":
		if form.old {
			return e.text(r, field, &e.summary)
		}
	case "details":
		if form.old {
			return e.properties(r)
		}
	}
	return r.skip()
}

// detail reads a member of the payload.
func (e *event) detail(r *reader, field string) bool {
	into := map[string]*string{
		"summary": &e.summary, "source": &e.source, "severity": &e.severity, "timestamp": &e.at,
		"component": &e.component, "group": &e.group, "class": &e.class,
	}[field]
	switch {
	case into != nil:
		return e.text(r, "payload."+field, into)
	case field == "custom_details":
		return e.properties(r)
	}
	return r.skip()
}

// text reads a field that holds a text.
func (e *event) text(r *reader, field string, into *string) bool {
	s, is, ok := r.scalar()
	if !is {
		e.wrong(field, fmt.Sprintf("'%s' is invalid (must be a string)", field))
		return ok
	}
	*into = s
	return ok
}

func (e *event) wrong(field, reason string) {
	if len(e.faults) < problemsNamed {
		e.faults = append(e.faults, fault{field, reason})
	}
}

// readLinks reads a list of links or images, or of version 1's contexts, which
// are either.
func (e *event) readLinks(r *reader, field string) bool {
	if r.peek() != '[' {
		return r.skip()
	}
	return r.elements(func() bool {
		if r.peek() != '{' {
			return r.skip()
		}
		var href, said, src string
		ok := r.members(func(name text) bool {
			switch of := r.field(name, linkFields); of {
			case "href":
				return e.text(r, field+"."+of, &href)
			case "text", "alt":
				return e.text(r, field+"."+of, &said)
			case "src":
				return e.text(r, field+"."+of, &src)
			}
			return r.skip()
		})
		if src != "" {
			e.link("image", said, src)
		} else if e.link("link", said, href); e.firstLink == "" {
			e.firstLink = href
		}
		return ok
	})
}

// check says what PagerDuty would refuse. A text that is too long is no fault:
// it is cut where it is kept.
func (e *event) check(form eventForm) error {
	if len(e.faults) > 0 {
		return e.faulty()
	}
	missing := func(field, value string) {
		if strings.TrimSpace(value) == "" {
			e.wrong(field, fmt.Sprintf("'%s' is missing or blank", field))
		}
	}
	switch e.action {
	case "trigger":
		e.checkTrigger(form, missing)
	case "acknowledge", "resolve":
		missing(form.name, e.name)
	case "":
		missing(form.action, "")
	default:
		if form.old {
			e.wrong(form.action, "event_type is invalid (must be one of: trigger acknowledge resolve)")
		} else {
			e.wrong(form.action, "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
		}
	}
	return e.faulty()
}

// faulty is the event's faults as an error; nil if it has none.
func (e *event) faulty() error {
	if len(e.faults) == 0 {
		return nil
	}
	return &misuse{status: http.StatusBadRequest, message: "Event object is invalid", faults: e.faults}
}

func (e *event) checkTrigger(form eventForm, missing func(field, value string)) {
	if form.old {
		missing("description", e.summary)
		return
	}
	if !e.payload {
		missing("payload", "")
		return
	}
	missing("payload.summary", e.summary)
	missing("payload.source", e.source)
	switch e.severity = strings.ToLower(strings.TrimSpace(e.severity)); e.severity {
	case "":
		missing("payload.severity", "")
	case "critical", "error", "warning", "info":
	default:
		e.wrong("payload.severity", "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	}
}

// parsed is the event as the engine takes it. It begins when it is taken: the
// timestamp is another one with each repeat, and its clock is the sender's.
func (e *event) parsed(now time.Time) (p parsed) {
	a := ticket.Alert{Fingerprint: keyed(e.name)}
	switch e.action {
	case "resolve":
		a.Status, a.EndsAt = ticket.Resolved, now
	case "acknowledge":
		a.Remark = &ticket.Remark{Kind: ticket.RemarkTaken, What: e.action}
	default:
		a.Status = ticket.Firing
		e.fill()
		if a.GeneratorURL = e.firstLink; a.GeneratorURL == "" {
			a.GeneratorURL = e.clientURL
		}
		a, p.cut = e.alert(a)
	}
	p.Alerts = []ticket.Alert{a}
	return p
}

// fill makes labels and annotations of what the event says.
func (e *event) fill() {
	e.label("severity", e.severity)
	e.label("component", e.component)
	e.label("group", e.group)
	e.label("class", e.class)
	e.label("source", e.source)
	e.usual("severity", e.labels["SERVICESTATE"]) // Nagios' macros, as PagerDuty's agent sends them
	e.usual("severity", e.labels["HOSTSTATE"])
	e.label("severity", severity(e.labels["severity"]))
	e.note("client", e.client)
	e.note("client_url", e.clientURL)
	e.note("timestamp", e.at)
	if e.client != "" && (strings.EqualFold(e.source, e.client) || strings.EqualFold(e.component, e.client)) {
		e.entitle(e.summary) // the source is the tool, or where that runs
		return
	}
	e.entitle(e.summary, e.source)
}

// keyed is the fingerprint of a sender's name of an alert: itself, or a hash
// of it if it is too long or odd.
func keyed(name string) string {
	odd := strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if len(name) <= longestFingerprint && !odd {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hexadecimal.EncodeToString(sum[:])
}

// newKey is a name for an alert whose sender gives none.
func newKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hexadecimal.EncodeToString(b[:])
}

// parseEvent reads an event of either version without its key.
func parseEvent(_ context.Context, data []byte, s *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (parsed, error) {
	form := eventV2
	e, err := readEvent(data, form)
	if err == nil && e.action == "" {
		if old, err := readEvent(data, eventV1); err == nil && old.action != "" {
			e, form = old, eventV1
		}
	}
	if err == nil {
		err = e.check(form)
	}
	if err != nil {
		return parsed{}, err
	}
	if e.name == "" {
		e.name = newKey()
	}
	p := e.parsed(now)
	s.addAll(&p)
	return p, nil
}
