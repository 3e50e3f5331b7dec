package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// coverDays is how many days ahead warnUncovered looks for hours that nobody
// covers (docs/OPERATIONS.md#what-check-looks-at).
const coverDays = 90

// hole is a time that nobody covers, from from and before to.
type hole struct{ from, to time.Time }

// warnUncovered warns of hours of the next 90 days in which nobody of a paged
// group is on duty. It also warns of those in which every step of a policy
// drops its pages.
func (r *reader) warnUncovered(rules *escalation.Rules) {
	from := r.opts.Now
	to := from.AddDate(0, 0, coverDays)
	for _, group := range r.names["group"] {
		if !r.used["group"][group] {
			continue
		}
		found := holes(from, to, rules.Directory.Changes(group, from, to), func(t time.Time) bool {
			return manned(rules, group, t)
		})
		if len(found) > 0 {
			r.at[join("groups", group)].warnf("nobody is on call %s", r.describe(found, to))
		}
	}
	for _, name := range r.names["policy"] {
		if found := policyHoles(rules, name, from, to); len(found) > 0 {
			r.at[join("policies", name)].warnf("no step pages anybody %s", r.describe(found, to))
		}
	}
}

// policyHoles are the times in which every step of a policy drops its pages, or nobody of
// its group is on duty.
func policyHoles(rules *escalation.Rules, name string, from, to time.Time) []hole {
	p := rules.Policies[name]
	if !slices.ContainsFunc(p.Steps, func(s ticket.Step) bool { return s.Otherwise != "" }) {
		return nil
	}
	var changes []time.Time
	for i := range p.Steps {
		changes = append(changes, stepChanges(rules, &p.Steps[i], from, to)...)
	}
	return holes(from, to, changes, func(t time.Time) bool {
		return slices.ContainsFunc(p.Steps, func(s ticket.Step) bool {
			return !drops(rules, &s, t) && manned(rules, s.Group, t)
		})
	})
}

// stepChanges are the times at which it may change whom a step pages.
func stepChanges(rules *escalation.Rules, s *ticket.Step, from, to time.Time) []time.Time {
	changes := slices.Clone(rules.Directory.Changes(s.Group, from, to))
	changes = append(changes, edges(rules.Calendars[s.During], from, to)...)
	return append(changes, edges(rules.Calendars[s.Outside], from, to)...)
}

func manned(rules *escalation.Rules, group string, t time.Time) bool {
	people, _ := rules.Directory.On(group, t)
	return len(people) > 0
}

// drops says that a page of the step at t is neither sent nor held.
func drops(rules *escalation.Rules, s *ticket.Step, t time.Time) bool {
	return s.Otherwise != "" && holds(rules, s, t)
}

// edges says when the calendar opens and closes.
func edges(c *calendar.Calendar, from, to time.Time) []time.Time {
	var list []time.Time
	for t, ok := from, c != nil; ok && t.Before(to); {
		list = append(list, t)
		if c.Open(t) {
			t, ok = c.NextClosed(t)
		} else {
			t, ok = c.NextOpen(t)
		}
	}
	return list
}

// holes are the times between from and to that are not covered, neighbours
// joined. Only at the instants in changes does it change what is covered.
func holes(from, to time.Time, changes []time.Time, covered func(time.Time) bool) []hole {
	marks := append([]time.Time{from}, changes...)
	slices.SortFunc(marks, time.Time.Compare)
	marks = slices.CompactFunc(append(marks, to), time.Time.Equal)
	var found []hole
	for i, t := range marks[:len(marks)-1] {
		if covered(t) {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].to.Equal(t) {
			found[last].to = marks[i+1]
			continue
		}
		found = append(found, hole{t, marks[i+1]})
	}
	return found
}

// describe writes the first hole in local time, and how many more there are.
func (r *reader) describe(found []hole, end time.Time) string {
	local := func(t time.Time) string { return t.In(r.location).Format("2006-01-02 15:04") }
	first := found[0]
	switch {
	case first.from.Equal(r.opts.Now) && first.to.Equal(end):
		return fmt.Sprintf("in the next %d days", coverDays)
	case len(found) == 1:
		return fmt.Sprintf("from %s to %s", local(first.from), local(first.to))
	}
	var sum time.Duration
	for _, h := range found {
		sum += h.to.Sub(h.from)
	}
	return fmt.Sprintf("from %s to %s, and %d more times in the next %d days (%d h in all)",
		local(first.from), local(first.to), len(found)-1, coverDays, int(sum.Hours()))
}
