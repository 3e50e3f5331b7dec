package calendar

import (
	"errors"
	"slices"
	"strings"
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
	got := public(t, "FR", "", "", 2026)
	if len(got) != len(want) {
		t.Fatalf("%d holidays: %v", len(got), got)
	}
	for i, h := range got {
		if h.Date.String() != want[i] || h.Name == "" {
			t.Errorf("holiday %d is %v, want %s", i, h, want[i])
		}
	}
	if got := public(t, "FR", "", "", 2008); got[2].Date != got[3].Date || got[2].Name != "Fête du Travail" || got[3].Name != "Ascension" {
		t.Errorf("1 May 2008 was Ascension too: %v", got)
	}
}

// public lists holidays of a place that is known.
func public(t testing.TB, country, region, city string, year int) []Holiday {
	t.Helper()
	all, err := PublicHolidays(country, region, city, year)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The quick look a calendar takes at a day agrees with the list, in every place,
// inside the years of its table and outside; and a calendar of holidays alone is open
// when the other one is not.
func TestHolidayAgreesWithTheList(t *testing.T) {
	for _, place := range places() {
		h := Holidays{Country: place[0], Region: place[1], City: place[2]}
		c := calendar(t, everyDay, h, "00:00-24:00")
		only, err := OnHolidays("holidays", location(t, "Europe/Paris"), h)
		if err != nil {
			t.Fatal(err)
		}
		years := []int{firstYear, 2026, lastYear}
		if place[1]+place[2] == "" {
			years = append(years, firstYear-1, lastYear+1)
		}
		for _, year := range years {
			listed := map[Date]bool{}
			for _, h := range public(t, place[0], place[1], place[2], year) {
				listed[h.Date] = true
			}
			for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
				noon := d.midnightUTC().Add(12 * time.Hour)
				if c.Holiday(noon) != listed[d] || only.Holiday(noon) != listed[d] || c.Open(noon) == listed[d] || only.Open(noon) != listed[d] {
					t.Fatalf("%v: %v: listed %v, holiday %v, open %v, of holidays alone %v", place, d, listed[d], c.Holiday(noon), c.Open(noon), only.Open(noon))
				}
			}
		}
	}
}

// places are all that are known: country, region, city.
func places() [][3]string {
	var all [][3]string
	for _, country := range Countries() {
		all = append(all, [3]string{country})
		for _, region := range Regions(country) {
			all = append(all, [3]string{country, region})
		}
		for _, city := range Cities(country) {
			all = append(all, [3]string{country, "", city})
		}
	}
	return all
}

// Days counted from Easter keep their distance from it, in every place, whatever
// the year.
func TestDaysOfEasterFollowIt(t *testing.T) {
	for _, place := range places() {
		if place[2] != "" { // the rules of its country
			continue
		}
		rules, err := rulesOf(place[0], place[1], place[2])
		if err != nil {
			t.Fatal(err)
		}
		rules = slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return r.month != 0 || r.moved != nil })
		for year := 1900; year <= 2200; year++ {
			sunday, listed := easterByEpact(year), map[Holiday]bool{}
			for _, h := range public(t, place[0], place[1], place[2], year) {
				listed[h] = true
			}
			for _, r := range rules {
				if !listed[Holiday{sunday.AddDays(r.day), r.name}] {
					t.Errorf("%v %d: no %s %d days after Easter, %v", place, year, r.name, r.day, sunday)
				}
			}
		}
	}
}

// Days as laws and official lists have them.
func TestHolidaysOfPlaces(t *testing.T) {
	for _, tt := range []struct {
		country, region, city string
		date                  string
		want                  bool
	}{
		{"FR", "FR-67", "", "2026-04-03", true}, // Good Friday in Alsace
		{"FR", "FR-57", "", "2026-12-26", true},
		{"FR", "", "", "2026-04-03", false},
		{"FR", "FR-976", "", "2026-04-27", true}, // article L3422-2
		{"FR", "FR-972", "", "2026-05-22", true},
		{"FR", "FR-MF", "", "2026-05-27", true},
		{"FR", "FR-GF", "", "2026-06-10", true},
		{"FR", "FR-BL", "", "2026-10-09", true},
		{"FR", "FR-RE", "", "2026-12-20", true},
		{"FR", "FR-971", "", "2026-04-03", false}, // usage, no law
		{"FR", "FR-PF", "", "2025-06-29", true},
		{"FR", "FR-PF", "", "2025-11-20", false},
		{"FR", "FR-PF", "", "2026-06-29", false},
		{"FR", "FR-PF", "", "2026-11-20", true},
		{"IT", "", "", "2025-10-04", false}, // law 151 of 2025
		{"IT", "", "", "2026-10-04", true},
		{"IT", "", "milano", "2026-12-07", true},
		{"IT", "", "Roma", "2026-06-29", true},
		{"IT", "", "l aquila", "2026-06-10", true},
		{"IT", "", "ASTI", "2026-05-05", true},
		{"IT", "IT-BZ", "", "2026-05-25", true},
		{"IT", "", "Bolzano", "2026-05-25", true},
		{"IT", "", "", "2026-05-25", false},
		{"LU", "", "", "2018-05-09", false},
		{"LU", "", "", "2019-05-09", true},
		{"BE", "", "", "2026-07-21", true},
		{"CH", "", "", "2026-04-03", false},      // not in Ticino, Valais and Grisons
		{"CH", "CH-AR", "", "2023-12-26", false}, // a Tuesday
		{"CH", "CH-AI", "", "2017-12-26", false}, // a Tuesday, as Appenzell said then
		{"CH", "CH-AI", "", "2025-12-26", true},  // a Friday
		{"CH", "CH-NE", "", "2022-12-26", true},  // Christmas was a Sunday
		{"CH", "CH-NE", "", "2023-01-02", true},  // so was New Year's day
		{"CH", "CH-NE", "", "2024-01-02", false}, // a Tuesday
		{"CH", "CH-GL", "", "2021-04-08", true},  // 1 April was in Holy Week
		{"CH", "CH-GL", "", "2025-04-03", true},  //
		{"CH", "CH-GE", "", "2024-09-05", true},  // 1 September was a Sunday
		{"CH", "CH-VD", "", "2026-09-21", true},  //
		{"CH", "CH-ZH", "", "2026-05-01", true},  //
		{"CH", "CH-AG", "", "2026-06-04", false}, // no Corpus Christi in Aarau
		{"CH", "CH-AI", "", "2026-12-08", true},  // ai.ch
		{"CH", "CH-VS", "", "2026-05-25", false}, //
		{"CH", "CH-SO", "", "2026-05-01", false}, // half a day is none
		{"CH", "CH-GR", "", "2026-04-03", false}, // left to communes
		{"CH", "CH-TI", "", "2026-06-29", true},  //
		{"CH", "CH-JU", "", "2026-06-23", true},  //
		{"CH", "CH-FR", "", "2026-08-15", true},  // as in the town of Fribourg
	} {
		d, err := ParseDate(tt.date)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, h := range public(t, tt.country, tt.region, tt.city, d.Year) {
			found = found || h.Date.String() == tt.date
		}
		if found != tt.want {
			t.Errorf("%s %s %s: %s is a holiday: %v, want %v", tt.country, tt.region, tt.city, tt.date, found, tt.want)
		}
	}
}

// How many days a canton has, those that are always a Sunday left out, as the
// Swiss news agency counted them for the chief towns in 2014, less what is a
// town's own or half a day.
func TestHowManyDaysCantonsHave(t *testing.T) {
	for canton, want := range map[string]int{
		"AG": 9, "BE": 9, "BL": 9, "BS": 9, "FR": 9, "GE": 9, "GL": 10, "JU": 13, "NW": 10, "OW": 10,
		"SG": 9, "SH": 9, "SZ": 14, "TG": 10, "TI": 15, "VD": 9, "VS": 9, "ZG": 9, "ZH": 9,
	} {
		if got := public(t, "CH", "CH-"+canton, "", 2014); len(got) != want {
			t.Errorf("%s has %d days, want %d: %v", canton, len(got), want, got)
		}
	}
	if n := len(Regions("CH")); n != 26 {
		t.Errorf("%d cantons", n)
	}
}

func TestUnknownPlaces(t *testing.T) {
	for _, tt := range []struct{ country, region, city, want string }{
		{"DE", "", "", `no holidays of country "DE" are known; there is BE, `},
		{"", "FR-67", "", `no holidays of country "" are known; there is BE, CH, FR, IT, LU`},
		{"FR", "FR-75", "", `FR has no region "FR-75" with holidays of its own; there is FR-57, `},
		{"FR", "CH-ZH", "", `FR has no region "CH-ZH"`},
		{"BE", "BE-WAL", "", `BE has no region "BE-WAL" with holidays of its own: leave it out`},
		{"IT", "", "Rome", `IT has no city "Rome" with holidays of its own; there is Roma, `},
		{"IT", "", strings.Repeat("x", 1<<16), `and 6`},
	} {
		_, err := PublicHolidays(tt.country, tt.region, tt.city, 2026)
		var unknown *UnknownPlaceError
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), tt.want) || len(unknown.Known) > mostNames {
			t.Errorf("%v: %v", tt, err)
		}
		if _, err := New("c", time.UTC, []Span{{Days: everyDay, From: 0, To: 60}}, Holidays{Country: tt.country, Region: tt.region, City: tt.city}); !errors.As(err, &unknown) {
			t.Errorf("%v: a calendar is made: %v", tt, err)
		}
	}
}

func TestOnHolidaysWantsSome(t *testing.T) {
	for _, h := range []Holidays{{}, {Remove: []Date{{2026, time.May, 1}}}, {Country: "XX"}, {Add: []Date{{2026, time.February, 30}}}} {
		if _, err := OnHolidays("none", time.UTC, h); err == nil {
			t.Errorf("%v makes a calendar", h)
		}
	}
	if _, err := OnHolidays("nowhere", nil, Holidays{Country: "FR"}); err == nil {
		t.Error("a calendar without a zone")
	}
	only, err := OnHolidays("mine", time.UTC, Holidays{Country: "FR", Add: []Date{{2026, time.May, 15}}, Remove: []Date{{2026, time.May, 25}}})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.May, 14, 12, 0, 0, 0, time.UTC) // Ascension, and the Friday that was added
	if end, _ := only.NextClosed(at); end.Format(time.DateOnly) != "2026-05-16" {
		t.Errorf("closes %v", end)
	}
	if next, _ := only.NextOpen(at.AddDate(0, 0, 2)); next.Format(time.DateTime) != "2026-07-14 00:00:00" {
		t.Errorf("opens %v", next)
	}
	if got := only.Between(at, at.AddDate(1, 0, 0)); got != 11*24*time.Hour+12*time.Hour {
		t.Errorf("%v in a year", got)
	}
}

func BenchmarkHoliday(b *testing.B) {
	c, err := New("c", time.UTC, []Span{{Days: everyDay, From: 0, To: minutesPerDay}}, Holidays{Country: "CH", Region: "CH-TI"})
	if err != nil {
		b.Fatal(err)
	}
	t := time.Date(2026, time.May, 14, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Holiday(t)
	}
}

func BenchmarkNewWithHolidays(b *testing.B) {
	for b.Loop() {
		if _, err := New("c", time.UTC, []Span{{Days: everyDay, From: 0, To: minutesPerDay}}, Holidays{Country: "CH", Region: "CH-TI"}); err != nil {
			b.Fatal(err)
		}
	}
}
