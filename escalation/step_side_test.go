package escalation

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// failed tells the ticket that the latest page of a kind to somebody failed for
// good.
func (p *play) failed(kind ticket.PageKind, person, channel string) {
	p.t.Helper()
	for i := len(p.pages) - 1; i >= 0; i-- {
		if page := &p.pages[i]; page.Kind == kind && page.Person == person && page.Channel == channel {
			p.must(PageFailed{Key: page.PageKey})
			return
		}
	}
	p.t.Fatalf("no page %s to %s by %s", kind, person, channel)
}

// takenByAlice is a ticket that alice, who is on duty, took. Another alert
// joins it at two minutes.
func takenByAlice(t *testing.T, change func(p *play)) *play {
	t.Helper()
	p := newPlay(t, critical)
	p.pass(time.Minute)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(2 * time.Minute)
	change(p)
	p.fire("", ticket.Critical)
	return p
}

func smsAlone(p *play) {
	p.reach = func(_ contacts.Person, channel string) bool { return channel == "sms" }
}

func TestAJoinedAlertIsHeardBySomebody(t *testing.T) {
	t.Run("one way is left", func(t *testing.T) {
		p := takenByAlice(t, func(*play) {})
		p.failed(ticket.KindJoined, "alice", "sms")
		p.expect(2*time.Minute, "2m0s alice/push joined", "2m0s alice/sms joined")
	})
	t.Run("no way is left: every manager, once", func(t *testing.T) {
		p := takenByAlice(t, func(*play) {})
		for range 2 {
			p.failed(ticket.KindJoined, "alice", "sms")
			p.failed(ticket.KindJoined, "alice", "push")
		}
		p.expect(2*time.Minute, "2m0s alice/push joined", "2m0s alice/sms joined", "2m0s dominique/push joined", "2m0s dominique/sms joined")
		p.pass(30 * time.Minute)
		p.expect(3 * time.Minute)
	})
	t.Run("another channel first", func(t *testing.T) {
		p := takenByAlice(t, func(p *play) { p.tk.Policy.Steps[0].By = []string{"sms"} })
		p.failed(ticket.KindJoined, "alice", "sms")
		p.expect(2*time.Minute, "2m0s alice/sms joined", "2m0s alice/push joined")
		p.failed(ticket.KindJoined, "alice", "push")
		p.expect(2*time.Minute, "2m0s alice/sms joined", "2m0s alice/push joined", "2m0s dominique/push joined", "2m0s dominique/sms joined")
	})
	t.Run("who is on duty hears", func(t *testing.T) {
		p := newPlay(t, critical)
		smsAlone(p)
		p.pass(time.Minute)
		if err := p.act(ActAcknowledge, "dominique"); err != nil {
			t.Fatal(err)
		}
		p.pass(2 * time.Minute)
		p.fire("", ticket.Critical)
		p.failed(ticket.KindJoined, "dominique", "sms")
		p.expect(2*time.Minute, "2m0s dominique/sms joined", "2m0s alice/sms joined")
		p.failed(ticket.KindJoined, "alice", "sms") // dominique, a manager, was tried
		p.expect(2*time.Minute, "2m0s dominique/sms joined", "2m0s alice/sms joined")
		if p.kinds(ticket.EntryUnreachable) == 0 {
			t.Error("nobody hears, and nothing says so")
		}
	})
	t.Run("nobody there has a way at all", func(t *testing.T) {
		p := takenByAlice(t, func(p *play) {
			p.reach = func(person contacts.Person, channel string) bool { return person.Key != "alice" && channel == "sms" }
		})
		p.expect(2*time.Minute, "2m0s dominique/sms joined")
	})
	t.Run("a policy that waits for a calendar wakes no manager", func(t *testing.T) {
		p := takenByAlice(t, func(p *play) {
			smsAlone(p)
			p.tk.Policy.ActiveIn = []string{"business"}
		})
		p.failed(ticket.KindJoined, "alice", "sms")
		p.expect(2*time.Minute, "2m0s alice/sms joined")
		if opens := p.tk.Progress.JoinDue; opens.IsZero() || p.now.After(opens) {
			t.Errorf("it is told again at %s", opens)
		}
	})
	t.Run("what came before it is over", func(t *testing.T) {
		p := takenByAlice(t, smsAlone)
		first := p.pages[len(p.pages)-1].PageKey
		p.pass(3 * time.Minute)
		p.fire("", ticket.Critical)
		p.must(PageFailed{Key: first})
		p.expect(3*time.Minute, "3m0s alice/sms joined")
		p.failed(ticket.KindJoined, "alice", "sms")
		p.expect(3*time.Minute, "3m0s alice/sms joined", "3m0s dominique/sms joined")
	})
	t.Run("another number", func(t *testing.T) {
		p := takenByAlice(t, smsAlone)
		was := p.pages[len(p.pages)-1].PageKey
		p.must(PageAgain{Key: was, Another: true})
		p.expect(2*time.Minute, "2m0s alice/sms joined", "2m0s alice/sms joined")
		if now := p.pages[len(p.pages)-1]; now.PageKey == was || now.Kind != ticket.KindJoined {
			t.Errorf("%s again, of kind %s", now.PageKey, now.Kind)
		}
		p.failed(ticket.KindJoined, "alice", "sms")
		p.expect(2*time.Minute, "2m0s alice/sms joined", "2m0s alice/sms joined", "2m0s dominique/sms joined")
	})
}

// A notice tries another channel, and wakes nobody else.
func TestANoticeThatFails(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(time.Minute)
	if err := p.act(ActAcknowledge, "dominique"); err != nil {
		t.Fatal(err)
	}
	p.expect(time.Minute, "1m0s alice/sms taken")
	p.failed(ticket.KindTaken, "alice", "sms")
	p.expect(time.Minute, "1m0s alice/sms taken", "1m0s alice/push taken")
	p.recover()
	p.failed(ticket.KindTaken, "alice", "push") // it is over: nobody needs to know
	p.expect(time.Minute, "1m0s alice/sms taken", "1m0s alice/push taken", "1m0s alice/sms recovered")
	p.failed(ticket.KindRecovered, "alice", "sms")
	p.expect(time.Minute, "1m0s alice/sms taken", "1m0s alice/push taken", "1m0s alice/sms recovered", "1m0s alice/push recovered")
}
