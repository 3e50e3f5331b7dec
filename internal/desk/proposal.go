package desk

import (
	"cmp"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Proposed is how many people are proposed for a ticket at most.
const Proposed = 3

// Why says why somebody is proposed (S1-28, S1-30), or what speaks against it.
type Why string

// The reasons, the weightiest first.
const (
	WhyReferent Why = "referent" // of the customer
	WhyGroup    Why = "group"    // Group has the ticket in its pool
	WhyTier     Why = "tier"     // Group is of the ticket's tier
	WhyDuty     Why = "duty"     // on call now in Group; it counts more for what is urgent
	WhyCustomer Why = "customer" // works for few customers, and this is one
	WhySkill    Why = "skill"    // has the skill that its complexity asks for
	WhyBelow    Why = "below"    // has less than that
	WhyContract Why = "contract" // the GTI clock runs, and the person has little else
	WhyLoad     Why = "load"     // has N tickets
)

// weights are the points of the reasons. Those of WhyLoad are of each ticket.
var weights = map[Why]int{
	WhyReferent: 50, WhyGroup: 30, WhyTier: 25, WhyDuty: 20, WhyCustomer: 10, WhySkill: 15, WhyBelow: -60, WhyContract: 10, WhyLoad: -4,
}

// urgentDuty is what duty counts more for what is critical or major.
const urgentDuty = 25

// littleElse is how many tickets somebody has at most who has little else.
const littleElse = 1

// Reason is why somebody is proposed.
type Reason struct {
	Why   Why    `json:"why"`
	Group string `json:"group,omitempty"`
	Skill string `json:"skill,omitempty"` // that the person has
	N     int    `json:"n,omitempty"`     // tickets
}

// Proposal is somebody who fits a ticket.
type Proposal struct {
	Person  string
	Points  int
	Reasons []Reason // the weightiest first
}

// Fit is what proposals are made of.
type Fit struct {
	Rules      *escalation.Rules
	Now        time.Time
	Complexity string         // of the ticket: standard, confirmed, expert; empty: not said
	Load       map[string]int // tickets that ask for work, by who has them
}

// LoadOf counts who has how many of the tickets that ask for work.
func LoadOf(tickets []ticket.Ticket) map[string]int {
	load := map[string]int{}
	for i := range tickets {
		if t := &tickets[i]; t.State.Active() && t.Assignee != "" {
			load[t.Assignee]++
		}
	}
	return load
}

// Propose names those who fit a ticket best, the best first. It is pure. It names nobody
// who is not at work now: who is neither on call nor in the desk's own hours, who sleeps,
// who may only look, who has the ticket already, or who does not see its customer.
func Propose(t *ticket.Ticket, f *Fit) []Proposal {
	var all []Proposal
	people := f.Rules.Directory.People()
	groups := f.groups()
	for i := range people {
		p := &people[i]
		scope := ScopeOf(p)
		if p.Key == t.Assignee || p.Role == contacts.RoleReader || !scope.SeesCustomer(t.Customer) {
			continue
		}
		mine := groups[p.Key]
		if !f.present(p, t, mine) || (p.Role != contacts.RoleTechnician && !mine.in(t.Place.Group)) {
			continue
		}
		all = append(all, f.weigh(t, p, mine))
	}
	slices.SortFunc(all, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(f.Load[a.Person], f.Load[b.Person]), cmp.Compare(a.Person, b.Person))
	})
	return all[:min(len(all), Proposed)]
}

// belongs is in which groups a person is.
type belongs struct {
	all  []string
	duty string // one in which the person is on call now; empty: in none
}

func (b belongs) in(group string) bool { return group != "" && slices.Contains(b.all, group) }

func (f *Fit) groups() map[string]belongs {
	by := map[string]belongs{}
	d := f.Rules.Directory
	paged := map[string]bool{} // who is in another group is not on call, day and night
	for _, p := range f.Rules.Policies {
		for i := range p.Steps {
			paged[p.Steps[i].Group] = true
		}
	}
	for _, group := range d.Groups() {
		for _, key := range d.Members(group) {
			b := by[key]
			b.all = append(b.all, group)
			by[key] = b
		}
		if !paged[group] {
			continue
		}
		on, _ := d.On(group, f.Now)
		for i := range on {
			if b := by[on[i].Key]; b.duty == "" {
				b.duty = group
				by[on[i].Key] = b
			}
		}
	}
	return by
}

// present says whether a person is at work now, for such a ticket.
func (f *Fit) present(p *contacts.Person, t *ticket.Ticket, mine belongs) bool {
	if q := p.Quiet; q != nil && q.During != nil && q.During.Open(f.Now) {
		_, sleeps := escalation.Asleep(t, p, f.Now)
		return mine.duty != "" && !sleeps
	}
	return mine.duty != "" || f.Rules.DeskOpen(f.Now)
}

func (f *Fit) weigh(t *ticket.Ticket, p *contacts.Person, mine belongs) Proposal {
	out := Proposal{Person: p.Key}
	add := func(r Reason, points int) {
		out.Points += points
		out.Reasons = append(out.Reasons, r)
	}
	if c, ok := f.Rules.Customer(t.Customer); ok && c.Referent == p.Key {
		add(Reason{Why: WhyReferent}, weights[WhyReferent])
	}
	if mine.in(t.Place.Group) {
		add(Reason{Why: WhyGroup, Group: t.Place.Group}, weights[WhyGroup])
	} else if group := f.ofTier(mine, t.Place.Tier.Known()); group != "" {
		add(Reason{Why: WhyTier, Group: group}, weights[WhyTier])
	}
	if mine.duty != "" {
		points := weights[WhyDuty]
		if t.Urgency >= ticket.Major {
			points += urgentDuty
		}
		add(Reason{Why: WhyDuty, Group: mine.duty}, points)
	}
	if len(p.Customers) > 0 {
		add(Reason{Why: WhyCustomer}, weights[WhyCustomer])
	}
	switch have, want := skillOf(p.Skill), skillOf(f.Complexity); {
	case f.Complexity == "":
	case have >= want:
		add(Reason{Why: WhySkill, Skill: p.Skill}, weights[WhySkill])
	default:
		add(Reason{Why: WhyBelow, Skill: p.Skill}, weights[WhyBelow])
	}
	load := f.Load[p.Key]
	if t.GTIState(f.Now) == ticket.GTIRunning && load <= littleElse {
		add(Reason{Why: WhyContract}, weights[WhyContract])
	}
	add(Reason{Why: WhyLoad, N: load}, load*weights[WhyLoad])
	return out
}

// ofTier is a group of a person's that is of a tier; empty: none is.
func (f *Fit) ofTier(mine belongs, tier ticket.Tier) string {
	for _, key := range mine.all {
		if g, _ := f.Rules.Directory.Group(key); ticket.Tier(g.Tier) == tier {
			return key
		}
	}
	return ""
}

// skillOf ranks skills and complexities, which have the same names (S1-25). Whose skill
// nobody wrote down has the least.
func skillOf(name string) int {
	return max(slices.Index([]string{"standard", "confirmed", "expert"}, name), 0)
}
