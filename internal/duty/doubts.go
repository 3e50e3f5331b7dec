package duty

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// The rest that is due (docs/adr/0043-what-a-replacement-does.md).
const (
	RestOfDay  = 11 * time.Hour // between two duties
	RestOfWeek = 35 * time.Hour // once in seven days
	week       = 7 * 24 * time.Hour
	// clocks is how much longer a week of duty gets where clocks go back.
	clocks = time.Hour
	// around is how far beyond a replacement's hours rest is looked at.
	around = 2 * week
	// mostDoubts is how many of a kind are told.
	mostDoubts = 50
)

// Doubts are what somebody should know of a replacement before it holds: the hours of
// it in which nobody is on call, and what it makes worse for those whom it puts on
// call.
type Doubts struct {
	Gaps  []Gap
	Rests []Rest
	Twice []Twice
}

// None says that there is nothing to tell.
func (d *Doubts) None() bool { return len(d.Gaps)+len(d.Rests)+len(d.Twice) == 0 }

// Gap is hours without anybody.
type Gap struct {
	Group string
	Hours
}

// Rest is rest that is too short. Of a day, the hours are all the rest that there is
// between two duties; of a week, they are longer than seven days, and in them no rest
// between duties has RestOfWeek.
type Rest struct {
	Person string
	Week   bool
	Hours
}

// Twice is somebody who has a turn in two groups at once.
type Twice struct {
	Person string
	Groups [2]string
	Hours
}

// Doubt looks at what a replacement does beside others. base is who is on call; the
// replacements that it has already do not matter.
func (r *Replacement) Doubt(base *contacts.Directory, others []Replacement) (d Doubts, err error) {
	others = slices.DeleteFunc(slices.Clone(others), func(o Replacement) bool { return o.ID == r.ID })
	as := *r
	as.State, as.Turn = Planned, 1
	for i := range others {
		as.Turn = max(as.Turn, others[i].Turn+1)
	}
	before, err := with(base, others)
	if err != nil {
		return d, err
	}
	after, err := with(base, append(others, as))
	if err != nil {
		return d, err
	}
	on := map[string]bool{}
	var hours []Hours
	for _, p := range as.places() {
		on[p.person], hours = true, append(hours, p.hours)
		for _, s := range after.Schedule(p.group, p.hours.From, p.hours.To) {
			if len(s.People) == 0 {
				d.Gaps = append(d.Gaps, Gap{p.group, Hours{s.From, s.To}})
			}
		}
	}
	for person := range on {
		groups := groupsWith(after, person, append(others, as))
		was, is := turnsOf(before, person, groups, as.begins(), as.ends()), turnsOf(after, person, groups, as.begins(), as.ends())
		d.Rests = append(d.Rests, worse(was.rests(person), is.rests(person))...)
		d.Twice = append(d.Twice, newly(was.twice(person), is.twice(person), hours)...)
	}
	slices.SortFunc(d.Gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
	slices.SortFunc(d.Rests, func(a, b Rest) int { return a.From.Compare(b.From) })
	slices.SortFunc(d.Twice, func(a, b Twice) int { return a.From.Compare(b.From) })
	d.Gaps, d.Rests, d.Twice = d.Gaps[:min(len(d.Gaps), mostDoubts)], d.Rests[:min(len(d.Rests), mostDoubts)], d.Twice[:min(len(d.Twice), mostDoubts)]
	return d, nil
}

// with is who is on call with these replacements.
func with(base *contacts.Directory, list []Replacement) (*contacts.Directory, error) {
	overrides, _ := Overrides(list, base)
	d, err := base.With(overrides)
	if err != nil {
		return nil, fmt.Errorf("duty: %w", err)
	}
	return d, nil
}

// groupsWith are the groups in which somebody may be on call.
func groupsWith(d *contacts.Directory, person string, list []Replacement) []string {
	groups := GroupsOf(d, person)
	for i := range list {
		if r := &list[i]; (r.Person == person || r.With == person) && r.Stands(d) {
			groups = append(groups, r.Group)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// turns are when one person is on call by turns, in each of some groups.
type turns map[string][]Hours

// turnsOf leaves out where the person is always on call: that is how a manager stands
// behind a group.
func turnsOf(d *contacts.Directory, person string, groups []string, from, to time.Time) turns {
	t := turns{}
	for _, group := range groups {
		for _, s := range d.Schedule(group, from.Add(-around), to.Add(around)) {
			if slices.ContainsFunc(s.People, func(a contacts.Assignment) bool { return a.Person == person && a.Why != contacts.Always }) {
				t[group] = append(t[group], Hours{s.From, s.To})
			}
		}
		t[group] = joined(t[group], 0)
	}
	return t
}

// joined puts hours together that are less than apart from one another.
func joined(all []Hours, apart time.Duration) []Hours {
	slices.SortFunc(all, func(a, b Hours) int { return a.From.Compare(b.From) })
	var list []Hours
	for _, h := range all {
		last := len(list) - 1
		if last >= 0 && (h.From.Sub(list[last].To) <= 0 || h.From.Sub(list[last].To) < apart) {
			if h.To.After(list[last].To) {
				list[last].To = h.To
			}
			continue
		}
		list = append(list, h)
	}
	return list
}

// rests are where the person's rest is too short.
func (t turns) rests(person string) (rests []Rest) {
	var all []Hours
	for _, hours := range t {
		all = append(all, hours...)
	}
	all = joined(all, 0)
	for i := 1; i < len(all); i++ {
		if h := (Hours{all[i-1].To, all[i].From}); h.To.Sub(h.From) < RestOfDay {
			rests = append(rests, Rest{Person: person, Hours: h})
		}
	}
	for _, h := range joined(all, RestOfWeek) {
		if h.To.Sub(h.From) > week+clocks {
			rests = append(rests, Rest{Person: person, Week: true, Hours: h})
		}
	}
	return rests
}

// worse are those of is that were not so before, or for a shorter time.
func worse(was, is []Rest) []Rest {
	return slices.DeleteFunc(is, func(r Rest) bool {
		return slices.ContainsFunc(was, func(w Rest) bool { return w.Week == r.Week && r.within(w.Hours) })
	})
}

func (h Hours) within(other Hours) bool { return !h.From.Before(other.From) && !h.To.After(other.To) }

// twice is where two groups have the person at once.
func (t turns) twice(person string) (list []Twice) {
	for a, mine := range t {
		for b, theirs := range t {
			if strings.Compare(a, b) >= 0 {
				continue
			}
			for _, h := range mine {
				for _, o := range theirs {
					if h.meets(o) {
						list = append(list, Twice{Person: person, Groups: [2]string{a, b}, Hours: Hours{later(h.From, o.From), earlier(h.To, o.To)}})
					}
				}
			}
		}
	}
	return list
}

// newly are those that meet some hours and were not so before.
func newly(was, is []Twice, hours []Hours) []Twice {
	return slices.DeleteFunc(is, func(t Twice) bool {
		return !slices.ContainsFunc(hours, t.meets) || slices.ContainsFunc(was, func(w Twice) bool { return w.Groups == t.Groups && t.within(w.Hours) })
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
