package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// webhook is Alertmanager's webhook, versions 3 and 4 (wire.md). Of a group it
// lists the alerts that it wants to, up to max_alerts; Status is the group's,
// and says nothing of one alert.
type webhook struct {
	Status          string          `json:"status"`
	Version         json.RawMessage `json:"version"`
	GroupKey        json.RawMessage `json:"groupKey"` // a string, or a number in version 3
	TruncatedAlerts int             `json:"truncatedAlerts"`
	Alerts          []webhookAlert  `json:"alerts"`
}

type webhookAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// Problem is one alert of a request that could not be taken.
type Problem struct {
	Index  int // in the request, from 0
	Reason string
}

// parsed is a request's body, read.
type parsed struct {
	Batch
	problems []Problem
}

func (p *parsed) refuse(i int, reason string) {
	p.problems = append(p.problems, Problem{Index: i, Reason: reason})
}

// parseWebhook reads an Alertmanager webhook.
func parseWebhook(data []byte) (parsed, error) {
	var w webhook
	each, err := decodeEach(data, &w, func() error {
		var loose struct {
			webhook
			Alerts []json.RawMessage `json:"alerts"`
		}
		if err := json.Unmarshal(data, &loose); err != nil {
			return err
		}
		w = loose.webhook
		w.Alerts = make([]webhookAlert, len(loose.Alerts))
		return eachError(loose.Alerts, func(i int) any { return &w.Alerts[i] })
	})
	if err != nil {
		return parsed{}, explain(data, err)
	}
	if w.Alerts == nil {
		return parsed{}, errors.New(`there is no list of "alerts": an Alertmanager webhook has one`)
	}
	group := strings.Trim(string(w.GroupKey), `"`)
	if s := ""; json.Unmarshal(w.GroupKey, &s) == nil {
		group = s
	}
	if group == "null" {
		group = ""
	}
	var p parsed
	for i := range w.Alerts {
		if reason := each[i]; reason != "" {
			p.refuse(i, reason)
			continue
		}
		alert, reason := w.Alerts[i].alert(w.Status)
		if reason != "" {
			p.refuse(i, reason)
			continue
		}
		alert.SenderGroup = group
		p.Alerts = append(p.Alerts, alert)
	}
	// The alerts that were cut off are never listed, neither when they fire
	// nor when they are over.
	if w.Status == string(ticket.Resolved) && w.TruncatedAlerts > 0 && group != "" {
		p.ResolveGroups = []string{group}
	}
	return p, nil
}

func (a *webhookAlert) alert(groupStatus string) (out ticket.Alert, reason string) {
	status := a.Status
	if status == "" {
		status = groupStatus
	}
	if status != string(ticket.Firing) && status != string(ticket.Resolved) {
		return out, fmt.Sprintf("status %q is neither firing nor resolved", status)
	}
	out = ticket.Alert{
		Status: ticket.AlertStatus(status), Labels: withoutEmpty(a.Labels), Annotations: a.Annotations,
		StartsAt: a.StartsAt, EndsAt: a.EndsAt, GeneratorURL: a.GeneratorURL, Fingerprint: a.Fingerprint,
	}
	if reason := checkLabels(out.Labels); reason != "" {
		return out, reason
	}
	if out.Fingerprint == "" && len(out.Labels) == 0 {
		return out, "at least one label pair required, or a fingerprint"
	}
	out.Fingerprint = fingerprint(out.Fingerprint, out.Labels)
	if out.Status == ticket.Firing {
		out.EndsAt = time.Time{}
	}
	return out, ""
}

// posted is one alert as Prometheus posts it to an Alertmanager.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

// parsePosted reads what is posted to an Alertmanager's /api/v2/alerts. There
// is no status in it: an end in the past is the recovery, one in the future is
// until when the alert stands if nothing more is heard of it.
func parsePosted(data []byte, now time.Time, timeout time.Duration) (parsed, error) {
	list, each, err := decodePosted(data)
	if err != nil {
		return parsed{}, explain(data, err)
	}
	var p parsed
	for i := range list {
		a := &list[i]
		labels := withoutEmpty(a.Labels)
		switch reason := each[i]; {
		case reason != "":
			p.refuse(i, reason)
			continue
		case len(labels) == 0:
			p.refuse(i, "at least one label pair required")
			continue
		case !a.EndsAt.IsZero() && a.EndsAt.Before(a.StartsAt):
			p.refuse(i, "start time must be before end time")
			continue
		}
		if reason := checkLabels(labels); reason != "" {
			p.refuse(i, reason)
			continue
		}
		alert := ticket.Alert{
			Fingerprint: fingerprint("", labels), Status: ticket.Firing, Labels: labels, Annotations: a.Annotations,
			StartsAt: a.StartsAt, GeneratorURL: a.GeneratorURL,
		}
		switch {
		case a.EndsAt.IsZero():
			alert.SilentAt = now.Add(timeout)
		case a.EndsAt.After(now):
			alert.SilentAt = a.EndsAt
		default:
			alert.Status, alert.EndsAt = ticket.Resolved, a.EndsAt
		}
		p.Alerts = append(p.Alerts, alert)
	}
	return p, nil
}

// decodePosted reads the list, quickly where it is as it should be.
func decodePosted(data []byte) (list []posted, each map[int]string, err error) {
	if list, ok := quickPosted(data); ok {
		return list, nil, nil
	}
	each, err = decodeEach(data, &list, func() error {
		var loose []json.RawMessage
		if err := json.Unmarshal(data, &loose); err != nil {
			return err
		}
		list = make([]posted, len(loose))
		return eachError(loose, func(i int) any { return &list[i] })
	})
	return list, each, err
}

// decodeEach decodes a request into whole at once, which is what nearly always
// works, and otherwise by loosely, which takes each alert by itself: its error
// is eachErrors where only alerts are wrong. The answer has the reason by the
// index of each alert that was.
func decodeEach(data []byte, whole any, loosely func() error) (map[int]string, error) {
	if json.Unmarshal(data, whole) == nil {
		return nil, nil
	}
	err := loosely()
	var each eachErrors
	if errors.As(err, &each) {
		return each, nil
	}
	return nil, err
}

type eachErrors map[int]string

func (e eachErrors) Error() string { return fmt.Sprintf("%d alerts are wrong", len(e)) }

func eachError(raw []json.RawMessage, into func(i int) any) error {
	wrong := eachErrors{}
	for i := range raw {
		if err := json.Unmarshal(raw[i], into(i)); err != nil {
			wrong[i] = explain(raw[i], err).Error()
		}
	}
	return wrong
}

// withoutEmpty drops labels without a value, which mean the same as none.
func withoutEmpty(labels map[string]string) map[string]string {
	for k, v := range labels {
		if v == "" {
			delete(labels, k)
		}
	}
	return labels
}

func checkLabels(labels map[string]string) string {
	for k, v := range labels {
		if k == "" {
			return "a label without a name"
		}
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Sprintf("label %q is not UTF-8", k)
		}
	}
	return ""
}

const longestFingerprint = 128

// fingerprint is the sender's, where it gave a usable one, else Alertmanager's
// own: a hash of the sorted labels, so that one alert is one alert whichever
// way it came.
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
