package standby

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/internal/ticket"
)

const house = `
server: {public_url: "https://astreinte.example.net"}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
groups:
  everybody: {people: [alice]}
policies:
  page: {steps: [{page: everybody, by: [sms], repeat: 3m}]}
route: {receiver: page, group_by: [alertname]}
sms:
  provider: twilio
  replies: none
  twilio: {account_sid: AC00000000000000000000000000000000, auth_token: secret, from: "+33639980000"}
`

func houseRules(t *testing.T) *escalation.Rules {
	t.Helper()
	c, report := config.Parse("astreinte.yml", []byte(house), t.TempDir(), config.Options{})
	if c == nil {
		t.Fatal(report.Errors)
	}
	return c.Rules
}

// fed is a feeder on a store in memory.
func fed(t *testing.T, f func(t *testing.T, feeder *feeder, store *storetest.Memory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began()))
		store := storetest.New()
		clock := newRecordClock(&escalation.WallClock{})
		feeder := &feeder{store: store, clock: clock, engine: escalation.NewEngine(escalation.Options{
			Store: store, Clock: clock, Rules: houseRules(t),
			Reach: func(contacts.Person, string) bool { return true },
		})}
		defer func() { _ = feeder.engine.Stop(t.Context()) }()
		f(t, feeder, store)
	})
}

// said is a record of one alert, some seconds after the beginning.
func said(seconds int, status ticket.AlertStatus, name string, groups ...string) spool.Record {
	r := spool.Record{At: storetest.Began().Add(time.Duration(seconds) * time.Second), Source: "prometheus", ResolveGroups: groups}
	if name != "" {
		r.Alerts = []ticket.Alert{{
			Fingerprint: name, Status: status, SenderGroup: "{}:{}",
			Labels: map[string]string{"alertname": name, "customer": "acme", "severity": "critical"},
		}}
	}
	return r
}

// shownBy says what became of an alert: its status and its ticket's state and episode.
func shownBy(t *testing.T, store *storetest.Memory, name string) (ticket.AlertStatus, ticket.State, int) {
	t.Helper()
	records, err := store.Alerts(t.Context(), "prometheus", []string{name})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) == 0 {
		return "", "", 0
	}
	view, err := store.View(t.Context(), records[0].Ticket)
	if err != nil {
		t.Fatal(err)
	}
	return records[0].Status, view.Ticket.State, view.Ticket.Progress.Episode
}

func TestFeeding(t *testing.T) {
	for _, tt := range []struct {
		name     string
		heard    []spool.Record // by the store itself
		records  []spool.Record
		status   ticket.AlertStatus
		state    ticket.State
		episodes int
	}{
		{"fires", nil, []spool.Record{said(10, ticket.Firing, "a")}, ticket.Firing, ticket.Open, 1},
		{"fires and is over", nil, []spool.Record{said(10, ticket.Firing, "a"), said(20, ticket.Resolved, "a")}, ticket.Resolved, ticket.StateResolved, 1},
		{"in one second", nil, []spool.Record{said(10, ticket.Firing, "a"), said(10, ticket.Resolved, "a"), said(10, ticket.Firing, "b")}, ticket.Resolved, ticket.StateResolved, 1},
		{
			"fires again", nil,
			[]spool.Record{said(10, ticket.Firing, "a"), said(20, ticket.Resolved, "a"), said(30, ticket.Firing, "a")},
			ticket.Firing, ticket.Open, 2,
		},
		{
			"its group is over", nil,
			[]spool.Record{said(10, ticket.Firing, "a"), said(20, "", "", "{}:{}")},
			ticket.Resolved, ticket.StateResolved, 1,
		},
		{
			"over by what the store heard later",
			[]spool.Record{said(0, ticket.Firing, "a"), said(30, ticket.Resolved, "a")},
			[]spool.Record{said(10, ticket.Firing, "a")},
			ticket.Resolved, ticket.StateResolved, 1,
		},
		{
			"firing by what the store heard later",
			[]spool.Record{said(0, ticket.Firing, "a"), said(30, ticket.Firing, "a")},
			[]spool.Record{said(10, ticket.Resolved, "a"), said(20, "", "", "{}:{}")},
			ticket.Firing, ticket.Open, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fed(t, func(t *testing.T, f *feeder, store *storetest.Memory) {
				for _, records := range [][]spool.Record{tt.heard, tt.records, tt.records, tt.records} { // repeated, as after crashes
					if err := f.feed(t.Context(), records); err != nil {
						t.Fatal(err)
					}
					if len(records) == 0 || len(tt.heard) > 0 && &records[0] == &tt.heard[0] {
						continue
					}
					status, state, episodes := shownBy(t, store, "a")
					if status != tt.status || state != tt.state || episodes != tt.episodes {
						t.Errorf("the alert is %s, its ticket %s in episode %d", status, state, episodes)
					}
				}
			})
		})
	}
}

func TestFedAsOfWhenItCame(t *testing.T) {
	fed(t, func(t *testing.T, f *feeder, store *storetest.Memory) {
		time.Sleep(time.Hour)
		if err := f.feed(t.Context(), []spool.Record{said(10, ticket.Firing, "a"), said(300, ticket.Firing, "b")}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"a": 10, "b": 300} {
			records, err := store.Alerts(t.Context(), "prometheus", []string{name})
			if err != nil || len(records) != 1 {
				t.Fatal(records, err)
			}
			view, err := store.View(t.Context(), records[0].Ticket)
			if at := storetest.Began().Add(time.Duration(want) * time.Second); err != nil || !view.Ticket.OpenedAt.Equal(at) || !records[0].FirstAt.Equal(at) {
				t.Errorf("%s was opened at %s, want %s: %v", name, view.Ticket.OpenedAt, at, err)
			}
		}
	})
}

func TestAStormIsFedTogether(t *testing.T) {
	var records []spool.Record
	for i := range 2500 {
		records = append(records, said(i/1000, ticket.Firing, "a"))
	}
	records = append(records, said(3, "", "", "g"), said(3, ticket.Firing, "a"))
	var parts []int
	for rest := records; len(rest) > 0; {
		n := together(rest)
		parts, rest = append(parts, n), rest[n:]
	}
	if len(parts) != 5 || parts[0] != 1000 || parts[3] != 1 {
		t.Errorf("parts %v", parts)
	}
}

// TestAStoryNamesSoMany: a line names only so many people of a very large
// group, and counts the others.
func TestAStoryNamesSoMany(t *testing.T) {
	e := &ticket.Ticket{Number: "I261121_EKQX2A_0001", Progress: ticket.Progress{Paged: map[string][]string{}}}
	for i := range ticket.MaxCalled + 7 {
		e.Progress.Paged[fmt.Sprintf("person-%03d", i)] = []string{"sms"}
	}
	said := (&merger{}).story(e)
	if len(said.Args.Called) != ticket.MaxCalled || said.Args.More != 7 || said.Args.Ticket != e.Number {
		t.Errorf("%d are named, %d more of %s", len(said.Args.Called), said.Args.More, said.Args.Ticket)
	}
}
