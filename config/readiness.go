package config

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/paging"
)

// Where readiness is not said: a day before a handover, and half an hour before it.
const (
	defaultReadyAsk    = 24 * time.Hour
	defaultReadyRemind = 30 * time.Minute
	leastReadyAsk      = 10 * time.Minute
	mostReadyAsk       = 7 * 24 * time.Hour
)

// defaultReadyBy are the channels that people are asked by where nothing is said.
func defaultReadyBy() []string { return []string{paging.WayPush, paging.WaySMS} }

// warnReadiness warns of groups whose people are to be asked by nothing that is configured.
func (r *reader) warnReadiness() {
	for _, group := range r.names["group"] {
		by, given := r.at[join("groups", group)+".readiness.channels"]
		if !given {
			continue
		}
		by.quiet = true
		if !slices.ContainsFunc(by.texts(), func(name string) bool { return slices.Contains(r.channels, name) }) {
			by.quiet = false
			by.warnf("none of these is configured: nobody is asked before a handover")
		}
	}
}

// readiness reads how whoever comes on call is asked; `off`: not at all.
func (v value) readiness(location *time.Location) contacts.Readiness {
	v.note(noteType, "off")
	if v.given() && v.n.kind == scalar {
		if v.n.text != "off" {
			v.errorf("%q: off, or {ask: 24h, remind: 30m, channels: [push, sms]} wanted", v.n.text)
		}
		return contacts.Readiness{}
	}
	t := v.table()
	r := contacts.Readiness{Location: location, Channels: defaultReadyBy()}
	ask, remind, by := t.get("ask"), t.get("remind"), t.get("channels")
	r.Ask = ask.duration(defaultReadyAsk, positive)
	r.Remind = remind.duration(defaultReadyRemind, 0)
	if r.Ask < leastReadyAsk || r.Ask > mostReadyAsk {
		ask.errorf("10 minutes to a week before a handover wanted")
	}
	if r.Remind >= r.Ask {
		if remind.given() {
			remind.errorf("it comes after the first message: less than %s wanted", r.Ask)
		}
		r.Remind = 0
	}
	if by.given() {
		if r.Channels = by.texts(); len(r.Channels) == 0 {
			by.errorf("by which channels? `readiness: off` asks nobody")
		}
		for _, name := range r.Channels {
			if known := paging.WayNames(paging.AllWays()); !slices.Contains(known, name) {
				by.errorf("no channel is named %q: %s", name, strings.Join(known, ", "))
			}
		}
	}
	t.done()
	return r
}
