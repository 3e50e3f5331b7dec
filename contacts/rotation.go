package contacts

import (
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// maxWeeks is the longest turn, ten years: what is longer is no rotation.
const maxWeeks = 520

// Handover is the time of the week at which duty passes on, on the local clock.
type Handover struct {
	Day          time.Weekday
	Hour, Minute int
}

// Rotation is people who take turns, one at a time, in order and round again
// (row S1-53: full weeks, Thursday to Thursday).
//
// A turn lasts from one handover to another that many weeks later. Handovers
// keep their time on the local clock, so a week over a change of the clocks is
// 167 or 169 hours long. A handover at a local time that does not exist is at
// the moment of the change, at one that comes twice it is at the first.
//
// Before the first handover nobody of the rotation is on duty.
type Rotation struct {
	People   []string // keys; a person can have several turns
	Handover Handover
	Weeks    int           // length of a turn, 1 where it is 0
	First    calendar.Date // People[0] takes over at the first handover on or after this day
	Location *time.Location
}

// checked is the rotation with its defaults and First on a day of handover, or
// all that is wrong with it.
func (r Rotation) checked() (Rotation, []error) {
	var errs []error
	if r.Weeks == 0 {
		r.Weeks = 1
	}
	if len(r.People) == 0 {
		errs = append(errs, errors.New("nobody is in it"))
	}
	if r.Weeks < 0 || r.Weeks > maxWeeks {
		errs = append(errs, fmt.Errorf("a turn of %d weeks: it lasts from 1 to %d", r.Weeks, maxWeeks))
	}
	h := r.Handover
	if h.Day < time.Sunday || h.Day > time.Saturday {
		errs = append(errs, fmt.Errorf("handover: %d is no day of the week", int(h.Day)))
	}
	if h.Hour < 0 || h.Hour > 23 || h.Minute < 0 || h.Minute > 59 {
		errs = append(errs, fmt.Errorf("handover: %02d:%02d is no time of day", h.Hour, h.Minute))
	}
	if !r.First.Valid() {
		errs = append(errs, fmt.Errorf("its first day, %s, does not exist", r.First))
	}
	if r.Location == nil {
		errs = append(errs, errors.New("it has no time zone"))
	}
	if len(errs) > 0 {
		return r, errs
	}
	r.First = r.First.AddDays((int(h.Day-r.First.Weekday()) + 7) % 7)
	r.People = owned(r.People)
	return r, nil
}

// handover is the instant at which turn n begins; the first is turn 0.
func (r *Rotation) handover(n int) time.Time {
	return r.First.AddDays(7*r.Weeks*n).At(r.Handover.Hour, r.Handover.Minute, r.Location)
}

// turn is the number of the turn that t is in, negative before the first.
func (r *Rotation) turn(t time.Time) int {
	days := calendar.DateOf(t.In(r.Location)).DaysSince(r.First)
	n := days / (7 * r.Weeks) // by the day alone: right but on the day of a handover, and before the first
	for r.handover(n).After(t) {
		n--
	}
	for !r.handover(n + 1).After(t) {
		n++
	}
	return n
}

// person is who has turn n, false before the first.
func (r *Rotation) person(n int) (string, bool) {
	if n < 0 {
		return "", false
	}
	return r.People[n%len(r.People)], true
}

// next is the first instant after t at which another person may take over.
func (r *Rotation) next(t time.Time) (time.Time, bool) {
	n := r.turn(t) + 1
	if n > 0 && r.alone() {
		return time.Time{}, false
	}
	return r.handover(max(n, 0)), true
}

// last is the last instant up to t at which another person may have taken over.
func (r *Rotation) last(t time.Time) (time.Time, bool) {
	n := r.turn(t)
	if n < 0 {
		return time.Time{}, false
	}
	if r.alone() {
		n = 0
	}
	return r.handover(n), true
}

// alone says that all turns are one person's.
func (r *Rotation) alone() bool {
	for _, p := range r.People {
		if p != r.People[0] {
			return false
		}
	}
	return true
}
