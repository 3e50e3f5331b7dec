package config

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// latestRing is how long after a step's first page a channel may be put, at most.
const latestRing = 24 * time.Hour

// wake reads by which channels somebody wants to be woken beside those of a step:
// critical: [push, {sms: 1m}].
func (r *reader) wake(v value) map[string][]contacts.Ring {
	t := v.table()
	var wake map[string][]contacts.Ring
	for _, u := range ticket.Urgencies() {
		if rings := r.rings(t.get(u.String())); len(rings) > 0 {
			if wake == nil {
				wake = map[string][]contacts.Ring{}
			}
			wake[u.String()] = rings
		}
	}
	t.done()
	return wake
}

func (r *reader) rings(v value) (rings []contacts.Ring) {
	known := paging.WayNames(paging.AllWays())
	add := func(at value, name string, after time.Duration) {
		switch why := r.wrongChannel(name, known); {
		case why != "":
			at.errorf("%s", why)
		case slices.ContainsFunc(rings, func(o contacts.Ring) bool { return o.Channel == name }):
			at.errorf("%s is named twice", name)
		default:
			rings = append(rings, contacts.Ring{Channel: name, After: after})
		}
	}
	for _, item := range v.list() {
		item.note(noteType, "name of a channel, or {sms: 1m}")
		if item.n.kind != mapping {
			if name, ok := item.text(); ok {
				add(item, name, 0)
			}
			continue
		}
		if len(item.n.fields) != 1 {
			item.errorf("one channel and its delay wanted, like {sms: 1m}")
			continue
		}
		name := item.n.fields[0].key
		text, ok := item.child(name).scalar("a duration like 1m", "!!str", "!!int", "!!float")
		if !ok {
			continue
		}
		after, err := model.ParseDuration(text)
		switch {
		case err != nil:
			item.errorf("%q is no duration: write 30s, 1m or 1h", text)
		case time.Duration(after) > latestRing:
			item.errorf("a day after the first page, at most")
		default:
			add(item, name, time.Duration(after))
		}
	}
	return rings
}

// quietHours reads when somebody is not to be paged for what is not urgent; nil: never so.
func (v value) quietHours(calendars map[string]*calendar.Calendar) *contacts.Quiet {
	t := v.table()
	during := t.get("during")
	if v.given() && !during.given() {
		v.errorf("during is needed: the calendar of the quiet hours")
	}
	q := &contacts.Quiet{Name: during.name("calendar")}
	q.During = calendars[q.Name]
	urgencies := t.get("urgencies")
	for _, item := range urgencies.list() {
		item.note(noteType, "major, minor or low")
		name, ok := item.text()
		if !ok {
			continue
		}
		switch u, err := ticket.ParseUrgency(name); {
		case err != nil:
			item.errorf("%s", err)
		case u == ticket.Critical:
			item.errorf("what is critical is never held back")
		default:
			q.Urgencies = append(q.Urgencies, name)
		}
	}
	t.done()
	if !v.given() {
		return nil
	}
	if !urgencies.given() {
		q.Urgencies = []string{ticket.Minor.String(), ticket.Low.String()}
	}
	if q.During == nil {
		return nil
	}
	if open, ok := q.During.NextClosed(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); !ok || open.IsZero() {
		during.errorf("%s never closes: nothing would ever reach this person", q.Name)
	}
	return q
}
