package escalation

import (
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Course says what becomes of the tickets of one policy if nobody does
// anything. The tickets may open at different times. Course runs through only
// one of the opening times that have the same course: the same happens after
// the same delays, whoever it happens to.
type Course struct {
	*Almanac
	policy ticket.Policy
	vain   bool // nobody can be paged at any time
	marks  []mark
	states [][]int
	last   int            // the mark of the latest question
	views  []view         // by mark
	alike  map[string]int // states, numbered; who the people are does not count
	still  map[int][]*passed
	moving map[turn][]*passed
	Runs   int // tickets that Step was really asked about
}

// view is all marks from one of them on. It names people by the order in which
// they come on duty.
type view struct {
	ids    []int
	people []string
}

// turn is a state, and the first change after it.
type turn struct {
	state, then int
	after       time.Duration
}

// passed is one ticket's course, with the changes that it saw. Its Person has
// the name that its view gives.
type passed struct {
	Outlook
	number  int    // of the person in the view; -1: Person is the real key
	changes []turn // after: since the opening
}

// Course makes the course of a policy. The policy has the route's restrictions
// in it.
func (a *Almanac) Course(p ticket.Policy) *Course {
	c := &Course{
		Almanac: a, policy: p, vain: a.vain(&p), alike: map[string]int{},
		still: map[int][]*passed{}, moving: map[turn][]*passed{},
	}
	c.marks, c.states = a.of(&p)
	c.views = make([]view, len(c.marks))
	return c
}

// vain says that nobody can be paged: no manager, and nobody who is ever on
// duty for a step of the policy.
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

// Changes lists the times between two instants when something changes that
// pages depend on.
func (c *Course) Changes(from, to time.Time) []time.Time {
	var all []time.Time
	for _, m := range c.marks {
		if !m.at.Before(from) && m.at.Before(to) {
			all = append(all, m.at)
		}
	}
	return all
}

// Misfit is the first step of the policy whose calendars, together with the
// route's, leave no hour to page in; -1 if there is none. Step lets such a
// step page at any hour, but takes long to find out.
func (c *Course) Misfit() int {
	return slices.IndexFunc(c.policy.Steps, func(s ticket.Step) bool {
		return !slices.ContainsFunc(c.marks, func(m mark) bool {
			open := func(name string) bool { return c.rules.Calendars[name] != nil && c.rules.Calendars[name].Open(m.at) }
			during := c.rules.Calendars[s.During] == nil || open(s.During)
			active := len(c.policy.ActiveIn) == 0 || slices.ContainsFunc(c.policy.ActiveIn, open)
			return during && active && !open(s.Outside) && !slices.ContainsFunc(c.policy.MutedIn, open)
		})
	})
}

// At is the outlook of a ticket that opens at t. It looks at least as far as
// until says, and 90 days at most. It asks until only if the answer matters.
func (c *Course) At(t time.Time, until func() time.Time) Outlook {
	if c.vain {
		return nothing(&c.policy)
	}
	i := c.find(t)
	first := turn{state: c.seen(i, 0)}
	if i+1 < len(c.marks) {
		first.then, first.after = c.seen(i, 1), c.marks[i+1].at.Sub(t)
	}
	var end time.Time
	for _, list := range [][]*passed{c.still[first.state], c.moving[first]} {
		for _, p := range list {
			if !c.same(p, i, t) {
				continue
			}
			if !p.settled && end.IsZero() {
				end = capped(t, until())
			}
			if p.settled || !t.Add(p.Looked).Before(end) {
				return c.tell(p, i)
			}
		}
	}
	if end.IsZero() {
		end = capped(t, until())
	}
	p := c.pass(t, i, end)
	if len(p.changes) == 0 {
		c.still[first.state] = append(c.still[first.state], p)
	} else {
		c.moving[first] = append(c.moving[first], p)
	}
	return p.Outlook
}

// pass runs through a ticket that opens at t, in mark i.
func (c *Course) pass(t time.Time, i int, end time.Time) *passed {
	c.Runs++
	p := &passed{Outlook: c.run(t, i, end)}
	for j := i + 1; j < len(c.marks) && c.marks[j].at.Sub(t) <= p.Looked; j++ {
		p.changes = append(p.changes, turn{state: c.seen(i, j-i), after: c.marks[j].at.Sub(t)})
	}
	p.number = -1
	if !c.fixed(p.Person) {
		p.number = slices.Index(c.views[i].people, p.Person)
	}
	return p
}

// tell turns p into the outlook of a ticket that opens in mark i.
func (c *Course) tell(p *passed, i int) Outlook {
	o := p.Outlook
	if p.number >= 0 {
		o.Person = c.views[i].people[p.number]
	}
	return o
}

func capped(t, end time.Time) time.Time {
	if most := t.Add(simulatedFor); end.After(most) {
		return most
	}
	return end
}

// find returns the mark that t is in.
func (c *Course) find(t time.Time) int {
	if m := c.marks[c.last]; m.at.After(t) || c.last+1 < len(c.marks) && !c.marks[c.last+1].at.After(t) {
		c.last = max(sort.Search(len(c.marks), func(i int) bool { return c.marks[i].at.After(t) })-1, 0)
	}
	return c.last
}

// same says whether a ticket that opens at t, in mark i, sees the same changes.
func (c *Course) same(p *passed, i int, t time.Time) bool {
	j := i
	for _, change := range p.changes {
		j++
		if j >= len(c.marks) || c.marks[j].at.Sub(t) != change.after || c.seen(i, j-i) != change.state {
			return false
		}
	}
	return j+1 >= len(c.marks) || c.marks[j+1].at.Sub(t) > p.Looked
}

// seen numbers the state of mark i+k for a view that begins at mark i. People
// who can be paged by the same channels get the order in which they were seen
// as their names. Managers keep their names, because the last resort knows
// them.
func (c *Course) seen(i, k int) int {
	v := &c.views[i]
	for len(v.ids) <= k {
		var key []byte
		for n, value := range c.states[c.marks[i+len(v.ids)].value] {
			if n >= len(c.policy.Steps) {
				key = binary.AppendVarint(key, int64(value))
				continue
			}
			for _, person := range c.on[value] {
				key = c.call(key, v, person)
			}
			key = append(key, '.')
		}
		id, ok := c.alike[string(key)]
		if !ok {
			id = len(c.alike)
			c.alike[string(key)] = id
		}
		v.ids = append(v.ids, id)
	}
	return v.ids[k]
}

// call appends the name that somebody has in a view.
func (c *Course) call(key []byte, v *view, person string) []byte {
	if c.fixed(person) {
		return append(append(append(key, '='), person...), '\n')
	}
	n := slices.Index(v.people, person)
	if n < 0 {
		n = len(v.people)
		v.people = append(v.people, person)
	}
	p, _ := c.rules.Directory.Person(person)
	key = append(binary.AppendUvarint(append(key, '#'), uint64(n)), ':')
	for _, channel := range c.rules.Channels {
		if c.reach(p, channel) {
			key = append(append(key, channel...), ' ')
		}
	}
	return key
}

// fixed says that the person is a manager, or that there is no person.
func (c *Course) fixed(person string) bool {
	p, ok := c.rules.Directory.Person(person)
	return !ok || p.Role == contacts.RoleManager || p.Role == contacts.RoleAdmin || p.Quiet != nil || len(p.Wake) > 0
}
