package escalation

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Almanac knows when the calendars of some rules open and close, and when the
// duty of their groups changes hands. It remembers what it was asked, so it is
// of one goroutine.
type Almanac struct {
	rules    *Rules
	reach    func(contacts.Person, string) bool
	from, to time.Time
	tracks   map[string][]mark
	people   map[string]int32 // sets of people on duty, numbered
}

// mark is an instant from which on something has a value.
type mark struct {
	at    time.Time
	value int32
}

// NewAlmanac makes one for tickets that open from from on and before to.
func NewAlmanac(rules *Rules, reach func(contacts.Person, string) bool, from, to time.Time) *Almanac {
	return &Almanac{
		rules: rules, reach: reach, from: from, to: to.Add(simulatedFor),
		tracks: map[string][]mark{}, people: map[string]int32{},
	}
}

// hours is when a calendar opens (1) and closes (0).
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

// duty is when other people come on duty in a group.
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
			n, ok := a.people[set]
			if !ok {
				n = int32(len(a.people))
				a.people[set] = n
			}
			track = append(track, mark{t, n})
		}
		a.tracks[key] = track
	}
	return a.tracks[key]
}

// of is all that pages of a policy hang on: each mark has a number for the
// state of its calendars and groups together, and another than the mark before.
func (a *Almanac) of(p *ticket.Policy) []mark {
	var tracks [][]mark
	calendars := slices.Concat(p.ActiveIn, p.MutedIn)
	for i := range p.Steps {
		calendars = append(calendars, p.Steps[i].During, p.Steps[i].Outside)
		tracks = append(tracks, a.duty(p.Steps[i].Group))
	}
	slices.Sort(calendars)
	for _, name := range slices.Compact(calendars) {
		if track := a.hours(name); len(track) > 0 {
			tracks = append(tracks, track)
		}
	}
	return merge(a.from, tracks)
}

func merge(from time.Time, tracks [][]mark) []mark {
	at := []time.Time{from}
	for _, track := range tracks {
		for _, m := range track {
			at = append(at, m.at)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	at = slices.CompactFunc(at, time.Time.Equal)
	states, key := map[string]int32{}, make([]byte, 4*len(tracks))
	next := make([]int, len(tracks))
	var merged []mark
	for _, t := range at {
		for i, track := range tracks {
			for next[i] < len(track) && !track[next[i]].at.After(t) {
				binary.LittleEndian.PutUint32(key[4*i:], uint32(track[next[i]].value))
				next[i]++
			}
		}
		state, ok := states[string(key)]
		if !ok {
			state = int32(len(states))
			states[string(key)] = state
		}
		if last := len(merged) - 1; last < 0 || merged[last].value != state {
			merged = append(merged, mark{t, state})
		}
	}
	return merged
}

// Course says what becomes of tickets of one policy that open at one time or
// another, if nobody does anything. Moments after which the same happens at the
// same distances are run through once.
type Course struct {
	*Almanac
	policy ticket.Policy
	marks  []mark
	last   int                 // the mark that the latest question was in
	still  map[int32][]*passed // by state: nothing changed while they lasted
	moving map[turn][]*passed  // by the first change
	vain   bool                // nobody can be paged, whenever it is
	Runs   int                 // tickets that were really run through
}

// turn is a state, and the first change that follows.
type turn struct {
	state, then int32
	after       time.Duration
}

// passed is one ticket's course, with the changes that it saw.
type passed struct {
	Outlook
	changes []turn // after: since the opening
}

// Course makes the course of a policy, with the route's restrictions in it.
func (a *Almanac) Course(p ticket.Policy) *Course {
	return &Course{
		Almanac: a, policy: p, marks: a.of(&p), vain: a.vain(&p),
		still: map[int32][]*passed{}, moving: map[turn][]*passed{},
	}
}

// vain says that neither a manager can be paged nor anybody who is ever on duty
// for a step of the policy.
func (a *Almanac) vain(p *ticket.Policy) bool {
	usable := func(people []contacts.Person, by []string) bool {
		return slices.ContainsFunc(people, func(p contacts.Person) bool {
			return slices.ContainsFunc(by, func(channel string) bool { return a.reach(p, channel) })
		})
	}
	if len(p.Steps) > 0 && usable(a.rules.Directory.Managers(), a.rules.Channels) {
		return false
	}
	for i := range p.Steps {
		for _, m := range a.duty(p.Steps[i].Group) {
			if on, _ := a.rules.Directory.On(p.Steps[i].Group, m.at); usable(on, p.Steps[i].By) {
				return false
			}
		}
	}
	return true
}

// Changes is when something changes that pages hang on, between two instants.
func (c *Course) Changes(from, to time.Time) []time.Time {
	var all []time.Time
	for _, m := range c.marks {
		if !m.at.Before(from) && m.at.Before(to) {
			all = append(all, m.at)
		}
	}
	return all
}

// At is the outlook of a ticket that opens at t, at least as far as until says,
// which is asked only where it matters, and 90 days at most.
func (c *Course) At(t time.Time, until func() time.Time) Outlook {
	if c.vain {
		return nothing(&c.policy)
	}
	i := c.find(t)
	first := turn{state: c.marks[i].value}
	if i+1 < len(c.marks) {
		first.then, first.after = c.marks[i+1].value, c.marks[i+1].at.Sub(t)
	}
	var end time.Time
	for _, list := range [][]*passed{c.still[first.state], c.moving[first]} {
		for _, p := range list {
			if !c.same(p, i, t) {
				continue
			}
			if p.settled {
				return p.Outlook
			}
			if end.IsZero() {
				end = capped(t, until())
			}
			if !t.Add(p.Looked).Before(end) {
				return p.Outlook
			}
		}
	}
	if end.IsZero() {
		end = capped(t, until())
	}
	c.Runs++
	p := &passed{Outlook: c.run(t, i, end)}
	for j := i + 1; j < len(c.marks) && c.marks[j].at.Sub(t) <= p.Looked; j++ {
		p.changes = append(p.changes, turn{state: c.marks[j].value, after: c.marks[j].at.Sub(t)})
	}
	if len(p.changes) == 0 {
		c.still[first.state] = append(c.still[first.state], p)
	} else {
		c.moving[first] = append(c.moving[first], p)
	}
	return p.Outlook
}

func capped(t, end time.Time) time.Time {
	if most := t.Add(simulatedFor); end.After(most) {
		return most
	}
	return end
}

// find is the mark that t is in.
func (c *Course) find(t time.Time) int {
	if m := c.marks[c.last]; m.at.After(t) || c.last+1 < len(c.marks) && !c.marks[c.last+1].at.After(t) {
		c.last = max(sort.Search(len(c.marks), func(i int) bool { return c.marks[i].at.After(t) })-1, 0)
	}
	return c.last
}

// same says whether a ticket that opens at t, in mark i, sees the same changes.
func (c *Course) same(p *passed, i int, t time.Time) bool {
	for _, change := range p.changes {
		i++
		if i >= len(c.marks) || c.marks[i].value != change.state || c.marks[i].at.Sub(t) != change.after {
			return false
		}
	}
	return i+1 >= len(c.marks) || c.marks[i+1].at.Sub(t) > p.Looked
}
