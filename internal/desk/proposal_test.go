package desk

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// fit is a desk of five technicians; alice is on call, and business is open from Monday to
// Friday.
func fit(t *testing.T, now time.Time) *Fit {
	t.Helper()
	night, err := calendar.New("night", time.UTC, []calendar.Span{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 0, To: 7 * 60}}, calendar.Holidays{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Skill: "confirmed"},
		{Key: "bruno", Skill: "expert"},
		{Key: "chloe", Skill: "standard"},
		{Key: "david", Customers: []string{"globex"}, Skill: "expert"},
		{Key: "emma"},
		{Key: "reader", Role: contacts.RoleReader},
		{Key: "dominique", Role: contacts.RoleManager},
		{Key: "farid", Quiet: &contacts.Quiet{During: night, Urgencies: []string{"minor", "low"}}},
	}, []contacts.Group{
		{Key: "on-call", People: []string{"alice"}},
		{Key: "network", People: []string{"bruno", "dominique"}, Tier: "L2"},
		{Key: "night", People: []string{"farid"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Fit{
		Now: now, Load: map[string]int{},
		Rules: &escalation.Rules{Directory: d, Location: time.UTC, Customers: []escalation.Customer{{Key: "acme", Referent: "chloe"}, {Key: "globex"}}, Policies: map[string]ticket.Policy{"page": {Steps: []ticket.Step{{Group: "on-call"}, {Group: "night"}}}}},
	}
}

var (
	tuesday = time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)
	night   = time.Date(2026, time.November, 24, 3, 0, 0, 0, time.UTC)
)

// TestWhoIsProposed: each of the criteria moves somebody to the front (S1-28, S1-30), and
// what speaks against somebody moves him back.
func TestWhoIsProposed(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     time.Time
		t      ticket.Ticket
		change func(f *Fit)
		want   []string
	}{
		{"the referent, then whoever is on call", tuesday, ticket.Ticket{Customer: "acme", Urgency: ticket.Minor}, nil, []string{"chloe", "alice", "farid"}},
		{"whoever is on call, for another customer", tuesday, ticket.Ticket{Customer: "initech", Urgency: ticket.Critical}, nil, []string{"alice", "farid", "bruno"}},
		{"who is busy comes later", tuesday, ticket.Ticket{Customer: "initech", Urgency: ticket.Minor}, func(f *Fit) { f.Load["alice"], f.Load["farid"] = 10, 8 }, []string{"bruno", "chloe", "emma"}},
		{"not the referent, if it asks for more", tuesday, ticket.Ticket{Customer: "acme", Urgency: ticket.Low}, func(f *Fit) { f.Complexity = "confirmed" }, []string{"alice", "bruno", "chloe"}},
		{"an expert, if it asks for one", tuesday, ticket.Ticket{Customer: "initech", Urgency: ticket.Low}, func(f *Fit) { f.Complexity = "expert" }, []string{"bruno", "alice", "farid"}},
		{"the group that has it, and its manager", tuesday, ticket.Ticket{Customer: "initech", Place: ticket.Place{Tier: ticket.L2, Group: "network"}}, nil, []string{"bruno", "dominique", "alice"}},
		{"the tier, whatever the group", tuesday, ticket.Ticket{Customer: "initech", Place: ticket.Place{Tier: ticket.L2}}, nil, []string{"bruno", "alice", "farid"}},
		{"whose customer it is", tuesday, ticket.Ticket{Customer: "globex", Urgency: ticket.Low}, func(f *Fit) { f.Load["alice"], f.Load["farid"] = 9, 9 }, []string{"david", "bruno", "chloe"}},
		{"not who has it", tuesday, ticket.Ticket{Customer: "acme", Assignee: "chloe"}, nil, []string{"alice", "farid", "bruno"}},
		{"at night only who is on call", night, ticket.Ticket{Customer: "acme", Urgency: ticket.Critical}, nil, []string{"alice", "farid"}},
		{"at night nobody who sleeps", night, ticket.Ticket{Customer: "acme", Urgency: ticket.Minor}, nil, []string{"alice"}},
		{"whom nothing limits sees what is nobody's", tuesday, ticket.Ticket{Urgency: ticket.Critical}, nil, []string{"alice", "farid", "bruno"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fit(t, c.at)
			if c.change != nil {
				c.change(f)
			}
			c.t.State = ticket.Open
			var got []string
			for _, p := range Propose(&c.t, f) {
				got = append(got, p.Person)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestWhyHeIsProposed says each reason, the weightiest first.
func TestWhyHeIsProposed(t *testing.T) {
	f := fit(t, tuesday)
	f.Complexity, f.Load["bruno"] = "confirmed", 1
	tk := ticket.Ticket{
		State: ticket.Open, Customer: "initech", Urgency: ticket.Low, Place: ticket.Place{Tier: ticket.L2},
		GTI: ticket.GTI{Within: time.Hour, DueAt: tuesday.Add(time.Hour)},
	}
	got := Propose(&tk, f)
	want := []Reason{{Why: WhyTier, Group: "network"}, {Why: WhySkill, Skill: "expert"}, {Why: WhyContract}, {Why: WhyLoad, N: 1}}
	if len(got) != 3 || got[0].Person != "bruno" || !slices.Equal(got[0].Reasons, want) || got[0].Points != 25+15+10-4 {
		t.Errorf("%+v", got)
	}
	if load := LoadOf([]ticket.Ticket{{State: ticket.Open, Assignee: "bruno"}, {State: ticket.Closed, Assignee: "bruno"}, {State: ticket.Open}}); load["bruno"] != 1 || len(load) != 1 {
		t.Errorf("%v", load)
	}
}
