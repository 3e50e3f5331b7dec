package calendar

import (
	"encoding/json"
	"testing"
	"time"
)

// TestSpecs: a calendar that was kept is the same one again, at each half hour of a year.
func TestSpecs(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	days := []time.Weekday{1, 2, 3, 4, 5}
	h := Holidays{Country: "FR", Region: "FR-67", Add: []Date{{2026, 12, 24}}, Remove: []Date{{2026, 11, 11}}}
	business, err := New("business", paris, []Span{{Days: days, From: 8*60 + 30, To: 12 * 60}, {Days: days, From: 13 * 60, To: 18 * 60}, {Days: []time.Weekday{6}, From: 0, To: 24 * 60}}, h)
	if err != nil {
		t.Fatal(err)
	}
	only, err := OnHolidays("holidays", paris, h)
	if err != nil {
		t.Fatal(err)
	}
	all := []Span{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 0, To: 24 * 60}}
	full, err := New("full", paris, all, Holidays{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Calendar{business, only, full, Always("always")} {
		text, err := json.Marshal(c.Spec())
		if err != nil {
			t.Fatal(err)
		}
		var s Spec
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		again, err := s.Calendar(time.LoadLocation)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again.Name() != c.Name() || again.AlwaysOpen() != c.AlwaysOpen() {
			t.Errorf("%s became %q", text, again.Name())
		}
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, paris); at.Year() == 2026; at = at.Add(30 * time.Minute) {
			if again.Open(at) != c.Open(at) || again.Holiday(at) != c.Holiday(at) {
				t.Fatalf("%s at %s: open %t, was %t", c.Name(), at, again.Open(at), c.Open(at))
			}
		}
	}
	if _, err := (&Spec{Name: "x", Zone: "Nowhere/Town"}).Calendar(time.LoadLocation); err == nil {
		t.Error("a zone that is nowhere")
	}
	if _, err := (&Spec{Name: "x", Zone: "UTC", Add: []string{"x"}}).Calendar(time.LoadLocation); err == nil {
		t.Error("a day that is none")
	}
}
