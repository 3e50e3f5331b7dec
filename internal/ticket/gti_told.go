package ticket

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// SpanWhy says why time counts, or does not.
type SpanWhy string

// The reasons.
const (
	SpanAlways  SpanWhy = "always"  // counts: its calendar never closes
	SpanHours   SpanWhy = "hours"   // counts: its calendar is open
	SpanClosed  SpanWhy = "closed"  // its calendar is closed
	SpanHoliday SpanWhy = "holiday" // … on a holiday
	SpanPause   SpanWhy = "pause"   // the clock rests
	SpanSum     SpanWhy = "sum"     // part of it counts, and is only known as a sum
)

// ClockSpan is a part of a clock's time, and why it counts or does not.
type ClockSpan struct {
	From, To time.Time
	Counted  time.Duration
	Why      SpanWhy
	Day      string // of a holiday, 2026-12-25
	Pause    *Pause
}

// Explain tells all of the time from began to a time, each instant in one span. cal is as
// Stretches has it, zone that of a calendar that is gone.
func (g *GTI) Explain(cal *calendar.Calendar, began, to time.Time, zone *time.Location) []ClockSpan {
	if !to.After(began) {
		return nil
	}
	x := explainer{gti: g, zone: zone, why: SpanHours, off: g.Holidays}
	if cal != nil {
		x.zone = cal.Zone()
		if cal.AlwaysOpen() {
			x.why = SpanAlways
		}
		if holds := g.holds(began); to.After(holds) {
			if holds.IsZero() {
				holds = began
			}
			x.off = append(slices.Clone(x.off), off(cal, holds, to)...)
		}
	}
	list, more := g.Stretches(cal, began, to)
	at := began
	for _, s := range list {
		x.gap(at, s.From)
		x.all = append(x.all, ClockSpan{From: s.From, To: s.To, Counted: s.Length(), Why: x.why})
		at = s.To
	}
	if more > 0 {
		x.all = append(x.all, ClockSpan{From: at, To: to, Counted: more, Why: SpanSum})
		return x.all
	}
	x.gap(at, to)
	return x.all
}

type explainer struct {
	gti  *GTI
	zone *time.Location
	why  SpanWhy // of what counts
	off  []string
	all  []ClockSpan
}

// gap tells why nothing counts between two times.
func (x *explainer) gap(from, to time.Time) {
	for i := range x.gti.Pauses {
		p := &x.gti.Pauses[i]
		if p.Void || !p.From.Before(to) || !p.To.IsZero() && !p.To.After(from) {
			continue
		}
		begin, end := from, to
		if p.From.After(begin) {
			begin = p.From
		}
		if !p.To.IsZero() && p.To.Before(end) {
			end = p.To
		}
		if !begin.Before(end) {
			continue
		}
		x.days(from, begin)
		x.all = append(x.all, ClockSpan{From: begin, To: end, Why: SpanPause, Pause: p})
		from = end
	}
	x.days(from, to)
}

// days tells closed hours, and the holidays among them.
func (x *explainer) days(from, to time.Time) {
	for from.Before(to) {
		day := calendar.DateOf(from.In(x.zone))
		end := day.AddDays(1).At(0, 0, x.zone)
		if !end.After(from) || end.After(to) {
			end = to
		}
		span := ClockSpan{From: from, To: end, Why: SpanClosed}
		if slices.Contains(x.off, day.String()) {
			span.Why, span.Day = SpanHoliday, day.String()
		}
		if n := len(x.all); n > 0 && x.all[n-1].Why == span.Why && x.all[n-1].Day == span.Day && x.all[n-1].To.Equal(from) {
			x.all[n-1].To = end
		} else {
			x.all = append(x.all, span)
		}
		from = end
	}
}
