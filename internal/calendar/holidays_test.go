package calendar

import (
	"testing"
	"time"
)

// Easter Sundays as the churches' tables have them, the earliest and the latest
// possible and both corrections of the computus (1954, 1981) among them.
func TestEasterSunday(t *testing.T) {
	for year, want := range map[int]string{
		1818: "1818-03-22",
		1943: "1943-04-25",
		1954: "1954-04-18",
		1961: "1961-04-02",
		1981: "1981-04-19",
		2000: "2000-04-23",
		2008: "2008-03-23",
		2011: "2011-04-24",
		2016: "2016-03-27",
		2019: "2019-04-21",
		2024: "2024-03-31",
		2025: "2025-04-20",
		2026: "2026-04-05",
		2027: "2027-03-28",
		2028: "2028-04-16",
		2029: "2029-04-01",
		2030: "2030-04-21",
		2038: "2038-04-25",
		2049: "2049-04-18",
		2076: "2076-04-19",
		2285: "2285-03-22",
	} {
		if got := easterSunday(year).String(); got != want {
			t.Errorf("Easter %d = %s, want %s", year, got, want)
		}
	}
}

// Against the epact, which comes to the full moon another way, and the bounds of
// Easter, 22 March and 25 April.
func TestEasterOverCenturies(t *testing.T) {
	for year := 1600; year < 12_000; year++ {
		easter := easterSunday(year)
		if easter.Weekday() != time.Sunday || easter.DaysSince(Date{year, time.March, 22}) < 0 || easter.DaysSince(Date{year, time.April, 25}) > 0 {
			t.Errorf("Easter %d = %v", year, easter)
		}
		if other := easterByEpact(year); other != easter {
			t.Errorf("Easter %d = %v, by the epact %v", year, easter, other)
		}
	}
}

// easterByEpact goes the way of the calendar's reformers: golden number, epact,
// new moon, full moon, Sunday.
func easterByEpact(year int) Date {
	golden, century := year%19+1, year/100+1
	solar, lunar := 3*century/4-12, (8*century+5)/25-5
	epact := ((11*golden+20+lunar-solar)%30 + 30) % 30
	if epact == 24 || epact == 25 && golden > 11 {
		epact++
	}
	full := 44 - epact
	if full < 21 {
		full += 30
	}
	d := Date{year, time.March, 1}.AddDays(full) // the day after the full moon
	for d.Weekday() != time.Sunday {
		d = d.AddDays(1)
	}
	return d
}

func TestFranceHolidays(t *testing.T) {
	want := []string{
		"2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
		"2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
	}
	got := FranceHolidays(2026)
	if len(got) != len(want) {
		t.Fatalf("%d holidays: %v", len(got), got)
	}
	for i, h := range got {
		if h.Date.String() != want[i] || h.Name == "" {
			t.Errorf("holiday %d is %v, want %s", i, h, want[i])
		}
	}
	if got := FranceHolidays(2008); got[2].Date != got[3].Date || got[2].Name != "Fête du Travail" || got[3].Name != "Ascension" {
		t.Errorf("1 May 2008 was Ascension too: %v", got)
	}
}

// The quick look a calendar takes at a day agrees with the list.
func TestHolidayAgreesWithTheList(t *testing.T) {
	c := calendar(t, everyDay, Holidays{Country: "FR"}, "00:00-24:00")
	for year := 1990; year < 2100; year++ {
		listed := map[Date]bool{}
		for _, h := range FranceHolidays(year) {
			listed[h.Date] = true
		}
		for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
			noon := d.At(12, 0, location(t, "Europe/Paris"))
			if c.Holiday(noon) != listed[d] || c.Open(noon) == listed[d] {
				t.Fatalf("%v: listed %v, holiday %v, open %v", d, listed[d], c.Holiday(noon), c.Open(noon))
			}
		}
	}
}
