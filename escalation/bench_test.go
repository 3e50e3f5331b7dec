package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// benchAlert is a critical alert of acme's.
func benchAlert() ticket.Alert {
	return ticket.Alert{Source: "prometheus", Status: ticket.Firing, Fingerprint: "6f4d2a1b9c8e7035", Labels: map[string]string{
		"customer": "acme", "site": "Givrand", "severity": "critical", "alertname": "HostDown",
		"instance": "srv-db-01", "job": "node", "team": "infra",
	}}
}

func BenchmarkResolve(b *testing.B) {
	rules, a := testRules(b), benchAlert()
	b.ReportAllocs()
	for b.Loop() {
		if rules.Resolve(&a).Customer != "acme" {
			b.Fatal("nobody's")
		}
	}
}

// BenchmarkStep measures the decision: on a new alert, on one more alert of a
// ticket, on a round that is due.
func BenchmarkStep(b *testing.B) {
	rules, a := testRules(b), benchAlert()
	reach := func(contacts.Person, string) bool { return true }
	opened := Opening("prometheus", ticket.Incident, a.Title(), rules.Resolve(&a), saturday, rules)
	fires := AlertMoved{To: ticket.Firing, Urgency: ticket.Critical, Title: a.Title(), Source: "prometheus"}
	first, err := Step(opened, fires, World{Now: saturday, Rules: rules, Reach: reach})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		ticket ticket.Ticket
		event  Event
		at     time.Time
		pages  int
	}{
		{"opens", opened, fires, saturday, 2},
		{"joins", first.Ticket, fires, saturday.Add(time.Minute), 0},
		{"round", first.Ticket, Tick{}, saturday.Add(3 * time.Minute), 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := Step(c.ticket, c.event, World{Now: c.at, Rules: rules, Reach: reach})
				if err != nil || len(d.Pages) != c.pages {
					b.Fatal(d.Pages, err)
				}
			}
		})
	}
}
