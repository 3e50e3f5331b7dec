package ready

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// What a schedule says of who stays on: "stays until bruno confirms".
const (
	staysFor   = "stays until "
	staysUntil = " confirms"
)

// StaysFor is whom somebody stays on for, by what a schedule says; false if it says
// nothing of the kind.
func StaysFor(why string) (person string, ok bool) {
	person, ok = strings.CutPrefix(why, staysFor)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(person, staysUntil)
}

// StaysUntil is until when somebody who stays on in a group at a time does so at most;
// zero if they do not.
func StaysUntil(d *contacts.Directory, group, person string, at time.Time) (until time.Time) {
	for _, span := range d.Schedule(group, at, at.Add(Stays+time.Minute)) {
		if !slices.ContainsFunc(span.People, func(a contacts.Assignment) bool {
			_, stays := StaysFor(a.Why)
			return stays && a.Person == person
		}) {
			break
		}
		until = span.To
	}
	return until
}

// stay is somebody who went off call and is on call still.
type stay struct {
	contacts.Override
	since time.Time // when the person went off call
	cut   bool      // it ends because whom it is beside goes off call
}

// Overrides are those who stay on call beside somebody who has not confirmed: from the
// handover until that one confirms, or goes off call, Stays at most. They are beside
// what d says, so that nobody is off call by them. If the one who comes is followed
// by another who has not confirmed, whoever stayed stays on, within Stays of when they
// went off. Handovers that do not stand, and people who are not there, change nothing.
func Overrides(d *contacts.Directory, list []Handover) []contacts.Override {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Handover) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Key(), b.Key())
	})
	var stays []stay
	for i := range list {
		h := &list[i]
		if until := h.open(); until.After(h.At) && h.Stands(d) {
			stays = append(stays, h.stays(d, until, stays)...)
		}
	}
	var overrides []contacts.Override
	for i := range stays {
		if o := stays[i].Override; o.From.Before(o.To) {
			overrides = append(overrides, o)
		}
	}
	return overrides
}

// open is until when a handover is not confirmed; its own time if it was before. One
// that nobody was asked about counts from its time on: it may just not have been told.
func (h *Handover) open() time.Time {
	until := h.At.Add(Stays)
	if !h.Confirmed.IsZero() && h.Confirmed.Before(until) {
		until = h.Confirmed
	}
	return until
}

// stays are those who stay on at one handover. earlier are those of the handovers
// before it.
func (h *Handover) stays(d *contacts.Directory, until time.Time, earlier []stay) (list []stay) {
	end, cut := until, false
	for _, t := range d.Changes(h.Group, h.At.Add(1), until) {
		if !onCall(d, h.Group, h.Person, t) {
			end, cut = t, true
			break
		}
	}
	add := func(person string, since time.Time) {
		last := min(end.UnixNano(), since.Add(Stays).UnixNano())
		to := time.Unix(0, last).UTC()
		if onCall(d, h.Group, person, h.At) || slices.ContainsFunc(list, func(s stay) bool { return s.Person == person }) {
			return
		}
		list = append(list, stay{since: since, cut: cut && to.Equal(end), Override: contacts.Override{
			Group: h.Group, Person: person, From: h.At, To: to, Besides: true, Name: staysFor + h.Person + staysUntil,
		}})
	}
	if before, ok := d.On(h.Group, h.At.Add(-1)); ok {
		for i := range before {
			add(before[i].Key, h.At)
		}
	}
	for i := range earlier {
		if s := &earlier[i]; s.Group == h.Group && s.From.Before(h.At) && (s.To.After(h.At) || s.cut && s.To.Equal(h.At)) {
			add(s.Person, s.since)
		}
	}
	return list
}

func onCall(d *contacts.Directory, group, person string, at time.Time) bool {
	on, _ := d.On(group, at)
	return slices.ContainsFunc(on, func(p contacts.Person) bool { return p.Key == person })
}
