package icalendar

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/astreinte/astreinte/internal/ticket"
)

// rule is a recurrence rule of an event.
type rule struct{ next rrule.Next }

// Errors of rules that are not walked.
var (
	errRule    = errors.New("its rule cannot be read")
	errTooFast = errors.New("its rule repeats within the hour")
	errMany    = errors.New("it repeats too often")
)

const (
	longestRule   = ticket.MaxCalendarRule
	mostInterval  = ticket.MaxCalendarInterval
	mostOfOneKind = ticket.MaxCalendarRuleParts // values of one BY part
	mostTimes     = ticket.MaxCalendarRuleTimes // times of a day
)

// spoiled has a rule at which the library panics be one that cannot be read: nobody's
// calendar may end a daemon.
func spoiled(panicked any, err *error) {
	if panicked != nil {
		*err = errRule
	}
}

// newRule reads a rule of an event that begins at start, as far as it is asked for: until
// end. ahead is by how much its clock is ahead of that of its UNTIL.
func newRule(text string, start when, end time.Time, ahead time.Duration) (made *rule, err error) {
	defer func() { spoiled(recover(), &err) }()
	text = strings.ToUpper(strings.Trim(strings.TrimSpace(text), ";"))
	if len(text) > longestRule || strings.Contains(text, "DTSTART") || strings.Contains(text, "\n") {
		return nil, errRule
	}
	o, err := rrule.StrToROptionInLocation(text, start.at.Location())
	switch {
	case err != nil || o.Interval < 0 || o.Interval > mostInterval || o.Count < 0:
		return nil, errRule
	case o.Freq == rrule.SECONDLY || o.Freq == rrule.MINUTELY || len(o.Byminute) > 1 || len(o.Bysecond) > 1 || len(o.Byhour) > mostTimes:
		return nil, errTooFast
	case o.Freq == rrule.HOURLY && (len(o.Bysetpos)+len(o.Bymonth)+len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekno)+len(o.Byweekday)+len(o.Byhour)+len(o.Byeaster)) > 0:
		return nil, errTooFast
	}
	for _, list := range [][]int{o.Bysetpos, o.Bymonth, o.Bymonthday, o.Byyearday, o.Byweekno} {
		if len(list) > mostOfOneKind {
			return nil, errRule
		}
	}
	if len(o.Byweekday) > mostOfOneKind {
		return nil, errRule
	}
	if _, last, given := strings.Cut(text, "UNTIL="); given && !o.Until.IsZero() {
		last, _, _ = strings.Cut(last, ";")
		switch {
		case strings.HasSuffix(last, "Z"):
			o.Until = o.Until.Add(ahead)
		case len(last) == len(dayForm) && !start.day: // the whole of that day
			o.Until = o.Until.AddDate(0, 0, 1).Add(-time.Second)
		}
	}
	if o.Until.IsZero() || o.Until.After(end) { // what never comes is looked for no longer than it is asked for
		o.Until = end
	}
	o.Dtstart = start.at
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, errRule
	}
	return &rule{r.Iterator()}, nil
}

// until are the starts up to a time that are wanted; nil wants all. There are most of them at
// most, wanted or not.
func (r *rule) until(ctx context.Context, end time.Time, most int, wanted func(time.Time) bool) (starts []time.Time, err error) {
	defer func() { spoiled(recover(), &err) }()
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil { // a rule that never comes takes long to say so
			return nil, ErrTooLong
		}
		at, ok := r.next()
		if !ok || !at.Before(end) {
			return starts, nil
		}
		if n == most {
			return nil, errMany
		}
		if wanted == nil || wanted(at) {
			starts = append(starts, at)
		}
	}
}
