package config

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func (r *reader) policies(v value) map[string]ticket.Policy {
	all := map[string]ticket.Policy{}
	for _, e := range v.entries("policy") {
		all[e.key] = r.policy(e)
	}
	return all
}

func (r *reader) policy(e entry) ticket.Policy {
	t := e.table()
	p := ticket.Policy{
		Name:         e.key,
		AckTimeout:   t.get("ack_timeout").duration(0, positive),
		OnGTI:        t.get("on_gti").name("group"),
		ReopenWithin: t.get("reopen_within").duration(ticket.DefaultReopenWithin, 0),
		CloseAfter:   t.get("close_after").duration(ticket.DefaultCloseAfter, positive),
	}
	latest, at := time.Duration(0), 0
	for i, item := range t.get("steps").list() {
		s := r.step(item)
		if s.After < latest {
			item.warnf("it starts before step %d does: write steps in the order of their after", at)
		} else {
			latest, at = s.After, i
		}
		p.Steps = append(p.Steps, s)
	}
	t.refuse("repeat belongs to a step", "repeat", "by", "page", "during", "after")
	t.refuse(notYet, "overrides", "urgency", "remind")
	t.done()
	return p
}

func (r *reader) step(v value) ticket.Step {
	t := v.table()
	by, rooms := r.by(t.get("by"), v)
	s := ticket.Step{
		Group:     t.need("page", "the group to page").name("group"),
		By:        by,
		Rooms:     rooms,
		After:     t.get("after").duration(0, 0),
		Repeat:    t.get("repeat").paces(),
		Times:     t.get("times").integer(0, 1),
		During:    t.get("during").hours(false),
		Outside:   t.get("outside").hours(true),
		Otherwise: t.get("otherwise").otherwise(),
		Instead:   t.get("instead").flag(false),
	}
	t.done()
	return s
}

// otherwise reads what happens to a page that may not go now.
func (v value) otherwise() string {
	v.note(noteType, "skip")
	text, ok := v.text()
	if ok && text != "skip" {
		v.errorf("%q is not read: skip drops the page, leave it out to hold it", text)
	}
	return text
}

// paces reads a step's repetition: one duration, or a list. The last item of a
// list has no end.
func (v value) paces() []ticket.Pace {
	if v.n == nil || v.n.kind != list {
		return []ticket.Pace{{Every: v.duration(ticket.DefaultRepeat, positive)}}
	}
	items := v.list()
	if len(items) == 0 {
		v.errorf("it is empty: leave it out to repeat every 3m")
	}
	paces := make([]ticket.Pace, len(items))
	for i, item := range items {
		t := item.table()
		paces[i].Every = t.need("every", "a duration").duration(ticket.DefaultRepeat, positive)
		length := t.get("for")
		paces[i].For = length.duration(0, positive)
		t.done()
		switch last := i == len(items)-1; {
		case last && length.given():
			length.errorf("the last pace has no end: leave for out (times says how often a step pages)")
		case !last && !length.given():
			length.errorf("only the last pace has no end: say for how long this one holds")
		}
	}
	return paces
}

// by reads a step's channels, and the rooms of chat that it tells. If they are left
// out, it is all channels that are configured but mail, which a step has to name, and no
// room.
func (r *reader) by(v, step value) (by, rooms []string) {
	if !v.given() {
		if !slices.ContainsFunc(r.channels, func(name string) bool { return name != paging.WayMail }) {
			step.errorf("no channel is configured that could page: write an sms section, or a server.public_url of https for pushes to browsers")
		}
		return slices.DeleteFunc(slices.Clone(r.channels), func(name string) bool { return name == paging.WayMail }), nil
	}
	known := paging.WayNames(paging.AllWays())
	items := v.list()
	if v.n.kind == list && len(items) == 0 {
		v.errorf("no channel: leave it out for all that are configured")
	}
	for _, item := range items {
		item.note(noteType, either(append(slices.Clone(known), "name of a room")))
		name, ok := item.text()
		switch {
		case !ok:
		case slices.Contains(by, name) || slices.Contains(rooms, name):
			item.errorf("%s is named twice", name)
		case slices.Contains(r.names["room"], name):
			r.use("room", name)
			rooms = append(rooms, name)
		default:
			if why := r.wrongChannel(name, known); why != "" {
				item.errorf("%s", why)
				continue
			}
			r.pushed = r.pushed || name == paging.WayPush
			by = append(by, name)
		}
	}
	if len(rooms) > 0 && len(by) == 0 {
		v.warnf("a room of chat is nobody: this step reaches no one, so the next one starts at once, and after the last every manager is paged; name a channel of people too")
	}
	return by, rooms
}

// use notes that something refers to a thing of a kind.
func (r *reader) use(kind, name string) {
	if r.used[kind] == nil {
		r.used[kind] = map[string]bool{}
	}
	r.used[kind][name] = true
}

func (r *reader) wrongChannel(name string, known []string) string {
	there := strings.Join(known[:len(known)-1], ", ") + " and " + known[len(known)-1] + " are"
	switch {
	case slices.Contains(known, name):
		if !slices.Contains(r.channels, name) {
			if name == paging.WayPush {
				return "push is not configured: it needs a server.public_url of https, push.web.subject or push.fcm"
			}
			return name + " is not configured: there is no " + name + " section"
		}
		return ""
	case slices.Contains([]string{"voice", "webhook"}, name):
		return name + " is not in this version: " + there
	}
	return "no channel or room named \"" + name + "\"" + suggest(name, append(known, r.names["room"]...)) + " (" + there + " channels; rooms are under chat)"
}
