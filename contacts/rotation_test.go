package contacts

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The group on-call of the reference configuration, to the second.
func TestRotationOfTheExample(t *testing.T) {
	d := onCall(t)
	for _, tt := range []struct{ at, want string }{
		{"2026-11-18 12:00", ""}, // before the first handover nobody
		{"2026-11-19 08:59:59", ""},
		{"2026-11-19 09:00:00", "alice"},
		{"2026-11-22 03:00", "alice"},
		{"2026-11-26 08:59:59", "alice"},
		{"2026-11-26 09:00:00", "bruno"},
		{"2026-12-03 08:59:59", "bruno"},
		{"2026-12-03 09:00:00", "chloe"},
		{"2026-12-10 08:59:59", "chloe"},
		{"2026-12-10 09:00:00", "alice"},
		{"2026-12-31 23:59:59", "alice"}, // from 31 December, 09:00, over New Year
		{"2027-01-01 00:00:00", "alice"},
		{"2027-01-07 08:59:59", "alice"},
		{"2027-01-07 09:00:00", "bruno"},
		{"2027-03-28 12:00", "alice"},
	} {
		if got := on(t, d, at(t, tt.at)); got != tt.want {
			t.Errorf("on duty at %s: %q, want %q", tt.at, got, tt.want)
		}
		if got := on(t, d, at(t, tt.at).UTC()); got != tt.want {
			t.Errorf("on duty at %s, asked in UTC: %q, want %q", tt.at, got, tt.want)
		}
	}
}

// First on another day means the handover that follows, on its day that one.
func TestFirstIsTheHandoverOnOrAfter(t *testing.T) {
	for first, want := range map[string]string{
		"2026-11-18": "2026-11-19 09:00",
		"2026-11-19": "2026-11-19 09:00",
		"2026-11-20": "2026-11-26 09:00",
		"2026-11-22": "2026-11-26 09:00",
		"2026-11-25": "2026-11-26 09:00",
		"2026-12-29": "2026-12-31 09:00",
		"2027-01-01": "2027-01-07 09:00",
	} {
		r := thursdays(t)
		r.First = date(t, first)
		d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
		if got := on(t, d, at(t, want).Add(-1)); got != "" {
			t.Errorf("first %s: %q is on duty before %s", first, got, want)
		}
		if got := on(t, d, at(t, want)); got != "alice" {
			t.Errorf("first %s: %q is on duty at %s", first, got, want)
		}
	}
}

func TestTurnsOverClockChanges(t *testing.T) {
	r := thursdays(t)
	r.Handover = Handover{Day: time.Sunday, Hour: 2, Minute: 30} // the hour that comes and goes
	r.First = date(t, "2026-03-01")
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{thursdays(t)}}, {Key: "nights", Rotations: []Rotation{r}}})
	for _, tt := range []struct {
		from, to string
		want     []time.Duration
	}{
		{"2027-03-18 00:00", "2027-04-09 00:00", []time.Duration{168, 167, 168}},
		{"2027-10-21 00:00", "2027-11-12 00:00", []time.Duration{168, 169, 168}},
	} {
		changes := d.Changes("on-call", at(t, tt.from), at(t, tt.to))
		if len(changes) != len(tt.want)+1 {
			t.Fatalf("handovers from %s to %s: %v", tt.from, tt.to, changes)
		}
		for i, want := range tt.want {
			if got := changes[i+1].Sub(changes[i]); got != want*time.Hour {
				t.Errorf("the turn from %v lasts %v, want %d h", changes[i], got, want)
			}
		}
	}
	for _, tt := range []struct{ day, want string }{
		{"2026-03-22", "2026-03-22T01:30:00Z"},
		{"2026-03-29", "2026-03-29T01:00:00Z"}, // 02:30 does not exist: as the clocks change
		{"2026-04-05", "2026-04-05T00:30:00Z"},
		{"2026-10-25", "2026-10-25T00:30:00Z"}, // 02:30 comes twice: the first
	} {
		midnight := at(t, tt.day+" 00:00")
		changes := d.Changes("nights", midnight, midnight.AddDate(0, 0, 1))
		if len(changes) != 1 || changes[0].UTC().Format(time.RFC3339) != tt.want {
			t.Errorf("handovers on %s: %v, want %s", tt.day, changes, tt.want)
			continue
		}
		before, _ := d.On("nights", changes[0].Add(-1))
		after, _ := d.On("nights", changes[0])
		if keys(before) == keys(after) {
			t.Errorf("%s on duty before and after the handover at %v", keys(before), changes[0])
		}
	}
}

// Clocks that go back over midnight, after the handover: it is Saturday again,
// and the handover is not undone.
func TestHandoverBeforeADayComesAgain(t *testing.T) {
	loc, err := time.LoadLocation("America/St_Johns")
	if err != nil {
		t.Fatal(err)
	}
	r := thursdays(t)
	r.Handover, r.First, r.Location = Handover{Day: time.Sunday}, date(t, "2010-10-31"), loc
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
	handover := time.Date(2010, time.November, 7, 2, 30, 0, 0, time.UTC) // 00:00; from 00:01 back to 23:01
	again := handover.Add(15 * time.Minute)
	if day := again.In(loc).Weekday(); day != time.Saturday {
		t.Fatalf("it is %v", day)
	}
	for when, want := range map[time.Time]string{
		handover.Add(-1):             "alice",
		handover:                     "bruno",
		again:                        "bruno",
		handover.Add(48 * time.Hour): "bruno",
	} {
		if got := on(t, d, when); got != want {
			t.Errorf("on duty at %v: %q, want %q", when, got, want)
		}
	}
}

func TestLongTurns(t *testing.T) {
	r := thursdays(t)
	r.Every = 2 * week
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
	for _, tt := range []struct{ at, want string }{
		{"2026-11-12 09:00", ""},
		{"2026-12-03 08:59:59", "alice"},
		{"2026-12-03 09:00", "bruno"},
		{"2026-12-17 08:59:59", "bruno"},
		{"2026-12-17 09:00", "chloe"},
		{"2026-12-31 09:00", "alice"},
	} {
		if got := on(t, d, at(t, tt.at)); got != tt.want {
			t.Errorf("on duty at %s: %q, want %q", tt.at, got, tt.want)
		}
	}
}

// Thousands of years on, by arithmetic: 3 turns are 21 days, 400 years 146097.
func TestFarFuture(t *testing.T) {
	d := onCall(t)
	same := date(t, "2026-11-20").AddDays(21*146_097).At(3, 0, paris(t))
	if same.Year() < 10_000 {
		t.Fatalf("%v is not far", same)
	}
	if got := on(t, d, same); got != "alice" {
		t.Errorf("on duty in %d: %q", same.Year(), got)
	}
	if got := on(t, d, same.AddDate(0, 0, 7)); got != "bruno" {
		t.Errorf("a week later: %q", got)
	}
	if got := on(t, d, time.Time{}); got != "" {
		t.Errorf("on duty in the year 1: %q", got)
	}
}

func anyRotation(t *testing.T, rt *rapid.T) Rotation {
	zone := rapid.SampledFrom([]string{
		"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "UTC",
	}).Draw(rt, "zone")
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return Rotation{
		People: InTurn([]string{"alice", "bruno", "chloe", "dominique", "arthur"}[:rapid.IntRange(1, 5).Draw(rt, "people")]...),
		Handover: Handover{
			Day:    time.Weekday(rapid.IntRange(0, 6).Draw(rt, "day")),
			Hour:   rapid.IntRange(0, 23).Draw(rt, "hour"),
			Minute: rapid.IntRange(0, 59).Draw(rt, "minute"),
		},
		Every:    time.Duration(rapid.IntRange(0, 5).Draw(rt, "weeks")) * week,
		First:    date(t, "2008-01-01").AddDays(rapid.IntRange(0, 365*30).Draw(rt, "first")),
		Location: loc,
	}
}

// After the first handover exactly one person is on duty at any time, turns are
// in order, and they are whole weeks of the local clock, give or take its changes.
func TestTurnsAreInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRotation(t, rt)
		d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
		first := r.First
		for first.Weekday() != r.Handover.Day {
			first = first.AddDays(1)
		}
		start := first.At(r.Handover.Hour, r.Handover.Minute, r.Location)
		if got := on(t, d, start.Add(-1)); got != "" {
			rt.Fatalf("%s is on duty before the first handover %v", got, start)
		}
		turn := max(r.Every, week)
		when := start.Add(time.Duration(rapid.Int64Range(0, int64(100*365*24*time.Hour)).Draw(rt, "after")))
		people := slices.Concat(r.People...)
		index := slices.Index(people, on(t, d, when))
		if index < 0 {
			rt.Fatalf("%q is on duty at %v", on(t, d, when), when)
		}
		if len(r.People) == 1 {
			return
		}
		duty, _ := d.Duty("on-call", when)
		if duty.Since.After(when) || !duty.Until.After(when) || (duty.Until.Sub(duty.Since)-turn).Abs() > 24*time.Hour {
			rt.Fatalf("the turn at %v is %v to %v", when, duty.Since, duty.Until)
		}
		for _, edge := range []time.Time{duty.Since, duty.Until.Add(-1)} {
			if got := on(t, d, edge); got != people[index] {
				rt.Fatalf("%q is on duty at %v, want %q", got, edge, people[index])
			}
		}
		if next := people[(index+1)%len(people)]; on(t, d, duty.Until) != next || !slices.Equal(duty.Next, []string{next}) {
			rt.Fatalf("after %s comes %s, want %s", people[index], on(t, d, duty.Until), next)
		}
	})
}
