package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// yearHours is how many hours the coming year has.
const yearHours = 365 * 24

// trouble is what is doubtful about the pages for an alert that nobody answers.
type trouble int8

// The troubles. For one alert only the first is reported.
const (
	none        trouble = iota
	noSteps             // its policy pages nobody at all
	nobody              // nobody is paged, however far one looks
	beginsLate          // the first step begins after the GTI is over
	pagesLate           // the first page goes out after the GTI is over
	alone               // one step, and it pages one person
	samePerson          // several steps, and all page one person
	laterSecond         // a second person is paged only after the GTI is over
)

// doubt is one trouble of one course for the alerts of one contract.
type doubt struct {
	trouble
	*arrival    // the most urgent
	course      *course
	at          time.Time // of the example: the first of the worst times
	outlook     escalation.Outlook
	due         time.Duration // when the GTI is due, since at
	hours       int           // hours of the year that are as bad or worse
	alsoUrgency []ticket.Urgency
}

// outlooks says what becomes of an alert that comes at a time. It asks until
// only if it matters how far to look.
type outlooks func(a *arrival, at time.Time, until func() time.Time) escalation.Outlook

// How many courses are looked at for a whole year, and how many hours of the
// others. More would take check minutes.
const (
	mostCourses = 200
	fewHours    = 28 * 24
)

// warnYear lets an alert of every customer, contract and urgency come at every
// hour of the coming year, and compares the pages with the contract.
func (r *reader) warnYear(rules *escalation.Rules) {
	later := lookAt(rules, paging.Reachable(r.counted()), r.opts.Now.Truncate(time.Hour), yearHours, look{
		unproven: func(c *course) {
			r.at[c.path].warnf("no alert was found that comes here and to no route before: whom it would page was not looked at")
		},
		misfit: func(c *course, step int) {
			r.at[index(join("policies", c.policy.Name), step)].warnf("its calendars and those of %s leave no hour to page in: it pages at any", c.path)
		},
		doubt: func(d *doubt) { r.say(rules, d) },
	})
	if later > 0 {
		r.at["policies"].warnf("whom the last %d of them page was looked at for %d days only: a year of more than %d takes long", later, fewHours/24, mostCourses)
	}
}

// look is who is told of what a look at the courses finds.
type look struct {
	unproven func(c *course)           // no alert is known that comes there
	misfit   func(c *course, step int) // calendars leave the step no hour
	doubt    func(d *doubt)
}

// lookAt lets an alert of every kind come at every one of so many hours. It returns how
// many courses were looked at for fewer hours, because there are many.
func lookAt(rules *escalation.Rules, reach func(contacts.Person, string) bool, from time.Time, hours int, tell look) (later int) {
	a := escalation.NewAlmanac(rules, reach, from, from.Add(time.Duration(hours)*time.Hour))
	known, alike := &dues{rules, map[due]time.Duration{}}, map[string]*escalation.Course{}
	for _, c := range coursesOf(rules) {
		if !c.proven {
			tell.unproven(c)
			continue
		}
		key := stepsKey(c.policy)
		course := alike[key]
		if course == nil {
			course = a.Course(c.policy)
			alike[key] = course
		}
		if i := course.Misfit(); i >= 0 {
			tell.misfit(c, i)
			continue
		}
		looked := hours
		if len(alike) > mostCourses {
			looked = min(fewHours, hours)
			later++
		}
		found := doubts(known, c, moments(from, looked, course), func(_ *arrival, at time.Time, until func() time.Time) escalation.Outlook {
			return course.At(at, until)
		})
		for _, d := range found {
			tell.doubt(d)
		}
	}
	return later
}

// stepsKey is the same for policies that page in the same way.
func stepsKey(p ticket.Policy) string {
	p.Name = ""
	return fmt.Sprintf("%+v", p)
}

// moments are the full hours from from on, and the times at which something
// changes: an alert that comes just as a calendar closes waits longest.
func moments(from time.Time, hours int, course *escalation.Course) []time.Time {
	all := course.Changes(from, from.Add(time.Duration(hours)*time.Hour))
	for i := range hours {
		all = append(all, from.Add(time.Duration(i)*time.Hour))
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// doubts are the doubts about one course, one for each trouble and contract.
func doubts(dues *dues, c *course, moments []time.Time, look outlooks) []*doubt {
	var all []*doubt
	index := map[string]*doubt{}
	for _, a := range c.arrivals {
		for t, d := range troubles(dues, c, a, moments, look) {
			if d == nil {
				continue
			}
			key := fmt.Sprint(t, a.contract)
			if first := index[key]; first != nil {
				first.alsoUrgency = append(first.alsoUrgency, a.urgency)
				continue
			}
			index[key] = d
			all = append(all, d)
		}
	}
	return all
}

// troubles are the doubts about one kind of alerts, by trouble.
func troubles(dues *dues, c *course, a *arrival, moments []time.Time, look outlooks) [laterSecond + 1]*doubt {
	var found [laterSecond + 1]*doubt
	if len(c.policy.Steps) == 0 {
		if a.certain {
			found[noSteps] = &doubt{trouble: noSteps, arrival: a, course: c, at: moments[0], hours: yearHours}
		}
		return found
	}
	promised, has := dues.rules.Contracts[a.contract].GTI[a.urgency]
	for _, at := range moments {
		o := look(a, at, func() time.Time { return dues.furthest(c, at) })
		if in(o.First, promised.Within) && (!has || in(o.Second, promised.Within)) {
			continue // open time is never longer than time
		}
		within := time.Duration(-1)
		if has {
			within = dues.within(a, at)
		}
		t := judge(c.policy.Steps, o, within)
		if t == none {
			continue
		}
		d := found[t]
		if d == nil {
			d = &doubt{trouble: t, arrival: a, course: c, at: at, outlook: o, due: within}
			found[t] = d
		}
		if at.Equal(at.Truncate(time.Hour)) {
			d.hours++
		}
		if t == pagesLate && o.First-within > d.outlook.First-d.due {
			d.at, d.outlook, d.due = at, o, within
		}
	}
	return found
}

func in(d, within time.Duration) bool { return d != escalation.Never && d <= within }

// dues remembers when the GTIs of alerts that come at different times are
// over.
type dues struct {
	rules *escalation.Rules
	known map[due]time.Duration
}

type due struct {
	escalation.Promise
	at int64
}

// within is how long after at the alert's GTI is over; negative if nothing is
// promised.
func (d *dues) within(a *arrival, at time.Time) time.Duration {
	promised, ok := d.rules.Contracts[a.contract].GTI[a.urgency]
	if !ok {
		return -1
	}
	key := due{promised, at.Unix()}
	if within, ok := d.known[key]; ok {
		return within
	}
	within := time.Duration(-1)
	gti := d.rules.Promise(&ticket.Ticket{Contract: a.contract, Urgency: a.urgency, OpenedAt: at})
	if !gti.DueAt.IsZero() {
		within = gti.DueAt.Sub(at)
	}
	d.known[key] = within
	return within
}

// furthest is the latest end of a GTI, of the alerts that come to a course at
// a time.
func (d *dues) furthest(c *course, at time.Time) time.Time {
	last := at
	for _, a := range c.arrivals {
		if end := at.Add(d.within(a, at)); end.After(last) {
			last = end
		}
	}
	return last
}

// judge compares an outlook with a GTI that is due after that time. Negative:
// nothing is promised.
func judge(steps []ticket.Step, o escalation.Outlook, due time.Duration) trouble {
	switch {
	case !in(o.First, max(due, escalation.LookAhead)):
		return nobody
	case due < 0:
		return none
	case o.First > due && earliest(steps).After > due:
		return beginsLate
	case o.First > due:
		return pagesLate
	case in(o.Second, due):
		return none
	case len(steps) == 1:
		return alone
	case !slices.ContainsFunc(o.Steps, func(first time.Duration) bool { return !in(first, due) }):
		return samePerson
	}
	return laterSecond
}

// earliest is the step that begins first.
func earliest(steps []ticket.Step) *ticket.Step {
	first := &steps[0]
	for i := range steps {
		if steps[i].After < first.After {
			first = &steps[i]
		}
	}
	return first
}

// warnContracts warns of contracts whose hours never open: they promise
// nothing.
func (r *reader) warnContracts(rules *escalation.Rules) {
	for _, name := range r.names["contract"] {
		c := rules.Contracts[name]
		if !r.used["contract"][name] {
			continue
		}
		path := join("contracts", name)
		if _, ok := rules.Calendars[c.Hours].NextOpen(r.opts.Now); !ok {
			r.at[join(path, "hours")].warnf("calendar %q never opens: the customer has subscribed no hours", c.Hours)
		}
		r.warnNeverOpen(rules, join(path, "gti"), "the GTI never ends", &c, c.GTI)
		for _, kind := range ticket.ClockKinds() {
			r.warnNeverOpen(rules, join(path, string(kind)+"_within"), "this time never ends", &c, c.Clocks[kind])
		}
	}
}

// warnNeverOpen names the promises of a contract whose calendar never opens.
func (r *reader) warnNeverOpen(rules *escalation.Rules, path, so string, c *escalation.Contract, promised map[ticket.Urgency]escalation.Promise) {
	for _, u := range ticket.Urgencies() {
		p, ok := promised[u]
		if !ok || p.Calendar == c.Hours {
			continue
		}
		if _, ok := rules.Calendars[p.Calendar].NextOpen(r.opts.Now); !ok {
			r.at[join(join(path, u.String()), "calendar")].warnf("calendar %q never opens: %s", p.Calendar, so)
		}
	}
}
