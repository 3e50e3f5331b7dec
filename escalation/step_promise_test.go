package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// A promise is never put off, whatever the urgency becomes.
func TestThePromiseIsNeverPutOff(t *testing.T) {
	for _, row := range []struct {
		name        string
		opens, then ticket.Urgency
		due         time.Duration // after the opening
	}{
		{"a critical ticket that reopens as major", ticket.Critical, ticket.Major, time.Hour},
		{"and as minor", ticket.Critical, ticket.Minor, time.Hour},
		{"and as low", ticket.Critical, ticket.Low, time.Hour},
		{"and as critical", ticket.Critical, ticket.Critical, time.Hour},
		{"a major ticket that reopens as critical", ticket.Major, ticket.Critical, time.Hour},
		{"and as minor", ticket.Major, ticket.Minor, 4 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPlay(t, critical)
			p.pages = nil
			p.open(map[string]string{"customer": "acme", "alertname": "X", "urgency": row.opens.String()})
			first := p.tk.GTI
			p.pass(20 * time.Minute)
			p.recover()
			p.pass(25 * time.Minute)
			p.fire(ticket.Resolved, row.then)
			if p.tk.State != ticket.Open || p.tk.Urgency != row.then {
				t.Fatalf("it is %s, %s", p.tk.State, p.tk.Urgency)
			}
			got := p.tk.GTI
			if got.DueAt.After(first.DueAt) || got.DueAt.Sub(p.start) != row.due || got.Within != row.due {
				t.Errorf("due %s after the opening (%s), was %s", got.DueAt.Sub(p.start), got.Within, first.DueAt.Sub(p.start))
			}
		})
	}
}
