package config

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Watched is the heartbeat as package heartbeat needs it.
func (h *Heartbeat) Watched() heartbeat.Heartbeat {
	w := heartbeat.Heartbeat{
		Name: h.Name, Every: model.Duration(h.Every), Grace: model.Duration(h.Grace), RunsFor: model.Duration(h.RunsFor), Labels: h.Labels,
	}
	if token := h.Token.Reveal(); token != "" {
		w.Key = heartbeat.KeyOf(token)
	}
	if h.From != nil {
		w.From = &heartbeat.From{Source: h.From.Source, Matchers: h.From.Matchers}
	}
	return w
}

// heartbeats reads what must be heard of.
func (r *reader) heartbeats(v value) []Heartbeat {
	var all []Heartbeat
	entries := v.entries("heartbeat")
	if len(entries) > ticket.MaxHeartbeats {
		v.errorf("%d at most", ticket.MaxHeartbeats)
	}
	for _, e := range entries {
		if why := heartbeat.OddName(e.key); why != "" && oddName("heartbeat", e.key) == "" {
			e.errorf("%s", why)
		}
		t := e.table()
		h := Heartbeat{Name: e.key, Every: t.need("every", "how often it beats at least").beatLength(0, heartbeat.ShortestEvery)}
		h.Grace = t.get("grace").beatLength(heartbeat.DefaultGrace(h.Every), 0)
		h.RunsFor = t.get("runs_for").beatLength(0, positive)
		h.Labels = t.get("labels").beatLabels()
		from, inline, file := t.get("from"), t.get("token"), t.get("token_file")
		h.From = from.beatFrom()
		if !from.given() || inline.given() || file.given() {
			h.Token = t.token("token")
		}
		t.done()
		all = append(all, h)
	}
	return all
}

// beatLength reads a length of a heartbeat.
func (v value) beatLength(otherwise, least time.Duration) time.Duration {
	d := v.duration(otherwise, min(least, positive))
	switch {
	case !v.given():
	case d < least:
		v.errorf("%s is too short: a minute at least", d)
	case d > heartbeat.LongestEvery:
		v.errorf("%s is too long: a year at most", d)
	}
	return d
}

// beatLabels reads the labels of a heartbeat's alert. Its customer is one of them.
func (v value) beatLabels() map[string]string {
	t := v.table()
	if t.n == nil {
		return nil
	}
	all := map[string]string{}
	for _, f := range t.n.fields {
		item := t.child(f.key)
		text := item.textOr("")
		why := heartbeat.OddLabel(f.key, text)
		switch {
		case why != "":
			item.errorf("%s", why)
		case f.key == escalation.LabelCustomer:
			text = item.name("customer")
		}
		all[f.key] = text
	}
	if len(all) > mostLabels {
		v.errorf("%d labels: %d at most", len(all), mostLabels)
	}
	return all
}

// beatFrom reads which alerts beat a heartbeat.
func (v value) beatFrom() *BeatFrom {
	if !v.given() {
		v.table()
		return nil
	}
	t := v.table()
	from := &BeatFrom{Source: t.need("source", "the source of the alerts").name("source")}
	matchers := t.need("matchers", "matchers on the labels of the alerts")
	from.Matchers = matchers.matchers()
	if matchers.given() && len(from.Matchers) == 0 {
		matchers.errorf("every alert of the source would be a heartbeat and open no ticket")
	}
	t.done()
	return from
}

const (
	// usualTo is how often an address hears of this daemon where nothing is said.
	usualTo    = time.Minute
	shortestTo = 10 * time.Second
)

// heartbeatTo reads who hears of this daemon.
func (r *reader) heartbeatTo(v value) []HeartbeatTo {
	var all []HeartbeatTo
	items := v.list()
	if len(items) > ticket.MaxHeartbeatTo {
		v.errorf("%d at most", ticket.MaxHeartbeatTo)
	}
	for _, item := range items {
		t := item.table()
		to := HeartbeatTo{URL: NewSecret(t.need("url", "the address that is called").hookURL())}
		every := t.get("every")
		if to.Every = every.duration(usualTo, positive); every.given() && to.Every < shortestTo {
			every.errorf("%s is too short: 10s at least", to.Every)
		}
		t.done()
		all = append(all, to)
	}
	return all
}
