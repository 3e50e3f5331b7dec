package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Zones whose clocks change by an hour, by half an hour, at midnight, by a
// whole day, and never.
var zones = []string{
	"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
	"Pacific/Apia", "Asia/Kathmandu", "UTC",
}

// anyCalendar draws hours that do not overlap, touching ones and 24:00 often.
func anyCalendar(t *testing.T, rt *rapid.T) *Calendar {
	var spans []Span
	for day := time.Sunday; day <= time.Saturday; day++ {
		from := 0
		for range rapid.IntRange(0, 3).Draw(rt, "spans") {
			from += 15 * rapid.IntRange(0, 30).Draw(rt, "gap")
			to := min(from+15*rapid.IntRange(1, 40).Draw(rt, "length"), minutesPerDay)
			if from >= to {
				break
			}
			spans = append(spans, Span{Days: []time.Weekday{day}, From: from, To: to})
			from = to
		}
	}
	if len(spans) == 0 {
		spans = []Span{{Days: []time.Weekday{time.Sunday}, From: 0, To: minutesPerDay}}
	}
	place := rapid.SampledFrom(append(places(), [3]string{})).Draw(rt, "place")
	h := Holidays{Country: place[0], Region: place[1], City: place[2]}
	loc := location(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
	if h.Country != "" && rapid.IntRange(0, 3).Draw(rt, "holidays alone") == 0 {
		c, err := OnHolidays("any", loc, h)
		if err != nil {
			rt.Fatal(err)
		}
		return c
	}
	c, err := New("any", loc, spans, h)
	if err != nil {
		rt.Fatal(err)
	}
	return c
}

// anyInstant draws any nanosecond of 2010 to 2045, half of the time one within
// two days of a change of some clock.
func anyInstant(rt *rapid.T) time.Time {
	if rapid.Bool().Draw(rt, "near a change") {
		change := rapid.SampledFrom([]string{
			"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z",
			"2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z", "2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z",
			"2011-12-30T10:00:00Z",
		}).Draw(rt, "change")
		t, err := time.Parse(time.RFC3339, change)
		if err != nil {
			rt.Fatal(err)
		}
		return t.Add(time.Duration(rapid.Int64Range(-int64(48*time.Hour), int64(48*time.Hour)).Draw(rt, "off by")))
	}
	return time.Unix(rapid.Int64Range(1262304000, 2366841600).Draw(rt, "unix"), rapid.Int64Range(0, 999_999_999).Draw(rt, "ns"))
}

func anyDuration(rt *rapid.T, name string) time.Duration {
	return time.Duration(rapid.Int64Range(1, int64(100*time.Hour)).Draw(rt, name))
}

func TestAddAndBetweenAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from, d := anyCalendar(t, rt), anyInstant(rt), anyDuration(rt, "d")
		due, ok := c.Add(from, d)
		if !ok {
			rt.Fatalf("Add(%v, %v): never", from, d)
		}
		if got := c.Between(from, due); got != d {
			rt.Fatalf("Between(%v, %v) = %v, want %v", from, due, got, d)
		}
		if c.Between(from, due.Add(-1)) != d-1 {
			rt.Fatalf("%v is not the first instant at which %v have passed", due, d)
		}
	})
}

func TestAddIsMonotonic(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from, d := anyCalendar(t, rt), anyInstant(rt), anyDuration(rt, "d")
		due, _ := c.Add(from, d)
		if longer, _ := c.Add(from, d+anyDuration(rt, "more")); !longer.After(due) {
			rt.Fatalf("more time is due at %v, less at %v", longer, due)
		}
		if later, _ := c.Add(from.Add(anyDuration(rt, "later")), d); later.Before(due) {
			rt.Fatalf("created later it is due at %v, before %v", later, due)
		}
	})
}

func TestNextOpenIsTheFirstOpen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from := anyCalendar(t, rt), anyInstant(rt)
		open, ok := c.NextOpen(from)
		if !ok || !c.Open(open) || open.Before(from) {
			rt.Fatalf("NextOpen(%v) = %v, %v, open: %v", from, open, ok, c.Open(open))
		}
		if open.After(from) && (c.Open(from) || c.Open(open.Add(-1)) || c.Between(from, open) != 0) {
			rt.Fatalf("it is open between %v and %v", from, open)
		}
	})
}

func TestNextClosedIsTheFirstClosed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from := anyCalendar(t, rt), anyInstant(rt)
		closed, ok := c.NextClosed(from)
		if !ok {
			if c.AlwaysOpen() || c.week.full() {
				return
			}
			rt.Fatalf("NextClosed(%v): never", from)
		}
		if c.Open(closed) || closed.Before(from) {
			rt.Fatalf("NextClosed(%v) = %v, open: %v", from, closed, c.Open(closed))
		}
		if closed.After(from) && (!c.Open(from) || !c.Open(closed.Add(-1)) || c.Between(from, closed) != closed.Sub(from)) {
			rt.Fatalf("it is closed between %v and %v", from, closed)
		}
	})
}

// The walk over stretches against Open, minute by minute.
func TestBetweenCountsOpenMinutes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from := anyCalendar(t, rt), anyInstant(rt).Truncate(time.Minute)
		var want time.Duration
		to := from
		for range rapid.IntRange(1, 3*minutesPerDay).Draw(rt, "minutes") {
			if c.Open(to) {
				want += time.Minute
			}
			to = to.Add(time.Minute)
		}
		if got := c.Between(from, to); got != want {
			rt.Fatalf("Between(%v, %v) = %v, want %v", from, to, got, want)
		}
	})
}
