package escalation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// nights is a calendar from 22:00 to 07:00 in Paris.
func nights(t testing.TB) *calendar.Calendar {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	c, err := calendar.New("nights", paris, []calendar.Span{{Days: days, From: 0, To: 7 * 60}, {Days: days, From: 22 * 60, To: 24 * 60}}, calendar.Holidays{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sleeper is a play of one policy, whose people want what change says.
func sleeper(t *testing.T, u ticket.Urgency, steps []ticket.Step, change func(p *contacts.Person)) *play {
	t.Helper()
	p := &play{t: t, rules: testRules(t), now: saturday, start: saturday}
	p.reach = func(person contacts.Person, _ string) bool { return len(person.Phones) > 0 }
	people := p.rules.Directory.People()
	for i := range people {
		change(&people[i])
	}
	d, err := contacts.NewDirectory(people, []contacts.Group{{Key: "on-call", People: []string{"alice"}}, {Key: "both", People: []string{"alice", "bruno"}}, {Key: "managers", People: []string{"dominique"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.rules.Directory = d
	p.tk = Opening("prometheus", ticket.Incident, "x", Routed{Urgency: u, Policy: ticket.Policy{Name: "x", ReopenWithin: time.Minute, CloseAfter: time.Hour, Steps: steps}}, p.now, p.rules)
	p.tk.Number = "I261121_0001"
	p.fire("", u)
	return p
}

func step(group string, by ...string) ticket.Step {
	return ticket.Step{Group: group, By: by, Repeat: []ticket.Pace{{Every: 4 * time.Minute}}}
}

// TestWakeAddsChannels: those of the step go at once, others after their delay, and with
// each round from then on; an acknowledgement ends them.
func TestWakeAddsChannels(t *testing.T) {
	wants := func(p *contacts.Person) {
		if p.Key == "alice" {
			p.Wake = map[string][]contacts.Ring{"critical": {{Channel: "sms", After: time.Minute}, {Channel: "push", After: 9 * time.Minute}}}
		}
	}
	p := sleeper(t, ticket.Critical, []ticket.Step{step("on-call", "push")}, wants)
	p.pass(9 * time.Minute)
	p.expect(0, "0s alice/push", "1m0s alice/sms", "4m0s alice/push", "4m0s alice/sms", "8m0s alice/push", "8m0s alice/sms")
	p = sleeper(t, ticket.Major, []ticket.Step{step("on-call", "push")}, wants)
	p.pass(3 * time.Minute)
	p.expect(0, "0s alice/push")
	p = sleeper(t, ticket.Critical, []ticket.Step{step("on-call", "push")}, wants)
	p.pass(30 * time.Second)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(10 * time.Minute)
	p.expect(0, "0s alice/push")
}

// TestQuietHoldsBack: what is not urgent waits for the morning and pages nobody in the
// place; what is, and what gets so, does not wait; who does not sleep is paged.
func TestQuietHoldsBack(t *testing.T) {
	night := nights(t)
	sleeps := func(p *contacts.Person) {
		if p.Key == "alice" {
			p.Quiet = &contacts.Quiet{Name: "nights", During: night, Urgencies: []string{"minor"}}
		}
	}
	const morning = 3*time.Hour + 48*time.Minute // 07:00, since 03:12
	once := step("on-call", "push", "sms")
	once.Times = 1
	p := sleeper(t, ticket.Minor, []ticket.Step{once}, sleeps)
	p.pass(5 * time.Hour)
	p.expect(0, "3h48m0s alice/push", "3h48m0s alice/sms")

	p = sleeper(t, ticket.Critical, []ticket.Step{once}, sleeps)
	p.pass(time.Minute)
	p.expect(0, "0s alice/push", "0s alice/sms")

	p = sleeper(t, ticket.Minor, []ticket.Step{once}, sleeps)
	p.pass(time.Hour)
	p.fire(ticket.Firing, ticket.Critical)
	p.expect(0, "1h0m0s alice/push", "1h0m0s alice/sms")

	both := step("both", "sms")
	both.Times = 1
	p = sleeper(t, ticket.Minor, []ticket.Step{both}, sleeps)
	p.pass(morning)
	p.expect(0, "0s bruno/sms", "3h48m0s alice/sms")

	p = sleeper(t, ticket.Minor, []ticket.Step{once}, sleeps)
	p.must(Displaced{Key: ticket.PageKey{Ticket: p.tk.Number, Episode: 1, Step: ticket.PolicyStep(0), Person: "bruno", Channel: "sms"}})
	p.pass(morning)
	if got := p.paged(0); len(got) != 2 || got[0] != "3h48m0s alice/push" {
		t.Errorf("%v", got)
	}
}

// TestWhatPeopleWantLosesNoPage: whatever people want and whenever they sleep, each page
// that the policy alone would order of what is critical is ordered, at the same time;
// nobody who sleeps is paged for what is not urgent; and who slept is paged at the latest
// when that is over, while the ticket is open.
func TestWhatPeopleWantLosesNoPage(t *testing.T) {
	night := nights(t)
	rapid.Check(t, func(rt *rapid.T) {
		u := rapid.SampledFrom([]ticket.Urgency{ticket.Critical, ticket.Minor}).Draw(rt, "urgency")
		rings := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) contacts.Ring {
			return contacts.Ring{Channel: rapid.SampledFrom([]string{"push", "sms", "voice"}).Draw(rt, "channel"), After: time.Duration(rapid.IntRange(0, 20).Draw(rt, "after")) * time.Minute}
		}), 0, 3).Draw(rt, "rings")
		rings = slices.CompactFunc(rings, func(a, b contacts.Ring) bool { return a.Channel == b.Channel })
		quiet := rapid.SampledFrom([]string{"", "alice", "bruno", "alice bruno"}).Draw(rt, "quiet")
		steps := []ticket.Step{step(rapid.SampledFrom([]string{"on-call", "both"}).Draw(rt, "group"), rapid.SampledFrom([][]string{{"push"}, {"sms"}, {"push", "sms"}}).Draw(rt, "by")...)}
		steps[0].Times = rapid.IntRange(0, 3).Draw(rt, "times")
		if rapid.Bool().Draw(rt, "managers") {
			steps = append(steps, step("managers", "sms"))
			steps[1].After = 10 * time.Minute
			steps[1].Instead = rapid.Bool().Draw(rt, "instead")
		}
		wants := func(p *contacts.Person) {
			if p.Key == "alice" {
				p.Wake = map[string][]contacts.Ring{"critical": rings, "minor": rings}
			}
			if quiet != "" && (p.Key == "alice" && quiet != "bruno" || p.Key == "bruno" && quiet != "alice") {
				p.Quiet = &contacts.Quiet{Name: "nights", During: night, Urgencies: []string{"minor", "low"}}
			}
		}
		plain := sleeper(t, u, steps, func(*contacts.Person) {})
		play := sleeper(t, u, steps, wants)
		plain.pass(time.Hour)
		play.pass(time.Hour)
		if u == ticket.Critical || quiet == "" {
			had := play.paged(0)
			for _, page := range plain.paged(0) {
				if !slices.Contains(had, page) {
					rt.Fatalf("%s is not ordered: %v", page, had)
				}
			}
		}
		seen := map[string]bool{}
		for _, page := range play.pages {
			if seen[page.String()] {
				rt.Fatalf("%s is ordered twice", page.PageKey)
			}
			seen[page.String()] = true
			person, _ := play.rules.Directory.Person(page.Person)
			if _, sleeps := person.Sleeps(u.String(), page.At); sleeps && u != ticket.Critical {
				rt.Fatalf("%s is paged at %s, and sleeps", page.Person, page.At)
			}
		}
		play.pass(6 * time.Hour)
		if steps[len(steps)-1].Instead { // whoever comes instead has it
			return
		}
		for _, page := range plain.pages {
			if !slices.ContainsFunc(play.pages, func(p ticket.Page) bool { return p.Person == page.Person && p.Channel == page.Channel }) {
				rt.Fatalf("%s is never paged by %s: %s", page.Person, page.Channel, fmt.Sprint(play.paged(0)))
			}
		}
	})
}

// TestAHandoverWhileAllSleep: whoever comes on duty before the others wake is paged at
// the handover.
func TestAHandoverWhileAllSleep(t *testing.T) {
	night := nights(t)
	p := sleeper(t, ticket.Minor, nil, func(p *contacts.Person) {
		if p.Key == "alice" {
			p.Quiet = &contacts.Quiet{Name: "nights", During: night, Urgencies: []string{"minor"}}
		}
	})
	d, err := p.rules.Directory.With([]contacts.Override{{Group: "on-call", Person: "bruno", Replaces: "alice", From: saturday.Add(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	p.rules.Directory = d
	once := step("on-call", "push")
	once.Times = 1
	p.tk = Opening("prometheus", ticket.Incident, "x", Routed{Urgency: ticket.Minor, Policy: ticket.Policy{Name: "x", ReopenWithin: time.Minute, CloseAfter: time.Hour, Steps: []ticket.Step{once}}}, p.now, p.rules)
	p.tk.Number = "I261121_0001"
	p.fire("", ticket.Minor)
	p.pass(5 * time.Hour)
	p.expect(0, "1h0m0s bruno/push")
}

// TestQuietThatIsTakenBack: what waits for the morning is judged anew once a configuration
// says otherwise, and not by what changes nothing.
func TestQuietThatIsTakenBack(t *testing.T) {
	night := nights(t)
	for _, group := range []string{"on-call", "both"} {
		once := step(group, "push")
		once.Times = 1
		p := sleeper(t, ticket.Minor, []ticket.Step{once}, func(p *contacts.Person) {
			if p.Key == "alice" {
				p.Quiet = &contacts.Quiet{Name: "nights", During: night, Urgencies: []string{"minor"}}
			}
		})
		if !Waits(&p.tk) {
			t.Errorf("%s: it does not wait", group)
		}
		p.pass(30 * time.Minute)
		p.pages = nil
		if p.must(Reconsidered{}); len(p.pages) != 0 {
			t.Errorf("%s: she sleeps: %v", group, p.paged(0))
		}
		people := p.rules.Directory.People()
		for i := range people {
			people[i].Quiet = nil
		}
		d, err := contacts.NewDirectory(people, []contacts.Group{{Key: "on-call", People: []string{"alice"}}, {Key: "both", People: []string{"alice", "bruno"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.rules.Directory = d
		p.must(Reconsidered{})
		p.expect(0, "30m0s alice/push")
		if Waits(&p.tk) {
			t.Errorf("%s: it waits still", group)
		}
	}
}
