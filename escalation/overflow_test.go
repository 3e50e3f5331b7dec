package escalation_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// bounded puts alice on call, dominique among the managers, and source
// prometheus under a bound.
func bounded(t testing.TB, open, rate int) *escalation.Rules {
	t.Helper()
	rules := escalation.RulesForTest(t)
	directory, err := contacts.NewDirectory(rules.Directory.People(), []contacts.Group{
		{Key: "on-call", People: []string{"alice"}}, {Key: "managers", People: []string{"dominique"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules.Directory = directory
	rules.Sources["prometheus"] = escalation.SourceRule{MaxOpen: open, MaxRate: rate}
	return rules
}

// hosts are alerts, each alone in its group.
func hosts(customer, severity string, from, end int) (list []ticket.Alert) {
	for i := from; i < end; i++ {
		name := fmt.Sprintf("%s-%s-%d", customer, severity, i)
		list = append(list, alert(name, ticket.Firing, "alertname", name, "customer", customer, "severity", severity))
	}
	return list
}

// tickets are all tickets of the source. Overflow tickets are there by title;
// others counts the rest.
func (h *house) tickets() (overflow map[string]ticket.Ticket, others int) {
	h.t.Helper()
	overflow = map[string]ticket.Ticket{}
	list, _, err := h.store.Tickets(context.Background(), ticket.Query{Scope: ticket.Everything(), Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, t := range list {
		if t.Overflow == "" {
			others++
			continue
		}
		overflow[t.Title] = t
	}
	return overflow, others
}

func TestBeyondItsBoundASourceHasOneTicketACustomer(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(bounded(t, 5, 0))
		h.post(hosts("acme", "critical", 0, 3)...)
		h.post(append(hosts("acme", "critical", 3, 9), hosts("bellac", "critical", 0, 2)...)...)
		h.post(hosts("acme", "critical", 9, 12)...)
		over, others := h.tickets()
		want := []string{"source prometheus : plus de 5 tickets ouverts, 2 alertes de plus", "source prometheus : plus de 5 tickets ouverts, 7 alertes de plus"}
		if got := slices.Sorted(maps.Keys(over)); !slices.Equal(got, want) || others != 5 {
			t.Fatalf("%d tickets, and %v", others, got)
		}
		acme := over[want[1]]
		if acme.Customer != "acme" || acme.Contract != "full-time" || acme.GTI.Within != time.Hour || acme.Urgency != ticket.Critical || acme.Firing != 7 {
			t.Errorf("%+v", acme)
		}
		h.at(4 * time.Minute)
		pages := h.pages(acme.Number)
		// The managers are told once; alice is paged as for any other ticket.
		if got := []string{"0s alice/push", "0s alice/sms", "0s dominique/push", "0s dominique/sms", "3m0s alice/push", "3m0s alice/sms"}; !slices.Equal(pages, got) {
			t.Errorf("pages %v", pages)
		}
		// The other customer's does not tell them again.
		for _, p := range h.pages(over[want[0]].Number) {
			if strings.Contains(p, "dominique") {
				t.Errorf("bellac's ticket: %s", p)
			}
		}
		// An alert that has a ticket stays with it, and is paged for when it gets
		// worse.
		for _, i := range []int{0, 1, 2, 11} {
			over := hosts("acme", "critical", i, i+1)
			over[0].Status = ticket.Resolved
			h.post(over...)
		}
		h.post(hosts("acme", "critical", 10, 11)...)
		h.post(hosts("acme", "critical", 20, 21)...) // there is room again
		h.post(hosts("acme", "critical", 21, 22)...)
		over, others = h.tickets()
		acme = h.view(acme.Number).Ticket
		if others != 6 || len(over) != 2 || acme.Firing != 7 || acme.Resolved != 1 || h.view(acme.Number).Alerts[0].Count < 1 {
			t.Errorf("%d tickets, overflow: %d fire, %d resolved", others, acme.Firing, acme.Resolved)
		}
	})
}

// New alerts beyond those that are kept of a source page all the same, and
// take no room.
func TestBeyondTheAlertsThatAreKept(t *testing.T) {
	inHouse(t, func(h *house) {
		rules := bounded(t, 0, 0)
		rules.Sources["prometheus"] = escalation.SourceRule{MaxKept: 4}
		h.SetRules(rules)
		of := func(group, severity string, from, end int) (list []ticket.Alert) {
			for i := from; i < end; i++ {
				list = append(list, alert(fmt.Sprint(group, i), ticket.Firing, "alertname", group, "customer", "acme", "severity", severity))
			}
			return list
		}
		kept := func() int {
			observed, err := h.store.Observe(context.Background(), "prometheus", []escalation.Observation{{Alert: alert("x", ticket.Firing), At: time.Now()}})
			if err != nil {
				t.Fatal(err)
			}
			return observed.Alerts
		}
		number := h.post(of("disk", "unknown", 0, 3)...)[0]
		h.post(of("disk", "unknown", 3, 500)...)
		if tk := h.view(number).Ticket; tk.Firing != 4 || tk.Resolved != 0 || kept() != 4 {
			t.Fatalf("%d fire, %d are kept", tk.Firing, kept())
		}
		h.post(of("disk", "critical", 700, 701)...) // it is not kept, and raises the urgency
		if tk := h.view(number).Ticket; tk.Urgency != ticket.Critical || tk.Progress.Episode != 2 {
			t.Errorf("%s, episode %d", tk.Urgency, tk.Progress.Episode)
		}
		h.at(time.Minute)
		over := h.post(append(of("host", "critical", 0, 1), of("net", "critical", 0, 1)...)...)
		tk := h.view(over[0]).Ticket
		if len(over) != 1 || tk.Title != "source prometheus : plus de 4 alertes" || tk.Urgency != ticket.Critical || kept() != 4 {
			t.Fatalf("%v: %+v, %d are kept", over, tk, kept())
		}
		h.at(time.Minute + time.Second)
		if got := h.pages(over[0]); !slices.Contains(got, "1m0s alice/sms") || !slices.Contains(got, "1m0s dominique/sms") {
			t.Errorf("pages %v", got)
		}
		pages := len(h.pages(over[0]))
		for range 5 { // they repeat, as alerts do
			h.post(append(of("host", "critical", 0, 1), of("net", "critical", 0, 1)...)...)
		}
		if got := h.pages(over[0]); len(got) != pages {
			t.Errorf("a repeat pages: %v", got[pages:])
		}
		// Room comes from alerts that are over.
		four := of("disk", "unknown", 0, 4)
		for i := range four {
			four[i].Status = ticket.Resolved
		}
		h.post(four...)
		if tk := h.view(number).Ticket; tk.State != ticket.StateResolved {
			t.Errorf("%s: %d fire", tk.State, tk.Firing)
		}
		if _, err := h.Act(context.Background(), number, escalation.Acted{Action: escalation.ActClose}); err != nil {
			t.Fatal(err)
		}
		if again := h.post(of("host", "critical", 0, 1)...); again[0] == over[0] || kept() != 1 {
			t.Errorf("%v, %d are kept", again, kept())
		}
	})
}

// If a source has very many alerts, one more is kept only in part: everybody
// shares the disk.
func TestOfManyAlertsOneMoreIsKeptInPart(t *testing.T) {
	inHouse(t, func(h *house) {
		fat := func(name string) ticket.Alert {
			a := alert(name, ticket.Firing)
			a.Annotations = map[string]string{"description": strings.Repeat("d", 8000)}
			return a
		}
		var many []ticket.Alert
		for i := range ticket.WholeAlerts - 1 {
			many = append(many, alert(fmt.Sprint("node", i), ticket.Firing))
		}
		h.post(append(many, fat("whole"))...)
		h.post(fat("thin"))
		records, err := h.store.Alerts(context.Background(), "prometheus", []string{"whole", "thin"})
		if err != nil || len(records) != 2 {
			t.Fatalf("%d, %v", len(records), err)
		}
		if n := len(records[0].Annotations["description"]); n != 8000 {
			t.Errorf("the last that is kept whole: %d bytes", n)
		}
		if n := len(records[1].Annotations["description"]); n == 0 || n > ticket.MaxThinText {
			t.Errorf("one more: %d bytes", n)
		}
	})
}

// A new problem does not wait for what the overflow ticket was paged for
// before it was resolved. An alert that comes back does wait.
func TestWhatIsNewReopensTheOverflowTicketAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		from int // the alert that fires
		want []string
	}{
		{"new", 9, []string{"2m0s alice/push", "2m0s alice/sms"}},
		{"known", 1, []string{"3m0s alice/push", "3m0s alice/sms"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.SetRules(bounded(t, 1, 0))
				h.post(hosts("acme", "critical", 0, 1)...)
				number := h.post(hosts("acme", "critical", 1, 2)...)[0]
				h.at(time.Minute)
				over := hosts("acme", "critical", 1, 2)
				over[0].Status = ticket.Resolved
				h.post(over...)
				before := len(h.pages(number))
				h.at(2 * time.Minute)
				if again := h.post(hosts("acme", "critical", tt.from, tt.from+1)...); again[0] != number {
					t.Fatalf("it joined %v, want %s", again, number)
				}
				h.at(4 * time.Minute)
				if got := h.pages(number)[before:]; !slices.Equal(got, tt.want) {
					t.Errorf("pages %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestTheRateOfNewTickets(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(bounded(t, 0, 5))
		for i := range 12 {
			h.post(hosts("acme", "critical", i, i+1)...)
			h.at(time.Duration(i+1) * time.Second)
		}
		over, others := h.tickets()
		if _, ok := over["source prometheus : plus de 5 nouveaux tickets par minute, 7 alertes de plus"]; !ok || others != 5 {
			t.Fatalf("%d tickets, and %v", others, slices.Sorted(maps.Keys(over)))
		}
		h.at(62 * time.Second) // two of them are a minute old
		h.post(hosts("acme", "critical", 12, 20)...)
		if over, others = h.tickets(); others != 7 || len(over) != 1 {
			t.Errorf("a minute later: %d tickets, and %v", others, slices.Sorted(maps.Keys(over)))
		}
		h.at(10 * time.Minute)
		h.post(hosts("acme", "critical", 20, 25)...)
		if _, others = h.tickets(); others != 12 {
			t.Errorf("ten minutes later: %d tickets", others)
		}
	})
}

// At night a minor alert waits for the office. The critical alert that joins
// it in the overflow ticket does not.
func TestTheOverflowTicketPagesAsItsMostUrgentAlert(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(bounded(t, 1, 0))
		h.post(hosts("acme", "warning", 0, 3)...)
		over, _ := h.tickets()
		number := ""
		for _, tk := range over {
			number = tk.Number
		}
		if got := h.pages(number); !slices.Equal(got, []string{"0s dominique/push", "0s dominique/sms"}) {
			t.Errorf("before: %v", got)
		}
		h.at(2 * time.Hour)
		h.post(hosts("acme", "critical", 3, 4)...)
		tk := h.view(number).Ticket
		if tk.Policy.Name != "round-the-clock" || tk.Urgency != ticket.Critical || tk.GTI.Within != time.Hour || tk.GTI.DueAt.Sub(h.start) != 3*time.Hour {
			t.Errorf("policy %s, urgency %s, %+v", tk.Policy.Name, tk.Urgency, tk.GTI)
		}
		if got := h.pages(number); !slices.Equal(got[2:], []string{"2h0m0s alice/push", "2h0m0s alice/sms"}) {
			t.Errorf("after: %v", got)
		}
		// A less urgent alert whose policy would page nobody changes nothing.
		h.post(hosts("acme", "warning", 10, 12)...)
		if tk := h.view(number).Ticket; tk.Policy.Name != "round-the-clock" || tk.Progress.Episode != 2 {
			t.Errorf("%s, episode %d", tk.Policy.Name, tk.Progress.Episode)
		}
	})
}

// The contract of the critical alert counts for the whole overflow ticket: an
// acknowledgement does not stop the clock of its promise.
func TestTheOverflowTicketIsUnderTheStricterContract(t *testing.T) {
	inHouse(t, func(h *house) {
		rules := bounded(t, 1, 0)
		acme := &rules.Customers[slices.IndexFunc(rules.Customers, func(c escalation.Customer) bool { return c.Key == "acme" })]
		acme.Contract = ""
		critical, err := labels.NewMatcher(labels.MatchEqual, "severity", "critical")
		if err != nil {
			t.Fatal(err)
		}
		acme.Contracts = []escalation.ContractRule{{Matchers: labels.Matchers{critical}, Contract: "full-time"}}
		h.SetRules(rules)
		h.post(hosts("acme", "warning", 0, 3)...)
		h.post(hosts("acme", "critical", 3, 4)...)
		over, _ := h.tickets()
		for _, tk := range over {
			act(t, h, tk.Number, escalation.ActAcknowledge, "alice")
			if tk := h.view(tk.Number).Ticket; tk.Contract != "full-time" || tk.GTI.Within != time.Hour || !tk.PickedUpAt.IsZero() {
				t.Errorf("contract %q, %+v, picked up at %s", tk.Contract, tk.GTI, tk.PickedUpAt)
			}
		}
		if len(over) != 1 {
			t.Errorf("%d overflow tickets", len(over))
		}
	})
}

// An alert under a stricter contract joins with the same policy and urgency.
// Its promise counts from then, and nobody is paged for that.
func TestAStricterContractThatJoinsAnOverflowTicketCounts(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(strictFor(t, "acme-critical-3"))
		h.post(hosts("acme", "critical", 0, 3)...)
		number := ""
		over, _ := h.tickets()
		for _, tk := range over {
			number = tk.Number
			if tk.Contract != "" || !tk.GTI.DueAt.IsZero() {
				t.Fatalf("before: contract %q, %+v", tk.Contract, tk.GTI)
			}
		}
		for i, after := range []time.Duration{2 * time.Hour, 3 * time.Hour} { // the second changes nothing
			h.at(after)
			h.post(hosts("acme", "critical", 3-i, 4)...)
			tk := h.view(number).Ticket
			if due := tk.GTI.DueAt.Sub(h.start); tk.Contract != "full-time" || due != 3*time.Hour || tk.PickupOnAck || tk.Progress.Episode != 1 {
				t.Errorf("contract %q, due at %s, pick-up by acknowledgement %t, episode %d", tk.Contract, due, tk.PickupOnAck, tk.Progress.Episode)
			}
		}
	})
}

// Whoever has acknowledged the ticket stays so: the promise that joins is met,
// and the acknowledgement does not end.
func TestAStricterContractLeavesAnAcknowledgementAlone(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(strictFor(t, "acme-critical-3"))
		h.post(hosts("acme", "critical", 0, 3)...)
		over, _ := h.tickets()
		for _, tk := range over {
			act(t, h, tk.Number, escalation.ActAcknowledge, "alice")
			h.at(2 * time.Hour)
			h.post(hosts("acme", "critical", 3, 4)...)
			act(t, h, tk.Number, escalation.ActResolve, "alice")
			act(t, h, tk.Number, escalation.ActUndo, "alice")
			h.at(4 * time.Hour)
			tk := h.view(tk.Number).Ticket
			if state := tk.GTIState(time.Now()); tk.State != ticket.Acknowledged || state != ticket.GTIMet {
				t.Errorf("%s, the promise is %q", tk.State, state)
			}
		}
		if len(over) != 1 {
			t.Errorf("%d overflow tickets", len(over))
		}
	})
}

// strictFor puts customer acme under a contract for one alert only. Its source
// may have one ticket.
func strictFor(t testing.TB, alertname string) *escalation.Rules {
	t.Helper()
	rules := bounded(t, 1, 0)
	acme := &rules.Customers[slices.IndexFunc(rules.Customers, func(c escalation.Customer) bool { return c.Key == "acme" })]
	strict, err := labels.NewMatcher(labels.MatchEqual, "alertname", alertname)
	if err != nil {
		t.Fatal(err)
	}
	acme.Contract, acme.Contracts = "", []escalation.ContractRule{{Matchers: labels.Matchers{strict}, Contract: "full-time"}}
	return rules
}

// A minor and a critical alert come in one request. The managers' page of the
// first episode is no longer wanted, and they are paged in the second.
func TestTheManagersAreToldThoughTheUrgencyRisesAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(bounded(t, 1, 0))
		h.post(hosts("acme", "warning", 0, 1)...)
		h.post(append(hosts("acme", "warning", 1, 3), hosts("acme", "critical", 3, 4)...)...)
		over, _ := h.tickets()
		for _, tk := range over {
			told := 0
			for _, p := range h.view(tk.Number).Pages {
				if p.Person == "dominique" && p.Episode == tk.Progress.Episode {
					told++
				}
			}
			if told != 2 {
				t.Errorf("%d pages tell dominique in episode %d", told, tk.Progress.Episode)
			}
		}
	})
}

// What joins a taken overflow ticket is told, but not one by one.
func TestWhatJoinsATakenOverflowTicketIsGathered(t *testing.T) {
	inHouse(t, func(h *house) {
		h.SetRules(bounded(t, 1, 0))
		h.post(hosts("acme", "critical", 0, 2)...)
		over, _ := h.tickets()
		for _, tk := range over {
			act(t, h, tk.Number, escalation.ActAcknowledge, "alice")
			for i := range 100 {
				h.at(time.Duration(i+1) * time.Second)
				h.post(hosts("acme", "critical", i+2, i+3)...)
			}
			h.at(10 * time.Minute)
			var told []time.Duration
			for _, p := range h.view(tk.Number).Pages {
				if p.Kind == ticket.KindJoined && p.Channel == "sms" {
					told = append(told, p.At.Sub(h.start))
				}
			}
			if !slices.Equal(told, []time.Duration{time.Second, 3*time.Minute + time.Second}) {
				t.Errorf("told at %v", told)
			}
		}
	})
}

// Several daemons, each with two lanes, together stay within the bound.
func TestTheBoundHoldsOverSeveralDaemons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		houses := make([]*house, 3)
		for i := range houses {
			houses[i] = &house{Engine: newEngine(t, store), t: t, store: store, start: time.Now()}
			houses[i].SetRules(bounded(t, 50, 0))
			t.Cleanup(houses[i].run())
		}
		// All of them read how many there are before any of them writes.
		store.Fail(storetest.On(storetest.Block, "Commit"))
		var all sync.WaitGroup
		for i, h := range houses {
			for k, severity := range []string{"critical", "high"} {
				all.Go(func() { h.post(hosts("acme", severity, 1000*i+100*k, 1000*i+100*k+40)...) })
			}
		}
		synctest.Wait()
		store.Fail(nil)
		store.Unblock()
		all.Wait()
		over, others := houses[0].tickets()
		if others != 50 || len(over) != 1 {
			t.Fatalf("%d tickets, and %v", others, slices.Sorted(maps.Keys(over)))
		}
		for _, tk := range over {
			if tk.Firing != 240-50 {
				t.Errorf("%d alerts beyond the bound", tk.Firing)
			}
		}
	})
}
