package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestJoiningATicketThatIsTaken(t *testing.T) {
	taken := func(t *testing.T, by ticket.Actor) *play {
		t.Helper()
		p := newPlay(t, critical)
		p.pass(time.Minute)
		p.must(Acted{Action: ActAcknowledge, Actor: by})
		p.pass(2 * time.Minute)
		return p
	}
	t.Run("by a person: them, and who is on duty for the first step, once an instant", func(t *testing.T) {
		p := taken(t, ticket.Actor{Kind: ticket.ActorPerson, Name: "dominique"})
		p.fire("", ticket.Critical)
		p.fire("", ticket.Major)
		p.pass(10 * time.Minute)
		p.expect(2*time.Minute,
			"2m0s dominique/push joined", "2m0s dominique/sms joined", "2m0s alice/push joined", "2m0s alice/sms joined")
	})
	t.Run("by a token that names nobody: the first step, once", func(t *testing.T) {
		p := taken(t, ticket.Actor{Kind: ticket.ActorToken, Name: "ops"})
		p.fire("", ticket.Critical)
		p.pass(10 * time.Minute)
		p.expect(2*time.Minute, "2m0s alice/push joined", "2m0s alice/sms joined")
	})
	t.Run("one that fires again is not new", func(t *testing.T) {
		p := taken(t, ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"})
		p.fire("", ticket.Critical)
		p.must(AlertMoved{From: ticket.Firing, To: ticket.Resolved, Title: "x"})
		p.pass(5 * time.Minute)
		p.fire(ticket.Resolved, ticket.Critical)
		p.expect(3 * time.Minute)
	})
	t.Run("by a channel of theirs, where the first step has none", func(t *testing.T) {
		p := taken(t, ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"})
		p.tk.Policy.Steps[0].By = []string{"push"}
		p.reach = func(_ contacts.Person, channel string) bool { return channel == "sms" }
		p.fire("", ticket.Critical)
		p.expect(2*time.Minute, "2m0s alice/sms joined")
	})
}
