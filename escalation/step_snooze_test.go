package escalation

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

func (p *play) snooze(person string, d time.Duration) error {
	return p.do(Acted{Action: ActSnooze, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "sms", For: d})
}

// free is a ticket whose policy never ends an acknowledgement, in a contract
// that promises gti; zero: nothing.
func free(t *testing.T, gti time.Duration) *play {
	t.Helper()
	p := newPlay(t, critical)
	p.tk.Policy.AckTimeout, p.tk.GTI.DueAt = 0, time.Time{}
	if gti > 0 {
		p.tk.GTI.DueAt = p.start.Add(gti)
	}
	return p
}

// TestSnoozeWakesAgain: nobody is paged until its end. Then the policy starts
// over, unless work began.
func TestSnoozeWakesAgain(t *testing.T) {
	p := free(t, 0)
	if err := p.snooze("alice", 0); err != nil {
		t.Fatal(err)
	}
	p.pass(30*time.Minute - time.Second)
	if p.tk.State != ticket.Acknowledged || len(p.paged(time.Second)) != 0 {
		t.Errorf("before its end: %s, pages %v", p.tk.State, p.paged(time.Second))
	}
	p.pass(30 * time.Minute)
	if last := p.lines[len(p.lines)-3]; p.tk.State != ticket.Open || last.Kind != ticket.EntryAckExpired || last.Detail != ticket.SaidSnoozeOver {
		t.Errorf("at its end: %s, %+v", p.tk.State, last)
	}
	p.expect(30*time.Minute, "30m0s alice/push", "30m0s alice/sms")

	q := free(t, 0)
	if err := q.snooze("alice", time.Hour); err != nil {
		t.Fatal(err)
	}
	q.pass(time.Minute)
	if err := q.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	q.pass(5 * time.Hour)
	if q.tk.State != ticket.InProgress || len(q.paged(time.Second)) != 0 {
		t.Errorf("work had begun: %s, pages %v", q.tk.State, q.paged(time.Second))
	}
}

// TestWhoHearsAtTheEndOfASnooze: whoever is on duty then, by the policy, and once
// whoever asked to be woken, where that is somebody else.
func TestWhoHearsAtTheEndOfASnooze(t *testing.T) {
	handover := time.Date(2026, 11, 26, 9, 0, 0, 0, testRules(t).Location)
	for _, c := range []struct {
		name  string
		who   ticket.Actor
		after time.Duration // of the opening
		start time.Time
		want  []string
	}{
		{"still on duty", person("alice"), 0, saturday, []string{"30m0s alice/push", "30m0s alice/sms"}},
		{"off duty by then", person("alice"), 0, handover.Add(-10 * time.Minute), []string{
			"30m0s bruno/push", "30m0s bruno/sms", "30m0s alice/push", "30m0s alice/sms",
		}},
		{"of a later step", person("dominique"), 16 * time.Minute, saturday, []string{
			"46m0s alice/push", "46m0s alice/sms", "46m0s dominique/push", "46m0s dominique/sms",
		}},
		{"of no step", person("chloe"), time.Minute, saturday, []string{
			"31m0s alice/push", "31m0s alice/sms", "31m0s chloe/push", "31m0s chloe/sms",
		}},
		{"nobody any more", person("emile"), time.Minute, saturday, []string{"31m0s alice/push", "31m0s alice/sms"}},
		{"a token", ticket.Actor{Kind: ticket.ActorToken, Name: "console"}, time.Minute, saturday, []string{"31m0s alice/push", "31m0s alice/sms"}},
	} {
		p := &play{t: t, rules: testRules(t), now: c.start, start: c.start}
		p.reach = func(_ contacts.Person, channel string) bool { return channel == "sms" || channel == "push" }
		p.open(critical)
		p.tk.Policy.AckTimeout, p.tk.GTI.DueAt = 0, time.Time{}
		p.pass(c.after)
		p.must(Acted{Action: ActSnooze, Actor: c.who, Via: "api"})
		p.pages, p.lines = nil, nil
		p.pass(c.after + 31*time.Minute)
		t.Log(c.name)
		p.expect(0, c.want...)
		last := p.lines[len(p.lines)-1]
		if asked := last.Detail == ticket.SaidAsked; asked != (len(c.want) > 2) || asked && last.Args.Called[0].Person != c.who.Name {
			t.Errorf("%s: %+v", c.name, last)
		}
		if c.name == "off duty by then" {
			if err := p.act(ActAcknowledge, "bruno"); err != nil {
				t.Fatal(err)
			}
			p.expect(p.now.Sub(p.start), fmt.Sprintf("%s alice/sms taken", p.now.Sub(p.start)))
		}
	}
}

// TestWhoseTimeRanOutAsksForNothing: an acknowledgement that ends by the policy
// before the snooze does wakes nobody beside the policy.
func TestWhoseTimeRanOutAsksForNothing(t *testing.T) {
	p := free(t, 0)
	p.tk.Policy.AckTimeout = 10 * time.Minute
	if err := p.snooze("chloe", 0); err != nil {
		t.Fatal(err)
	}
	p.pass(10 * time.Minute)
	p.expect(time.Minute, "10m0s alice/push", "10m0s alice/sms")
}

func person(key string) ticket.Actor { return ticket.Actor{Kind: ticket.ActorPerson, Name: key} }

// TestHowLongASnoozeLasts: never longer than what is left of the GTI.
func TestHowLongASnoozeLasts(t *testing.T) {
	for _, c := range []struct {
		name             string
		gti, timeout     time.Duration
		after, ask, want time.Duration
	}{
		{"no promise", 0, 0, 0, 0, DefaultSnooze},
		{"as asked", 0, 0, 0, time.Hour, time.Hour},
		{"four hours at most", 0, 0, 0, 9 * time.Hour, MostSnooze},
		{"a minute at least", 0, 0, 0, time.Second, LeastSnooze},
		{"what is left", time.Hour, 0, 40 * time.Minute, 0, 20 * time.Minute},
		{"hardly anything left", time.Hour, 0, time.Hour - time.Second, 0, LeastSnooze},
		{"used up", time.Hour, 0, 2 * time.Hour, 3 * time.Hour, DefaultSnooze},
		{"the policy's time is shorter", 0, 10 * time.Minute, 0, 0, 10 * time.Minute},
	} {
		p := free(t, c.gti)
		p.tk.Policy.AckTimeout = c.timeout
		p.now = p.start.Add(c.after)
		if err := p.snooze("alice", c.ask); err != nil {
			t.Fatal(err)
		}
		if got := p.tk.Progress.AckUntil.Sub(p.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestASnoozeIsNoPickUp, whatever the contract counts as one.
func TestASnoozeIsNoPickUp(t *testing.T) {
	p := free(t, time.Hour)
	p.tk.PickupOnAck = true
	if err := p.snooze("alice", 0); err != nil || !p.tk.PickedUpAt.IsZero() {
		t.Errorf("%v, picked up at %s", err, p.tk.PickedUpAt)
	}
	p.pass(30 * time.Minute)
	p.expect(30*time.Minute, "30m0s alice/push", "30m0s alice/sms")
}

// TestASnoozeOutlastsWhatHappens: three things leave its end as it is: an
// acknowledgement by the same person, a resolve that is undone, and somebody
// else who comes late. Whoever has it may ask for another.
func TestASnoozeOutlastsWhatHappens(t *testing.T) {
	p := free(t, 0)
	if err := p.snooze("alice", time.Hour); err != nil {
		t.Fatal(err)
	}
	p.pass(10 * time.Minute)
	var refused *StateError
	if err := p.snooze("bruno", 0); !errors.As(err, &refused) || refused.By.Name != "alice" {
		t.Errorf("another snoozes: %v", err)
	}
	for _, a := range []Action{ActAcknowledge, ActResolve, ActUndo} {
		if err := p.act(a, "alice"); err != nil {
			t.Fatal(a, err)
		}
	}
	if want := p.start.Add(time.Hour); p.tk.State != ticket.Acknowledged || !p.tk.Progress.AckUntil.Equal(want) {
		t.Errorf("%s until %s, want %s", p.tk.State, p.tk.Progress.AckUntil, want)
	}
	if err := p.snooze("alice", 0); err != nil || !p.tk.Progress.AckUntil.Equal(p.now.Add(DefaultSnooze)) {
		t.Errorf("%v, until %s", err, p.tk.Progress.AckUntil)
	}
	p.recover()
	p.pass(5 * time.Hour)
	if p.tk.State == ticket.Open || len(p.paged(11*time.Minute)) != 0 {
		t.Errorf("it was over: %s, pages %v", p.tk.State, p.paged(11*time.Minute))
	}
}

// TestASecondTapIsTheSameSnooze changes nothing.
func TestASecondTapIsTheSameSnooze(t *testing.T) {
	p := free(t, 0)
	seen := SeenOf(&p.tk)
	tap := Acted{Action: ActSnooze, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "link", Seen: &seen}
	p.must(tap)
	until := p.tk.Progress.AckUntil
	p.now = p.now.Add(3 * time.Second)
	p.must(tap)
	if !p.tk.Progress.AckUntil.Equal(until) {
		t.Errorf("until %s, was %s", p.tk.Progress.AckUntil, until)
	}
}

// TestASnoozeIsKeptWhateverItIs: whatever the length, contract and time,
// nobody is paged before its end, and somebody is after it.
func TestASnoozeIsKeptWhateverItIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		minutes := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(r, name)) * time.Minute
		}
		p := free(t, minutes("gti", 300))
		p.pages = nil
		p.now = p.start.Add(minutes("after", 400))
		began := p.now
		if err := p.snooze("alice", minutes("for", 600)); err != nil {
			r.Fatal(err)
		}
		until := p.tk.Progress.AckUntil
		nap := until.Sub(began)
		if left := p.tk.GTI.DueAt.Sub(began); nap < LeastSnooze || nap > MostSnooze || !p.tk.GTI.DueAt.IsZero() && left > LeastSnooze && nap > left {
			r.Fatalf("it lasts %s", nap)
		}
		if d := p.tk.NextDeadline(); !d.Equal(until) {
			r.Fatalf("the next deadline is %s, not %s", d, until)
		}
		p.pages = nil
		p.pass(until.Sub(p.start) - time.Second)
		if n := len(p.pages); n > 0 {
			r.Fatalf("%d pages before its end", n)
		}
		p.pass(until.Sub(p.start))
		if len(p.pages) == 0 || p.tk.State != ticket.Open {
			r.Fatalf("at its end it is %s, and nobody is paged", p.tk.State)
		}
	})
}

// TestTheEndOfASnoozeIsTriedAgain: the page that it asks for goes to another number, or
// once more, as the pages of a round do.
func TestTheEndOfASnoozeIsTriedAgain(t *testing.T) {
	for _, another := range []bool{true, false} {
		p := free(t, 0)
		if err := p.snooze("dominique", time.Hour); err != nil {
			t.Fatal(err)
		}
		p.pages = nil
		p.pass(time.Hour)
		var asked []ticket.Page
		for _, page := range p.pages {
			if page.Person == "dominique" && page.Round.Again {
				asked = append(asked, page)
			}
		}
		if len(asked) == 0 {
			t.Fatalf("dominique is not woken: %v", p.paged(0))
		}
		p.pages = nil
		p.must(PageAgain{Key: asked[0].PageKey, Another: another})
		if len(p.pages) != 1 || p.pages[0].Person != "dominique" || p.pages[0].Channel != asked[0].Channel || p.pages[0].PageKey == asked[0].PageKey {
			t.Errorf("another %t: %v", another, p.pages)
		}
	}
}
