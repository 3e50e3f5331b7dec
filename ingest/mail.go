package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/jq"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeMail is a tool that sends mails. They come by the mail server of package
// mailin, never by HTTP.
const TypeMail = "mail"

// MapError is the annotation of a mail that the source's map could not read. It
// says why.
const MapError = "map_error"

// mailTool is its row.
func mailTool() Tool { return Tool{Type: TypeMail, reads: parseMail, mailed: true} }

// believed is how far from now the date of a mail may be that is believed. A
// tool without a clock says 1970.
const (
	believedBack  = 7 * 24 * time.Hour
	believedAhead = 5 * time.Minute
)

// saying is what a mail says, before it is an alert.
type saying struct {
	tool     string // empty: no form that is known
	key      string // empty: one is made of the sender and the subject
	status   ticket.AlertStatus
	remark   *ticket.Remark
	neither  bool // it says neither a problem nor an end
	where    string
	what     string // empty: the subject is the title
	summary  string
	severity string
	labels   map[string]string
	again    ticket.Again
}

// parseMail reads a mail as it came by SMTP, or from a file.
func parseMail(ctx context.Context, data []byte, s *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (p parsed, err error) {
	l, err := letter.Read(data)
	if err != nil {
		return p, fmt.Errorf("the mail cannot be read: %w", err)
	}
	if l.Ours {
		p.ours = true
		return p, nil // a page that came back opens no ticket, which would page again
	}
	if l.Hops > ticket.MaxLetterHops {
		return p, fmt.Errorf("the mail has passed %d mail servers: it goes in a circle", l.Hops)
	}
	said := understand(l)
	a := mailAlert(l, &said, now)
	ignored := false
	if s.Mapping != nil {
		if ignored, err = mailMapped(ctx, s.Mapping, l, &a, &said); err != nil {
			return p, err
		}
	}
	if ignored {
		return p, nil
	}
	if said.neither && a.Status == ticket.Firing && s.ResolveTimeout > 0 {
		a.SilentAt = now.Add(s.ResolveTimeout)
	}
	s.add(&a)
	if a.Bound(0) {
		p.cut++
	}
	p.Alerts = []ticket.Alert{a}
	return p, nil
}

// mailAlert is the alert of a mail.
func mailAlert(l *letter.Letter, said *saying, now time.Time) ticket.Alert {
	a := ticket.Alert{Status: said.status, Remark: said.remark, Fingerprint: key(said.tool, said.key), Again: ticket.AgainLater}
	if said.again != "" {
		a.Again = said.again
	}
	title := mailTitle(l)
	a.Labels = map[string]string{}
	for name, value := range said.labels {
		label(&a, name, value)
	}
	a.Labels["from"], a.Labels["tool"], a.Labels["severity"] = l.From, said.tool, said.severity
	if said.what != "" {
		named(&a, said.where, said.what)
	} else {
		a.Named = title
		a.Labels["alertname"], a.Labels["instance"] = ticket.Cut(title, longestLabel), said.where
	}
	a.Labels = withoutEmpty(a.Labels)
	a.Annotations = withoutEmpty(map[string]string{
		"summary": firstText(said.summary, title), "description": l.Text, "subject": l.Subject, "attachments": strings.Join(l.Attached, ", "),
	})
	if said.what != "" {
		entitle(&a)
	}
	at := l.Date
	if at.Before(now.Add(-believedBack)) || at.After(now.Add(believedAhead)) {
		at = time.Time{}
	}
	switch said.status {
	case ticket.Firing:
		a.StartsAt = ticket.SentTime(at)
	case ticket.Resolved:
		// What began before a later problem ends before it too: mails overtake
		// each other.
		a.StartsAt, a.EndsAt = ticket.SentTime(at), ticket.SentTime(at)
		if at.IsZero() {
			a.EndsAt = ticket.SentTime(now)
		}
	default:
	}
	return a
}

// mailTitle is what a mail is called: by its subject, or what else it has.
func mailTitle(l *letter.Letter) string {
	line, _, _ := strings.Cut(l.Text, "\n")
	return ticket.Cut(firstText(l.Subject, line, strings.Join(l.Attached, ", "), l.From, l.ID, TypeMail), ticket.MaxTitle)
}

// mailItem is a mail as a map sees it.
func mailItem(l *letter.Letter) map[string]any {
	item := map[string]any{
		"from": l.From, "from_name": l.FromName, "to": append([]string{}, l.To...), "subject": l.Subject, "text": l.Text,
		"message_id": l.ID, "headers": l.Headers, "attachments": append([]string{}, l.Attached...), "date": nil,
	}
	if !l.Date.IsZero() {
		item["date"] = l.Date.Format(time.RFC3339)
	}
	return item
}

// mailMapped has a map say more of a mail, or better. What it leaves out, or
// says null of, stays as it was understood. If it fails, all does, and an
// annotation says so: no mail is lost by a map.
func mailMapped(ctx context.Context, by *Mapping, l *letter.Letter, a *ticket.Alert, said *saying) (ignored bool, err error) {
	data, err := json.Marshal(mailItem(l))
	if err != nil {
		return false, fmt.Errorf("the mail cannot be given to the map: %w", err)
	}
	slow, cancel := context.WithTimeout(ctx, mapTime)
	defer cancel()
	item, weight, err := jq.Parse(data)
	mapped := *a
	if err == nil {
		mapped, ignored, err = mapMail(jq.NewMeter(slow, alertSteps+weight), by, item, *a) //nolint:contextcheck // the meter is the context
	}
	switch {
	case errors.Is(err, jq.ErrLate):
		return false, err
	case err != nil:
		a.Annotations[MapError] = ticket.Cut(err.Error(), longestReason)
		return false, nil
	}
	if mapped.Status != a.Status || mapped.Fingerprint != a.Fingerprint {
		said.neither = said.neither && mapped.Status == ticket.Firing && mapped.Fingerprint == a.Fingerprint
	}
	*a = mapped
	return ignored, nil
}

// mapMail is the alert that a map makes of a mail and of what was understood of it.
func mapMail(meter *jq.Meter, by *Mapping, item any, a ticket.Alert) (ticket.Alert, bool, error) {
	status, err := textOf(meter, by.status, item, "status")
	if err != nil || status == mappedIgnore {
		return a, status == mappedIgnore, err
	}
	given, err := textOf(meter, by.key, item, "key")
	if err != nil {
		return a, false, err
	}
	if given != "" {
		a.Fingerprint = fingerprint(given, nil)
	}
	title, err := textOf(meter, by.title, item, "title")
	if err != nil {
		return a, false, err
	}
	a.Named = firstText(title, a.Named)
	for _, pairs := range []struct {
		by   *jq.Program
		into *map[string]string
		what string
	}{{by.labels, &a.Labels, "labels"}, {by.annotations, &a.Annotations, "annotations"}} {
		more, err := pairsOf(meter, pairs.by, item, pairs.what)
		if err != nil {
			return a, false, err
		}
		all := withoutEmpty(*pairs.into)
		for name, value := range more {
			all[name] = value
		}
		*pairs.into = all
	}
	return mapMailTimes(meter, by, item, status, a)
}

// mapMailTimes is the last of a map: how the alert is, and since when.
func mapMailTimes(meter *jq.Meter, by *Mapping, item any, status string, a ticket.Alert) (ticket.Alert, bool, error) {
	if status != "" {
		was, at := a.Status, a.StartsAt
		a.Remark = nil
		if err := stands(&a, status); err != nil {
			return a, false, err
		}
		if a.Status == ticket.Resolved && was != ticket.Resolved {
			a.EndsAt = at
		}
	}
	began, err := moment(meter, by.startsAt, item, "starts_at")
	if err != nil {
		return a, false, err
	}
	if !began.IsZero() {
		a.StartsAt = began
	}
	over, err := moment(meter, by.endsAt, item, "ends_at")
	if err == nil && !over.IsZero() && a.Status == ticket.Resolved {
		a.EndsAt = over
	}
	return a, false, err
}
