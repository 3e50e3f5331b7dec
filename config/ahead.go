package config

import (
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Gap is hours without anybody: of a group that a step would page then, or of a policy,
// all of whose steps drop their pages or reach nobody.
type Gap struct {
	Group    string // empty: of the policy
	Policy   string
	From, To time.Time
}

// Gaps are those of rules between two times. A group's hours in which no step pages it,
// because the steps' calendars hold it back, are none.
func Gaps(rules *escalation.Rules, from, to time.Time) (gaps []Gap) {
	steps := map[string][]*ticket.Step{}
	for _, name := range slices.Sorted(maps.Keys(rules.Policies)) {
		p := rules.Policies[name]
		for i := range p.Steps {
			steps[p.Steps[i].Group] = append(steps[p.Steps[i].Group], &p.Steps[i])
		}
		for _, h := range policyHoles(rules, name, from, to) {
			gaps = append(gaps, Gap{Policy: name, From: h.from, To: h.to})
		}
	}
	for _, group := range slices.Sorted(maps.Keys(steps)) {
		var changes []time.Time
		for _, s := range steps[group] {
			changes = append(changes, stepChanges(rules, s, from, to)...)
		}
		found := holes(from, to, changes, func(t time.Time) bool {
			return manned(rules, group, t) || !slices.ContainsFunc(steps[group], func(s *ticket.Step) bool { return !holds(rules, s, t) })
		})
		for _, h := range found {
			gaps = append(gaps, Gap{Group: group, From: h.from, To: h.to})
		}
	}
	return gaps
}

// holds says that a step's own calendars let it page nobody at t.
func holds(rules *escalation.Rules, s *ticket.Step, t time.Time) bool {
	if c := rules.Calendars[s.During]; c != nil && !c.Open(t) {
		return true
	}
	c := rules.Calendars[s.Outside]
	return c != nil && c.Open(t)
}

// Delay is alerts that are not answered in time by a second person, or by anybody, where
// nobody answers: those of one urgency under one contract, of a customer and others.
type Delay struct {
	Policy, Customer, Contract string
	Urgency                    ticket.Urgency
	Others                     int // more customers of whom the same holds
	What                       string
	Person                     string    // who is paged first; empty: nobody is
	At                         time.Time // of one such alert, the worst
	Hours                      int       // of those looked at that are so
}

// What a Delay is.
const (
	PagesNobody = "nobody" // nobody is paged at all
	PagesLate   = "late"   // the first page goes out once the GTI is used
	SecondLate  = "second" // … or the first one to a second person
)

// Delays lets alerts of every customer, contract and urgency come in each of so many
// hours. It takes a while where there are many policies.
func Delays(rules *escalation.Rules, reach func(contacts.Person, string) bool, from time.Time, hours int) (delays []Delay) {
	what := map[trouble]string{
		noSteps: PagesNobody, nobody: PagesNobody, beginsLate: PagesLate, pagesLate: PagesLate,
		alone: SecondLate, samePerson: SecondLate, laterSecond: SecondLate,
	}
	lookAt(rules, reach, from.Truncate(time.Hour), hours, look{
		unproven: func(*course) {}, misfit: func(*course, int) {}, // check tells of them: no day changes them
		doubt: func(d *doubt) {
			delays = append(delays, Delay{
				Policy: d.course.policy.Name, Customer: d.customer, Contract: d.contract, Urgency: d.urgency, Others: len(d.others),
				What: what[d.trouble], Person: d.outlook.Person, At: d.at, Hours: d.hours,
			})
		},
	})
	return delays
}
