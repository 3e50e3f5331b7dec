package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// placeAt is by whose clock somebody's time is counted at an instant: that of the
// first group in which the person is on call, else the house's.
func (c *counter) placeAt(turns []turn, t time.Time) (*era, *clock) {
	for i := range turns {
		if s := &turns[i]; !s.always && !t.Before(s.from) && t.Before(s.to) {
			return s.of, c.clockOf(s.of, s.group)
		}
	}
	e := c.eraAt(t)
	if e == nil {
		return nil, nil
	}
	return e, c.clockOf(e, "")
}

// calls counts pages, and how often they came at night.
func (c *counter) calls(on map[string][]turn) {
	at := map[string][]Call{}
	for i := range c.in.Pasts {
		for _, call := range c.in.Pasts[i].Pages {
			at[call.Person] = append(at[call.Person], call)
		}
	}
	for person, calls := range at {
		slices.SortFunc(calls, func(a, b Call) int { return compare(a.At, b.At) })
		var woken time.Time // the last page at night
		for _, call := range calls {
			t := time.Unix(call.At, 0)
			_, clock := c.placeAt(on[person], t)
			if clock == nil {
				continue
			}
			p := clock.at(t)
			if p == nil {
				continue
			}
			row := c.row(person, p.day)
			if row != nil {
				row.Pages += call.N
			}
			if !p.night {
				continue
			}
			if row != nil && (woken.IsZero() || t.Sub(woken) >= asOne) {
				row.Woken++
			}
			woken = t
		}
	}
}

// work counts interventions, and the rest that they left.
func (c *counter) work(on map[string][]turn) {
	by := map[string][]work{}
	for i := range c.in.Pasts {
		for _, w := range c.in.Pasts[i].works(c.in.Now) {
			w.to = earlier(w.to, c.in.Now)
			if w.from.Before(w.to) {
				by[w.person] = append(by[w.person], w)
			}
		}
	}
	for _, person := range slices.Sorted(maps.Keys(by)) {
		works := by[person]
		slices.SortFunc(works, func(a, b work) int {
			if o := a.from.Compare(b.from); o != 0 {
				return o
			}
			return strings.Compare(a.ticket, b.ticket)
		})
		all := make([]stretch, len(works))
		for i := range works {
			all[i] = stretch{works[i].from, works[i].to}
			c.lists(&works[i], on[person])
		}
		all = joined(all, 0)
		for _, s := range all {
			e, clock := c.placeAt(on[person], s.from)
			if clock == nil {
				continue
			}
			clock.over(s.from, s.to, func(p *piece, long time.Duration) {
				if row := c.row(person, p.day); row != nil {
					row.Worked[p.kind] += long
					row.owes(Intervention, e.Rates, long)
				}
			})
		}
		c.rests(person, on[person], all)
	}
}

// lists adds an intervention to the months that it is in.
func (c *counter) lists(w *work, turns []turn) {
	_, clock := c.placeAt(turns, w.from)
	if clock == nil {
		return
	}
	var last *sum
	clock.over(w.from, w.to, func(p *piece, _ time.Duration) {
		row := c.row(w.person, p.day)
		if row == nil {
			return
		}
		from, to := later(p.from, w.from), earlier(p.to, w.to)
		if n := len(row.Interventions); row == last {
			row.Interventions[n-1].To, row.Interventions[n-1].Open = to, w.open && to.Equal(w.to)
			return
		}
		last = row
		row.Interventions = append(row.Interventions, Worked{w.ticket, from, to, w.open && to.Equal(w.to)})
	})
}

// begins are when the first part of each replacement that puts somebody on call begins.
func (c *counter) begins() map[[2]string]time.Time {
	first := map[[2]string]time.Time{}
	for _, e := range c.eras {
		for i := range e.overrides {
			o := &e.overrides[i]
			key := [2]string{o.Name, o.Person}
			if was, known := first[key]; !known || o.From.Before(was) {
				first[key] = o.From
			}
		}
	}
	return first
}

// replacements counts those that began, by who stood in for whom, and the hours that
// others stood in for somebody.
func (c *counter) replacements() {
	first := c.begins()
	for _, e := range c.eras {
		for i := range e.overrides {
			o := &e.overrides[i]
			p := c.clockOf(e, o.Group).at(o.From)
			if p == nil || o.From.Before(e.from) || !o.From.Before(e.to) || !o.From.Equal(first[[2]string{o.Name, o.Person}]) {
				continue
			}
			if row := c.row(o.Person, p.day); row != nil {
				row.StoodIn++
			}
			for _, person := range e.replacedBy(o) {
				if row := c.row(person, p.day); row != nil {
					row.Replaced++
				}
			}
		}
		c.replaced(e)
	}
}

// replacedBy are those in whose place somebody stands.
func (e *era) replacedBy(o *contacts.Override) (people []string) {
	switch {
	case o.Besides:
		return nil
	case o.Replaces != "":
		return []string{o.Replaces}
	}
	on, _ := e.directory.On(o.Group, o.From)
	for i := range on {
		if on[i].Key != o.Person {
			people = append(people, on[i].Key)
		}
	}
	return people
}

// replaced counts the hours in which people would have been on call without
// replacements, and were not.
func (c *counter) replaced(e *era) {
	for _, group := range e.directory.Groups() {
		clock := c.clockOf(e, group)
		is := map[string][]stretch{}
		for _, s := range e.final.Schedule(group, e.from, e.to) {
			for _, a := range s.People {
				is[a.Person] = append(is[a.Person], stretch{s.From, s.To})
			}
		}
		for _, s := range e.directory.Schedule(group, e.from, e.to) {
			for _, a := range s.People {
				for _, part := range (stretch{s.From, s.To}).without(joined(is[a.Person], 0)) {
					clock.over(part.from, part.to, func(p *piece, long time.Duration) {
						if row := c.row(a.Person, p.day); row != nil {
							row.ReplacedFor += long
						}
					})
				}
			}
		}
	}
}
