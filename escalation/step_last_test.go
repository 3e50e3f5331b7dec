package escalation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// playSteps opens a critical ticket with these steps.
func playSteps(t *testing.T, steps ...ticket.Step) *play {
	t.Helper()
	p := newPlay(t, critical)
	p.rules = testRules(t)
	policy := p.rules.Policies["round-the-clock"]
	policy.Steps = steps
	p.rules.Policies["round-the-clock"] = policy
	p.pages, p.lines = nil, nil
	p.open(critical)
	return p
}

func bySMS(group string, change ...func(*ticket.Step)) ticket.Step {
	s := ticket.Step{Group: group, By: []string{"sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}}
	for _, f := range change {
		f(&s)
	}
	return s
}

func after(d time.Duration) func(*ticket.Step) { return func(s *ticket.Step) { s.After = d } }

func instead(s *ticket.Step) { s.Instead = true }

func inOffice(s *ticket.Step) { s.During = "business" }

func (p *play) fails(step, round int, person string) {
	p.t.Helper()
	p.must(PageFailed{Key: ticket.PageKey{Ticket: p.tk.Number, Episode: p.tk.Progress.Episode, Step: ticket.PolicyStep(step), Round: ticket.Round(round), Person: person, Channel: "sms"}})
}

// everyHour checks that somebody is paged at least once in each of these
// hours.
func (p *play) everyHour(hours int) {
	p.t.Helper()
	for h := range hours {
		from, until := time.Duration(h)*time.Hour, time.Duration(h+1)*time.Hour
		if !slices.ContainsFunc(p.pages, func(page ticket.Page) bool {
			at := page.At.Sub(p.start)
			return at >= from && at < until
		}) {
			p.t.Fatalf("nobody is paged in hour %d of an open ticket", h)
		}
	}
}

func TestInsteadReplacesOnlyWhereItPages(t *testing.T) {
	for name, last := range map[string]ticket.Step{
		"a group that is gone":    bySMS("gone", after(15*time.Minute), instead),
		"a step that is held":     bySMS("managers", after(15*time.Minute), instead, inOffice),
		"a group that has nobody": bySMS("nobody", after(15*time.Minute), instead),
	} {
		t.Run(name, func(t *testing.T) {
			p := playSteps(t, bySMS("on-call"), last)
			p.pass(40 * time.Hour)
			p.everyHour(40)
			if !slices.Contains(p.paged(39*time.Hour), "39h0m0s alice/sms") {
				t.Errorf("alice was dropped for nobody: %v", p.paged(39*time.Hour))
			}
		})
	}
}

func TestPassingOnNeverSilences(t *testing.T) {
	t.Run("where no manager can be reached", func(t *testing.T) {
		p := playSteps(t, bySMS("on-call"))
		p.reach = func(person contacts.Person, _ string) bool { return person.Role != contacts.RoleManager }
		for _, a := range []Action{ActAcknowledge, ActEscalate} {
			if err := p.act(a, "alice"); err != nil {
				t.Fatal(err)
			}
		}
		p.pass(10 * time.Hour)
		p.everyHour(10)
	})
	t.Run("where the next step has to wait", func(t *testing.T) {
		p := playSteps(t, bySMS("on-call"), bySMS("managers", after(15*time.Minute), inOffice))
		for _, a := range []Action{ActAcknowledge, ActEscalate} {
			if err := p.act(a, "alice"); err != nil {
				t.Fatal(err)
			}
		}
		p.pass(40 * time.Hour)
		p.everyHour(40)
	})
}

func TestADeadNumberBeforeAStepThatIsHeld(t *testing.T) {
	p := playSteps(t, bySMS("on-call"), bySMS("managers", after(15*time.Minute), inOffice))
	p.fails(0, 0, "alice")
	p.expect(0, "0s alice/sms", "0s dominique/push", "0s dominique/sms")
	p.pass(40 * time.Hour)
	p.everyHour(40)
}

func TestTheLastResortWaitsForTheOfficeToo(t *testing.T) {
	p := playSteps(t, bySMS("on-call", inOffice))
	friday := time.Date(2026, 11, 20, 16, 56, 0, 0, time.UTC) // 17:56 in Paris
	p.start, p.now, p.pages = friday, friday, nil
	p.open(critical)
	p.fails(0, 0, "alice")
	p.pass(48 * time.Hour)
	got := p.paged(0)
	if !slices.Contains(got, "0s dominique/sms") || !slices.Contains(got, "3m0s dominique/sms") {
		t.Errorf("nobody was called while the office was open: %v", got)
	}
	for _, page := range p.pages {
		if at := page.At.Sub(friday); at >= 4*time.Minute {
			t.Errorf("%s was paged %s after the office closed", page.Person, at-4*time.Minute)
		}
	}
	p.pass(63*time.Hour + 30*time.Minute) // Monday 09:26
	if got := p.paged(60 * time.Hour); len(got) == 0 || !strings.HasSuffix(got[0], "alice/sms") {
		t.Errorf("on Monday: %v", got)
	}
}

func TestAckTimeoutAfterAReopening(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(30 * time.Minute)
	p.recover()
	p.pass(35 * time.Minute)
	p.fire(ticket.Resolved, ticket.Critical)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(35*time.Minute + 45*time.Minute)
	if p.tk.State != ticket.Open {
		t.Errorf("acknowledged, not picked up again, and %s", p.tk.State)
	}
}

func TestUndoOfWhatIsOverMeanwhile(t *testing.T) {
	p := newPlay(t, critical)
	if err := p.act(ActResolve, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(2 * time.Minute)
	p.recover()
	if err := p.act(ActUndo, "alice"); err != nil {
		t.Fatal(err)
	}
	if p.tk.State != ticket.StateResolved {
		t.Errorf("nothing fires, and it is %s", p.tk.State)
	}
}

func TestOnceMore(t *testing.T) {
	once := func(s *ticket.Step) { s.Times = 1 }
	p := playSteps(t, bySMS("on-call", once))
	p.pass(time.Minute)
	p.must(PageAgain{Key: p.pages[0].PageKey})
	p.expect(time.Second, "1m0s alice/sms")
	p.must(PageAgain{Key: p.pages[0].PageKey})
	if p.pages[1].PageKey == p.pages[2].PageKey {
		t.Error("two tries under one key")
	}
	q := playSteps(t, bySMS("on-call"))
	q.pass(time.Minute)
	q.must(PageAgain{Key: q.pages[0].PageKey})
	q.expect(time.Second) // its next round comes anyway
	q.must(PageAgain{Key: q.pages[0].PageKey, Another: true})
	q.expect(time.Second, "1m0s alice/sms")
}

func TestACalendarThatClosesOnTheLastWhoCouldBeReached(t *testing.T) {
	once := func(s *ticket.Step) { s.Times = 1 }
	p := playSteps(t, bySMS("on-call", once), bySMS("managers", after(15*time.Minute), inOffice))
	friday := time.Date(2026, 11, 20, 16, 50, 0, 0, time.UTC) // 17:50 in Paris
	p.start, p.now, p.pages = friday, friday, nil
	p.open(critical)
	p.fails(0, 0, "alice")
	p.pass(24 * time.Hour)
	p.everyHour(24)
}

func TestWhoeverWasReplacedGoesOnWhereNobodyElseWould(t *testing.T) {
	once := func(s *ticket.Step) { s.Times = 1 }
	p := playSteps(t, bySMS("on-call"), bySMS("on-call", after(5*time.Minute), once, instead), bySMS("managers", after(10*time.Minute), once))
	p.pass(10 * time.Minute)
	p.fails(1, 0, "alice") // the step that pages instead of the others reached nobody
	p.pass(10 * time.Hour)
	p.everyHour(10)
}

// A delivered round says nothing of the next one: if that fails for good, the
// next step begins at once.
func TestAPhoneThatDiesAfterADeliveredRound(t *testing.T) {
	p := playSteps(t, bySMS("on-call"), bySMS("managers", after(15*time.Minute)))
	p.pass(3 * time.Minute)
	p.expect(0, "0s alice/sms", "3m0s alice/sms")
	p.fails(0, 1, "alice")
	p.expect(time.Second, "3m0s alice/sms", "3m0s dominique/sms")
	p.pass(6 * time.Minute)
	p.expect(4*time.Minute, "6m0s alice/sms", "6m0s dominique/sms")
}

// The same holds if the phone had failed before, and came back.
func TestAPhoneThatDiesAgain(t *testing.T) {
	p := playSteps(t, bySMS("on-call"), bySMS("nobody", after(15*time.Minute)), bySMS("managers", after(30*time.Minute)))
	p.fails(0, 0, "alice")
	p.expect(0, "0s alice/sms", "0s dominique/sms")
	p.must(PageWorked{Key: p.pages[0].PageKey})
	if p.tk.Progress.Steps[0].Exhausted || len(p.tk.Progress.Failed) > 0 {
		t.Fatalf("a phone that came back counts as dead: %+v", p.tk.Progress)
	}
	p.pass(3 * time.Minute)
	p.fails(0, 1, "alice")
	if !p.tk.Progress.Steps[0].Exhausted {
		t.Errorf("a phone that died again counts as well: %+v", p.tk.Progress)
	}
}

// TestPassingOnPutsNothingOff: each press pages every manager at once, and none of them
// lets the managers sleep for longer than a repeat.
func TestPassingOnPutsNothingOff(t *testing.T) {
	p := playSteps(t, bySMS("on-call"))
	p.fails(0, 0, "alice")
	for range 10 {
		if err := p.act(ActEscalate, "bruno"); err != nil {
			t.Fatal(err)
		}
	}
	p.pass(30 * time.Minute)
	last := p.start
	for _, page := range p.pages {
		if page.Person != "dominique" {
			continue
		}
		if page.At.Sub(last) > 5*time.Minute {
			t.Errorf("no manager was paged from %s to %s", last.Sub(p.start), page.At.Sub(p.start))
		}
		last = page.At
	}
	if p.now.Sub(last) > 5*time.Minute {
		t.Errorf("no manager was paged since %s", last.Sub(p.start))
	}
}
