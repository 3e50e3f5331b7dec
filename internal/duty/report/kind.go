package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// Kind is what sort of hour an hour is. Each is of one kind.
type Kind string

// The kinds of hours: the first that fits.
const (
	Working Kind = "working" // the house works
	Holiday Kind = "holiday" // a public holiday, from midnight to midnight
	Weekend Kind = "weekend" // Saturday and Sunday
	Night   Kind = "night"   // 22:00 to 06:00
	Evening Kind = "evening" // all others: before and after work

	// Intervention is no kind of hour: it is what Rates call an hour of work.
	Intervention Kind = "intervention"
)

// Kinds are all of them, as a report lists them.
func Kinds() []Kind { return []Kind{Working, Evening, Night, Weekend, Holiday} }

// The night, by the clock on the wall.
const nightFrom, nightTo = 22, 6

// piece is a stretch of time of one kind, within one local day.
type piece struct {
	from, to time.Time
	kind     Kind
	day      calendar.Date
	night    bool          // it is between 22:00 and 06:00
	eve      calendar.Date // the day on which that night began
}

// clock splits time into pieces, by one calendar's hours.
type clock struct {
	hours  *calendar.Calendar
	pieces []piece // in order, without gaps
}

// newClock splits what is from the first instant of a day on until that of another.
func newClock(hours *calendar.Calendar, from, to calendar.Date) *clock {
	c, loc := &clock{hours: hours}, hours.Location()
	begin, end := from.At(0, 0, loc), to.At(0, 0, loc)
	cuts := append(hours.Bounds(begin, end), begin, end)
	for day := from; to.DaysSince(day) > 0; day = day.AddDays(1) {
		cuts = append(cuts, day.At(0, 0, loc), day.At(nightTo, 0, loc), day.At(nightFrom, 0, loc))
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	for i := range len(cuts) - 1 {
		p := piece{from: cuts[i], to: cuts[i+1]}
		p.judge(hours)
		c.pieces = append(c.pieces, p)
	}
	return c
}

// judge says of which kind a piece is, by its first instant.
func (p *piece) judge(hours *calendar.Calendar) {
	local := p.from.In(hours.Location())
	p.day, p.night = calendar.DateOf(local), local.Hour() >= nightFrom || local.Hour() < nightTo
	if p.eve = p.day; local.Hour() < nightTo {
		p.eve = p.day.AddDays(-1)
	}
	switch day := local.Weekday(); {
	case hours.Open(p.from):
		p.kind = Working
	case hours.Holiday(p.from):
		p.kind = Holiday
	case day == time.Saturday, day == time.Sunday:
		p.kind = Weekend
	case p.night:
		p.kind = Night
	default:
		p.kind = Evening
	}
}

// over gives each piece of a stretch of time.
func (c *clock) over(from, to time.Time, each func(p *piece, long time.Duration)) {
	i, _ := slices.BinarySearchFunc(c.pieces, from, func(p piece, t time.Time) int {
		if p.to.After(t) {
			return 1
		}
		return -1
	})
	for ; i < len(c.pieces) && c.pieces[i].from.Before(to); i++ {
		p := &c.pieces[i]
		each(p, earlier(p.to, to).Sub(later(p.from, from)))
	}
}

// at is the piece that an instant is in; nil if it is in none.
func (c *clock) at(t time.Time) (found *piece) {
	c.over(t, t.Add(1), func(p *piece, _ time.Duration) { found = p })
	return found
}

// nightLength is how long the night is that begins on a day.
func nightLength(eve calendar.Date, loc *time.Location) time.Duration {
	return eve.AddDays(1).At(nightTo, 0, loc).Sub(eve.At(nightFrom, 0, loc))
}

// dayLength is how long a day is.
func dayLength(day calendar.Date, loc *time.Location) time.Duration {
	return day.AddDays(1).At(0, 0, loc).Sub(day.At(0, 0, loc))
}

// stretch is a stretch of time, to outside.
type stretch struct{ from, to time.Time }

func (s stretch) meets(o stretch) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

// joined puts stretches together that overlap, touch or are less than apart from one
// another.
func joined(all []stretch, apart time.Duration) (list []stretch) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
	for _, s := range all {
		if n := len(list); n > 0 && (!s.from.After(list[n-1].to) || s.from.Sub(list[n-1].to) < apart) {
			list[n-1].to = later(list[n-1].to, s.to)
			continue
		}
		list = append(list, s)
	}
	return list
}

// without are the parts of a stretch that are in none of others, which are joined.
func (s stretch) without(others []stretch) (parts []stretch) {
	left := s
	for _, o := range others {
		if !left.meets(o) {
			continue
		}
		if left.from.Before(o.from) {
			parts = append(parts, stretch{left.from, o.from})
		}
		if !o.to.Before(left.to) {
			return parts
		}
		left.from = o.to
	}
	return append(parts, left)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func compare[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }
