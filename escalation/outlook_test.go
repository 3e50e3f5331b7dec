//go:build !race || long

package escalation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestOutlookIsWhatSimulateSays compares the outlook of tickets of random
// policies with a plain simulation of each. The tickets open through a day
// around changes of the clocks, holidays and handovers.
func TestOutlookIsWhatSimulateSays(t *testing.T) {
	paris := testRules(t).Location
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom([]time.Time{
			time.Date(2027, 3, 27, 5, 0, 0, 0, paris), time.Date(2026, 10, 24, 6, 0, 0, 0, paris), time.Date(2026, 12, 24, 3, 0, 0, 0, paris),
			time.Date(2026, 11, 18, 20, 0, 0, 0, paris),
		}).Draw(t, "from")
		to := from.Add(48 * time.Hour)
		rules := randomRules(t, paris)
		policy := rules.Policies["p"]
		reach := phones(rules.Channels)
		course := NewAlmanac(rules, reach, from, to).Course(policyOf(rules))
		if course.Misfit() >= 0 {
			return // it pages at any hour, and takes long to find that out
		}
		ahead := rapid.SampledFrom([]time.Duration{30 * time.Minute, 4 * time.Hour, 20 * time.Hour}).Draw(t, "until")
		moments := course.Changes(from, to)
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			moments = append(moments, at)
		}
		never := 0
		for _, at := range moments {
			until := at.Add(ahead + time.Duration(at.Hour()%3)*time.Hour)
			got := course.At(at, func() time.Time { return until })
			further := at.Add(got.First) // the first page comes late, so no other comes before
			if got.First == Never {
				if further = at.Add(LookAhead); never > 1 {
					continue // it takes long to see that there is none
				}
				never++
			}
			want := plainly(rules, reach, at, until, further)
			if g, w := said(got, until.Sub(at)), said(want, until.Sub(at)); g != w {
				t.Fatalf("at %s, until %s: %s, but simulate says %s\n%+v", at, until, g, w, policy)
			}
		}
		if course.Runs > len(moments) {
			t.Fatalf("%d tickets for %d moments", course.Runs, len(moments))
		}
	})
}

// TestOutlookKnowsManagers: a manager is paged because nobody on call has a
// phone. The manager's own turn a week later brings nobody new. The week
// before somebody else's turn looks the same, except for who that is.
func TestOutlookKnowsManagers(t *testing.T) {
	rules := testRules(t)
	people := []contacts.Person{
		{Key: "none"},
		{Key: "bruno", Phones: []string{"+33639980001"}},
		{Key: "manager", Phones: []string{"+33639980002"}, Role: contacts.RoleManager},
	}
	turns := contacts.Rotation{
		People: contacts.InTurn("none", "manager", "none", "bruno"), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
		First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: rules.Location,
	}
	var err error
	if rules.Directory, err = contacts.NewDirectory(people, []contacts.Group{{Key: "turns", Rotations: []contacts.Rotation{turns}}}, nil); err != nil {
		t.Fatal(err)
	}
	rules.Channels = []string{"sms"}
	policy := ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "turns", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: time.Hour}}}}}
	from := time.Date(2026, 11, 26, 5, 0, 0, 0, rules.Location)
	course := NewAlmanac(rules, phones(rules.Channels), from, from.AddDate(0, 1, 0)).Course(policy)
	for _, tt := range []struct {
		week   int
		second time.Duration
	}{{0, Never}, {2, 4 * time.Hour}, {4, Never}, {6, 4 * time.Hour}} {
		at := from.AddDate(0, 0, 7*tt.week)
		got := course.At(at, func() time.Time { return at.Add(10 * time.Hour) })
		if got.First != 0 || got.Person != "manager" || got.Second != tt.second {
			t.Errorf("week %d: %+v", tt.week, got)
		}
	}
	if course.Runs != 2 {
		t.Errorf("%d tickets were run through", course.Runs)
	}
}

// TestOutlookKnowsPhones: a handover to somebody without a phone brings
// nobody.
func TestOutlookKnowsPhones(t *testing.T) {
	rules := testRules(t)
	people := []contacts.Person{{Key: "none"}, {Key: "bruno", Phones: []string{"+33639980001"}}, {Key: "alice", Phones: []string{"+33639980002"}}}
	turns := contacts.Rotation{
		People: contacts.InTurn("bruno", "none", "bruno", "alice"), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
		First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: rules.Location,
	}
	var err error
	if rules.Directory, err = contacts.NewDirectory(people, []contacts.Group{{Key: "turns", Rotations: []contacts.Rotation{turns}}}, nil); err != nil {
		t.Fatal(err)
	}
	rules.Channels = []string{"sms"}
	policy := ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "turns", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: time.Hour}}}}}
	from := time.Date(2026, 11, 26, 5, 0, 0, 0, rules.Location)
	course := NewAlmanac(rules, phones(rules.Channels), from, from.AddDate(0, 1, 0)).Course(policy)
	for week, second := range map[int]time.Duration{0: Never, 2: 4 * time.Hour} {
		at := from.AddDate(0, 0, 7*week)
		if got := course.At(at, func() time.Time { return at.Add(10 * time.Hour) }); got.Second != second {
			t.Errorf("week %d: %+v", week, got)
		}
	}
}

func policyOf(rules *Rules) ticket.Policy {
	return rules.Resolve(&ticket.Alert{Labels: map[string]string{"alertname": "X"}, Status: ticket.Firing}).Policy
}

// plainly is an outlook by Simulate, every round of it.
func plainly(rules *Rules, reach func(contacts.Person, string) bool, at, until, further time.Time) Outlook {
	alerts := []ticket.Alert{{Labels: map[string]string{"alertname": "X"}, Status: ticket.Firing}}
	o := nothing(new(policyOf(rules)))
	pages := Simulate(rules, reach, "s", alerts, at, until)[0].Pages
	if len(pages) == 0 && until.Before(further) {
		pages = Simulate(rules, reach, "s", alerts, at, further)[0].Pages
	}
	for i := range pages {
		p := &pages[i]
		if o.First == Never {
			o.First, o.Person = p.At.Sub(at), p.Person
		}
		if o.Second == Never && p.Person != o.Person {
			o.Second = p.At.Sub(at)
		}
		if n, ok := p.Step.In(len(o.Steps)); ok && o.Steps[n] == Never {
			o.Steps[n] = p.At.Sub(at)
		}
	}
	return o
}

// said is what an outlook tells for certain: everything until then, but of
// steps only what comes before a second person.
func said(o Outlook, until time.Duration) string {
	if o.Second > until {
		o.Second = Never
	}
	steps := slices.Clone(o.Steps)
	for i, first := range steps {
		if first > until || o.Second != Never && first > o.Second {
			steps[i] = Never
		}
	}
	if o.First == Never || o.First > max(until, LookAhead) {
		return "nobody"
	}
	return fmt.Sprintf("%s after %s, a second after %s, steps after %v", o.Person, o.First, o.Second, steps)
}

// randomRules have one policy of one to three steps, p, with odd calendars and
// groups.
func randomRules(t *rapid.T, loc *time.Location) *Rules {
	rules := &Rules{Location: loc, Channels: []string{"sms"}, Calendars: map[string]*calendar.Calendar{}}
	for _, name := range []string{"a", "b"} {
		var spans []calendar.Span
		for _, day := range []time.Weekday{time.Monday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday} {
			if open := rapid.IntRange(0, 40).Draw(t, name+" opens"); open > 8 {
				spans = append(spans, calendar.Span{Days: []time.Weekday{day}, From: 30 * open, To: min(30*open+rapid.SampledFrom([]int{15, 120, 600}).Draw(t, "for"), 24*60)})
			} else if open > 3 {
				spans = append(spans, calendar.Span{Days: []time.Weekday{day}, From: 0, To: 24 * 60})
			}
		}
		spans = append(spans, calendar.Span{Days: []time.Weekday{time.Tuesday}, From: 9 * 60, To: 17 * 60})
		cal, err := calendar.New(name, loc, spans, calendar.Holidays{Country: rapid.SampledFrom([]string{"", "FR"}).Draw(t, "holidays")})
		if err != nil {
			t.Fatal(err)
		}
		rules.Calendars[name] = cal
	}
	number := func(key string) []string {
		if rapid.IntRange(0, 3).Draw(t, key+" has no phone") == 0 {
			return nil
		}
		return []string{"+3363998000" + key}
	}
	people := []contacts.Person{{Key: "1", Phones: number("1")}, {Key: "2", Phones: number("2")}, {Key: "3", Phones: number("3"), Role: contacts.RoleManager}}
	turns := func() contacts.Rotation {
		return contacts.Rotation{
			People:   contacts.InTurn(rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3"}), 1, 3).Draw(t, "turns")...),
			Handover: contacts.Handover{Day: rapid.SampledFrom([]time.Weekday{time.Thursday, time.Saturday, time.Sunday}).Draw(t, "handover"), Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: 30},
			First:    calendar.Date{Year: 2026, Month: 10, Day: rapid.SampledFrom([]int{1, 24}).Draw(t, "first")}, Location: loc,
		}
	}
	var err error
	rules.Directory, err = contacts.NewDirectory(people, []contacts.Group{
		{Key: "turns", Rotations: []contacts.Rotation{turns()}},
		{Key: "fixed", People: rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2"}), 0, 2).Draw(t, "fixed")},
		{Key: "both", People: []string{"1"}, Rotations: []contacts.Rotation{turns()}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules.Policies = map[string]ticket.Policy{"p": randomPolicy(t)}
	route := &config.Route{Receiver: "p", Routes: []*config.Route{{Receiver: "p"}}}
	names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 2)
	if rapid.IntRange(0, 2).Draw(t, "restricted") == 0 {
		route.Routes[0].ActiveTimeIntervals, route.Routes[0].MuteTimeIntervals = names.Draw(t, "active"), names.Draw(t, "mute")
	}
	rules.Route = dispatch.NewRoute(route, nil)
	return rules
}

func randomPolicy(t *rapid.T) ticket.Policy {
	p := ticket.Policy{Name: "p", ReopenWithin: ticket.DefaultReopenWithin, CloseAfter: ticket.DefaultCloseAfter}
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		s := ticket.Step{
			By:     []string{"sms"},
			Group:  rapid.SampledFrom([]string{"turns", "fixed", "both"}).Draw(t, "group"),
			After:  rapid.SampledFrom([]time.Duration{0, 0, 5 * time.Minute, 15 * time.Minute, 100 * time.Minute, 29 * time.Hour}).Draw(t, "after"),
			Repeat: rapid.SampledFrom([][]ticket.Pace{{{Every: 11 * time.Minute}}, {{Every: 25 * time.Minute}}, {{Every: 8 * time.Minute, For: 14 * time.Hour}, {Every: time.Hour}}, {{Every: 10 * time.Minute, For: time.Hour}, {Every: 45 * time.Minute}}}).Draw(t, "repeat"),
			Times:  rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "times"),
		}
		switch rapid.IntRange(0, 4).Draw(t, "when") {
		case 0:
			s.During = "a"
		case 1:
			s.Outside = "b"
		}
		if rapid.IntRange(0, 3).Draw(t, "skips") == 0 {
			s.Otherwise = "skip"
		}
		s.Instead = rapid.IntRange(0, 2).Draw(t, "instead") == 0
		p.Steps = append(p.Steps, s)
	}
	return p
}

// phones says that everybody can be paged by push, and whoever has a phone by
// SMS.
func phones(channels []string) func(contacts.Person, string) bool {
	return func(p contacts.Person, channel string) bool {
		return slices.Contains(channels, channel) && (channel != "sms" || len(p.Phones) > 0)
	}
}
