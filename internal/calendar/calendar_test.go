package calendar

import (
	"strings"
	"testing"
	"time"
)

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

var everyDay = append([]time.Weekday{time.Sunday, time.Saturday}, workdays...)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// at reads "2026-11-20 17:30" or "2026-11-20 17:30:59" as local time of Paris.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04:05"[:len(s)]
	instant, err := time.ParseInLocation(layout, s, location(t, "Europe/Paris"))
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func calendar(t testing.TB, days []time.Weekday, h Holidays, hours ...string) *Calendar {
	t.Helper()
	var spans []Span
	for _, s := range hours {
		from, to, err := ParseTimes(s)
		if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, Span{Days: days, From: from, To: to})
	}
	c, err := New("test", location(t, "Europe/Paris"), spans, h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func business(t testing.TB) *Calendar {
	t.Helper()
	return calendar(t, workdays, Holidays{Country: "FR"}, "08:30-12:30", "14:00-18:00")
}

func TestOpen(t *testing.T) {
	bridge := Holidays{
		Country: "FR",
		Add:     []Date{{2026, time.May, 15}},
		Remove:  []Date{{2026, time.May, 25}},
	}
	c := calendar(t, workdays, bridge, "08:30-12:30", "14:00-18:00")
	tests := []struct {
		at      string
		open    bool
		holiday bool
	}{
		{"2026-11-20 08:29:59", false, false},
		{"2026-11-20 08:30:00", true, false},
		{"2026-11-20 12:29:59", true, false},
		{"2026-11-20 12:30:00", false, false},
		{"2026-11-20 13:59:59", false, false},
		{"2026-11-20 14:00:00", true, false},
		{"2026-11-20 17:59:59", true, false},
		{"2026-11-20 18:00:00", false, false},
		{"2026-11-21 10:00", false, false}, // Saturday
		{"2026-05-14 10:00", false, true},  // Ascension
		{"2026-05-15 10:00", false, true},  // added
		{"2026-05-25 10:00", true, false},  // Whit Monday, removed
		{"2026-12-25 00:00", false, true},
		{"2026-12-24 23:59:59", false, false},
	}
	for _, tt := range tests {
		if got := c.Open(at(t, tt.at)); got != tt.open {
			t.Errorf("Open(%s) = %v", tt.at, got)
		}
		if got := c.Open(at(t, tt.at).UTC()); got != tt.open {
			t.Errorf("Open(%s) of the same instant in UTC = %v", tt.at, got)
		}
		if got := c.Holiday(at(t, tt.at).UTC()); got != tt.holiday {
			t.Errorf("Holiday(%s) = %v", tt.at, got)
		}
	}
}

func TestAlwaysOpen(t *testing.T) {
	full := calendar(t, everyDay, Holidays{}, "00:00-12:00", "12:00-24:00")
	tests := []struct {
		name string
		cal  *Calendar
		want bool
	}{
		{"always", Always("always"), true},
		{"a full week", full, true},
		{"a full week with holidays", calendar(t, everyDay, Holidays{Country: "FR"}, "00:00-24:00"), false},
		{"a full week but a day", calendar(t, everyDay, Holidays{Add: []Date{{2030, time.May, 15}}}, "00:00-24:00"), false},
		{"a full week but a minute", calendar(t, everyDay, Holidays{}, "00:00-23:59"), false},
		{"work days", calendar(t, workdays, Holidays{}, "00:00-24:00"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.cal.AlwaysOpen(); got != tt.want {
				t.Errorf("AlwaysOpen() = %v, want %v", got, tt.want)
			}
		})
	}
	now := at(t, "2026-11-20 03:00")
	for _, c := range []*Calendar{Always("always"), full} {
		if open, ok := c.NextOpen(now); !ok || !open.Equal(now) || !c.Open(now) || c.Holiday(now) {
			t.Errorf("%s is not open now, but at %v, %v", c.Name(), open, ok)
		}
		if closed, ok := c.NextClosed(now); ok {
			t.Errorf("%s closes at %v", c.Name(), closed)
		}
		if got := c.Between(now, now.Add(48*time.Hour)); got != 48*time.Hour {
			t.Errorf("%s counts %v in two days", c.Name(), got)
		}
	}
}

func TestNewReportsEveryError(t *testing.T) {
	spans := []Span{
		{Days: workdays, From: 8 * 60, To: 12 * 60},
		{Days: []time.Weekday{time.Friday}, From: 11 * 60, To: 13 * 60},
		{Days: workdays, From: 15 * 60, To: 15 * 60},
		{Days: workdays, From: 22 * 60, To: 6 * 60},
		{Days: workdays, From: 22 * 60, To: 25 * 60},
		{From: 16 * 60, To: 17 * 60},
		{Days: []time.Weekday{7}, From: 16 * 60, To: 17 * 60},
	}
	_, err := New("business", nil, spans, Holidays{
		Country: "DE",
		Add:     []Date{{2026, time.February, 30}, {2026, time.May, 15}},
		Remove:  []Date{{2026, time.May, 15}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"calendar \"business\": Friday: 11:00-13:00 overlaps 08:00-12:00",
		"15:00-15:00: they end when they begin",
		"22:00-06:00: they end before they begin",
		"22:00-25:00 is outside the day",
		"16:00-17:00: no day of the week",
		"7 is no day of the week",
		`calendar "business": no holidays of country "DE" are known`,
		"2026-02-30: there is no such day",
		"2026-05-15 is both added and removed",
		"no time zone",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if _, err := New("empty", time.UTC, nil, Holidays{}); err == nil || !strings.Contains(err.Error(), "no hours") {
		t.Errorf("a calendar without hours: %v", err)
	}
	twice := []Span{{Days: []time.Weekday{time.Monday, time.Monday}, From: 0, To: 60}}
	if _, err := New("twice", time.UTC, twice, Holidays{}); err == nil || !strings.Contains(err.Error(), "overlaps") {
		t.Errorf("a day named twice: %v", err)
	}
}

func TestParseTimes(t *testing.T) {
	tests := []struct {
		in       string
		from, to int
		err      string
	}{
		{in: "08:30-12:30", from: 510, to: 750},
		{in: "00:00-24:00", from: 0, to: 1440},
		{in: "23:59-24:00", from: 1439, to: 1440},
		{in: "", err: "08:30-12:30"},
		{in: "08:30", err: "08:30-12:30"},
		{in: "8:30-12:30", err: `"8:30" is not a time`},
		{in: "08h30-12:30", err: `"08h30" is not a time`},
		{in: "+8:30-12:30", err: `"+8:30" is not a time`},
		{in: "08:60-12:30", err: "00 to 59"},
		{in: "08:30-24:01", err: "a day ends at 24:00"},
		{in: "08:30-25:00", err: "a day ends at 24:00"},
		{in: "22:00-06:00", err: "before they begin"},
		{in: "08:30-08:30", err: "end when they begin"},
		{in: "24:00-24:00", err: "end when they begin"},
		{in: "08:30-12:30-14:00", err: `"12:30-14:00" is not a time`},
	}
	for _, tt := range tests {
		from, to, err := ParseTimes(tt.in)
		switch {
		case tt.err == "" && (err != nil || from != tt.from || to != tt.to):
			t.Errorf("ParseTimes(%q) = %d, %d, %v", tt.in, from, to, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("ParseTimes(%q): error %v, want one about %q", tt.in, err, tt.err)
		}
	}
}
