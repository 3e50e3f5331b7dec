package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// While the policy waits for a calendar, whoever took the ticket hears what
// joins, and nobody on duty is woken. If nobody took it by name, the page goes
// when the calendar opens.
func TestWhoIsOnDutyIsNotWokenWhileThePolicyWaits(t *testing.T) {
	t.Run("taken by somebody else", func(t *testing.T) {
		p := newPlay(t, critical)
		p.pass(time.Minute)
		if err := p.act(ActAcknowledge, "dominique"); err != nil {
			t.Fatal(err)
		}
		p.pass(2 * time.Minute)
		p.tk.Policy.ActiveIn = []string{"business"}
		p.fire("", ticket.Critical)
		p.expect(2*time.Minute, "2m0s dominique/push joined", "2m0s dominique/sms joined")
	})
	t.Run("taken by a token", func(t *testing.T) {
		p := newPlay(t, critical)
		p.pass(time.Minute)
		p.must(Acted{Action: ActAcknowledge, Actor: ticket.Actor{Kind: ticket.ActorToken, Name: "ops"}})
		p.tk.Progress.AckUntil = time.Time{}
		p.pass(2 * time.Minute)
		p.tk.Policy.ActiveIn = []string{"business"}
		p.fire("", ticket.Critical)
		p.expect(2 * time.Minute)
		opens := p.tk.Progress.JoinDue
		if opens.IsZero() {
			t.Fatal("nobody ever hears of it")
		}
		p.pass(opens.Sub(p.start))
		p.must(Tick{})
		at := opens.Sub(p.start).String()
		p.expect(2*time.Minute, at+" alice/push joined", at+" alice/sms joined")
	})
}

// Whoever comes on duty between the page and its failure hears before managers do.
func TestAJoinedAlertIsHeardByWhoIsOnDutyNow(t *testing.T) {
	p := takenByAlice(t, func(p *play) {
		smsAlone(p)
		p.tk.Progress.AckUntil = time.Time{}
	})
	on := func() string {
		people, _ := p.rules.Directory.On("on-call", p.now)
		return people[0].Key
	}
	for on() == "alice" {
		p.now = p.now.Add(time.Hour)
	}
	since := p.now.Sub(p.start)
	p.failed(ticket.KindJoined, "alice", "sms")
	p.expect(since, since.String()+" bruno/sms joined")
	p.failed(ticket.KindJoined, "bruno", "sms")
	p.expect(since, since.String()+" bruno/sms joined", since.String()+" dominique/sms joined")
}

// If a page beside the rounds fails, Step does not write to the ticket that it
// was given: what could not be stored has not happened.
func TestAPageAsideLeavesTheTicketAsItWas(t *testing.T) {
	p := takenByAlice(t, smsAlone)
	was, k := p.tk, p.pages[len(p.pages)-1].PageKey
	for range 2 { // the first was not stored
		p.tk, p.pages = was, nil
		p.must(PageFailed{Key: k})
		p.expect(2*time.Minute, "2m0s dominique/sms joined")
	}
}
