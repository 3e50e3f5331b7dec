package icalendar

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
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
	longestRule   = 500
	mostInterval  = 1000
	mostOfOneKind = 400 // values of one BY part
	mostTimes     = 24  // times of a day
)

// spoiled has a rule at which the library panics be one that cannot be read: nobody's
// calendar may end a daemon.
func spoiled(panicked any, err *error) {
	if panicked != nil {
		*err = errRule
	}
}

// newRule reads a rule of an event that begins at start. ahead is by how much its clock
// is ahead of that of its UNTIL.
func newRule(text string, start when, ahead time.Duration) (made *rule, err error) {
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
	if _, end, given := strings.Cut(text, "UNTIL="); given && !o.Until.IsZero() {
		end, _, _ = strings.Cut(end, ";")
		switch {
		case strings.HasSuffix(end, "Z"):
			o.Until = o.Until.Add(ahead)
		case len(end) == len(dayForm) && !start.day: // the whole of that day
			o.Until = o.Until.AddDate(0, 0, 1).Add(-time.Second)
		}
	}
	if o.Until.IsZero() { // the library ends a rule 290 years after it began
		o.Until = time.Date(lastYear, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	o.Dtstart = start.at
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, errRule
	}
	return &rule{r.Iterator()}, nil
}

// until are the starts up to a time, most of them at most.
func (r *rule) until(ctx context.Context, end time.Time, most int) (starts []time.Time, err error) {
	defer func() { spoiled(recover(), &err) }()
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil { // a rule that never comes takes long to say so
			return nil, errTooLong
		}
		at, ok := r.next()
		if !ok || !at.Before(end) {
			return starts, nil
		}
		if len(starts) == most {
			return nil, errMany
		}
		if n%256 == 0 && ctx.Err() != nil {
			return nil, errTooLong
		}
		starts = append(starts, at)
	}
}
