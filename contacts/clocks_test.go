package contacts

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/internal/calendar"
)

// The zones and years that are looked at: clocks that change on both sides of
// the equator, by half an hour, at midnight, not at all, and no more.
var (
	zones = []string{
		"Europe/Paris", "Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia",
	}
	dawn = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	dusk = time.Date(2041, time.January, 1, 0, 0, 0, 0, time.UTC)
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// clockChanges is when the zone's clocks change from 2024 to 2040, found by
// reading them each hour, then each minute.
func clockChanges(loc *time.Location) []time.Time {
	offset := func(t time.Time) int {
		_, o := t.In(loc).Zone()
		return o
	}
	var all []time.Time
	for t := dawn; t.Before(dusk); t = t.Add(time.Hour) {
		if offset(t) == offset(t.Add(time.Hour)) {
			continue
		}
		at := t
		for offset(at) == offset(t) {
			at = at.Add(time.Minute)
		}
		all = append(all, at)
	}
	return all
}

// aroundChange is a group whose handovers all fall on or near a change of the
// clocks: in the minutes that are skipped, or come twice.
func aroundChange(loc *time.Location, change time.Time) *slowGroup {
	wall := change.Add(-1).In(loc).Add(time.Second)
	if after := change.In(loc); wall.Hour()*60+wall.Minute() > after.Hour()*60+after.Minute() && wall.Day() == after.Day() {
		wall = after // the clocks go back: from there on they show it again
	}
	day := calendar.DateOf(change.In(loc))
	minute := wall.Hour()*60 + wall.Minute() + 15
	at := Handover{Day: day.Weekday(), MonthDay: min(day.Day, 28), Hour: minute / 60 % 24, Minute: minute % 60}
	daily := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	night := &hours{days: daily, from: minute % 1440, to: min(minute%1440+180, 1440), loc: loc}
	work := &hours{days: daily[1:6], from: 510, to: 1080, off: []calendar.Date{day}, loc: loc}
	layer := func(r Rotation, people [][]string, first int) *slowLayer {
		r.People, r.Location, r.First = people, loc, day.AddDays(first)
		return &slowLayer{Rotation: r}
	}
	weekly := layer(Rotation{Handover: at}, [][]string{{"alice"}, {"bruno", "chloe"}, {"arthur"}}, -21)
	twelve := layer(Rotation{Handover: at, Every: 12 * time.Hour}, InTurn("chloe", "alice", "bruno"), -40)
	hourly := layer(Rotation{Handover: Handover{Minute: 30}, Every: time.Hour}, InTurn("dominique", "alice", "arthur"), -3)
	hourly.outside = work
	monthly := layer(Rotation{Handover: at, Monthly: true, Instead: true}, InTurn("bruno", "dominique"), -400)
	monthly.during = night
	daylong := layer(Rotation{Handover: at, Every: 24 * time.Hour, Until: day}, InTurn("arthur", "dominique"), -2)
	return &slowGroup{layers: []*slowLayer{weekly, twelve, hourly, monthly, daylong}}
}

// TestEveryChangeOfClocks walks minute by minute over each change of the clocks
// of 17 years in each zone, with handovers where it hurts.
func TestEveryChangeOfClocks(t *testing.T) {
	want := map[string]int{"Asia/Kolkata": 0, "Pacific/Apia": 0}
	for _, name := range zones {
		loc := zone(t, name)
		changes := clockChanges(loc)
		if n, given := want[name]; !given && len(changes) != 34 || given && len(changes) != n {
			t.Errorf("%s: %d changes of the clocks", name, len(changes))
		}
		for _, change := range changes {
			if wrong := aroundChange(loc, change).walk(t, change.Add(-walkAround), change.Add(walkAround)); wrong != "" {
				t.Errorf("%s, change at %v: %s", name, change.UTC(), wrong)
			}
		}
	}
}

// TestTurnsFollowEachOther: over 17 years, in each zone and for each length,
// turn follows turn without a gap, an overlap or one that is left out, as many
// as the calendar on the wall has.
func TestTurnsFollowEachOther(t *testing.T) {
	people := []string{"alice", "bruno", "chloe", "dominique", "arthur"}
	for _, name := range zones {
		for every, turns := range map[time.Duration]int{ // 6210 days from 1 January 2024 on; 0 is a month
			12 * time.Hour: 2 * 6210, 24 * time.Hour: 6210, 240 * time.Hour: 621, week: 888, 2 * week: 444, 0: 204,
		} {
			r := Rotation{People: InTurn(people...), Every: every, Monthly: every == 0, First: date(t, "2024-01-01"), Location: zone(t, name)}
			r.Handover = Handover{Day: time.Monday, MonthDay: 1, Hour: 2, Minute: 30}
			d := directory(t, []Group{{Key: "on-call", Rotations: []Rotation{r}}})
			from := date(t, "2024-01-01").At(2, 30, r.Location)
			to := date(t, "2041-01-01").At(2, 30, r.Location)
			spans := d.Schedule("on-call", from, to)
			if every == week || every == 2*week {
				turns = (6210*24 + int(every/time.Hour) - 1) / int(every/time.Hour)
			}
			if wrong := untiled(spans, from, to); wrong != "" || len(spans) != turns {
				t.Errorf("%s, every %v: %d turns, want %d; %s", name, every, len(spans), turns, wrong)
			}
			for i, s := range spans {
				if len(s.People) != 1 || s.People[0].Person != people[i%len(people)] {
					t.Fatalf("%s, every %v: turn %d from %v is of %v", name, every, i, s.From, s.People)
				}
			}
		}
	}
}

func allChanges(t testing.TB) map[string][]time.Time {
	t.Helper()
	all := map[string][]time.Time{}
	for _, name := range zones {
		all[name] = clockChanges(zone(t, name))
	}
	return all
}

// anyMoment is a change of the zone's clocks, or some minute.
func anyMoment(rt *rapid.T, changes []time.Time) time.Time {
	if len(changes) > 0 && rapid.IntRange(0, 3).Draw(rt, "at a change") > 0 {
		return rapid.SampledFrom(changes).Draw(rt, "change")
	}
	return dawn.Add(time.Duration(rapid.IntRange(0, int(dusk.Sub(dawn)/time.Minute)).Draw(rt, "minute")) * time.Minute)
}

func anyHours(rt *rapid.T, loc *time.Location, near calendar.Date) *hours {
	if rapid.Bool().Draw(rt, "no hours") {
		return nil
	}
	h := &hours{loc: loc, from: rapid.IntRange(0, 1300).Draw(rt, "from")}
	h.to = rapid.IntRange(h.from+1, 1440).Draw(rt, "to")
	h.days = rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 7, rapid.ID).Draw(rt, "days")
	for range rapid.IntRange(0, 2).Draw(rt, "holidays") {
		h.off = append(h.off, near.AddDays(rapid.IntRange(-1, 1).Draw(rt, "holiday")))
	}
	return h
}

func anyLayer(rt *rapid.T, loc *time.Location, moment time.Time) *slowLayer {
	local := moment.In(loc)
	near := calendar.DateOf(local)
	minute := max(local.Hour()*60+local.Minute()+rapid.IntRange(-90, 90).Draw(rt, "minutes"), 0) % 1440
	pairs := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"alice", "bruno", "chloe", "dominique", "arthur"}), 1, 2, rapid.ID), 1, 5)
	l := &slowLayer{Rotation: Rotation{
		People: pairs.Draw(rt, "people"), Location: loc, Instead: rapid.IntRange(0, 3).Draw(rt, "instead") == 0,
		Handover: Handover{Day: near.AddDays(rapid.IntRange(-1, 1).Draw(rt, "day")).Weekday(), MonthDay: min(near.Day, 28), Hour: minute / 60, Minute: minute % 60},
		First:    near.AddDays(-rapid.IntRange(0, 60).Draw(rt, "days ago")),
	}}
	switch every := rapid.SampledFrom([]time.Duration{-1, 0, time.Hour, 5 * time.Hour, 12 * time.Hour, 24 * time.Hour, 36 * time.Hour, 240 * time.Hour, week, 3 * week}).Draw(rt, "every"); {
	case every < 0:
		l.Monthly = true
	default:
		l.Every = every
	}
	if rapid.Bool().Draw(rt, "ends") {
		l.Until = near.AddDays(rapid.IntRange(-1, 1).Draw(rt, "until"))
	}
	l.during, l.outside = anyHours(rt, loc, near), anyHours(rt, loc, near)
	return l
}

// TestAnyGroupByTheMinute: whatever the layers, calendars and overrides, On,
// Schedule and Changes say what one finds who looks at the clock each minute.
func TestAnyGroupByTheMinute(t *testing.T) {
	changes := allChanges(t)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(rt, "zone")
		loc, moment := zone(t, name), anyMoment(rt, changes[name])
		g := &slowGroup{always: [][]string{nil, {"arthur"}}[rapid.IntRange(0, 1).Draw(rt, "always")]}
		for range rapid.IntRange(1, 4).Draw(rt, "layers") {
			l := anyLayer(rt, loc, moment)
			if _, wrong := l.checked(); len(wrong) > 0 {
				l.Until = calendar.Date{} // it ended before it began
			}
			g.layers = append(g.layers, l)
		}
		anybody := rapid.SampledFrom([]string{"alice", "bruno", "chloe", "dominique", "arthur"})
		for range rapid.IntRange(0, 5).Draw(rt, "overrides") {
			o := Override{Group: "on-call", Person: anybody.Draw(rt, "person"), From: moment.Add(time.Duration(rapid.IntRange(-600, 300).Draw(rt, "from")) * time.Minute)}
			if o.Besides = rapid.IntRange(0, 4).Draw(rt, "besides") == 0; !o.Besides && rapid.IntRange(0, 3).Draw(rt, "for one") > 0 {
				o.Replaces = anybody.Draw(rt, "replaces")
			}
			if rapid.IntRange(0, 3).Draw(rt, "to an end") > 0 {
				o.To = o.From.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "long")) * time.Minute)
			}
			g.overrides = append(g.overrides, o)
		}
		if wrong := g.walk(t, moment.Add(-5*time.Hour), moment.Add(5*time.Hour)); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// TestDutyAgreesWithSchedule: since when and until when the same people are on
// duty is where a long schedule says it.
func TestDutyAgreesWithSchedule(t *testing.T) {
	changes := allChanges(t)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(rt, "zone")
		loc, moment := zone(t, name), anyMoment(rt, changes[name])
		g := &slowGroup{}
		for range rapid.IntRange(1, 2).Draw(rt, "layers") {
			l := anyLayer(rt, loc, moment)
			if _, wrong := l.checked(); len(wrong) > 0 {
				l.Until = calendar.Date{}
			}
			g.layers = append(g.layers, l)
		}
		d := directory(t, []Group{g.group(t)})
		duty, _ := d.Duty("on-call", moment)
		edge := 21 * 24 * time.Hour
		var stretch []Span
		for _, s := range d.Schedule("on-call", moment.Add(-edge), moment.Add(edge)) {
			var people []string
			for _, a := range s.People {
				people = append(people, a.Person)
			}
			if sameSet(people, duty.People) {
				stretch = append(stretch, s)
			} else if s.From.After(moment) {
				break
			} else {
				stretch = nil
			}
		}
		first, last := stretch[0].From, stretch[len(stretch)-1].To
		if first.After(moment.Add(-edge)) && !duty.Since.Equal(first) {
			rt.Fatalf("on duty since %v, by the schedule %v", duty.Since, first)
		}
		if last.Before(moment.Add(edge)) && !duty.Until.Equal(last) {
			rt.Fatalf("on duty until %v, by the schedule %v", duty.Until, last)
		}
	})
}
