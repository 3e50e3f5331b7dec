package contacts

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// The shortest and the longest turn. What is longer is no rotation, what is
// shorter nobody can live by.
const (
	week       = 7 * 24 * time.Hour
	minTurn    = time.Hour
	maxTurn    = 520 * week
	lastOfDays = 28 // the last day that each month has
)

// Handover is when duty passes on, on the local clock.
type Handover struct {
	Day          time.Weekday // of turns of whole weeks; others have none
	MonthDay     int          // of turns of a month, 1 to 28; 1 if it is 0
	Hour, Minute int
}

// Rotation is a layer of a group: people who take turns, in order and round
// again (row S1-53: full weeks, Thursday to Thursday).
//
// A turn lasts from one handover to the next. Lengths are read off the clock on
// the wall, so a week over a change of the clocks is 167 or 169 hours long, and
// a turn of twelve hours can last eleven. A handover at a local time that does
// not exist is at the moment of the change, at one that comes twice it is at
// the first.
//
// Before the first handover nobody of the rotation is on duty, nor is anybody
// once it has ended, nor while its calendars say no.
type Rotation struct {
	Name     string        // what a schedule calls it; "rotation 2" if it has none
	People   [][]string    // keys, in order; those of one list have their turn together
	Handover Handover      // First is a day of handover if turns have one
	Every    time.Duration // length of a turn, in whole hours; a week if it is 0
	Monthly  bool          // a turn is a month; Every is 0
	First    calendar.Date // People[0] takes over at the first handover on or after this day
	Until    calendar.Date // it ends at the time of handover on or after this day; the zero Date: never
	Location *time.Location
	During   *calendar.Calendar // it names people while this is open; nil: always
	Outside  *calendar.Calendar // it names people while this is closed; nil: always
	Instead  bool               // while it names somebody, the rotations before it in the group do not
}

// InTurn is people who take turns one at a time.
func InTurn(people ...string) [][]string {
	turns := make([][]string, len(people))
	for i, p := range people {
		turns[i] = []string{p}
	}
	return turns
}

// checked is the rotation with its defaults, and First and Until on a day of
// handover, or all that is wrong with it.
func (r Rotation) checked() (Rotation, []error) {
	r = r.withDefaults()
	errs := slices.Concat(r.wrongPeople(), r.wrongTurns(), r.wrongHandover())
	if !r.First.Valid() {
		errs = append(errs, fmt.Errorf("its first day, %s, does not exist", r.First))
	}
	if r.bounded() && !r.Until.Valid() {
		errs = append(errs, fmt.Errorf("its last day, %s, does not exist", r.Until))
	}
	if r.Location == nil {
		errs = append(errs, errors.New("it has no time zone"))
	}
	if len(errs) > 0 {
		return r, errs
	}
	r.First = r.onHandover(r.First)
	if r.bounded() {
		if r.Until = r.onHandover(r.Until); r.Until.DaysSince(r.First) <= 0 {
			errs = append(errs, errors.New("it ends before it begins"))
		}
	}
	people := make([][]string, len(r.People))
	for i, together := range r.People {
		people[i] = owned(together)
	}
	r.People = people
	return r, errs
}

func (r *Rotation) wrongPeople() []error {
	var errs []error
	if len(r.People) == 0 {
		errs = append(errs, errors.New("nobody is in it"))
	}
	for i, together := range r.People {
		if len(together) == 0 {
			errs = append(errs, fmt.Errorf("nobody has turn %d", i+1))
		}
		for j, p := range together {
			if slices.Contains(together[:j], p) {
				errs = append(errs, fmt.Errorf("%q has turn %d twice", p, i+1))
			}
		}
	}
	return errs
}

func (r *Rotation) wrongTurns() []error {
	switch {
	case r.Monthly && r.Every != 0:
		return []error{errors.New("a turn is a month or has a length, not both")}
	case !r.Monthly && (r.Every < minTurn || r.Every > maxTurn || r.Every%time.Hour != 0):
		return []error{fmt.Errorf("a turn of %v: it lasts from 1h to 520w, in whole hours", r.Every)}
	}
	return nil
}

func (r *Rotation) wrongHandover() []error {
	var errs []error
	h := r.Handover
	if h.Day < time.Sunday || h.Day > time.Saturday {
		errs = append(errs, fmt.Errorf("handover: %d is no day of the week", int(h.Day)))
	}
	if r.Monthly && (h.MonthDay < 1 || h.MonthDay > lastOfDays) {
		errs = append(errs, fmt.Errorf("handover: day %d is not in each month: from 1 to %d", h.MonthDay, lastOfDays))
	}
	if h.Hour < 0 || h.Hour > 23 || h.Minute < 0 || h.Minute > 59 {
		errs = append(errs, fmt.Errorf("handover: %02d:%02d is no time of day", h.Hour, h.Minute))
	}
	return errs
}

// bounded says that the rotation has an end.
func (r *Rotation) bounded() bool { return r.Until != calendar.Date{} }

// Weekly says that turns are whole weeks and pass on on a day of the week.
func (r *Rotation) Weekly() bool {
	return !r.Monthly && r.Every%week == 0
}

// onHandover is the first day from d on on which duty can pass on.
func (r *Rotation) onHandover(d calendar.Date) calendar.Date {
	switch {
	case r.Weekly():
		return d.AddDays((int(r.Handover.Day-d.Weekday()) + 7) % 7)
	case r.Monthly:
		if d.Day > r.Handover.MonthDay {
			d.Day = 1
			d = d.AddDays(31) // in the month that follows
		}
		d.Day = r.Handover.MonthDay
	}
	return d
}

// Span is the first instant of the rotation's first turn, and the instant at
// which the rotation ends, zero if it never does. The rotation must be one that
// a [Directory] gave out, or whose days and location are right.
func (r Rotation) Span() (begins, ends time.Time) {
	whole := r.withDefaults()
	at := func(d calendar.Date) time.Time {
		return whole.onHandover(d).At(r.Handover.Hour, r.Handover.Minute, r.Location)
	}
	if r.bounded() {
		ends = at(r.Until)
	}
	return at(r.First), ends
}

func (r Rotation) withDefaults() Rotation {
	if r.Every == 0 && !r.Monthly {
		r.Every = week
	}
	if r.Monthly && r.Handover.MonthDay == 0 {
		r.Handover.MonthDay = 1
	}
	return r
}
