package heartbeat

import (
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Alert is what a heartbeat's state says. Its labels are those of the heartbeat, with a
// name and a severity.
func (h *Heartbeat) Alert(b *Beat, w *lang.Heartbeats) ticket.Alert {
	a := ticket.Alert{
		Fingerprint: h.Name, Status: ticket.Firing, StartsAt: b.Began, Again: ticket.AgainLater,
		Labels: map[string]string{"heartbeat": h.Name},
	}
	for name, value := range h.Labels {
		if value != "" {
			a.Labels[name] = value
		}
	}
	for name, usual := range map[string]string{"alertname": h.Name, "severity": "error"} {
		if a.Labels[name] == "" {
			a.Labels[name] = usual
		}
	}
	if b.Ended.After(b.Began) {
		a.Again = ticket.AgainAnew // a clock went back: its beginning is no late word
	}
	if !b.State.Bad() {
		a.Status, a.EndsAt = ticket.Resolved, b.Since
	}
	a.Annotations = map[string]string{"summary": h.says(b, w)}
	a.Named = a.Annotations["summary"]
	if where := a.Host(); where != "" {
		a.Named = where + " " + a.Named
	}
	if b.Text != "" {
		a.Annotations["description"] = b.Text
	}
	a.Bound(0)
	return a
}

// says is its state in a line, which begins with its name.
func (h *Heartbeat) says(b *Beat, w *lang.Heartbeats) string {
	text, length := w.Silent, model.Duration(h.lateAfter())
	switch {
	case b.State == Failed:
		text = w.Failed
	case b.State == Overrun:
		text, length = w.Overrun, h.RunsFor
	case b.Heard.IsZero():
		text = w.NeverHeard
	}
	return lang.Fill(text, "name", h.Name, "for", length.String())
}
