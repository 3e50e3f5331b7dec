package calendar

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	d, err := ParseDate("2026-05-15")
	if err != nil || d != (Date{2026, time.May, 15}) || d.String() != "2026-05-15" {
		t.Errorf("ParseDate = %v, %v", d, err)
	}
	for _, bad := range []string{"", "2026-02-29", "15/05/2026", "2026-5-15", "2026-05-15T00:00"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %v", bad, d)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	d := Date{2027, time.January, 2}
	if got := d.AddDays(-3); got != (Date{2026, time.December, 30}) {
		t.Errorf("three days before %v is %v", d, got)
	}
	if got := d.DaysSince(Date{2023, time.January, 2}); got != 4*365+1 {
		t.Errorf("%d days in four years", got)
	}
	if got := d.Weekday(); got != time.Saturday {
		t.Errorf("%v is a %v", d, got)
	}
	if (Date{}).Valid() || (Date{2026, time.February, 29}).Valid() || !(Date{2028, time.February, 29}).Valid() {
		t.Error("Valid is wrong about the zero Date or 29 February")
	}
}

// A local time that is skipped is the instant of the change, one that comes
// twice the first of the two, on both sides of the world.
func TestAt(t *testing.T) {
	tests := []struct {
		zone         string
		date         Date
		hour, minute int
		want         string // UTC
	}{
		{"Europe/Paris", Date{2026, time.November, 19}, 9, 0, "2026-11-19T08:00:00Z"},
		{"Europe/Paris", Date{2026, time.March, 29}, 1, 59, "2026-03-29T00:59:00Z"},
		{"Europe/Paris", Date{2026, time.March, 29}, 2, 0, "2026-03-29T01:00:00Z"},
		{"Europe/Paris", Date{2026, time.March, 29}, 2, 30, "2026-03-29T01:00:00Z"},
		{"Europe/Paris", Date{2026, time.March, 29}, 3, 0, "2026-03-29T01:00:00Z"},
		{"Europe/Paris", Date{2026, time.October, 25}, 1, 59, "2026-10-24T23:59:00Z"},
		{"Europe/Paris", Date{2026, time.October, 25}, 2, 0, "2026-10-25T00:00:00Z"},
		{"Europe/Paris", Date{2026, time.October, 25}, 2, 59, "2026-10-25T00:59:00Z"},
		{"Europe/Paris", Date{2026, time.October, 25}, 3, 0, "2026-10-25T02:00:00Z"},
		{"America/New_York", Date{2026, time.March, 8}, 2, 30, "2026-03-08T07:00:00Z"},
		{"America/New_York", Date{2026, time.November, 1}, 1, 30, "2026-11-01T05:30:00Z"},
		{"America/Sao_Paulo", Date{2018, time.November, 4}, 0, 0, "2018-11-04T03:00:00Z"}, // no midnight that day
		{"Australia/Lord_Howe", Date{2026, time.October, 4}, 2, 15, "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", Date{2026, time.April, 5}, 1, 45, "2026-04-04T14:45:00Z"},
		{"Pacific/Apia", Date{2011, time.December, 30}, 9, 0, "2011-12-30T10:00:00Z"}, // a day that Samoa skipped
		{"UTC", Date{2026, time.March, 29}, 2, 30, "2026-03-29T02:30:00Z"},
	}
	for _, tt := range tests {
		got := tt.date.At(tt.hour, tt.minute, location(t, tt.zone)).UTC().Format(time.RFC3339)
		if got != tt.want {
			t.Errorf("%v %02d:%02d in %s is %s, want %s", tt.date, tt.hour, tt.minute, tt.zone, got, tt.want)
		}
	}
}
