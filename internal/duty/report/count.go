package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
)

// Input is what is counted, and of which days.
type Input struct {
	// From and To are days by the clock of whatever is counted, To outside.
	From, To calendar.Date
	Now      time.Time // nothing after it is counted
	Person   string    // alone; empty: everybody

	Versions     []Version // in order
	Replacements []duty.Replacement
	Handovers    []ready.Handover
	Pasts        []Past
	// Shifts are whom calendars name that are kept elsewhere, of those who are there; nil:
	// there are none.
	Shifts func(d *contacts.Directory) []contacts.Shift
}

// Row is what one person did in one month.
type Row struct {
	Person string
	Name   string // the last one that is known
	Month  string // "2026-11"

	Hours  Times         // on call by turns, each hour once, in however many groups
	Always time.Duration // on call besides as somebody who takes no turns

	Nights, WeekendDays, Holidays int // of which the person was on call for half or more

	Pages int
	Woken int // times that pages came at night, those of within half an hour as one

	Interventions []Worked
	Worked        Times // interventions, each hour once, whatever the tickets

	Rests []Rest // that were too short

	StoodIn, Replaced       int // replacements that began
	StoodInFor, ReplacedFor time.Duration

	Pay *Pay // nil: no rates are configured
}

// Times are hours by kind.
type Times map[Kind]time.Duration

// Total is all of them.
func (t Times) Total() (all time.Duration) {
	for _, d := range t {
		all += d
	}
	return all
}

// Worked is an intervention, as far as it is in the month.
type Worked struct {
	Ticket   string
	From, To time.Time
	Open     bool // it goes on
}

// Report is what was counted.
type Report struct {
	Rows []Row // by person and month
	// Since is when the first version came into force that is known: of the time
	// before it no hours are counted. Zero: no version is known.
	Since time.Time
}

const (
	// around is how far beyond the days work is looked at, for rest.
	around = 15
	// Around is the same as a time: what happened within it matters to a count.
	Around = around * 24 * time.Hour
	// asOne is how far apart pages at night may be that wake once.
	asOne = 30 * time.Minute
)

// counter is a count under way.
type counter struct {
	in   *Input
	eras []*era
	now  stretch // what is looked at
	rows map[[2]string]*sum
	made map[string]*clock // by what a calendar is made of
}

// sum is a row under way.
type sum struct {
	Row
	pay    map[Kind]*owed
	nights map[calendar.Date]time.Duration
	days   map[calendar.Date]day
}

type day struct {
	on, long time.Duration
	kind     Kind
}

// Count counts. It returns an error if a version cannot be read.
func Count(in *Input) (*Report, error) {
	c := &counter{in: in, rows: map[[2]string]*sum{}, made: map[string]*clock{}}
	if err := c.open(); err != nil {
		return nil, err
	}
	report := &Report{}
	if len(in.Versions) == 0 {
		return report, nil
	}
	report.Since = in.Versions[0].At
	on := c.duties()
	for _, person := range slices.Sorted(maps.Keys(on)) {
		c.hours(person, on[person])
	}
	c.nights()
	c.calls(on)
	c.work(on)
	c.replacements()
	for _, s := range c.rows {
		if s.Row.nothing() {
			continue
		}
		s.Name = c.name(s.Person)
		s.Pay = s.settle()
		report.Rows = append(report.Rows, s.Row)
	}
	slices.SortFunc(report.Rows, func(a, b Row) int {
		if o := strings.Compare(a.Person, b.Person); o != 0 {
			return o
		}
		return strings.Compare(a.Month, b.Month)
	})
	return report, nil
}

func (r *Row) nothing() bool {
	return r.Hours.Total()+r.Always+r.Worked.Total()+r.StoodInFor+r.ReplacedFor == 0 && r.Pages+len(r.Rests)+r.StoodIn+r.Replaced+r.Nights == 0
}

// name is what a person was called last.
func (c *counter) name(person string) string {
	for i := range slices.Backward(c.in.Versions) {
		if name := c.in.Versions[i].Roster.People[person]; name != "" {
			return name
		}
	}
	return person
}

// row is that of a person and a day; nil if nothing of it is counted.
func (c *counter) row(person string, on calendar.Date) *sum {
	if on.DaysSince(c.in.From) < 0 || c.in.To.DaysSince(on) <= 0 || c.in.Person != "" && c.in.Person != person {
		return nil
	}
	key := [2]string{person, on.String()[:len("2026-11")]}
	s := c.rows[key]
	if s == nil {
		s = &sum{
			Row: Row{Person: person, Month: key[1], Hours: Times{}, Worked: Times{}},
			pay: map[Kind]*owed{}, nights: map[calendar.Date]time.Duration{}, days: map[calendar.Date]day{},
		}
		c.rows[key] = s
	}
	return s
}

// clockOf splits time by the working hours of a group.
func (c *counter) clockOf(e *era, group string) *clock {
	hours := e.hoursIn(group)
	if made := e.clocks[hours]; made != nil {
		return made
	}
	spec := hours.Spec()
	key := c.text(&spec)
	if c.made[key] == nil {
		c.made[key] = newClock(hours, c.in.From.AddDays(-around), c.in.To.AddDays(around))
	}
	e.clocks[hours] = c.made[key]
	return c.made[key]
}

// turn is that somebody is on call in a group.
type turn struct {
	stretch
	group    string
	of       *era
	always   bool
	standsIn bool
}

// duties is who was on call, by person, in order of groups.
func (c *counter) duties() map[string][]turn {
	on := map[string][]turn{}
	for _, e := range c.eras {
		for _, group := range e.final.Groups() {
			for _, s := range e.final.Schedule(group, e.from, e.to) {
				for _, a := range s.People {
					on[a.Person] = append(on[a.Person], turn{
						stretch: stretch{s.From, s.To}, group: group, of: e, always: a.Why == contacts.Always, standsIn: duty.IsReplacement(a.Why),
					})
				}
			}
		}
	}
	for _, turns := range on {
		slices.SortStableFunc(turns, func(a, b turn) int { return strings.Compare(a.group, b.group) })
	}
	return on
}

// hours counts one person's duty. An hour in two groups is one of the first of them.
func (c *counter) hours(person string, turns []turn) {
	var had []stretch
	count := func(always bool) {
		for i := range turns {
			t := &turns[i]
			if t.always != always {
				continue
			}
			clock, parts := c.clockOf(t.of, t.group), t.without(had)
			for _, s := range parts {
				clock.over(s.from, s.to, func(p *piece, long time.Duration) {
					if always {
						if row := c.row(person, p.day); row != nil {
							row.Always += long
						}
						return
					}
					c.hour(person, t.of, clock, p, long)
				})
			}
			if t.standsIn {
				clock.over(t.from, t.to, func(p *piece, long time.Duration) {
					if row := c.row(person, p.day); row != nil {
						row.StoodInFor += long
					}
				})
			}
			had = joined(append(had, parts...), 0)
		}
	}
	count(false)
	count(true)
}

// hour counts a part of a piece of somebody's turn.
func (c *counter) hour(person string, e *era, of *clock, p *piece, long time.Duration) {
	if row := c.row(person, p.day); row != nil {
		row.Hours[p.kind] += long
		row.owes(p.kind, e.Rates, long)
		d := row.days[p.day]
		d.on, d.long = d.on+long, dayLength(p.day, of.hours.Location())
		if p.kind != Working && d.kind != Holiday {
			d.kind = p.kind
		}
		row.days[p.day] = d
	}
	if p.night {
		if row := c.row(person, p.eve); row != nil {
			row.nights[p.eve] += long
			if 2*row.nights[p.eve] >= nightLength(p.eve, of.hours.Location()) {
				row.nights[p.eve] = enough
			}
		}
	}
}

// enough marks a night that counts.
const enough = 1 << 50

// nights counts nights and days of which people were on call for half or more.
func (c *counter) nights() {
	for _, row := range c.rows {
		for _, on := range row.nights {
			if on >= enough {
				row.Nights++
			}
		}
		for _, d := range row.days {
			switch {
			case 2*d.on < d.long:
			case d.kind == Holiday:
				row.Holidays++
			case d.kind == Weekend:
				row.WeekendDays++
			}
		}
	}
}
