package report

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
)

// slowly counts hours on call minute by minute, by asking at each minute who is on call
// and what the clock on the wall says.
func slowly(in *Input) (map[string]Times, map[string]int, error) {
	hours, nights := map[string]Times{}, map[string]int{}
	perNight := map[string]map[calendar.Date]int{}
	var versions []*opened
	var directories []*contacts.Directory
	for i := range in.Versions {
		o, err := in.Versions[i].Roster.open(calendars{})
		if err != nil {
			return nil, nil, err
		}
		overrides, _ := duty.Overrides(in.Replacements, o.directory)
		d, err := o.directory.With(overrides)
		if err != nil {
			return nil, nil, err
		}
		versions, directories = append(versions, o), append(directories, d)
	}
	begin, end := in.From.At(0, 0, time.UTC).Add(-24*time.Hour), in.To.At(0, 0, time.UTC).Add(24*time.Hour)
	for t := begin; t.Before(end); t = t.Add(time.Minute) {
		v := -1
		for i := range in.Versions {
			if !t.Before(in.Versions[i].At) {
				v = i
			}
		}
		if v < 0 {
			continue
		}
		had := map[string]bool{}
		for _, group := range directories[v].Groups() {
			people, _ := directories[v].On(group, t)
			for _, p := range people {
				if had[p.Key] {
					continue
				}
				had[p.Key] = true
				c := versions[v].hoursIn(group)
				local := t.In(c.Location())
				day, hour := calendar.DateOf(local), local.Hour()
				if in.From.DaysSince(day) <= 0 && in.To.DaysSince(day) > 0 {
					kind := Evening
					switch {
					case c.Open(t):
						kind = Working
					case c.Holiday(t):
						kind = Holiday
					case local.Weekday() == time.Saturday || local.Weekday() == time.Sunday:
						kind = Weekend
					case hour >= 22 || hour < 6:
						kind = Night
					}
					key := p.Key + " " + day.String()[:7]
					if hours[key] == nil {
						hours[key] = Times{}
					}
					hours[key][kind] += time.Minute
				}
				if hour >= 22 || hour < 6 {
					if hour < 6 {
						day = day.AddDays(-1)
					}
					if perNight[p.Key] == nil {
						perNight[p.Key] = map[calendar.Date]int{}
					}
					perNight[p.Key][day]++
				}
			}
		}
	}
	for person, all := range perNight {
		for day, minutes := range all {
			if in.From.DaysSince(day) > 0 || in.To.DaysSince(day) <= 0 {
				continue
			}
			loc := versions[0].hours.Location() // all are of one zone here
			if 2*minutes >= int(nightLength(day, loc).Minutes()) {
				nights[person+" "+day.String()[:7]]++
			}
		}
	}
	return hours, nights, nil
}

// TestAgainstASlowCount: whatever the rotations, the versions and the replacements, the
// count is that of somebody who looks at the clock each minute, over changes of clocks too.
func TestAgainstASlowCount(t *testing.T) {
	keys := []string{"alice", "bruno", "chloe"}
	rapid.Check(t, func(rt *rapid.T) {
		loc := zone(rapid.SampledFrom([]string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}).Draw(rt, "zone"))
		c := business(loc, "FR")
		from := rapid.SampledFrom([]calendar.Date{date("2026-03-27"), date("2026-10-23"), date("2026-10-30"), date("2026-12-24"), date("2026-04-03")}).Draw(rt, "from")
		instant := func(name string) time.Time {
			return from.At(0, 0, loc).Add(time.Duration(rapid.IntRange(-600, 5*1440).Draw(rt, name)) * time.Minute)
		}
		var versions []Version
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range rapid.IntRange(1, 3).Draw(rt, "versions") {
			layer := contacts.Rotation{
				People: contacts.InTurn(rapid.Permutation(keys).Draw(rt, "people")[:2]...), Every: time.Duration(rapid.IntRange(1, 40).Draw(rt, "every")) * time.Hour,
				Handover: contacts.Handover{Hour: rapid.IntRange(0, 23).Draw(rt, "hour"), Minute: 30}, First: date("2026-02-01"), Location: loc,
			}
			if rapid.Bool().Draw(rt, "outside") {
				layer.Outside = c
			}
			second := layer
			second.Handover.Hour = (layer.Handover.Hour + 5) % 24
			d, err := contacts.NewDirectory(crew, []contacts.Group{{Key: "a", Rotations: []contacts.Rotation{layer}}, {Key: "b", Rotations: []contacts.Rotation{second}}}, nil)
			if err != nil {
				rt.Fatal(err)
			}
			if i > 0 {
				at = later(instant("change"), at.Add(time.Minute))
			}
			r := Rule{Hours: c}
			versions = append(versions, Version{At: at, Roster: Of(d, &r)})
		}
		var list []duty.Replacement
		for i := range rapid.IntRange(0, 3).Draw(rt, "replacements") {
			begin := instant("begins")
			list = append(list, duty.Replacement{
				ID: fmt.Sprint("r", i), Kind: duty.Cover, Group: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "group"),
				Person: rapid.SampledFrom(keys).Draw(rt, "person"), InsteadOf: rapid.SampledFrom([]string{"", "alice"}).Draw(rt, "of"), State: duty.Planned, Turn: int64(i),
				Hours: duty.Hours{From: begin, To: begin.Add(time.Duration(rapid.IntRange(1, 3000).Draw(rt, "long")) * time.Minute)},
			})
			if r := &list[i]; r.InsteadOf == r.Person {
				r.InsteadOf = ""
			}
		}
		in := Input{From: from, To: from.AddDays(3), Now: from.At(0, 0, loc).AddDate(0, 1, 0), Versions: versions, Replacements: list}
		report, err := Count(&in)
		if err != nil {
			rt.Fatal(err)
		}
		hours, nights, err := slowly(&in)
		if err != nil {
			rt.Fatal(err)
		}
		got := map[string]Times{}
		for i := range report.Rows {
			r := &report.Rows[i]
			key := r.Person + " " + r.Month
			if r.Hours.Total() > 0 {
				got[key] = r.Hours
			}
			if r.Nights != nights[key] {
				rt.Fatalf("%s has %d nights, not %d", key, r.Nights, nights[key])
			}
			delete(nights, key)
		}
		for key := range nights {
			if nights[key] > 0 {
				rt.Fatalf("%s has %d nights that are not counted", key, nights[key])
			}
		}
		for _, key := range slices.Sorted(maps.Keys(hours)) {
			if !maps.Equal(got[key], hours[key]) {
				rt.Fatalf("%s: %v, and minute by minute %v", key, got[key], hours[key])
			}
		}
		if len(got) != len(hours) {
			rt.Fatalf("%d rows, not %d", len(got), len(hours))
		}
	})
}

// BenchmarkCount is a month of 200 people in 40 groups, with 400 replacements, 3,000
// tickets and a configuration that changed ten times.
func BenchmarkCount(b *testing.B) {
	in := crowd(b)
	for b.Loop() {
		report, err := Count(in)
		if err != nil || len(report.Rows) < 200 {
			b.Fatal(len(report.Rows), err)
		}
	}
}

func crowd(b *testing.B) *Input {
	paris := zone("Europe/Paris")
	people := make([]contacts.Person, 200)
	for i := range people {
		people[i] = contacts.Person{Key: fmt.Sprintf("p%03d", i)}
	}
	hours := business(paris, "FR")
	groups := make([]contacts.Group, 40)
	for g := range groups {
		var turns []string
		for i := range 5 {
			turns = append(turns, people[g*5+i].Key)
		}
		groups[g] = contacts.Group{Key: fmt.Sprintf("g%02d", g), Rotations: []contacts.Rotation{{
			People: contacts.InTurn(turns...), Every: 24 * time.Hour, Handover: contacts.Handover{Hour: 9}, First: date("2026-01-01"), Location: paris, Outside: hours,
		}}}
	}
	d, err := contacts.NewDirectory(people, groups, nil)
	if err != nil {
		b.Fatal(err)
	}
	in := &Input{From: date("2026-11-01"), To: date("2026-12-01"), Now: date("2027-01-01").At(0, 0, paris)}
	rule := Rule{Hours: hours, Rates: &Rates{Currency: "EUR", Cents: map[Kind]int64{Night: 500, Evening: 200, Weekend: 600, Holiday: 900, Working: 0, Intervention: 3000}}}
	for i := range 10 {
		in.Versions = append(in.Versions, Version{At: date("2026-11-01").At(0, 0, paris).AddDate(0, 0, 3*i-1), Roster: Of(d, &rule)})
	}
	begin := date("2026-11-01").At(0, 0, paris)
	for i := range 400 {
		from := begin.Add(time.Duration(i) * 97 * time.Minute)
		in.Replacements = append(in.Replacements, duty.Replacement{
			ID: fmt.Sprint(i), Kind: duty.Cover, Group: groups[i%40].Key, Person: people[(i*7)%200].Key, State: duty.Planned, Turn: int64(i), Hours: duty.Hours{From: from, To: from.Add(6 * time.Hour)},
		})
	}
	for i := range 3000 {
		at, who := begin.Add(time.Duration(i)*14*time.Minute).Unix(), people[(i*11)%200].Key
		in.Pasts = append(in.Pasts, Past{Ticket: fmt.Sprint("I", i), Pages: []Call{{who, at, 2}, {who, at + 900, 2}}, Acts: []Act{{Begun, who, at + 1000}, {Ended, who, at + 3000}}})
	}
	return in
}
