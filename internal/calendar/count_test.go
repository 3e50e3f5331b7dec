package calendar

import (
	"testing"
	"time"
)

// The worked examples of a GTI, agreed with those who promise one, row by row.
func TestGTIWorkedExamples(t *testing.T) {
	hours, always := business(t), Always("always")
	tests := []struct {
		created string
		cal     *Calendar
		within  time.Duration
		due     string
	}{
		{"2026-11-20 17:30", hours, 1 * time.Hour, "2026-11-23 09:00"},
		{"2026-11-20 17:30", hours, 4 * time.Hour, "2026-11-23 12:00"},
		{"2026-11-19 13:00", hours, 16 * time.Hour, "2026-11-23 12:30"},
		{"2026-11-22 03:00", always, 1 * time.Hour, "2026-11-22 04:00"},
		{"2026-12-24 17:00", hours, 4 * time.Hour, "2026-12-28 11:30"},
		{"2026-03-29 01:30", always, 1 * time.Hour, "2026-03-29 03:30"},
	}
	for _, tt := range tests {
		t.Run(tt.created+" "+tt.within.String(), func(t *testing.T) {
			due, ok := tt.cal.Add(at(t, tt.created), tt.within)
			if !ok || !due.Equal(at(t, tt.due)) {
				t.Errorf("due %v, want %s", due, tt.due)
			}
			if got := tt.cal.Between(at(t, tt.created), due); got != tt.within {
				t.Errorf("%v of open time until it is due", got)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	hours := business(t)
	tests := []struct {
		name, from string
		d          time.Duration
		want       string
	}{
		{"nothing", "2026-11-21 10:00", 0, "2026-11-21 10:00"},
		{"less than nothing", "2026-11-21 10:00", -time.Hour, "2026-11-21 10:00"},
		{"the end of the morning, not 14:00", "2026-11-20 08:30", 4 * time.Hour, "2026-11-20 12:30"},
		{"the end of Friday, not Monday", "2026-11-20 08:30", 8 * time.Hour, "2026-11-20 18:00"},
		{"a nanosecond more is Monday", "2026-11-20 18:00", 1, "2026-11-23 08:30"},
		{"from a Sunday", "2026-11-22 03:00", time.Hour, "2026-11-23 09:30"},
		{"over New Year", "2026-12-31 17:00", 2 * time.Hour, "2027-01-04 09:30"},
		{"over 1 and 8 May", "2026-04-30 17:00", 33*time.Hour + 30*time.Minute, "2026-05-11 09:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := hours.Add(at(t, tt.from), tt.d)
			if !ok || !got.Truncate(time.Microsecond).Equal(at(t, tt.want)) {
				t.Errorf("Add(%s, %v) = %v, want %s", tt.from, tt.d, got, tt.want)
			}
		})
	}
	if got, ok := hours.Add(at(t, "2026-11-20 10:00"), 240_000*time.Hour); ok {
		t.Errorf("more than a century away, %v", got)
	}
	utc := at(t, "2026-11-20 17:30").UTC()
	if got, _ := hours.Add(utc, time.Hour); got.Location() != time.UTC {
		t.Errorf("asked in UTC, answered in %v", got.Location())
	}
}

func TestNextOpenNextClosed(t *testing.T) {
	hours := business(t)
	split := calendar(t, workdays, Holidays{Country: "FR"}, "07:00-08:30", "08:30-12:30", "12:30-24:00", "00:00-06:00")
	tests := []struct {
		name, at, open, closed string
		cal                    *Calendar
	}{
		{"open", "2026-11-20 10:00:30", "2026-11-20 10:00:30", "2026-11-20 12:30", hours},
		{"at the opening", "2026-11-20 08:30", "2026-11-20 08:30", "2026-11-20 12:30", hours},
		{"at noon", "2026-11-20 12:30", "2026-11-20 14:00", "2026-11-20 12:30", hours},
		{"Friday evening", "2026-11-20 18:00", "2026-11-23 08:30", "2026-11-20 18:00", hours},
		{"Christmas Eve", "2026-12-24 18:30", "2026-12-28 08:30", "2026-12-24 18:30", hours},
		{"spans that touch, over midnight", "2026-11-18 07:10", "2026-11-18 07:10", "2026-11-19 06:00", split},
		{"a night that ends the week", "2026-11-20 20:00", "2026-11-20 20:00", "2026-11-21 00:00", split},
		{"midnight before a holiday", "2026-11-10 20:00", "2026-11-10 20:00", "2026-11-11 00:00", split},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := tt.cal.NextOpen(at(t, tt.at)); !ok || !got.Equal(at(t, tt.open)) {
				t.Errorf("NextOpen = %v, %v, want %s", got, ok, tt.open)
			}
			if got, ok := tt.cal.NextClosed(at(t, tt.at)); !ok || !got.Equal(at(t, tt.closed)) {
				t.Errorf("NextClosed = %v, %v, want %s", got, ok, tt.closed)
			}
		})
	}
}

func TestNeverWithinTwoYears(t *testing.T) {
	start := Date{2026, time.January, 1}
	var closed []Date
	for i := range 3 * 366 {
		closed = append(closed, start.AddDays(i))
	}
	c := calendar(t, everyDay, Holidays{Add: closed}, "00:00-24:00")
	if got, ok := c.NextOpen(at(t, "2026-01-10 10:00")); ok {
		t.Errorf("closed for three years, opens at %v", got)
	}
	if got, ok := c.NextClosed(at(t, "2022-01-10 10:00")); ok {
		t.Errorf("open for four years, closes at %v", got)
	}
	if got, ok := c.NextClosed(at(t, "2025-01-10 10:00")); !ok || !got.Equal(at(t, "2026-01-01 00:00")) {
		t.Errorf("closes at %v, %v", got, ok)
	}
	if got, ok := c.Add(at(t, "2026-01-10 10:00"), time.Hour); !ok || !got.Equal(at(t, "2029-01-03 01:00")) {
		t.Errorf("an hour of open time has passed at %v, %v", got, ok)
	}
}

// What a span is worth on the days the clocks change, in real time.
func TestClockChanges(t *testing.T) {
	tests := []struct {
		day, hours string
		worth      time.Duration
	}{
		{"2026-03-28", "01:00-04:00", 3 * time.Hour},
		{"2026-03-29", "01:00-04:00", 2 * time.Hour},
		{"2026-03-29", "02:00-03:00", 0},
		{"2026-03-29", "02:30-04:00", time.Hour},
		{"2026-03-29", "00:00-24:00", 23 * time.Hour},
		{"2026-10-25", "01:00-04:00", 4 * time.Hour},
		{"2026-10-25", "02:00-03:00", 2 * time.Hour},
		{"2026-10-25", "02:30-03:00", time.Hour},
		{"2026-10-25", "02:30-04:00", 30*time.Minute + 90*time.Minute},
		{"2026-10-25", "00:00-24:00", 25 * time.Hour},
	}
	for _, tt := range tests {
		c := calendar(t, everyDay, Holidays{}, tt.hours)
		from := at(t, tt.day+" 00:00")
		if got := c.Between(from, from.AddDate(0, 0, 1)); got != tt.worth {
			t.Errorf("%s on %s is worth %v, want %v", tt.hours, tt.day, got, tt.worth)
		}
	}
}

func TestStretchesOverClockChanges(t *testing.T) {
	utc := func(s string) time.Time {
		instant, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	night := calendar(t, everyDay, Holidays{}, "01:00-04:00")
	half := calendar(t, everyDay, Holidays{}, "02:30-03:00")
	tests := []struct {
		name             string
		cal              *Calendar
		at, open, closed string
	}{
		{"one stretch in spring", night, "2026-03-29T00:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"},
		{"one stretch in autumn", night, "2026-10-24T23:00:00Z", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"},
		{"a time that does not exist", half, "2026-03-29T00:00:00Z", "2026-03-30T00:30:00Z", "2026-03-29T00:00:00Z"},
		{"a time that comes twice, first", half, "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"},
		{"a time that comes twice, between", half, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z"},
		{"a time that comes twice, second", half, "2026-10-25T01:45:00Z", "2026-10-25T01:45:00Z", "2026-10-25T02:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := tt.cal.NextOpen(utc(tt.at)); !ok || !got.Equal(utc(tt.open)) {
				t.Errorf("NextOpen = %v, want %s", got, tt.open)
			}
			if got, ok := tt.cal.NextClosed(utc(tt.at)); !ok || !got.Equal(utc(tt.closed)) {
				t.Errorf("NextClosed = %v, want %s", got, tt.closed)
			}
		})
	}
}

// Behind the years that the zone's table lists, clocks follow its rule, and
// package time cuts leap years short by a day.
func TestFarYears(t *testing.T) {
	hours, all := business(t), calendar(t, everyDay, Holidays{Country: "FR"}, "00:00-24:00")
	for _, year := range []string{"2040", "2044", "2096", "2400"} {
		from := at(t, year+"-12-31 00:00")
		if got := all.Between(from, from.AddDate(0, 0, 3)); got != 48*time.Hour {
			t.Errorf("%s: %v in three days, one of them New Year", year, got)
		}
		if got, ok := all.Add(from, 25*time.Hour); !ok || !got.Equal(from.Add(49*time.Hour)) {
			t.Errorf("%s: 25 h from %v on have passed at %v", year, from, got)
		}
	}
	if got, ok := hours.Add(at(t, "2040-07-02 09:00"), 8*time.Hour); !ok || !got.Equal(at(t, "2040-07-03 09:00")) {
		t.Errorf("a working day of 2040 ends at %v", got)
	}
}

func TestBetween(t *testing.T) {
	hours := business(t)
	a := at(t, "2026-11-20 17:30")
	if got := hours.Between(a, a); got != 0 {
		t.Errorf("no time at all counts %v", got)
	}
	if got := hours.Between(a, a.Add(-time.Hour)); got != 0 {
		t.Errorf("backwards it counts %v", got)
	}
	if got := hours.Between(a, at(t, "2026-11-23 08:45:30")); got != 45*time.Minute+30*time.Second {
		t.Errorf("over the week-end it counts %v", got)
	}
	if got := hours.Between(at(t, "2026-11-20 12:30"), at(t, "2026-11-20 14:00")); got != 0 {
		t.Errorf("the lunch hour counts %v", got)
	}
	if got := calendar(t, everyDay, Holidays{Country: "FR"}, "00:00-24:00").Between(time.Time{}, a); got != 1<<63-1 {
		t.Errorf("two thousand years count %v, want the longest Duration", got)
	}
}

func BenchmarkAdd16h(b *testing.B) {
	c, created := business(b), at(b, "2026-11-19 13:00")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Add(created, 16*time.Hour); !ok {
			b.Fatal("never due")
		}
	}
}

func BenchmarkBetweenMonth(b *testing.B) {
	c, from, to := business(b), at(b, "2026-10-19 13:00"), at(b, "2026-11-19 13:00")
	b.ReportAllocs()
	for b.Loop() {
		if c.Between(from, to) == 0 {
			b.Fatal("never open")
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	c, now := business(b), at(b, "2026-11-19 17:00")
	b.ReportAllocs()
	for b.Loop() {
		if !c.Open(now) {
			b.Fatal("closed")
		}
	}
}
