package lookahead

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// Days is how far ahead is looked.
const Days = 90

// ProvenFor is how long a proof counts: whoever is on call is asked, paged or part of a
// drill within it.
const ProvenFor = 90 * 24 * time.Hour

// Kind is what is doubtful.
type Kind string

// The kinds, the worst first.
const (
	Nobody      Kind = "nobody"      // alerts of which nobody is paged
	Gap         Kind = "gap"         // hours without anybody
	Unconfirmed Kind = "unconfirmed" // who came on call has not said so
	Late        Kind = "late"        // the first page goes out once the GTI is used
	Second      Kind = "second"      // … or the first one to a second person
	Twice       Kind = "twice"       // turns in two groups at once
	RestDay     Kind = "rest_day"    // too little rest between two duties
	RestWeek    Kind = "rest_week"   // … in more than a week
	Unproven    Kind = "unproven"    // no page is known to arrive
	Void        Kind = "void"        // a replacement of who is gone
)

var kinds = []Kind{Nobody, Gap, Unconfirmed, Late, Second, Twice, RestDay, RestWeek, Unproven, Void}

// mostTimes is how many times of one doubt are told.
const mostTimes = 60

// Doubt is one thing that is doubtful, with all times at which it is.
type Doubt struct {
	Kind   Kind     `json:"kind"`
	Groups []string `json:"groups"` // whom it concerns; a gap of a group has that alone
	Person string   `json:"person,omitempty"`
	Policy string   `json:"policy,omitempty"` // of a gap: none of its steps pages anybody

	// Of alerts that are paged too late: whose, and of how many customers more.
	Customer string `json:"customer,omitempty"`
	Contract string `json:"contract,omitempty"`
	Urgency  string `json:"urgency,omitempty"`
	Others   int    `json:"others,omitempty"`

	Times []duty.Hours `json:"times,omitempty"`
	More  int          `json:"more,omitempty"` // times beyond those
	// At is of an alert that is paged too late, of the last proof, of a handover; zero
	// for a person who was never reached.
	At time.Time `json:"at,omitzero"`
	ID string    `json:"id,omitempty"` // of a replacement

	Since time.Time `json:"since,omitzero"` // when managers were told of it first; zero: not yet
}

// Key is the same for one doubt from day to day.
func (d *Doubt) Key() string {
	key := []string{string(d.Kind), d.Person, d.Policy, d.Contract, d.Urgency, d.ID}
	if d.Urgency != "" {
		key[1] = "" // who is paged first at the worst time changes from day to day
	}
	if d.Kind == Unconfirmed {
		key = append(key, d.At.UTC().Format(time.RFC3339))
	}
	if d.Kind == Gap && d.Policy == "" || d.Kind == Twice || d.Kind == Unconfirmed {
		key = append(key, d.Groups...)
	}
	return strings.Join(key, "|")
}

// Facts are what is looked at.
type Facts struct {
	Now time.Time
	// Rules have who is on call with replacements and with those who stay on; Base is
	// without the latter.
	Rules        *escalation.Rules
	Base         *contacts.Directory
	Delays       []config.Delay            // as config.Delays finds them
	Proofs       map[string][]paging.Proof // by person, of all who are there
	Devices      map[string]bool           // that pushes go to, by id
	Handovers    []ready.Handover
	Replacements []duty.Replacement
}

// Until is how far is looked from a time on.
func Until(now time.Time) time.Time { return now.AddDate(0, 0, Days) }

// Find lists what is doubtful, the worst first.
func Find(f *Facts) []Doubt {
	l := &looking{Facts: f, until: Until(f.Now), steps: map[string][]string{}, index: map[string]int{}}
	for name := range f.Rules.Policies {
		p := f.Rules.Policies[name]
		for i := range p.Steps {
			l.groups = append(l.groups, p.Steps[i].Group)
			l.steps[name] = append(l.steps[name], p.Steps[i].Group)
		}
	}
	slices.Sort(l.groups)
	l.groups = slices.Compact(l.groups)
	l.delays()
	l.gaps()
	l.handovers()
	l.turns()
	l.proofs()
	l.replacements()
	slices.SortStableFunc(l.found, func(a, b Doubt) int {
		if a.Kind != b.Kind {
			return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
		}
		return a.begins().Compare(b.begins())
	})
	return l.found
}

func (d *Doubt) begins() time.Time {
	if len(d.Times) > 0 {
		return d.Times[0].From
	}
	return d.At
}

type looking struct {
	*Facts
	until  time.Time
	groups []string            // that are paged
	steps  map[string][]string // the groups of each policy
	found  []Doubt
	index  map[string]int // by key
}

// add adds a doubt, or times to one that is found.
func (l *looking) add(d Doubt, times ...duty.Hours) {
	d.Groups = append([]string{}, d.Groups...)
	slices.Sort(d.Groups)
	d.Groups = slices.Compact(d.Groups)
	at, known := l.index[d.Key()]
	if !known {
		at = len(l.found)
		l.index[d.Key()] = at
		l.found = append(l.found, d)
	}
	of := &l.found[at]
	for _, t := range times {
		if len(of.Times) == mostTimes {
			of.More++
			continue
		}
		of.Times = append(of.Times, duty.Hours{From: t.From.UTC(), To: t.To.UTC()})
	}
}

func (l *looking) delays() {
	kind := map[string]Kind{config.PagesNobody: Nobody, config.PagesLate: Late, config.SecondLate: Second}
	for i := range l.Delays {
		d := &l.Delays[i]
		l.add(Doubt{
			Kind: kind[d.What], Groups: slices.Clone(l.steps[d.Policy]), Person: d.Person, Policy: d.Policy, Customer: d.Customer,
			Contract: d.Contract, Urgency: d.Urgency.String(), Others: d.Others, At: d.At.UTC(),
		})
	}
}

func (l *looking) gaps() {
	for _, g := range config.Gaps(l.Rules, l.Now, l.until) {
		d := Doubt{Kind: Gap, Groups: []string{g.Group}, Policy: g.Policy}
		if g.Policy != "" {
			d.Groups = slices.Clone(l.steps[g.Policy])
		}
		l.add(d, duty.Hours{From: g.From, To: g.To})
	}
}

func (l *looking) handovers() {
	for i := range l.Handovers {
		h := &l.Handovers[i]
		if h.Confirmed.IsZero() && !l.Now.Before(h.At) && l.Now.Before(h.At.Add(ready.Stays)) && h.Stands(l.Base) && slices.Contains(l.groups, h.Group) {
			l.add(Doubt{Kind: Unconfirmed, Groups: []string{h.Group}, Person: h.Person, At: h.At.UTC()})
		}
	}
}

// turns looks at rest and at people who are in two places.
func (l *looking) turns() {
	found := duty.Look(l.Base, l.groups, l.Now, l.until)
	for _, w := range found.Twice {
		l.add(Doubt{Kind: Twice, Groups: w.Groups[:], Person: w.Person}, w.Hours)
	}
	for _, r := range found.Rests {
		kind := RestDay
		if r.Week {
			kind = RestWeek
		}
		l.add(Doubt{Kind: kind, Groups: l.of(r.Person), Person: r.Person}, r.Hours)
	}
}

// of are the paged groups in which somebody is on call at some time.
func (l *looking) of(person string) []string {
	return slices.DeleteFunc(slices.Clone(l.groups), func(group string) bool {
		return !slices.ContainsFunc(l.Base.Schedule(group, l.Now, l.until), func(s contacts.Span) bool {
			return slices.ContainsFunc(s.People, func(a contacts.Assignment) bool { return a.Person == person })
		})
	})
}

// proofs looks at whoever is on call at some time.
func (l *looking) proofs() {
	people := map[string][]string{}
	for _, group := range l.groups {
		for _, s := range l.Base.Schedule(group, l.Now, l.until) {
			for _, a := range s.People {
				if !slices.Contains(people[a.Person], group) {
					people[a.Person] = append(people[a.Person], group)
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(people)) {
		person, ok := l.Rules.Directory.Person(key)
		if !ok {
			continue
		}
		if last := l.proven(&person); last.IsZero() || l.Now.Sub(last) >= ProvenFor {
			l.add(Doubt{Kind: Unproven, Groups: people[key], Person: key, At: last})
		}
	}
}

// proven is when somebody was last reached by an address that is still theirs, by what can
// wake: mail cannot.
func (l *looking) proven(person *contacts.Person) (last time.Time) {
	for i := range l.Proofs[person.Key] {
		p := &l.Proofs[person.Key][i]
		mine := p.Address == "" || slices.Contains(person.Phones, p.Address) || l.Devices[p.Address]
		if p.Channel != paging.WayMail && slices.Contains(l.Rules.Channels, p.Channel) && mine && p.At.After(last) {
			last = p.At.UTC()
		}
	}
	return last
}

func (l *looking) replacements() {
	for i := range l.Replacements {
		r := &l.Replacements[i]
		if r.Open(l.Now) && !r.Stands(l.Rules.Directory) {
			l.add(Doubt{Kind: Void, Groups: []string{r.Group}, Person: r.Person, ID: r.ID}, r.Hours)
		}
	}
}
