package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeAlertmanager is Alertmanager's webhook, and what Prometheus posts to an
// Alertmanager.
const TypeAlertmanager = "alertmanager"

// apiAnswers are the answers that Alertmanager itself gives: nothing, or a
// JSON string.
var apiAnswers = answers{
	taken: func(w http.ResponseWriter, _ Taken) int {
		w.WriteHeader(http.StatusOK)
		return http.StatusOK
	},
	wrong: func(w http.ResponseWriter, status int, _, message string) { writeJSON(w, status, message) },
}

// isList tells a body for the API, which is a list, from a webhook, which is
// an object.
func isList(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) }

// parseWebhook reads Alertmanager's webhook, versions 3 and 4. A webhook lists
// the alerts of a group up to the sender's own max_alerts. The group's status
// says nothing of an alert that has its own. hand is the intake's.
func parseWebhook(ctx context.Context, data []byte, s *Source, _ time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error) {
	g, err := readGroup(data)
	if err != nil {
		return parsed{}, err
	}
	in := newIntake(data, s, webhookFields)
	in.hand, in.whole = hand, true
	in.alert = func(f *fields) (ticket.Alert, string) { return g.alert(&in.r, f) }
	ok := in.r.members(func(name text) bool {
		if in.r.field(name, groupFields) != "alerts" || in.r.peek() != '[' {
			return in.r.skip()
		}
		return in.list(ctx)
	})
	if !ok {
		return parsed{}, in.failed(ctx)
	}
	// The alerts that were cut off are never listed, neither when they fire nor
	// when they are over.
	if g.status == string(ticket.Resolved) && g.truncated > 0 && g.key != "" {
		in.ResolveGroups = []string{g.key}
	}
	return in.parsed, nil
}

// group is what a webhook says of its alerts together.
type group struct {
	status    string
	key       string // cut as an alert's SenderGroup is
	truncated int
}

var groupFields = []string{"status", "groupKey", "truncatedAlerts", "alerts"}

// readGroup reads a webhook without its alerts. They may come before the rest.
func readGroup(data []byte) (g group, err error) {
	r := newReader(data)
	if c := r.peek(); c != '{' && c != 0 && r.skip() && r.ended() {
		r.at = 0
		return g, errors.New(mismatch(&r, r.peek(), "the body", "object"))
	}
	r.at = 0
	var f fields // notes what is wrong
	var status text
	listed := false
	ok := r.members(func(name text) bool {
		switch field := r.field(name, groupFields); field {
		case "status":
			return f.string(&r, field, &status)
		case "groupKey":
			return g.readKey(&r)
		case "truncatedAlerts":
			return g.readTruncated(&r, &f)
		case "alerts":
			c := r.peek()
			listed = c == '[' || listed && c != 'n'
			if c != '[' {
				f.unlessNull(&r, c, field, "array")
			}
		}
		return r.skip()
	})
	switch {
	case !ok || !r.ended():
		return g, explain(data)
	case f.wrong != "":
		return g, errors.New(f.wrong)
	case !listed:
		return g, errors.New(`there is no list of "alerts": an Alertmanager webhook has one`)
	}
	g.status = r.decoded(status)
	return g, nil
}

// readKey reads the sender's name of the group: a string, or in version 3 a
// number.
func (g *group) readKey(r *reader) bool {
	if r.peek() == '"' {
		t, ok := r.literal()
		g.key = ticket.Cut(r.decoded(t), ticket.MaxSenderGroup)
		return ok
	}
	from := r.at
	ok := r.skip()
	if g.key = ticket.Cut(string(r.data[from:r.at]), ticket.MaxSenderGroup); g.key == "null" {
		g.key = ""
	}
	return ok
}

func (g *group) readTruncated(r *reader, f *fields) bool {
	c := r.peek()
	from := r.at
	if !r.skip() {
		return false
	}
	if c == 'n' {
		return true
	}
	var err error
	if g.truncated, err = strconv.Atoi(string(r.data[from:r.at])); err != nil && f.wrong == "" {
		r := reader{data: r.data, at: from}
		f.wrong = mismatch(&r, c, "truncatedAlerts", "int")
	}
	return true
}

func (g *group) alert(r *reader, f *fields) (out ticket.Alert, reason string) {
	status := g.status
	if own := f.status; own.from < own.to {
		status = r.decoded(own)
	}
	if status != string(ticket.Firing) && status != string(ticket.Resolved) {
		return out, fmt.Sprintf("status %q is neither firing nor resolved", ticket.Cut(status, ticket.MaxLogged))
	}
	out, given := f.alert(r)
	out.Status, out.SenderGroup = ticket.AlertStatus(status), g.key
	if _, unnamed := out.Labels[""]; unnamed {
		return out, "a label without a name"
	}
	if given == "" && len(out.Labels) == 0 {
		return out, "at least one label pair required, or a fingerprint"
	}
	out.Fingerprint = fingerprint(given, out.Labels)
	if out.Status == ticket.Firing {
		out.EndsAt = time.Time{}
	}
	return out, ""
}

// parsePosted reads what is posted to an Alertmanager's /api/v2/alerts. Those
// alerts have no status. An end in the past means that the alert is over. An
// end in the future says until when it stands if nothing more is heard of it.
func parsePosted(ctx context.Context, data []byte, s *Source, now time.Time, hand func(context.Context, []ticket.Alert) error) (parsed, error) {
	in := newIntake(data, s, postedFields)
	in.hand = hand
	in.alert = func(f *fields) (ticket.Alert, string) { return postedAlert(&in.r, f, now, s.ResolveTimeout) }
	if c := in.r.peek(); c == 'n' && in.r.skip() && in.r.ended() {
		return in.parsed, nil // encoding/json reads null as a list too
	} else if c != '[' && c != 0 && in.r.skip() && in.r.ended() {
		in.r.at = 0
		return parsed{}, errors.New(mismatch(&in.r, in.r.peek(), "the body", "array"))
	}
	in.r.at = 0
	if !in.list(ctx) || !in.r.ended() {
		return parsed{}, in.failed(ctx)
	}
	return in.parsed, nil
}

func postedAlert(r *reader, f *fields, now time.Time, timeout time.Duration) (out ticket.Alert, reason string) {
	if len(f.labels.list) == 0 {
		return out, "at least one label pair required"
	}
	out, given := f.alert(r)
	switch {
	case len(out.Labels) == 0:
		return out, "at least one label pair required"
	case !out.EndsAt.IsZero() && out.EndsAt.Before(out.StartsAt):
		return out, "start time must be before end time"
	}
	if _, unnamed := out.Labels[""]; unnamed {
		return out, "a label without a name"
	}
	out.Fingerprint = fingerprint(given, out.Labels)
	switch {
	case out.EndsAt.IsZero():
		out.Status, out.SilentAt = ticket.Firing, now.Add(timeout)
	case out.EndsAt.After(now):
		out.Status, out.SilentAt, out.EndsAt = ticket.Firing, out.EndsAt, time.Time{}
	default:
		out.Status = ticket.Resolved
	}
	return out, ""
}

// withoutEmpty drops labels without a value: they mean the same as no label.
func withoutEmpty(labels map[string]string) map[string]string {
	for k, v := range labels {
		if v == "" {
			delete(labels, k)
		}
	}
	return labels
}

const longestFingerprint = ticket.MaxFingerprint

// fingerprint is the sender's, if it gave a usable one. Otherwise it is
// Alertmanager's: a hash of the sorted labels. So an alert is the same alert,
// whichever way it came.
func fingerprint(given string, labels map[string]string) string {
	usable := given != "" && len(given) <= longestFingerprint && !strings.ContainsFunc(given, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if usable {
		return given
	}
	if given != "" {
		labels = maps.Clone(labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels["__fingerprint__"] = given
	}
	return model.Fingerprint(model.LabelsToSignature(labels)).String()
}
