package icalendar

import (
	"errors"
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

// ErrHours refuses a rule that comes more often than once a day.
var ErrHours = errors.New("icalendar: it repeats by days, weeks, months or years, at the time at which it begins")

// Days is a rule of RFC 5545 (3.3.10) that comes once a day at most, always at the same
// time of day by the clock on the wall.
type Days struct{ rule *rrule.RRule }

// ParseDays reads a rule ("FREQ=MONTHLY;BYDAY=1SU"). The first instant is at start or
// after it, and its location is the wall's. ErrHours refuses a rule of hours.
func ParseDays(text string, start time.Time) (Days, error) {
	o, err := rrule.StrToROptionInLocation(text, start.Location())
	if err != nil {
		return Days{}, fmt.Errorf("icalendar: %w", err)
	}
	if o.Freq > rrule.DAILY || len(o.Byhour)+len(o.Byminute)+len(o.Bysecond) > 0 {
		return Days{}, ErrHours
	}
	o.Dtstart = start
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return Days{}, fmt.Errorf("icalendar: %w", err)
	}
	return Days{r}, nil
}

// After is the first instant of the rule at a time or after it; zero if there is none.
func (d Days) After(t time.Time) time.Time { return d.rule.After(t, true) }

// Between are its instants from one time to another, both inside.
func (d Days) Between(from, to time.Time) []time.Time { return d.rule.Between(from, to, true) }
