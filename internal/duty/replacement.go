package duty

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// Kind says what a replacement does.
type Kind string

// The kinds.
const (
	Cover   Kind = "cover"   // Person is on call in the place of InsteadOf
	Besides Kind = "besides" // Person is on call as well
	Swap    Kind = "swap"    // Person gives their hours to With, and takes With's
)

// State is where a replacement stands.
type State string

// The states. A replacement that is made by whoever may is Planned at once.
const (
	Offered  State = "offered"  // until somebody accepts it
	Planned  State = "planned"  // it holds in its hours
	Declined State = "declined" // by whom it was offered to
	Lapsed   State = "lapsed"   // nobody accepted it before its first hour
	Dropped  State = "dropped"  // taken back; from then on, if it had begun
)

// Hours are a stretch of time, To outside.
type Hours struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func (h Hours) meets(other Hours) bool { return h.From.Before(other.To) && other.From.Before(h.To) }

// Replacement is a change of who is on call in a group.
type Replacement struct {
	ID     string `json:"id"`
	Kind   Kind   `json:"kind"`
	Group  string `json:"group"`
	Person string `json:"person"`
	// InsteadOf is in whose place a cover is; empty: in everybody's, and in nobody's
	// if nobody is on call.
	InsteadOf string `json:"instead_of,omitempty"`
	Hours
	// With and Theirs are of a swap.
	With   string `json:"with,omitempty"`
	Theirs Hours  `json:"theirs,omitzero"`

	Note string `json:"note,omitempty"`

	// Turn counts the replacements of all groups: of two that take one place the later
	// one does.
	Turn int64 `json:"turn"`

	State State     `json:"state"`
	By    string    `json:"by"`              // who made it: a person's key, or a token's name
	At    time.Time `json:"at"`              // when
	Ended string    `json:"ended,omitempty"` // by whom it was accepted, declined or dropped last
	Since time.Time `json:"since"`           // when it came to its state

	// Told is what both of Parties know of it, if it lapsed.
	Told [2]Word `json:"told,omitzero"`
}

// Word is that somebody is to hear of something.
type Word struct {
	Done  bool `json:"done,omitempty"` // it was said, or cannot be
	Tries int  `json:"tries,omitempty"`
}

// Parties are the two whom an offer is about: whose hours it gives away, and who was
// asked.
func (r *Replacement) Parties() [2]string {
	if r.Kind == Swap {
		return [2]string{r.Person, r.With}
	}
	return [2]string{r.InsteadOf, r.Person}
}

// Asks is who has to accept it; empty if nobody.
func (r *Replacement) Asks() string {
	switch {
	case r.State != Offered:
		return ""
	case r.Kind == Swap:
		return r.With
	}
	return r.Person
}

// begins is when its first hour begins.
func (r *Replacement) begins() time.Time {
	if r.Kind == Swap && r.Theirs.From.Before(r.From) {
		return r.Theirs.From
	}
	return r.From
}

// ends is when its last hour ends.
func (r *Replacement) ends() time.Time {
	if r.Kind == Swap && r.Theirs.To.After(r.To) {
		return r.Theirs.To
	}
	return r.To
}

// place is what a replacement puts somebody into: whose hours in which group.
type place struct {
	group, of, person string
	hours             Hours
	besides           bool
}

// places are those of a replacement, while it holds. What was dropped holds up to
// then.
func (r *Replacement) places() []place {
	all := []place{{group: r.Group, of: r.InsteadOf, person: r.Person, hours: r.Hours, besides: r.Kind == Besides}}
	if r.Kind == Swap {
		all = []place{
			{group: r.Group, of: r.Person, person: r.With, hours: r.Hours},
			{group: r.Group, of: r.With, person: r.Person, hours: r.Theirs},
		}
	}
	switch r.State {
	case Planned:
		return all
	case Dropped:
		for i := range all {
			if r.Since.Before(all[i].hours.To) {
				all[i].hours.To = r.Since
			}
		}
		return slices.DeleteFunc(all, func(p place) bool { return !p.hours.From.Before(p.hours.To) })
	case Offered, Declined, Lapsed:
	}
	return nil
}

// Overrides are what replacements change of who is on call, in the order in which
// they were made: if two take one place, the later one does. Those of people or
// groups that are not there any more change nothing: they are void.
func Overrides(list []Replacement, d *contacts.Directory) (overrides []contacts.Override, void []Replacement) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Replacement) int { return cmp.Or(cmp.Compare(a.Turn, b.Turn), strings.Compare(a.ID, b.ID)) })
	taken := map[string][]Hours{} // by place: what later ones have
	for i := range slices.Backward(list) {
		r := &list[i]
		places := r.places()
		if len(places) > 0 && !r.Stands(d) {
			void = append(void, *r)
			continue
		}
		for _, p := range places {
			parts := []Hours{p.hours}
			if !p.besides {
				key := p.group + "/" + p.of
				parts, taken[key] = p.hours.without(taken[key]), append(taken[key], p.hours)
			}
			for _, part := range parts {
				overrides = append(overrides, contacts.Override{
					Group: p.group, Person: p.person, Replaces: p.of, From: part.From, To: part.To, Besides: p.besides, Name: named + r.ID,
				})
			}
		}
	}
	slices.Reverse(overrides)
	return overrides, void
}

// without are the parts of hours in which none of others is.
func (h Hours) without(others []Hours) []Hours {
	parts := []Hours{h}
	for _, o := range others {
		var left []Hours
		for _, p := range parts {
			if !p.meets(o) {
				left = append(left, p)
				continue
			}
			if p.From.Before(o.From) {
				left = append(left, Hours{p.From, o.From})
			}
			if o.To.Before(p.To) {
				left = append(left, Hours{o.To, p.To})
			}
		}
		parts = left
	}
	return parts
}

// Meets says whether it is in force, or would be, between two times; a zero one is no
// bound.
func (r *Replacement) Meets(from, to time.Time) bool {
	return (to.IsZero() || r.begins().Before(to)) && (from.IsZero() || from.Before(r.ends()))
}

// Stands says that everybody and the group whom it names are there.
func (r *Replacement) Stands(d *contacts.Directory) bool {
	if _, ok := d.Group(r.Group); !ok {
		return false
	}
	for _, key := range []string{r.Person, r.InsteadOf, r.With} {
		if _, ok := d.Person(key); !ok && key != "" {
			return false
		}
	}
	return true
}

// Open says that it holds, will, or asks somebody.
func (r *Replacement) Open(now time.Time) bool {
	return (r.State == Planned || r.State == Offered) && now.Before(r.ends())
}

// MayDrop says whether somebody may take it back: a manager, and whoever it is about.
func (r *Replacement) MayDrop(by Actor) bool {
	own := by.Person != "" && (by.Person == r.Person || by.Person == r.InsteadOf || by.Person == r.With || by.Person == r.By)
	return by.in(r.Group).Manager || own
}

// named begins why somebody is on call by a replacement.
const named = "replacement "

// IsReplacement says whether why somebody is on call names a replacement.
func IsReplacement(why string) bool { return strings.HasPrefix(why, named) }
