package contacts

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

const minutesPerDay = 24 * 60

// handover is the instant at which turn n begins; the first is turn 0. The
// rotation is a checked one, here and below.
func (r *Rotation) handover(n int) time.Time {
	h := r.Handover
	if r.Monthly {
		month := int(r.First.Month) - 1 + n
		year, month := r.First.Year+floorDiv(month, 12), month-12*floorDiv(month, 12)
		return calendar.Date{Year: year, Month: time.Month(month + 1), Day: h.MonthDay}.At(h.Hour, h.Minute, r.Location)
	}
	minute := h.Hour*60 + h.Minute + n*int(r.Every/time.Minute)
	days := floorDiv(minute, minutesPerDay)
	minute -= days * minutesPerDay
	return r.First.AddDays(days).At(minute/60, minute%60, r.Location)
}

// turn is the number of the turn that t is in, negative before the first.
//
// The clock on the wall at t says which turn it is but where the clocks have
// gone back since a handover, a day at most (over the date line): then it is a
// later one, and the instants of the handovers are compared.
func (r *Rotation) turn(t time.Time) int {
	n, left := r.shown(t.In(r.Location))
	if left > minutesPerDay {
		return n
	}
	for !r.handover(n + 1).After(t) {
		n++
	}
	return n
}

// shown is the turn by the clock on the wall alone, and how many minutes of it
// are left, rounded up, at least. The time is in the rotation's location.
func (r *Rotation) shown(local time.Time) (n, left int) {
	day := calendar.DateOf(local)
	minute := local.Hour()*60 + local.Minute() - r.Handover.Hour*60 - r.Handover.Minute
	if r.Monthly {
		n = (day.Year-r.First.Year)*12 + int(day.Month-r.First.Month)
		if day.Day < r.Handover.MonthDay || day.Day == r.Handover.MonthDay && minute < 0 {
			return n - 1, 0
		}
		return n, 0
	}
	minute += day.DaysSince(r.First) * minutesPerDay
	long := int(r.Every / time.Minute)
	n = floorDiv(minute, long)
	return n, (n+1)*long - minute
}

// alone says that all turns are of the same people.
func (r *Rotation) alone() bool {
	return !slices.ContainsFunc(r.People, func(together []string) bool { return !slices.Equal(together, r.People[0]) })
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
