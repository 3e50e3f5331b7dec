package escalation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// play is a ticket in virtual time: it remembers every page with the time
// since the start, and lets time pass by the ticket's own deadlines, as the
// engine does.
type play struct {
	t       *testing.T
	rules   *Rules
	now     time.Time
	start   time.Time
	tk      ticket.Ticket
	pages   []ticket.Page
	reach   func(contacts.Person, string) bool
	lines   []ticket.Entry
	sheet   *ticket.Sheet
	errands []ticket.Errand
}

func newPlay(t *testing.T, labels map[string]string) *play {
	t.Helper()
	p := &play{t: t, rules: testRules(t), now: saturday, start: saturday}
	p.reach = func(person contacts.Person, channel string) bool {
		return len(person.Phones) > 0 && (channel == "sms" || channel == "push")
	}
	p.open(labels)
	return p
}

func (p *play) open(labels map[string]string) {
	p.t.Helper()
	a := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: labels}
	routed := p.rules.Resolve(&a)
	p.tk = Opening("prometheus", ticket.Incident, a.Title(), routed, p.now, p.rules)
	p.tk.Number = "I261121_0001"
	p.fire("", routed.Urgency)
}

func (p *play) do(e Event) error {
	d, err := Step(p.tk, e, World{Now: p.now, Rules: p.rules, Reach: p.reach})
	p.tk = d.Ticket
	p.pages = append(p.pages, d.Pages...)
	p.lines = append(p.lines, d.Timeline...)
	return err
}

func (p *play) must(e Event) {
	p.t.Helper()
	if err := p.do(e); err != nil {
		p.t.Fatal(err)
	}
}

func (p *play) fire(from ticket.AlertStatus, u ticket.Urgency) {
	p.t.Helper()
	p.must(AlertMoved{From: from, To: ticket.Firing, Urgency: u, Title: "srv-db-01 HostDown", Source: "prometheus"})
}

func (p *play) recover() {
	p.t.Helper()
	p.must(AlertMoved{From: ticket.Firing, To: ticket.Resolved, Title: "srv-db-01 HostDown", Source: "prometheus"})
}

func (p *play) act(a Action, person string) error {
	return p.do(Acted{Action: a, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "sms"})
}

// pass lets time go by until d after the start.
func (p *play) pass(d time.Duration) {
	p.t.Helper()
	end := p.start.Add(d)
	for range 10_000 {
		next := p.tk.NextDeadline()
		if next.IsZero() || next.After(end) {
			p.now = end
			return
		}
		if next.After(p.now) {
			p.now = next
		}
		before := p.tk.NextDeadline()
		p.must(Tick{})
		if p.tk.NextDeadline().Equal(before) {
			p.t.Fatalf("the deadline %s did not move", before)
		}
	}
	p.t.Fatal("time does not pass")
}

// paged writes the pages as "15m0s dominique/sms", one a line. Pages of kind
// page are written without their kind.
func (p *play) paged(from time.Duration) []string {
	var out []string
	for _, page := range p.pages {
		at := page.At.Sub(p.start)
		if at < from {
			continue
		}
		s := fmt.Sprintf("%s %s/%s", at, page.Person, page.Channel)
		if page.Kind != ticket.KindPage {
			s += " " + string(page.Kind)
		}
		out = append(out, s)
	}
	return out
}

func (p *play) expect(from time.Duration, want ...string) {
	p.t.Helper()
	if got := p.paged(from); !slices.Equal(got, want) {
		p.t.Errorf("pages since %s:\n  %s\nwant:\n  %s", from, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

var critical = map[string]string{"customer": "acme", "site": "Givrand", "severity": "critical", "alertname": "HostDown", "instance": "srv-db-01"}

func TestTheMainJob(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(14*time.Minute + 59*time.Second)
	p.expect(0,
		"0s alice/push", "0s alice/sms", "3m0s alice/push", "3m0s alice/sms", "6m0s alice/push", "6m0s alice/sms",
		"9m0s alice/push", "9m0s alice/sms", "12m0s alice/push", "12m0s alice/sms")
	p.pass(15 * time.Minute)
	p.expect(13*time.Minute, "15m0s alice/push", "15m0s alice/sms", "15m0s dominique/push", "15m0s dominique/sms")
	if got := p.tk.Reached(); got != 1 {
		t.Errorf("step reached: %d, want 1", got)
	}
}

func TestAcknowledgingStopsEverything(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(14*time.Minute + 59*time.Second)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.must(Acted{Action: ActPickUp, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}})
	p.pass(5 * time.Hour)
	p.expect(13 * time.Minute)
	if p.tk.State != ticket.InProgress || p.tk.GTIState(p.now) != ticket.GTIMet {
		t.Errorf("state %s, GTI %s", p.tk.State, p.tk.GTIState(p.now))
	}
}

func TestOneWinsTheOtherIsToldWho(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(15 * time.Minute)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.expect(15*time.Minute, "15m0s alice/push", "15m0s alice/sms", "15m0s dominique/push", "15m0s dominique/sms", "15m0s dominique/sms taken")
	err := p.act(ActAcknowledge, "dominique")
	var state *StateError
	if !errors.As(err, &state) || state.By.Name != "alice" || !errors.Is(err, ErrNotAllowed) {
		t.Fatalf("the second one got %v", err)
	}
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Errorf("saying it twice: %v", err)
	}
}

func TestAcknowledgementThatIsNotPickedUpEnds(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(45*time.Minute - time.Second)
	p.expect(time.Second)
	p.pass(60 * time.Minute)
	p.expect(time.Second,
		"45m0s alice/push", "45m0s alice/sms", "48m0s alice/push", "48m0s alice/sms", "51m0s alice/push", "51m0s alice/sms",
		"54m0s alice/push", "54m0s alice/sms", "57m0s alice/push", "57m0s alice/sms", "1h0m0s alice/push", "1h0m0s alice/sms",
		"1h0m0s dominique/push", "1h0m0s dominique/sms")
	if p.tk.Progress.Episode != 2 {
		t.Errorf("episode %d, want 2", p.tk.Progress.Episode)
	}
}

func TestRiseInUrgency(t *testing.T) {
	t.Run("of an acknowledged ticket begins a new episode", func(t *testing.T) {
		p := newPlay(t, map[string]string{"customer": "acme", "severity": "high", "alertname": "X", "instance": "a"})
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		p.pass(10 * time.Minute)
		p.fire("", ticket.Major)
		p.expect(time.Minute, "10m0s alice/push joined", "10m0s alice/sms joined")
		p.pass(20 * time.Minute)
		p.fire("", ticket.Critical)
		p.pass(35*time.Minute - time.Second)
		if slices.ContainsFunc(p.paged(20*time.Minute), func(s string) bool { return strings.Contains(s, "dominique") }) {
			t.Errorf("the manager was called before his time: %v", p.paged(20*time.Minute))
		}
		p.pass(35 * time.Minute)
		p.expect(35*time.Minute, "35m0s alice/push", "35m0s alice/sms", "35m0s dominique/push", "35m0s dominique/sms")
		if due := p.tk.GTI.DueAt.Sub(p.start); due != time.Hour {
			t.Errorf("the GTI is due after %s, want 1h from the opening", due)
		}
	})
	t.Run("does not drop a manager who was called already", func(t *testing.T) {
		p := newPlay(t, map[string]string{"customer": "acme", "severity": "high", "alertname": "X", "instance": "a"})
		p.pass(16 * time.Minute)
		p.fire("", ticket.Critical)
		p.expect(16*time.Minute, "16m0s alice/push", "16m0s alice/sms", "16m0s dominique/push", "16m0s dominique/sms")
	})
}

func TestPaceSlowsDown(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(2 * time.Hour)
	var alice []time.Duration
	for _, page := range p.pages {
		if page.Person == "alice" && page.Channel == "sms" && page.At.Sub(p.start) >= 54*time.Minute {
			alice = append(alice, page.At.Sub(p.start))
		}
	}
	want := []time.Duration{54 * time.Minute, 57 * time.Minute, time.Hour, 75 * time.Minute, 90 * time.Minute, 105 * time.Minute, 2 * time.Hour}
	if !slices.Equal(alice, want) {
		t.Errorf("alice was paged at %v, want %v", alice, want)
	}
}

func TestHandoverInTheMiddle(t *testing.T) {
	p := newPlay(t, critical)
	handover := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC) // Thursday 09:00 in Paris
	p.start, p.now = handover.Add(-4*time.Minute), handover.Add(-4*time.Minute)
	p.pages = nil
	p.open(critical)
	p.pass(5 * time.Minute)
	p.expect(0, "0s alice/push", "0s alice/sms", "3m0s alice/push", "3m0s alice/sms")
	p.must(Displaced{Key: p.pages[3].PageKey}) // alice's last SMS had not gone out
	p.expect(4*time.Minute, "5m0s bruno/push", "5m0s bruno/sms")
	p.must(Displaced{Key: p.pages[2].PageKey})
	p.expect(4*time.Minute, "5m0s bruno/push", "5m0s bruno/sms")
	p.pass(6 * time.Minute)
	p.expect(6*time.Minute, "6m0s bruno/push", "6m0s bruno/sms")
}

func TestNobodyToReach(t *testing.T) {
	deaf := func(who ...string) func(contacts.Person, string) bool {
		return func(p contacts.Person, _ string) bool { return !slices.Contains(who, p.Key) }
	}
	t.Run("the next step starts at once", func(t *testing.T) {
		p := newPlay(t, critical)
		p.reach, p.pages = deaf("alice"), nil
		p.open(critical)
		p.expect(0, "0s dominique/push", "0s dominique/sms")
		p.pass(3 * time.Minute)
		p.expect(time.Second, "3m0s dominique/push", "3m0s dominique/sms")
	})
	t.Run("nobody at all: every manager, and again at each repeat", func(t *testing.T) {
		p := newPlay(t, critical)
		p.rules = testRules(t)
		p.rules.Policies = map[string]ticket.Policy{"round-the-clock": {
			Name: "round-the-clock", Steps: []ticket.Step{{Group: "nobody", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}}},
		}}
		p.pages = nil
		p.open(critical)
		p.pass(7 * time.Minute)
		p.expect(0, "0s dominique/push", "0s dominique/sms", "3m0s dominique/push", "3m0s dominique/sms", "6m0s dominique/push", "6m0s dominique/sms")
	})
	t.Run("a permanent failure of every channel is the same, at once", func(t *testing.T) {
		p := newPlay(t, critical)
		p.pass(time.Minute)
		p.must(PageFailed{Key: p.pages[0].PageKey})
		p.expect(time.Second) // the SMS may still get through
		p.must(PageFailed{Key: p.pages[1].PageKey})
		p.expect(time.Second, "1m0s dominique/push", "1m0s dominique/sms")
		p.must(PageFailed{Key: p.pages[2].PageKey})
		p.must(PageFailed{Key: p.pages[3].PageKey})
		p.expect(time.Second, "1m0s dominique/push", "1m0s dominique/sms", "1m0s dominique/push", "1m0s dominique/sms")
		if p.tk.Progress.Everybody == nil {
			t.Error("nobody is left, and not every manager was called")
		}
		keys := map[ticket.PageKey]bool{}
		for _, page := range p.pages {
			if keys[page.PageKey] {
				t.Errorf("%s was ordered twice", page.PageKey)
			}
			keys[page.PageKey] = true
		}
	})
	t.Run("the tried-again channel that works counts again", func(t *testing.T) {
		p := newPlay(t, critical)
		p.must(PageFailed{Key: p.pages[0].PageKey})
		p.must(PageWorked{Key: p.pages[0].PageKey})
		p.must(PageFailed{Key: p.pages[1].PageKey})
		p.expect(time.Second)
	})
}

func TestRecoveryAndFlapping(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(16 * time.Minute)
	p.recover()
	if p.tk.State != ticket.StateResolved {
		t.Fatalf("state %s", p.tk.State)
	}
	p.expect(16*time.Minute, "16m0s alice/sms recovered", "16m0s dominique/sms recovered")
	p.now = p.start.Add(17 * time.Minute)
	if !Joins(&p.tk, p.now) {
		t.Fatal("a ticket that recovered a minute ago takes its alert back")
	}
	p.fire(ticket.Resolved, ticket.Critical)
	p.pass(18*time.Minute - time.Second)
	p.expect(17 * time.Minute)
	p.pass(20 * time.Minute)
	p.expect(17*time.Minute, "18m0s alice/push", "18m0s alice/sms")
	p.recover()
	p.now = p.now.Add(10*time.Minute + time.Second)
	if Joins(&p.tk, p.now) {
		t.Error("after reopen_within a new ticket is opened")
	}
}

func TestResolvedByHandWhileItFires(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActResolve, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.start.Add(10*time.Minute - time.Second)
	p.fire(ticket.Firing, ticket.Critical)
	if p.tk.State != ticket.StateResolved {
		t.Fatalf("a repeat within reopen_within reopened it: %s", p.tk.State)
	}
	p.now = p.start.Add(10 * time.Minute)
	p.fire(ticket.Firing, ticket.Critical)
	if p.tk.State != ticket.Open || p.tk.Firing != 1 {
		t.Fatalf("state %s, firing %d", p.tk.State, p.tk.Firing)
	}
}

func TestUndo(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.start.Add(time.Minute)
	if err := p.act(ActResolve, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.start.Add(6 * time.Minute)
	if err := p.act(ActUndo, "alice"); err != nil {
		t.Fatal(err)
	}
	if p.tk.State != ticket.Acknowledged || p.tk.Progress.AckUntil.IsZero() {
		t.Errorf("state %s, until %s", p.tk.State, p.tk.Progress.AckUntil)
	}
	if err := p.act(ActResolve, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.start.Add(11*time.Minute + time.Second)
	if err := p.act(ActUndo, "alice"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("undo after five minutes: %v", err)
	}
}

func TestEscalateNow(t *testing.T) {
	t.Run("before anybody took it", func(t *testing.T) {
		p := newPlay(t, critical)
		p.pass(time.Minute)
		if err := p.act(ActEscalate, "alice"); err != nil {
			t.Fatal(err)
		}
		p.pass(3 * time.Minute)
		p.expect(time.Minute, "1m0s dominique/push", "1m0s dominique/sms", "3m0s alice/push", "3m0s alice/sms")
	})
	t.Run("by whoever took it", func(t *testing.T) {
		p := newPlay(t, critical)
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		p.pass(time.Minute)
		if err := p.act(ActEscalate, "alice"); err != nil {
			t.Fatal(err)
		}
		p.pass(4 * time.Minute)
		p.expect(time.Minute, "1m0s dominique/push", "1m0s dominique/sms", "4m0s dominique/push", "4m0s dominique/sms")
	})
}

func TestClosesByItself(t *testing.T) {
	p := newPlay(t, critical)
	p.recover()
	p.pass(72*time.Hour - time.Second)
	if p.tk.State != ticket.StateResolved {
		t.Fatalf("state %s", p.tk.State)
	}
	p.pass(72 * time.Hour)
	if p.tk.State != ticket.Closed || Joins(&p.tk, p.now) {
		t.Errorf("state %s", p.tk.State)
	}
	before := p.tk
	p.fire(ticket.Resolved, ticket.Critical)
	if p.tk.State != before.State || p.tk.Firing != before.Firing {
		t.Error("a closed ticket was reopened by an alert")
	}
}

func TestPolicyWithoutSteps(t *testing.T) {
	p := newPlay(t, critical)
	p.rules = testRules(t)
	p.rules.Policies["round-the-clock"] = p.rules.Policies["silent"]
	p.pages = nil
	p.open(critical)
	p.pass(time.Hour)
	p.expect(0)
	if p.tk.State != ticket.Open {
		t.Errorf("state %s", p.tk.State)
	}
}

func TestStepDoesNotWriteToItsArgument(t *testing.T) {
	p := newPlay(t, critical)
	before := fmt.Sprintf("%+v", p.tk)
	given := p.tk
	w := World{Now: p.start.Add(20 * time.Minute), Rules: p.rules, Reach: p.reach}
	for _, e := range []Event{Tick{}, PageFailed{Key: p.pages[0].PageKey}, Acted{Action: ActAcknowledge}, AlertMoved{To: ticket.Firing, Urgency: ticket.Critical}} {
		first, _ := Step(given, e, w)
		second, _ := Step(given, e, w)
		if fmt.Sprintf("%+v", first) == "" || len(first.Pages) != len(second.Pages) {
			t.Errorf("%T: two answers to one question", e)
		}
	}
	if after := fmt.Sprintf("%+v", given); before != after {
		t.Errorf("Step wrote to its argument:\n%s\n%s", before, after)
	}
}
