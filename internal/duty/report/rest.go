package report

import (
	"time"

	"github.com/astreinte/astreinte/internal/duty"
)

// Rest is rest that an intervention left too short: of a day, between two days of
// work, or of a week.
//
// Being on call is rest while nobody works (Code du travail, L3121-10). An intervention
// is work, and rest begins anew after it, unless it was had wholly before (the
// ministry's DRT 2003/06 of 14 April 2003): so of the stretches of rest one has to be long enough.
type Rest struct {
	Week     bool
	From, To time.Time     // from the end of work until work begins again; of a week, Monday to Monday
	Longest  time.Duration // the longest stretch of rest in it
	Worked   time.Time     // the end of the last intervention in it
}

const (
	daysOfWeek = 7
	// workday is how far apart hours of work may be that are of one day.
	workday = duty.RestOfDay
)

// rests finds the rest that one person's interventions left too short. worked is joined.
func (c *counter) rests(person string, turns []turn, worked []stretch) {
	if len(worked) == 0 {
		return
	}
	_, clock := c.placeAt(turns, worked[0].from)
	if clock == nil {
		return
	}
	var open []stretch // working hours
	for i := range clock.pieces {
		if p := &clock.pieces[i]; p.kind == Working {
			open = append(open, stretch{p.from, p.to})
		}
	}
	open = joined(open, 0)
	days := joined(open, workday)
	for i := 1; i < len(days); i++ {
		free := stretch{days[i-1].to, days[i].from}
		var during []stretch
		for _, w := range worked {
			if w.meets(free) {
				during = append(during, stretch{later(w.from, free.from), earlier(w.to, free.to)})
			}
		}
		if len(during) == 0 {
			continue
		}
		if long := longest(free.without(during)); long < duty.RestOfDay {
			c.broken(person, clock, during, Rest{From: free.from, To: free.to, Longest: long, Worked: during[len(during)-1].to})
		}
	}
	c.weeks(person, clock, open, worked)
}

// weeks looks at each week, from Monday on, in which somebody worked beside working
// hours: a rest of 35 hours has to begin in it, or has to be in it.
func (c *counter) weeks(person string, clock *clock, open, worked []stretch) {
	loc := clock.hours.Location()
	first := c.in.From.AddDays(-around + daysOfWeek)
	monday := first.AddDays(-(int(first.Weekday()) + 6) % daysOfWeek)
	all := stretch{clock.pieces[0].from, clock.pieces[len(clock.pieces)-1].to}
	rests := all.without(joined(append(append([]stretch{}, open...), worked...), 0))
	var beside []stretch // of what was worked, what is beside working hours
	for _, w := range worked {
		beside = append(beside, w.without(open)...)
	}
	for ; c.in.To.DaysSince(monday) > 0; monday = monday.AddDays(daysOfWeek) {
		week := stretch{monday.At(0, 0, loc), monday.AddDays(daysOfWeek).At(0, 0, loc)}
		var during []stretch
		for _, part := range beside {
			if part.meets(week) {
				during = append(during, stretch{later(part.from, week.from), earlier(part.to, week.to)})
			}
		}
		if len(during) == 0 {
			continue
		}
		var long time.Duration
		for _, r := range rests {
			if r.from.Before(week.from) {
				r.from = week.from
				r.to = earlier(r.to, week.to)
			}
			if r.meets(week) {
				long = max(long, r.to.Sub(r.from))
			}
		}
		if long < duty.RestOfWeek {
			c.broken(person, clock, during, Rest{Week: true, From: week.from, To: week.to, Longest: long, Worked: during[len(during)-1].to})
		}
	}
}

// broken adds a rest to the month of the first intervention that broke it.
func (c *counter) broken(person string, clock *clock, during []stretch, r Rest) {
	if p := clock.at(during[0].from); p != nil {
		if row := c.row(person, p.day); row != nil {
			row.Rests = append(row.Rests, r)
		}
	}
}

func longest(all []stretch) (long time.Duration) {
	for _, s := range all {
		long = max(long, s.to.Sub(s.from))
	}
	return long
}

// The rest that is due.
const (
	DailyRest  = duty.RestOfDay
	WeeklyRest = duty.RestOfWeek
)
