package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What follows reads alerts by encoding/json, all at once and without bounds.
// It says in the shortest way what the product has to read.

type plainAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     plainTime         `json:"startsAt"`
	EndsAt       plainTime         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// plainTime is a time in any form that we accept.
type plainTime struct{ time.Time }

func (t *plainTime) UnmarshalJSON(data []byte) (err error) {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil || text == nil {
		return err
	}
	t.Time, err = parseTime(*text)
	return err
}

// plainPosted is an alert of the API: it has no status and no fingerprint.
type plainPosted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     plainTime         `json:"startsAt"`
	EndsAt       plainTime         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

// plainly is what a list says: the right alerts, and the places of the wrong
// ones.
func plainly(list []json.RawMessage, api bool, status, group string) (alerts []ticket.Alert, wrong []int) {
	for i, raw := range list {
		var a plainAlert
		var err error
		if api {
			var p plainPosted
			err = json.Unmarshal(raw, &p)
			a = plainAlert{Labels: p.Labels, Annotations: p.Annotations, StartsAt: p.StartsAt, EndsAt: p.EndsAt, GeneratorURL: p.GeneratorURL}
		} else {
			err = json.Unmarshal(raw, &a)
		}
		out, ok := a.alert(api, status)
		if err != nil || !ok {
			wrong = append(wrong, i)
			continue
		}
		out.SenderGroup = group
		out.Bound(0)
		alerts = append(alerts, out)
	}
	return alerts, wrong
}

func (a *plainAlert) alert(api bool, groupStatus string) (out ticket.Alert, ok bool) {
	maps.DeleteFunc(a.Labels, func(_, v string) bool { return v == "" })
	if _, unnamed := a.Labels[""]; unnamed {
		return out, false
	}
	startsAt, endsAt := ticket.SentTime(a.StartsAt.Time), ticket.SentTime(a.EndsAt.Time)
	out = ticket.Alert{Labels: a.Labels, Annotations: a.Annotations, StartsAt: startsAt, EndsAt: endsAt, GeneratorURL: a.GeneratorURL}
	given := a.Fingerprint
	if len(given) > longestFingerprint || strings.ContainsFunc(given, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		with := map[string]string{"__fingerprint__": given}
		maps.Copy(with, a.Labels)
		with["__fingerprint__"] = given
		out.Fingerprint = model.Fingerprint(model.LabelsToSignature(with)).String()
	} else if given != "" {
		out.Fingerprint = given
	} else {
		out.Fingerprint = model.Fingerprint(model.LabelsToSignature(a.Labels)).String()
	}
	if api {
		switch {
		case len(a.Labels) == 0 || !endsAt.IsZero() && endsAt.Before(startsAt):
			return out, false
		case endsAt.IsZero():
			out.Status, out.SilentAt = ticket.Firing, now.Add(DefaultResolveTimeout)
		case endsAt.After(now):
			out.Status, out.SilentAt, out.EndsAt = ticket.Firing, endsAt, time.Time{}
		default:
			out.Status = ticket.Resolved
		}
		return out, true
	}
	status := a.Status
	if status == "" {
		status = groupStatus
	}
	out.Status = ticket.AlertStatus(status)
	if out.Status == ticket.Firing {
		out.EndsAt = time.Time{}
	}
	known := out.Status == ticket.Firing || out.Status == ticket.Resolved
	return out, known && (given != "" || len(a.Labels) > 0)
}

// plainGroup reads a webhook that way. If an object has two lists of alerts,
// both count. encoding/json cannot say that; lists counts them.
func plainGroup(data []byte) (list []json.RawMessage, status, key string, err error) {
	var w struct {
		Status          string            `json:"status"`
		GroupKey        json.RawMessage   `json:"groupKey"`
		TruncatedAlerts int               `json:"truncatedAlerts"`
		Alerts          []json.RawMessage `json:"alerts"`
	}
	if err = json.Unmarshal(data, &w); err != nil {
		return nil, "", "", fmt.Errorf("read it: %w", err)
	}
	if json.Unmarshal(w.GroupKey, &key) != nil {
		key = string(w.GroupKey)
	}
	if key == "null" {
		key = ""
	}
	return w.Alerts, w.Status, ticket.Cut(key, ticket.MaxSenderGroup), nil
}

// agrees compares what was read with what encoding/json reads.
func agrees(t *testing.T, data []byte, p *parsed, alerts []ticket.Alert, wrong []int) {
	t.Helper()
	var refused []int
	for _, problem := range p.problems {
		refused = append(refused, problem.Index)
	}
	if got, want := asJSON(t, p.Alerts), asJSON(t, alerts); got != want || fmt.Sprint(refused) != fmt.Sprint(wrong) {
		t.Errorf("%q:\nread as %s, without %v\nand is  %s, without %v", data, got, refused, want, wrong)
	}
}

func asJSON(t *testing.T, alerts []ticket.Alert) string {
	t.Helper()
	if len(alerts) == 0 {
		return "[]"
	}
	said, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}
