package duty

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// Look is what is doubtful of a schedule as it is, between two times: rest that is too
// short, and people who have turns in two groups at once, by the rules of Doubt. Gaps are
// not looked at. A turn that its layer's calendar interrupts for a few hours, as every
// morning when an office opens, is one duty: what is between is no rest between two.
func Look(d *contacts.Directory, groups []string, from, to time.Time) (found Doubts) {
	exact, duties := map[string]turns{}, map[string]turns{} // by person
	add := func(all map[string]turns, person, group string, hours []Hours) {
		if all[person] == nil {
			all[person] = turns{}
		}
		all[person][group] = joined(append(all[person][group], hours...), 0)
	}
	for _, group := range groups {
		for person, byWhy := range whyOf(d.Schedule(group, from.Add(-around), to.Add(around))) {
			for why, hours := range byWhy {
				add(exact, person, group, hours)
				if !IsReplacement(why) {
					hours = joined(slices.Clone(hours), RestOfDay)
				}
				add(duties, person, group, hours)
			}
		}
	}
	window := Hours{from, to}
	for _, person := range slices.Sorted(maps.Keys(exact)) {
		found.Rests = append(found.Rests, slices.DeleteFunc(duties[person].rests(person), func(r Rest) bool { return !r.meets(window) })...)
		found.Twice = append(found.Twice, slices.DeleteFunc(exact[person].twice(person), func(w Twice) bool { return !w.meets(window) })...)
	}
	slices.SortStableFunc(found.Rests, func(a, b Rest) int { return a.From.Compare(b.From) })
	slices.SortStableFunc(found.Twice, func(a, b Twice) int {
		return cmp.Or(a.From.Compare(b.From), strings.Compare(a.Person, b.Person), slices.Compare(a.Groups[:], b.Groups[:]))
	})
	return found
}

// whyOf are the hours of each person in a schedule, by why. Who is always in the group
// has no turn there.
func whyOf(spans []contacts.Span) map[string]map[string][]Hours {
	people := map[string]map[string][]Hours{}
	for _, s := range spans {
		for _, a := range s.People {
			if a.Why == contacts.Always {
				continue
			}
			if people[a.Person] == nil {
				people[a.Person] = map[string][]Hours{}
			}
			people[a.Person][a.Why] = append(people[a.Person][a.Why], Hours{s.From, s.To})
		}
	}
	return people
}
