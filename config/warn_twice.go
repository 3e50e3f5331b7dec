package config

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
)

// shift is a time in which somebody has a turn.
type shift struct {
	hole
	group string
}

// warnTwice looks for people who have a turn in two groups that are paged at
// the same time within the next 90 days. It does not look at people who are
// always in a group: a manager stands behind several groups that way.
func (r *reader) warnTwice(rules *escalation.Rules) {
	from := r.opts.Now
	to := from.AddDate(0, 0, coverDays)
	shifts := map[string][]shift{}
	for _, group := range r.names["group"] {
		if !r.used["group"][group] {
			continue
		}
		for person, times := range turnsOf(rules.Directory.Schedule(group, from, to)) {
			for _, h := range times {
				shifts[person] = append(shifts[person], shift{h, group})
			}
		}
	}
	for _, person := range r.names["person"] {
		found, first, second := overlaps(shifts[person])
		if len(found) > 0 {
			r.at[join("people", person)].warnf("on call in %s and in %s at the same time %s", first, second, r.describe(found, to))
		}
	}
}

// turnsOf says when each person has a turn, neighbours joined.
func turnsOf(spans []contacts.Span) map[string][]hole {
	turns := map[string][]hole{}
	for _, s := range spans {
		for _, a := range s.People {
			if a.Why == contacts.Always {
				continue
			}
			list := turns[a.Person]
			if last := len(list) - 1; last >= 0 && list[last].to.Equal(s.From) {
				list[last].to = s.To
				continue
			}
			turns[a.Person] = append(list, hole{s.From, s.To})
		}
	}
	return turns
}

// overlaps are the times in which two groups have shifts of the same person.
// It returns those of the first two groups that do.
func overlaps(shifts []shift) (found []hole, first, second string) {
	slices.SortStableFunc(shifts, func(a, b shift) int { return a.from.Compare(b.from) })
	for i := range shifts {
		for j := i + 1; j < len(shifts) && shifts[j].from.Before(shifts[i].to); j++ {
			a, b := shifts[i].group, shifts[j].group
			if a > b {
				a, b = b, a
			}
			if a == b || first != "" && (a != first || b != second) {
				continue
			}
			first, second = a, b
			found = append(found, hole{shifts[j].from, earlier(shifts[i].to, shifts[j].to)})
		}
	}
	return found, first, second
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
