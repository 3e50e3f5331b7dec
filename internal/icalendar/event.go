package icalendar

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// event is one VEVENT.
type event struct {
	uid       string
	sequence  int
	start     when
	end       func(start time.Time) time.Time
	rules     []string
	more      []Turn     // RDATEs: each may have an end of its own
	not       exceptions // EXDATEs
	instead   *when      // RECURRENCE-ID
	cancelled bool
	names     Who
}

// Why an event is not taken for what it says.
const (
	DoubtTime  = "time"  // when it begins or ends cannot be read, or its zone is unknown
	DoubtEmpty = "empty" // it ends when it begins
	DoubtRule  = "rule"  // its recurrence cannot be followed: none of its times is taken
)

// exceptions are times of a recurrence that are taken out, or told by another event.
type exceptions struct {
	times map[int64]bool  // in seconds since 1970
	days  map[string]bool // whole ones, of an event with times
}

func (e *exceptions) add(at when) {
	if e.times == nil {
		e.times, e.days = map[int64]bool{}, map[string]bool{}
	}
	e.times[at.at.Unix()] = true
	if at.day {
		e.days[at.at.Format(dayForm)] = true
	}
}

// have says whether a time of an event is among them.
func (e *exceptions) have(at when) bool {
	return e.times[at.at.Unix()] || !at.day && len(e.days) > 0 && e.days[at.at.Format(dayForm)]
}

// read reads a VEVENT. doubt is why it names nobody; empty if it may.
func (z *zones) read(ctx context.Context, c *component) (e event, doubt string) {
	e.uid = ticket.Cut(c.text("UID"), ticket.MaxCalendarName)
	e.sequence, _ = strconv.Atoi(strings.TrimSpace(c.text("SEQUENCE")))
	e.cancelled = strings.EqualFold(strings.TrimSpace(c.text("STATUS")), "CANCELLED")
	e.names = whoOf(c)
	start, ok := c.first("DTSTART")
	if !ok {
		return e, DoubtTime
	}
	if e.start, ok = z.when(ctx, &start, start.value); !ok {
		return e, DoubtTime
	}
	if e.end, ok = z.endOf(ctx, c, e.start); !ok {
		return e, DoubtTime
	}
	for i := range c.lines {
		l := &c.lines[i]
		switch l.name {
		case "RRULE":
			e.rules = append(e.rules, l.value)
		case "EXDATE":
			for value := range strings.SplitSeq(l.value, ",") {
				if at, ok := z.when(ctx, l, value); ok {
					e.not.add(at)
				}
			}
		case "EXRULE": // of before RFC 5545: whom it takes out is not guessed at
			ok = false
		case "RDATE":
			ok = z.more(ctx, &e, l) && ok
		case "RECURRENCE-ID":
			at, readable := z.when(ctx, l, l.value)
			if !readable || l.given().span != "" {
				return e, DoubtRule
			}
			e.instead = &at
		}
	}
	if !ok || len(e.rules) > 1 {
		return e, DoubtRule
	}
	return e, ""
}

// more adds the times of an RDATE.
func (z *zones) more(ctx context.Context, e *event, l *line) bool {
	for value := range strings.SplitSeq(l.value, ",") {
		begins, ends, period := strings.Cut(value, "/")
		at, ok := z.when(ctx, l, begins)
		if !ok || len(e.more) >= ticket.MaxCalendarTurns {
			return false
		}
		t := Turn{From: at.at, To: e.end(at.at)}
		if period {
			if long, is := duration(ends); is {
				t.To = long.after(at.at)
			} else if end, is := z.when(ctx, l, ends); is {
				t.To = end.at
			} else {
				return false
			}
		}
		e.more = append(e.more, t)
	}
	return true
}

// endOf says when an event ends that begins at some time. An end is a time on the wall,
// as the beginning is: a week ends on the clock's nine whatever the clocks do in it.
func (z *zones) endOf(ctx context.Context, c *component, start when) (end func(time.Time) time.Time, ok bool) {
	if l, given := c.first("DTEND"); given {
		at, ok := z.when(ctx, &l, l.value)
		if !ok {
			return nil, false
		}
		if at.at.Location() != start.at.Location() {
			long := at.at.Sub(start.at)
			return func(t time.Time) time.Time { return t.Add(long) }, true
		}
		long := wall(at.at).Sub(wall(start.at))
		return func(t time.Time) time.Time { return onWall(wall(t).Add(long), t.Location()) }, true
	}
	long := span{}
	if text := c.text("DURATION"); text != "" {
		if long, ok = duration(text); !ok {
			return nil, false
		}
	} else if start.day {
		long.days = 1
	}
	return long.after, true
}

// wall is a time's clock on the wall, as if it were UTC's.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// onWall is when a place's clock shows what t does.
func onWall(t time.Time, in *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, in)
}

// span is a DURATION: days of the calendar, and time.
type span struct {
	days int
	long time.Duration
}

func (s span) after(t time.Time) time.Time { return t.AddDate(0, 0, s.days).Add(s.long) }

// duration reads "P7D", "PT12H30M", "P1W" (RFC 5545, 3.3.6).
func duration(text string) (s span, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(text), "+"), "P")
	if !ok || text == "" || len(text) > 30 {
		return s, false
	}
	number, inDay := 0, false
	digits := 0
	for _, r := range text {
		if r >= '0' && r <= '9' {
			if digits++; digits > 6 {
				return s, false
			}
			number = 10*number + int(r-'0')
			continue
		}
		switch {
		case r == 'T' && !inDay && digits == 0:
			inDay = true
			continue
		case digits == 0:
			return s, false
		case r == 'W' && !inDay:
			s.days += 7 * number
		case r == 'D' && !inDay:
			s.days += number
		case r == 'H' && inDay:
			s.long += time.Duration(number) * time.Hour
		case r == 'M' && inDay:
			s.long += time.Duration(number) * time.Minute
		case r == 'S' && inDay:
			s.long += time.Duration(number) * time.Second
		default:
			return s, false
		}
		if s.long < 0 { // more than a Duration holds
			return s, false
		}
		number, digits = 0, 0
	}
	return s, digits == 0 && s.days < 366*(lastYear-firstYear)
}

// whoOf is whom an event names.
func whoOf(c *component) (w Who) {
	w.Summary = strings.TrimSpace(ticket.Cut(unescaped(c.text("SUMMARY")), ticket.MaxCalendarName))
	for i := range c.lines {
		l := &c.lines[i]
		if l.name != "ATTENDEE" || strings.EqualFold(l.given().answer, "DECLINED") || len(w.Attendees) == ticket.MaxCalendarAttendees {
			continue
		}
		a := Attendee{Name: strings.TrimSpace(ticket.Cut(l.given().called, ticket.MaxCalendarName))}
		if value := strings.TrimSpace(l.value); len(value) >= len("mailto:") && strings.EqualFold(value[:len("mailto:")], "mailto:") {
			a.Mail = ticket.Cut(value[len("mailto:"):], ticket.MaxCalendarName)
		}
		if a != (Attendee{}) {
			w.Attendees = append(w.Attendees, a)
		}
	}
	return w
}
