package contacts

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOnInOrderAndNobodyTwice(t *testing.T) {
	second := thursdays(t)
	second.People = InTurn("bruno", "chloe", "dominique")
	d := directory(t, []Group{{
		Key: "on-call", People: []string{"dominique", "chloe"}, Rotations: []Rotation{thursdays(t), second},
	}})
	for _, tt := range []struct{ at, want string }{
		{"2026-11-19 08:00", "dominique chloe"},
		{"2026-11-19 10:00", "dominique chloe alice bruno"},
		{"2026-11-26 10:00", "dominique chloe bruno"},
		{"2026-12-03 10:00", "dominique chloe"},
	} {
		if got := on(t, d, at(t, tt.at)); got != tt.want {
			t.Errorf("on duty at %s: %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestOverrides(t *testing.T) {
	noon, evening := at(t, "2026-11-21 12:00"), at(t, "2026-11-21 20:00")
	inside, before, after := at(t, "2026-11-21 15:00"), noon.Add(-1), evening
	with := func(person, replaces string) Override {
		return Override{Group: "on-call", Person: person, Replaces: replaces, From: noon, To: evening}
	}
	pair := []Group{{Key: "on-call", People: []string{"dominique"}, Rotations: []Rotation{thursdays(t)}}}
	tests := []struct {
		name      string
		overrides []Override
		want      string
	}{
		{"nobody", nil, "dominique alice"},
		{"for one, in that one's place", []Override{with("arthur", "dominique")}, "arthur alice"},
		{"for everybody", []Override{with("chloe", "")}, "chloe"},
		{"for one who is not on duty", []Override{with("chloe", "bruno")}, "dominique alice"},
		{"by one who is on duty", []Override{with("alice", "dominique")}, "alice"},
		{"and again by another", []Override{with("bruno", "alice"), with("chloe", "bruno")}, "dominique chloe"},
		{"by two at once", []Override{with("bruno", "alice"), with("chloe", "dominique")}, "chloe bruno"},
		{"for all, then one of them", []Override{with("bruno", ""), with("chloe", "bruno")}, "chloe"},
		{"without an end", []Override{{Group: "on-call", Person: "bruno", Replaces: "alice", From: noon}}, "dominique bruno"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := directory(t, pair, tt.overrides...)
			if got := on(t, d, inside); got != tt.want {
				t.Errorf("on duty: %q, want %q", got, tt.want)
			}
			if got := on(t, d, noon); got != tt.want {
				t.Errorf("on duty at the beginning: %q, want %q", got, tt.want)
			}
			if got := on(t, d, before); got != "dominique alice" {
				t.Errorf("on duty before: %q", got)
			}
			if got := on(t, d, after); got != "dominique alice" && !tt.overrides[0].To.IsZero() {
				t.Errorf("on duty after: %q", got)
			}
		})
	}
	endless := directory(t, pair, tests[len(tests)-1].overrides...)
	if got := on(t, endless, at(t, "2036-11-20 10:00")); strings.Contains(got, "alice") {
		t.Errorf("ten years on: %q", got)
	}
}

// Somebody can be put on duty if the rotation has not begun.
func TestOverrideBeforeTheFirstHandover(t *testing.T) {
	d := onCall(t, Override{Group: "on-call", Person: "chloe", To: at(t, "2026-11-19 09:00")})
	if got := on(t, d, at(t, "2026-11-01 00:00")); got != "chloe" {
		t.Errorf("on duty before the rotation: %q", got)
	}
	if got := on(t, d, at(t, "2026-11-19 09:00")); got != "alice" {
		t.Errorf("on duty at the first handover: %q", got)
	}
}

func TestDuty(t *testing.T) {
	override := Override{
		Group: "on-call", Person: "chloe", Replaces: "alice",
		From: at(t, "2026-11-21 12:00"), To: at(t, "2026-11-21 20:00"),
	}
	same := Override{Group: "on-call", Person: "bruno", From: at(t, "2026-11-25 12:00"), To: at(t, "2026-11-27 12:00")}
	groups := []Group{
		{Key: "on-call", Rotations: []Rotation{thursdays(t)}},
		{Key: "managers", People: []string{"dominique"}},
		{Key: "all", People: []string{"alice", "bruno", "chloe"}, Rotations: []Rotation{thursdays(t)}},
		{Key: "alone", Rotations: []Rotation{{
			People: InTurn("alice", "alice"), Handover: thursdays(t).Handover, First: thursdays(t).First, Location: paris(t),
		}}},
	}
	d := directory(t, groups, override, same)
	tests := []struct {
		group, at, people, since, until, next string
	}{
		{"on-call", "2026-11-10 10:00", "", "", "2026-11-19 09:00", "alice"},
		{"on-call", "2026-11-20 10:00", "alice", "2026-11-19 09:00", "2026-11-21 12:00", "chloe"},
		{"on-call", "2026-11-21 12:00", "chloe", "2026-11-21 12:00", "2026-11-21 20:00", "alice"},
		{"on-call", "2026-11-22 10:00", "alice", "2026-11-21 20:00", "2026-11-25 12:00", "bruno"},
		{"on-call", "2026-11-26 10:00", "bruno", "2026-11-25 12:00", "2026-12-03 09:00", "chloe"}, // an override that runs into his turn
		{"on-call", "2026-12-05 10:00", "chloe", "2026-12-03 09:00", "2026-12-10 09:00", "alice"},
		{"managers", "2026-12-05 10:00", "dominique", "", "", ""},
		{"all", "2026-12-05 10:00", "alice bruno chloe", "", "", ""},
		{"alone", "2026-11-01 10:00", "", "", "2026-11-19 09:00", "alice"},
		{"alone", "2026-12-05 10:00", "alice", "2026-11-19 09:00", "", ""},
		{"alone", "2096-12-05 10:00", "alice", "2026-11-19 09:00", "", ""}, // thousands of turns on
	}
	for _, tt := range tests {
		t.Run(tt.group+" "+tt.at, func(t *testing.T) {
			duty, ok := d.Duty(tt.group, at(t, tt.at))
			if !ok || duty.Group != tt.group {
				t.Fatalf("duty of %q, %v", duty.Group, ok)
			}
			if got := strings.Join(duty.People, " "); got != tt.people {
				t.Errorf("people %q, want %q", got, tt.people)
			}
			if got := strings.Join(duty.Next, " "); got != tt.next {
				t.Errorf("next %q, want %q", got, tt.next)
			}
			checkTime(t, "since", duty.Since, tt.since)
			checkTime(t, "until", duty.Until, tt.until)
		})
	}
	if got := d.Changes("alone", at(t, "2026-11-01 00:00"), at(t, "2027-11-01 00:00")); len(got) != 1 {
		t.Errorf("one person's turns change at %v", got)
	}
}

func checkTime(t *testing.T, what string, got time.Time, want string) {
	t.Helper()
	if want == "" && !got.IsZero() || want != "" && !got.Equal(at(t, want)) {
		t.Errorf("%s %v, want %q", what, got, want)
	}
}

func TestChanges(t *testing.T) {
	d := onCall(t, Override{
		Group: "on-call", Person: "chloe", From: at(t, "2026-11-26 09:00"), To: at(t, "2026-11-27 09:00"),
	})
	tests := []struct {
		from, to string
		want     []string
	}{
		{"2026-11-01 00:00", "2026-12-03 09:00", []string{"2026-11-19 09:00", "2026-11-26 09:00", "2026-11-27 09:00"}},
		{"2026-11-19 09:00", "2026-11-19 09:00:01", []string{"2026-11-19 09:00"}},
		{"2026-11-19 09:00:01", "2026-11-26 09:00", nil},
		{"2026-11-26 09:00", "2026-11-19 09:00", nil},
		{"2026-12-27 00:00", "2027-01-08 00:00", []string{"2026-12-31 09:00", "2027-01-07 09:00"}},
	}
	for _, tt := range tests {
		var want []time.Time
		for _, s := range tt.want {
			want = append(want, at(t, s))
		}
		if got := d.Changes("on-call", at(t, tt.from), at(t, tt.to)); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("changes from %s to %s: %v, want %v", tt.from, tt.to, got, want)
		}
	}
}

// Between two changes nobody comes and nobody goes, and Duty says the same as On.
func TestChangesAreAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		start := date(t, "2026-01-01").At(0, 0, time.UTC)
		instant := func(name string) time.Time {
			return start.Add(time.Duration(rapid.Int64Range(0, int64(200*24*time.Hour)).Draw(rt, name)))
		}
		anybody := rapid.SampledFrom([]string{"alice", "bruno", "chloe", "dominique", "arthur"})
		group := Group{Key: "on-call", Rotations: []Rotation{anyRotation(t, rt), anyRotation(t, rt)}}
		for i := range group.Rotations {
			group.Rotations[i].First = date(t, "2026-01-15")
		}
		var overrides []Override
		for range rapid.IntRange(0, 4).Draw(rt, "overrides") {
			o := Override{Group: "on-call", Person: anybody.Draw(rt, "person"), From: instant("from")}
			if rapid.Bool().Draw(rt, "for one") {
				o.Replaces = anybody.Draw(rt, "replaces")
			}
			o.To = o.From.Add(time.Duration(rapid.Int64Range(1, int64(100*time.Hour)).Draw(rt, "long")))
			overrides = append(overrides, o)
		}
		d := directory(t, []Group{group}, overrides...)
		when := instant("when")
		duty, _ := d.Duty("on-call", when)
		if got := on(t, d, when); got != strings.Join(duty.People, " ") {
			rt.Fatalf("on duty at %v: %s, Duty says %v", when, got, duty.People)
		}
		previous := start
		for _, change := range append(d.Changes("on-call", start, start.AddDate(1, 0, 0)), start.AddDate(1, 0, 0)) {
			middle := previous.Add(change.Sub(previous) / 2)
			if change.Equal(previous) { // the beginning of the test's year is one itself
				continue
			}
			if on(t, d, previous) != on(t, d, middle) || on(t, d, middle) != on(t, d, change.Add(-1)) {
				rt.Fatalf("somebody came or went between %v and %v", previous, change)
			}
			previous = change
		}
		if !duty.Until.IsZero() && (!duty.Until.After(when) || !slices.Contains(changesOf(d, when, duty.Until), duty.Until.UnixNano())) {
			rt.Fatalf("the duty at %v ends at %v, which is no change", when, duty.Until)
		}
	})
}

func changesOf(d *Directory, from, until time.Time) []int64 {
	var list []int64
	for _, c := range d.Changes("on-call", from, until.Add(1)) {
		list = append(list, c.UnixNano())
	}
	return list
}

// Two rotations of the same people, one turn apart, are one set for ever; that
// it never changes is found without looking for ever.
func TestDutyThatOnlySwaps(t *testing.T) {
	first, second := thursdays(t), thursdays(t)
	first.People, second.People = InTurn("alice", "bruno"), InTurn("bruno", "alice")
	d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{first, second}}})
	duty, _ := d.Duty("on-call", at(t, "2026-11-28 10:00"))
	if !slices.Equal(duty.People, []string{"bruno", "alice"}) || !duty.Until.IsZero() || duty.Next != nil {
		t.Errorf("duty %+v", duty)
	}
	checkTime(t, "since", duty.Since, "2026-11-19 09:00")
}
