package icalendar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Options say what to read of a calendar.
type Options struct {
	// Zone is where a day begins, and what a time means that has no zone, if the
	// calendar has none either (X-WR-TIMEZONE).
	Zone *time.Location
	// Turns are read that meet the time from From to To.
	From, To time.Time
}

// Calendar is what a calendar says.
type Calendar struct {
	Turns  []Turn // by their beginning
	Doubts []Doubt

	zones int // names of zones that were looked for
}

// Turn is an event, or one of the times at which it recurs. To is outside.
type Turn struct {
	From, To time.Time
	Who      Who
}

// Who is whom an event names. Its texts are bounded.
type Who struct {
	Summary   string
	Attendees []Attendee // those who have not declined
}

// Attendee is somebody who is asked to an event.
type Attendee struct{ Name, Mail string }

// Doubt is an event that was not taken for what it says.
type Doubt struct {
	Why     string // DoubtTime, DoubtEmpty, DoubtRule
	Summary string
}

// ErrTooLong says that reading took longer than it may.
var ErrTooLong = errors.New("it took too long to read")

var errNoCalendar = errors.New("it is no calendar: BEGIN:VCALENDAR wanted")

// Read reads all calendars of a text. It looks at the context between events. An event
// that cannot be understood is a doubt, and is no reason to refuse the others. What is
// cancelled (STATUS) names nobody; whether it makes somebody busy (TRANSP) does not
// matter. Any error says in plain English what is wrong with the text.
func Read(ctx context.Context, body []byte, o Options) (*Calendar, error) {
	if len(body) > ticket.MaxCalendarBody {
		return nil, fmt.Errorf("it has more than %d bytes", ticket.MaxCalendarBody)
	}
	components, err := parse(body)
	if err != nil {
		return nil, err
	}
	c := &Calendar{}
	for _, one := range components {
		if err := c.add(ctx, one, o); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.Turns, func(a, b Turn) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Who.Summary, b.Who.Summary))
	})
	return c, nil
}

// add adds the events of one VCALENDAR.
func (c *Calendar) add(ctx context.Context, one *component, o Options) error {
	z := newZones(one, o.Zone, o.To.AddDate(1, 0, 0), &c.zones)
	var events []event
	for _, child := range one.children {
		if child.name != "VEVENT" {
			continue
		}
		if ctx.Err() != nil {
			return ErrTooLong
		}
		e, doubt := z.read(ctx, child)
		switch {
		case e.cancelled && e.instead == nil:
		case doubt != "":
			c.doubt(doubt, &e)
		default:
			events = append(events, e)
		}
	}
	events = latest(events)
	instead := map[string]*exceptions{} // by UID: events that share one share what there is instead
	for i := range events {
		if e := &events[i]; e.instead != nil {
			if instead[e.uid] == nil {
				instead[e.uid] = &exceptions{}
			}
			instead[e.uid].add(*e.instead)
		}
	}
	for i := range events {
		e := &events[i]
		if e.cancelled {
			continue
		}
		var told *exceptions
		if e.instead == nil {
			told = instead[e.uid]
		}
		if err := c.expand(ctx, e, told, o); err != nil {
			return err
		}
	}
	return nil
}

// latest are the events without those that a later state of the same one replaces: of
// one UID, and one beginning or one time of the recurrence. Programs that give several
// events one UID lose none.
func latest(events []event) []event {
	type name struct {
		uid     string
		at      int64
		instead bool
	}
	best := map[name]int{}
	keep := make([]bool, len(events))
	for i := range events {
		e := &events[i]
		if e.uid == "" {
			keep[i] = true
			continue
		}
		n := name{e.uid, e.start.at.Unix(), false}
		if e.instead != nil {
			n = name{e.uid, e.instead.at.Unix(), true}
		}
		if was, ok := best[n]; ok {
			if events[was].sequence > e.sequence {
				continue
			}
			keep[was] = false
		}
		best[n], keep[i] = i, true
	}
	var list []event
	for i := range events {
		if keep[i] {
			list = append(list, events[i])
		}
	}
	return list
}

// expand adds the times of an event, but those that others tell instead.
func (c *Calendar) expand(ctx context.Context, e *event, told *exceptions, o Options) error {
	times := append([]Turn{{From: e.start.at, To: e.end(e.start.at)}}, e.more...)
	for _, text := range e.rules {
		rule, err := newRule(text, e.start, o.To, 0)
		var starts []time.Time
		if err == nil {
			starts, err = rule.until(ctx, o.To, mostStarts, func(at time.Time) bool { return o.From.Before(e.end(at)) })
		}
		if errors.Is(err, ErrTooLong) {
			return err
		}
		if err != nil {
			c.doubt(DoubtRule, e)
			return nil //nolint:nilerr // it is told as a doubt
		}
		for _, at := range starts {
			if !at.Equal(e.start.at) {
				times = append(times, Turn{From: at, To: e.end(at)})
			}
		}
	}
	for _, t := range times {
		if ctx.Err() != nil {
			return ErrTooLong
		}
		at := when{t.From, e.start.day}
		switch {
		case !t.From.Before(o.To) || !o.From.Before(t.To):
			continue
		case e.not.have(at) || told != nil && told.have(at):
			continue
		case !t.From.Before(t.To):
			c.doubt(DoubtEmpty, e)
			return nil
		case len(c.Turns) == ticket.MaxCalendarTurns:
			return fmt.Errorf("it has more than %d turns from %s to %s", ticket.MaxCalendarTurns, o.From.Format(time.DateOnly), o.To.Format(time.DateOnly))
		}
		c.Turns = append(c.Turns, Turn{From: t.From.UTC(), To: t.To.UTC(), Who: e.names})
	}
	return nil
}

// mostStarts is how often an event may recur since it began: hourly for some ten years,
// daily for ever.
const mostStarts = ticket.MaxCalendarStarts

// mostDoubts is how many doubts are kept: who looks at one knows.
const mostDoubts = ticket.MaxCalendarDoubts

func (c *Calendar) doubt(why string, e *event) {
	if len(c.Doubts) < mostDoubts {
		c.Doubts = append(c.Doubts, Doubt{why, e.names.Summary})
	}
}
