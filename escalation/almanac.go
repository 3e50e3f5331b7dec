package escalation

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Almanac knows when the calendars of some rules open and close, and when the
// duty of their groups changes hands. It remembers what it was asked, so only
// one goroutine may use it.
type Almanac struct {
	rules    *Rules
	reach    func(contacts.Person, string) bool
	from, to time.Time
	tracks   map[string][]mark
	sets     map[string]int // of people on duty, numbered
	on       [][]string     // the people of each set
}

// mark is an instant, and the value that holds from then on.
type mark struct {
	at    time.Time
	value int
}

// NewAlmanac makes an almanac for tickets that open at from or later, and
// before to.
func NewAlmanac(rules *Rules, reach func(contacts.Person, string) bool, from, to time.Time) *Almanac {
	return &Almanac{
		rules: rules, reach: reach, from: from, to: to.Add(simulatedFor),
		tracks: map[string][]mark{}, sets: map[string]int{},
	}
}

// hours says when a calendar opens (1) and closes (0).
func (a *Almanac) hours(name string) []mark {
	cal := a.rules.Calendars[name]
	if cal == nil {
		return nil
	}
	key := "calendar " + name
	if _, ok := a.tracks[key]; !ok {
		var track []mark
		for t, ok := a.from, true; ok && t.Before(a.to); {
			if cal.Open(t) {
				track = append(track, mark{t, 1})
				t, ok = cal.NextClosed(t)
			} else {
				track = append(track, mark{t, 0})
				t, ok = cal.NextOpen(t)
			}
		}
		a.tracks[key] = track
	}
	return a.tracks[key]
}

// duty says when other people come on duty in a group.
func (a *Almanac) duty(group string) []mark {
	key := "group " + group
	if _, ok := a.tracks[key]; !ok {
		var track []mark
		for _, t := range append([]time.Time{a.from}, a.rules.Directory.Changes(group, a.from.Add(1), a.to)...) {
			on, _ := a.rules.Directory.On(group, t)
			keys := make([]string, len(on))
			for i := range on {
				keys[i] = on[i].Key
			}
			set := strings.Join(keys, "\n")
			n, ok := a.sets[set]
			if !ok {
				n = len(a.on)
				a.sets[set], a.on = n, append(a.on, keys)
			}
			track = append(track, mark{t, n})
		}
		a.tracks[key] = track
	}
	return a.tracks[key]
}

// of finds everything that the pages of a policy depend on. Each mark has a
// number for the state of the policy's groups and calendars together. Two
// marks in a row never have the same number. A state is a set of people for
// each step, then its calendars.
func (a *Almanac) of(p *ticket.Policy) (marks []mark, states [][]int) {
	var tracks [][]mark
	calendars := slices.Concat(p.ActiveIn, p.MutedIn)
	for i := range p.Steps {
		calendars = append(calendars, p.Steps[i].During, p.Steps[i].Outside)
		tracks = append(tracks, a.duty(p.Steps[i].Group))
	}
	for _, person := range a.rules.Directory.People() {
		if person.Quiet != nil {
			calendars = append(calendars, person.Quiet.Name)
		}
	}
	slices.Sort(calendars)
	for _, name := range slices.Compact(calendars) {
		if track := a.hours(name); len(track) > 0 {
			tracks = append(tracks, track)
		}
	}
	return merge(a.from, tracks)
}

func merge(from time.Time, tracks [][]mark) (marks []mark, states [][]int) {
	at := []time.Time{from}
	for _, track := range tracks {
		for _, m := range track {
			at = append(at, m.at)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	at = slices.CompactFunc(at, time.Time.Equal)
	numbers := map[string]int{}
	now, next := make([]int, len(tracks)), make([]int, len(tracks))
	for _, t := range at {
		for i, track := range tracks {
			for next[i] < len(track) && !track[next[i]].at.After(t) {
				now[i] = track[next[i]].value
				next[i]++
			}
		}
		var key []byte
		for _, value := range now {
			key = binary.AppendVarint(key, int64(value))
		}
		state, ok := numbers[string(key)]
		if !ok {
			state = len(states)
			numbers[string(key)], states = state, append(states, slices.Clone(now))
		}
		if last := len(marks) - 1; last < 0 || marks[last].value != state {
			marks = append(marks, mark{t, state})
		}
	}
	return marks, states
}
