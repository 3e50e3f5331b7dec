package escalation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// takenInSilence is a ticket that alice has. A silence holds for so long.
func takenInSilence(t *testing.T, d time.Duration) *play {
	t.Helper()
	p := free(t, 0)
	p.mustAct(ActAcknowledge, "alice")
	p.silenced("s1", d)
	p.pages = nil
	return p
}

// joinsHeld has an alert join that a silence holds back; zero: none does.
func (p *play) joinsHeld(alert string, from ticket.AlertStatus, u ticket.Urgency, held time.Duration) {
	e := p.firing(from, u, held)
	e.Alert, e.Title = alert, alert
	p.must(e)
}

func (p *play) over(alert string) {
	p.must(AlertMoved{Alert: alert, From: ticket.Firing, To: ticket.Resolved, Title: alert, Source: "prometheus"})
}

// TestAHeldAlertJoinsATakenTicket: whoever has the ticket is told of it when its silence
// is over and it still fires, and not before.
func TestAHeldAlertJoinsATakenTicket(t *testing.T) {
	hour, minor := time.Hour, ticket.Minor
	for _, c := range []struct {
		name string
		do   func(p *play)
		want []string
	}{
		{
			"it still fires at the end", func(p *play) { p.joinsHeld("a", "", minor, hour) },
			[]string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined"},
		},
		{
			"two at one end are told once", func(p *play) { p.joinsHeld("a", "", minor, hour); p.joinsHeld("b", "", minor, hour) },
			[]string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined"},
		},
		{
			"each at its own end", func(p *play) { p.joinsHeld("a", "", minor, hour); p.joinsHeld("b", "", minor, 2*hour) },
			[]string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined", "2h0m0s alice/push joined", "2h0m0s alice/sms joined"},
		},
		{"it is over before", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.pass(10 * time.Minute)
			p.over("a")
		}, nil},
		{"it was over, and fires again", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.over("a")
			p.pass(10 * time.Minute)
			p.joinsHeld("a", ticket.Resolved, minor, 50*time.Minute)
		}, []string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined"}},
		{"it fires again once the silence is over", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.over("a")
			p.pass(90 * time.Minute)
			p.joinsHeld("a", ticket.Resolved, minor, 0)
		}, []string{"1h30m0s alice/push joined", "1h30m0s alice/sms joined"}},
		{"it went silent: that is no recovery", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.must(AlertMoved{Alert: "a", From: ticket.Firing, To: ticket.Silent, Title: "a"})
		}, []string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined"}},
		{"the silence is ended", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.pass(10 * time.Minute)
			p.must(Silenced{Read: p.tk.UpdatedAt, Held: map[string]ticket.Mute{"a": {}}})
		}, []string{"10m0s alice/push joined", "10m0s alice/sms joined"}},
		{"the silence is made longer", func(p *play) {
			p.joinsHeld("a", "", minor, hour)
			p.must(Silenced{Read: p.tk.UpdatedAt, Held: map[string]ticket.Mute{"a": {Until: p.start.Add(2 * hour), Silence: "s1"}}})
		}, []string{"2h0m0s alice/push joined", "2h0m0s alice/sms joined"}},
		{"it is worse at the end", func(p *play) {
			p.tk.Urgency = minor
			p.joinsHeld("a", "", ticket.Critical, hour)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"the ticket is silenced too", func(p *play) {
			p.must(Silenced{Mute: ticket.Mute{Until: p.start.Add(3 * hour), Silence: "s1"}, Read: p.tk.UpdatedAt})
			p.joinsHeld("a", "", minor, hour)
		}, []string{"1h0m0s alice/push joined", "1h0m0s alice/sms joined"}},
		{"one that was told of before", func(p *play) {
			p.joinsHeld("a", "", minor, 0)
			p.pages = nil
			p.joinsHeld("a", ticket.Silent, minor, hour)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := takenInSilence(t, 1000*hour)
			c.do(p)
			p.pass(p.now.Sub(p.start))
			p.pass(2*hour + 59*time.Minute)
			got := p.paged(0)
			if p.tk.State == ticket.Open { // it goes on
				got = got[:min(2, len(got))]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
			if held := p.tk.Progress.Held; slices.ContainsFunc(held, func(h ticket.Held) bool { return !h.Over }) {
				t.Errorf("there is left: %+v", held)
			}
		})
	}
}

// TestASilenceThatEndedUnseenByAJoin: the daemon that took the alert had not heard of the
// end of its silence. The ticket looks by itself.
func TestASilenceThatEndedUnseenByAJoin(t *testing.T) {
	p := takenInSilence(t, 0)
	p.joinsHeld("a", "", ticket.Minor, time.Hour)
	p.pass(time.Hour)
	p.expect(0, "15s alice/push joined", "15s alice/sms joined")
}

// TestAHeldAlertOfAnOpenTicket wakes nobody anew at the end of its silence: whoever takes
// the ticket sees it. Somebody who had it by then is told.
func TestAHeldAlertOfAnOpenTicket(t *testing.T) {
	p := free(t, 0)
	p.silenced("s1", 1000*time.Hour)
	p.joinsHeld("a", "", ticket.Minor, 10*time.Minute)
	p.pass(14 * time.Minute)
	if p.tk.Progress.Episode != 1 || len(p.tk.Progress.Held) > 0 {
		t.Errorf("%+v", p.tk.Progress)
	}
	q := free(t, 0)
	q.silenced("s1", 1000*time.Hour)
	q.joinsHeld("a", "", ticket.Minor, 10*time.Minute)
	q.mustAct(ActAcknowledge, "alice")
	q.pages = nil
	q.pass(14 * time.Minute)
	q.expect(0, "10m0s alice/push joined", "10m0s alice/sms joined")
}

// TestWhoeverTakesItAgain: the acknowledgement ended before the silence, so everybody is
// paged anyway, for what the silence does not hold.
func TestWhoeverTakesItAgain(t *testing.T) {
	p := takenInSilence(t, 1000*time.Hour)
	p.tk.Progress.AckUntil = p.start.Add(time.Hour)
	p.tk.Urgency = ticket.Minor
	p.joinsHeld("a", "", ticket.Critical, time.Hour)
	p.pass(time.Hour)
	p.expect(0, "1h0m0s alice/push", "1h0m0s alice/sms")
	if p.tk.Urgency != ticket.Critical || p.tk.Progress.Episode != 2 {
		t.Errorf("%s, episode %d", p.tk.Urgency, p.tk.Progress.Episode)
	}
}

// TestMoreHeldAlertsThanThereIsRoomFor: the ticket stays small, and what has no room is
// told at the earliest end.
func TestMoreHeldAlertsThanThereIsRoomFor(t *testing.T) {
	p := takenInSilence(t, 1000*time.Hour)
	for i := range 3 * ticket.MaxHeld {
		p.joinsHeld(fmt.Sprintf("a%d", i), "", ticket.Minor, time.Duration(200-i)*time.Minute)
		if i < ticket.MaxHeld-1 {
			p.over(fmt.Sprintf("a%d", i))
		}
	}
	if n := len(p.tk.Progress.Held); n != ticket.MaxHeld {
		t.Errorf("%d are kept", n)
	}
	p.pass(200 * time.Minute)
	if got := p.paged(0); len(got) == 0 || got[0] != "2h21m0s alice/push joined" {
		t.Errorf("%v", got)
	}
}

// overflowing is an overflow ticket whose policy pages nobody, and another policy that
// pages alice.
func overflowing(t *testing.T) (p *play, wakes ticket.Policy) {
	t.Helper()
	p = newPlay(t, critical)
	wakes = ticket.Policy{Name: "wakes", ReopenWithin: time.Minute, CloseAfter: time.Hour, Steps: []ticket.Step{step("on-call", "push"), step("on-call", "sms")}}
	p.rules.Policies["wakes"] = wakes
	p.tk = Opening("prometheus", ticket.Incident, "x", Routed{Urgency: ticket.Low, Policy: ticket.Policy{Name: "rests", ReopenWithin: time.Minute, CloseAfter: time.Hour}}, p.now, p.rules)
	p.tk.Number, p.tk.Overflow = "I261121_0001", "5 open"
	p.fire("", ticket.Low)
	p.silenced("s1", 1000*time.Hour)
	p.pages = nil
	return p, wakes
}

// comesHeld has an alert of another policy join that a silence holds back.
func (p *play) comesHeld(alert string, policy ticket.Policy, u ticket.Urgency, held time.Duration) {
	e := p.firing("", u, held)
	e.Alert, e.Title, e.Routed = alert, alert, &Routed{Urgency: u, Policy: policy}
	p.must(e)
}

// TestAFreedAlertOfAnOverflowTicket pages by its own policy, as it would have without a
// silence: the ticket's may page nobody.
func TestAFreedAlertOfAnOverflowTicket(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *play, wakes ticket.Policy)
		want []string
	}{
		{"at its end", func(p *play, wakes ticket.Policy) {
			p.comesHeld("a", wakes, ticket.Minor, time.Hour)
			p.pass(time.Hour)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"not more urgent than the ticket", func(p *play, wakes ticket.Policy) {
			p.comesHeld("a", wakes, ticket.Low, time.Hour)
			p.pass(time.Hour)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"with one that wakes nobody and is more urgent", func(p *play, wakes ticket.Policy) {
			p.comesHeld("a", wakes, ticket.Low, time.Hour)
			p.comesHeld("b", p.tk.Policy, ticket.Critical, time.Hour)
			p.pass(time.Hour)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"among more than there is room for", func(p *play, wakes ticket.Policy) {
			for i := range ticket.MaxHeld + 1 {
				p.comesHeld(fmt.Sprintf("a%d", i), p.tk.Policy, ticket.Low, time.Hour)
			}
			p.comesHeld("a", wakes, ticket.Low, time.Hour)
			p.comesHeld("b", p.tk.Policy, ticket.Low, time.Hour)
			p.pass(time.Hour)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"when an episode begins by itself", func(p *play, wakes ticket.Policy) {
			p.comesHeld("a", wakes, ticket.Minor, time.Hour)
			p.now = p.now.Add(time.Hour)
			e := p.firing("", ticket.Critical, 0)
			e.Alert, e.Title, e.Routed = "c", "c", &Routed{Urgency: ticket.Critical, Policy: p.tk.Policy}
			p.must(e)
		}, []string{"1h0m0s alice/push", "1h0m0s alice/sms"}},
		{"by a policy that is gone", func(p *play, wakes ticket.Policy) {
			p.comesHeld("a", wakes, ticket.Minor, time.Hour)
			delete(p.rules.Policies, "wakes")
			p.pass(time.Hour)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, wakes := overflowing(t)
			c.do(p, wakes)
			p.expect(0, c.want...)
		})
	}
}
