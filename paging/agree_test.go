package paging

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestTwoDaemonsThatDisagree who is on duty do not page each in the place of the other's
// without end: the first change of hands is followed at once, the next ones after a while
// that grows.
func TestTwoDaemonsThatDisagree(t *testing.T) {
	directory, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Phones: []string{"+33612345601"}}, {Key: "bruno", Phones: []string{"+33612345602"}}},
		[]contacts.Group{{Key: "on-call", People: []string{"alice"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	again := ticket.Round(3)
	again.Again = true
	for _, c := range []struct {
		name   string
		gone   []string
		round  ticket.KeyRound
		after  time.Duration
		follow bool
	}{
		{"duty has changed hands", nil, ticket.Round(0), 0, true},
		{"in somebody's place", []string{"alice"}, ticket.Round(0), 0, false},
		{"in somebody's place, for long", []string{"alice"}, ticket.Round(0), agreeNap, true},
		{"to and fro", []string{"alice", "bruno"}, again, agreeNap, false},
		{"to and fro, for long", []string{"alice", "bruno"}, again, 5 * agreeNap, true},
	} {
		h := &hasty{rules: escalation.Rules{Directory: directory}}
		o := NewOutbox(Parts{Store: h, Actions: h, Clock: &escalation.WallClock{Machine: func() time.Time { return at.Add(c.after) }}, Ways: Ways{Channels: map[string][]Provider{"sms": {{Name: "twilio"}}}}})
		claim := Claim{Page: ticket.Page{
			PageKey: ticket.PageKey{Ticket: "I1", Episode: 1, Step: ticket.PolicyStep(0), Round: c.round, Person: "bruno", Channel: "sms"}, Kind: ticket.KindPage, At: at,
		}}
		claim.Ticket.Policy.Steps = []ticket.Step{{Group: "on-call"}}
		claim.Ticket.Progress.Steps = []ticket.StepRun{{Round: 1, Gone: c.gone}}
		out, event, done := o.stale(claim, &h.rules)
		if !done || (event != nil) != c.follow || c.follow != (out.State == ticket.PageCancelled) {
			t.Errorf("%s: %+v %v %t", c.name, out, event, done)
		}
		if !c.follow && (out.State != ticket.PageQueued || !out.Untried || !out.RetryAt.After(at)) {
			t.Errorf("%s: %+v", c.name, out)
		}
	}
	if most := agrees(ticket.KeyRound{N: 1 << 20, Again: true}); most != agreeMost {
		t.Error(most)
	}
}
