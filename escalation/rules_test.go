package escalation

import (
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

func mustMatch(t testing.TB, list ...string) labels.Matchers {
	t.Helper()
	var all labels.Matchers
	for _, s := range list {
		m, err := parse.Matcher(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// saturday is 2026-11-21 03:12 in Paris: alice is on call, the office closed.
var saturday = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)

// testRules are those of the reference example, built by hand.
func testRules(t testing.TB) *Rules {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	week := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	business, err := calendar.New("business", paris, []calendar.Span{
		{Days: week, From: 8*60 + 30, To: 12*60 + 30}, {Days: week, From: 14 * 60, To: 18 * 60},
	}, calendar.Holidays{Country: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	directory, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}, Language: "fr"},
		{Key: "bruno", Name: "Bruno Petit", Phones: []string{"+33612345602"}},
		{Key: "chloe", Name: "Chloé Durand", Phones: []string{"+33612345603"}},
		{Key: "dominique", Name: "Dominique Roy", Phones: []string{"+33612345699"}, Role: contacts.RoleManager},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{{
			People:   contacts.InTurn("alice", "bruno", "chloe"),
			Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First:    calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: paris,
		}}},
		{Key: "managers", People: []string{"dominique"}},
		{Key: "nobody"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	round := ticket.Policy{
		Name: "round-the-clock", AckTimeout: 45 * time.Minute,
		ReopenWithin: ticket.DefaultReopenWithin, CloseAfter: ticket.DefaultCloseAfter,
		Steps: []ticket.Step{
			{Group: "on-call", By: []string{"push", "sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute, For: time.Hour}, {Every: 15 * time.Minute}}},
			{Group: "managers", By: []string{"push", "sms"}, After: 15 * time.Minute, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}},
		},
	}
	office := ticket.Policy{
		Name: "office-hours", ReopenWithin: ticket.DefaultReopenWithin, CloseAfter: ticket.DefaultCloseAfter,
		Steps: []ticket.Step{{Group: "on-call", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}, During: "business"}},
	}
	route := &config.Route{
		Receiver: round.Name, GroupBy: []model.LabelName{"customer", "site", "alertname"},
		Routes: []*config.Route{
			{Receiver: office.Name, Matchers: []*labels.Matcher(mustMatch(t, `contract="office"`))},
			{Receiver: office.Name, Matchers: []*labels.Matcher(mustMatch(t, `urgency=~"minor|low"`))},
		},
	}
	return &Rules{
		Location: paris, Language: "fr",
		Calendars: map[string]*calendar.Calendar{"business": business, "always": calendar.Always("always")},
		Contracts: map[string]Contract{
			"full-time": {Key: "full-time", Hours: "always", GTI: map[ticket.Urgency]Promise{
				ticket.Critical: {Within: time.Hour, Calendar: "always"}, ticket.Major: {Within: 4 * time.Hour, Calendar: "always"},
				ticket.Minor: {Within: 8 * time.Hour, Calendar: "business"}, ticket.Low: {Within: 16 * time.Hour, Calendar: "business"},
			}},
			"office": {Key: "office", Hours: "business", GTI: map[ticket.Urgency]Promise{ticket.Critical: {Within: time.Hour, Calendar: "business"}}},
		},
		Customers: []Customer{
			{Key: "acme", Name: "Acme", Matchers: mustMatch(t, `customer="acme"`), Contract: "full-time"},
			{Key: "bellac", Name: "Ateliers Bellac", Matchers: mustMatch(t, `customer="bellac"`), Contract: "office"},
			{
				Key: "some", Name: "Some devices", Matchers: mustMatch(t, `team="some"`), Contract: "office",
				Contracts: []ContractRule{
					{Matchers: mustMatch(t, `tag="24x7"`, `site!="Attic"`), Contract: "full-time"},
					{Matchers: mustMatch(t, `tag="24x7"`), Contract: "office"},
				},
			},
			{Key: "loose", Name: "Loose", Contracts: []ContractRule{{Matchers: mustMatch(t, `contract=~".+"`), Contract: "full-time"}}},
		},
		Urgencies: []UrgencyRule{
			{Matchers: mustMatch(t, `severity=~"critical|page|disaster"`), Urgency: ticket.Critical},
			{Matchers: mustMatch(t, `severity=~"error|high|average"`), Urgency: ticket.Major},
			{Matchers: mustMatch(t, `severity="warning"`), Urgency: ticket.Minor},
		},
		Sources:   map[string]SourceRule{"prometheus": {}, "bellac-prometheus": {Customer: "bellac"}, "some-prometheus": {Customer: "some"}},
		Policies:  map[string]ticket.Policy{round.Name: round, office.Name: office, "silent": {Name: "silent", CloseAfter: time.Hour, ReopenWithin: time.Minute}},
		Route:     dispatch.NewRoute(route, nil),
		Directory: directory,
		Channels:  []string{"push", "sms"},
	}
}

func TestResolve(t *testing.T) {
	rules := testRules(t)
	tests := []struct {
		name                       string
		source                     string
		labels                     map[string]string
		customer, contract, policy string
		urgency                    ticket.Urgency
		group                      string
	}{
		{
			"a customer's critical alert", "prometheus",
			map[string]string{"customer": "acme", "severity": "critical", "alertname": "HostDown", "site": "Givrand"},
			"acme", "full-time", "round-the-clock", ticket.Critical, `round-the-clock{"alertname"="HostDown","customer"="acme","site"="Givrand"}`,
		},
		{
			"nobody's alert still routes", "prometheus",
			map[string]string{"alertname": "X"},
			"", "", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X"}`,
		},
		{
			"a customer that does not exist is not given, and is a group by itself", "prometheus",
			map[string]string{"alertname": "X", "customer": "zeta"},
			"", "", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X","customer"="zeta"}`,
		},
		{
			"a bound source overrules its senders", "bellac-prometheus",
			map[string]string{"alertname": "X", "customer": "acme"},
			"bellac", "office", "office-hours", ticket.Major, `office-hours{"alertname"="X","customer"="bellac"}`,
		},
		{
			"a sender does not raise its contract", "bellac-prometheus",
			map[string]string{"alertname": "X", "contract": "full-time"},
			"bellac", "office", "office-hours", ticket.Major, `office-hours{"alertname"="X","customer"="bellac"}`,
		},
		{
			"nor where its source is bound to nobody", "prometheus",
			map[string]string{"alertname": "X", "customer": "bellac", "contract": "full-time"},
			"bellac", "office", "office-hours", ticket.Major, `office-hours{"alertname"="X","customer"="bellac"}`,
		},
		{
			"nor lowers it", "prometheus",
			map[string]string{"alertname": "X", "customer": "acme", "contract": "office"},
			"acme", "full-time", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X","customer"="acme"}`,
		},
		{
			"nor gives one to nobody's alert", "prometheus",
			map[string]string{"alertname": "X", "contract": "office"},
			"", "", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X"}`,
		},
		{
			"nor makes a rule match", "prometheus",
			map[string]string{"alertname": "X", "customer": "loose", "contract": "office"},
			"loose", "", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X","customer"="loose"}`,
		},
		{
			"a device under another contract, by its matchers", "some-prometheus",
			map[string]string{"alertname": "X", "tag": "24x7"},
			"some", "full-time", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X","contract"="full-time","customer"="some"}`,
		},
		{
			"the first rule that matches", "prometheus",
			map[string]string{"alertname": "X", "team": "some", "tag": "24x7", "site": "Attic"},
			"some", "office", "office-hours", ticket.Major, `office-hours{"alertname"="X","contract"="office","customer"="some","site"="Attic"}`,
		},
		{
			"none that matches: the customer's own", "prometheus",
			map[string]string{"alertname": "X", "customer": "some", "tag": "desk", "contract": "full-time"},
			"some", "office", "office-hours", ticket.Major, `office-hours{"alertname"="X","contract"="office","customer"="some"}`,
		},
		{
			"the urgency that a sender gives", "prometheus",
			map[string]string{"alertname": "X", "urgency": "low", "severity": "critical"},
			"", "", "office-hours", ticket.Low, `office-hours{"alertname"="X"}`,
		},
		{
			"an urgency that does not exist is not given", "prometheus",
			map[string]string{"alertname": "X", "urgency": "huge", "severity": "warning"},
			"", "", "office-hours", ticket.Minor, `office-hours{"alertname"="X"}`,
		},
		{
			"quotes in values cannot forge a group", "prometheus",
			map[string]string{"alertname": `X","site"="Y`},
			"", "", "round-the-clock", ticket.Major, `round-the-clock{"alertname"="X\",\"site\"=\"Y"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := rules.Resolve(&ticket.Alert{Source: tt.source, Labels: tt.labels, Status: ticket.Firing})
			if got.Customer != tt.customer || got.Contract != tt.contract || got.Policy.Name != tt.policy || got.Urgency != tt.urgency || got.GroupKey != tt.group {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestGroupedByContract: group_by sees the contract that an alert is really
// under, never what its sender says.
func TestGroupedByContract(t *testing.T) {
	rules := testRules(t)
	alert := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: map[string]string{
		"alertname": "X", "customer": "bellac", "contract": "full-time",
	}}
	for name, by := range map[string]config.Route{
		"by its name":    {Receiver: "silent", GroupBy: []model.LabelName{"contract"}},
		"by all of them": {Receiver: "silent", GroupByAll: true},
	} {
		rules.Route = dispatch.NewRoute(&by, nil)
		if got := rules.Resolve(&alert); got.Group["contract"] != "office" {
			t.Errorf("%s: %v", name, got.Group)
		}
	}
	if alert.Labels["contract"] != "full-time" {
		t.Error("the alert's own labels were changed")
	}
}

// TestTwoHundredOfAThousandDevices: two devices of one customer fail together
// under two contracts: each gets the time that was promised for it.
func TestTwoHundredOfAThousandDevices(t *testing.T) {
	rules := testRules(t)
	rules.Route = dispatch.NewRoute(&config.Route{Receiver: "round-the-clock", GroupBy: []model.LabelName{"alertname"}}, nil)
	device := func(instance, tag string) ticket.Alert {
		return ticket.Alert{Status: ticket.Firing, Labels: map[string]string{
			"alertname": "HostDown", "customer": "some", "instance": instance, "tag": tag, "severity": "critical",
		}}
	}
	got := Simulate(rules, func(contacts.Person, string) bool { return true }, "prometheus",
		[]ticket.Alert{device("pc-1", ""), device("srv-1", "24x7"), device("pc-2", ""), device("srv-2", "24x7")}, saturday, time.Time{})
	if len(got) != 2 {
		t.Fatalf("%d tickets, want one a contract", len(got))
	}
	pcs, servers := got[0].Ticket, got[1].Ticket
	if pcs.Contract != "office" || pcs.GTI.Calendar != "business" || pcs.Firing != 2 {
		t.Errorf("the desks' ticket: %+v", pcs)
	}
	if servers.Contract != "full-time" || !servers.GTI.DueAt.Equal(saturday.Add(time.Hour)) || servers.Firing != 2 {
		t.Errorf("the servers' ticket: %+v", servers)
	}
}

// TestCustomersNeverShareATicket: two customers have two tickets, even if the
// route's group_by does not name the customer.
func TestCustomersNeverShareATicket(t *testing.T) {
	rules := testRules(t)
	alert := func(customer string) ticket.Alert {
		set := map[string]string{"alertname": "HostDown", "instance": "srv-db-01", "severity": "critical", "contract": "x"}
		if customer != "" {
			set["customer"] = customer
		}
		return ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: set, Fingerprint: "of " + customer}
	}
	for name, by := range map[string]config.Route{
		"by nothing":         {Receiver: "round-the-clock"},
		"by the alert":       {Receiver: "round-the-clock", GroupBy: []model.LabelName{"alertname"}},
		"by the contract":    {Receiver: "round-the-clock", GroupBy: []model.LabelName{"contract"}},
		"by all of them":     {Receiver: "round-the-clock", GroupByAll: true},
		"with the customer":  {Receiver: "round-the-clock", GroupBy: []model.LabelName{"customer"}},
		"by what nobody has": {Receiver: "round-the-clock", GroupBy: []model.LabelName{"rack"}},
	} {
		t.Run(name, func(t *testing.T) {
			rules.Route = dispatch.NewRoute(&by, nil)
			customers := []string{"acme", "bellac", ""}
			alerts, keys := make([]ticket.Alert, len(customers)), map[string]string{}
			for i, customer := range customers {
				alerts[i] = alert(customer)
				got := rules.Resolve(&alerts[i])
				if other, shared := keys[got.GroupKey]; shared {
					t.Errorf("%q and %q share the group %s", customer, other, got.GroupKey)
				}
				keys[got.GroupKey] = customer
			}
			for _, s := range Simulate(rules, func(contacts.Person, string) bool { return true }, "prometheus", alerts, saturday, time.Time{}) {
				if s.Ticket.Firing != 1 {
					t.Errorf("the ticket of %q has %d alerts", s.Ticket.Customer, s.Ticket.Firing)
				}
			}
		})
	}
}
