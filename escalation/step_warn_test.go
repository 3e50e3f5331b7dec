package escalation

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// warnPlay is a critical ticket of acme, whose contract promises an hour at any time and has
// people warned.
func warnPlay(t *testing.T, warn ...int) *play {
	t.Helper()
	p := newPlay(t, critical)
	rules := *p.rules
	rules.Contracts = maps.Clone(rules.Contracts)
	for key, c := range rules.Contracts {
		c.Warn, c.Pauses = warn, ticket.PauseReasons()
		rules.Contracts[key] = c
	}
	p.rules, p.pages, p.lines = &rules, nil, nil
	p.open(critical)
	if p.tk.GTI.Within != time.Hour {
		t.Fatalf("the promise is %+v", p.tk.GTI)
	}
	return p
}

// warnings are the pages of warnings, as paged writes them.
func (p *play) warnings() []string {
	var out []string
	for _, line := range p.paged(0) {
		if n := len(line) - len(" clock"); n > 0 && line[n:] == " clock" {
			out = append(out, line[:n])
		}
	}
	return out
}

func (p *play) warned(want ...string) {
	p.t.Helper()
	if got := p.warnings(); !slices.Equal(got, want) {
		p.t.Errorf("warned:\n  %q\nwant:\n  %q", got, want)
	}
}

func TestNobodyIsWarnedUnlessTheContractSaysSo(t *testing.T) {
	p := warnPlay(t)
	p.pass(2 * time.Hour)
	p.warned()
	if i := slices.IndexFunc(p.lines, func(e ticket.Entry) bool { return e.Kind == ticket.EntryClockWarned }); i >= 0 {
		t.Errorf("the timeline has %+v", p.lines[i])
	}
}

func TestWhoeverAcknowledgedIsReminded(t *testing.T) {
	p := warnPlay(t, 50, 80, 100)
	p.tk.Policy.AckTimeout = 0
	p.pass(5 * time.Minute)
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(59 * time.Minute)
	p.warned("30m0s alice/push", "30m0s alice/sms", "48m0s alice/push", "48m0s alice/sms")
	p.pass(3 * time.Hour)
	p.warned("30m0s alice/push", "30m0s alice/sms", "48m0s alice/push", "48m0s alice/sms",
		"1h0m0s alice/push", "1h0m0s alice/sms", "1h0m0s dominique/push", "1h0m0s dominique/sms")
}

func TestAPickUpEndsWarnings(t *testing.T) {
	p := warnPlay(t, 50, 80, 100)
	p.pass(31 * time.Minute)
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(5 * time.Hour)
	p.warned("30m0s alice/push", "30m0s alice/sms")
	if !p.tk.GTI.WarnAt.IsZero() {
		t.Errorf("warned again at %s", p.tk.GTI.WarnAt)
	}
}

// 80 % without an acknowledgement starts the next step.
func TestTheNextStepStartsEarly(t *testing.T) {
	p := warnPlay(t, 80)
	p.tk.Policy.Steps[1].After = 55 * time.Minute
	p.pass(54 * time.Minute)
	p.warned()
	p.expect(47*time.Minute, "48m0s dominique/push", "48m0s dominique/sms", "48m0s alice/push", "48m0s alice/sms", "51m0s alice/push", "51m0s alice/sms",
		"51m0s dominique/push", "51m0s dominique/sms", "54m0s alice/push", "54m0s alice/sms", "54m0s dominique/push", "54m0s dominique/sms")
}

// Of what is missed while no daemon runs the last is done, once.
func TestAWarningThatComesLate(t *testing.T) {
	p := warnPlay(t, 50, 80, 100)
	p.tk.Policy.AckTimeout = 0
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.now = p.start.Add(50 * time.Minute)
	p.must(Tick{})
	p.must(Tick{})
	p.warned("50m0s alice/push", "50m0s alice/sms")
}

func TestAClockThatRestsWarnsNobody(t *testing.T) {
	p := warnPlay(t, 50)
	p.tk.Policy.AckTimeout = 0
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(20 * time.Minute)
	if err := p.pause(ticket.WaitingForCustomer); err != nil {
		t.Fatal(err)
	}
	p.pass(50 * time.Minute)
	if err := p.act(ActResume, "alice"); err != nil {
		t.Fatal(err)
	}
	p.pass(3 * time.Hour)
	p.warned("1h0m0s alice/push", "1h0m0s alice/sms")
}

// What is minor or low is said in the clock's own hours.
func TestALowWarningWaitsForTheMorning(t *testing.T) {
	p := clockPlay(t, ticket.Low, "2026-11-20 10:00")
	gold := p.rules.Contracts["gold"]
	gold.Warn = []int{50}
	p.rules.Contracts["gold"] = gold
	p.open2(ticket.Low, "2026-11-20 10:00")
	if err := p.act(ActAcknowledge, "alice"); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-24 03:00").must(Tick{}) // it was due on Monday morning, and no daemon ran
	p.warned()
	if want := inParis(t, "2026-11-24 08:30"); !p.tk.GTI.WarnAt.Equal(want) {
		t.Errorf("warned at %s, want %s", p.tk.GTI.WarnAt, want)
	}
	p.at("2026-11-24 08:30").must(Tick{})
	if len(p.warnings()) == 0 {
		t.Error("nobody was warned")
	}
}

func (p *play) open2(u ticket.Urgency, opened string) {
	p.now = inParis(p.t, opened)
	p.tk = Opening("prometheus", ticket.Incident, "X", Routed{Contract: "gold", Urgency: u}, p.now, p.rules)
	p.tk.Number = "I261120_0001"
	p.fire("", u)
}

// A rise that has used much of its promise already is no warning: it pages anyway.
func TestARiseWarnsOfNothingThatIsPast(t *testing.T) {
	p := warnPlay(t, 50, 80, 100)
	p.tk.Urgency = ticket.Low
	p.tk.GTI = ticket.GTI{}
	p.now = p.start.Add(49 * time.Minute)
	p.fire(ticket.Firing, ticket.Critical)
	p.warned()
	if p.tk.GTI.Warned != 80 || !p.tk.GTI.WarnAt.Equal(p.start.Add(time.Hour)) {
		t.Errorf("warned of %d %%, next at %s", p.tk.GTI.Warned, p.tk.GTI.WarnAt.Sub(p.start))
	}
}

// A deadline that was listed before its ticket was over is no reason to wake anybody.
func TestATicketThatIsOverWarnsNobody(t *testing.T) {
	for _, state := range []ticket.State{ticket.StateResolved, ticket.Closed} {
		p := warnPlay(t, 50)
		p.tk.State = state
		p.now = p.now.Add(40 * time.Minute)
		p.must(Tick{})
		p.warned()
	}
}

// onGTI has the policy page a group of its own before its GTI is missed.
func onGTI(t *testing.T, group string, warn ...int) *play {
	t.Helper()
	p := warnPlay(t, warn...)
	tiered(t, p.rules)
	p.tk.Policy.OnGTI = group
	return p
}

// TestOnGTIPagesItsGroup: 100 %, or 80 % of what nobody has acknowledged, pages the group
// of the policy, and not that of the next step.
func TestOnGTIPagesItsGroup(t *testing.T) {
	chloe := []string{"chloe/push", "chloe/sms"}
	at := func(after string, who ...string) (all []string) {
		for _, one := range who {
			all = append(all, after+" "+one)
		}
		return all
	}
	t.Run("nobody has", func(t *testing.T) {
		p := onGTI(t, "experts", 50, 80, 100)
		p.tk.Policy.Steps[1].After = 90 * time.Minute
		p.pass(47 * time.Minute)
		p.warned(at("30m0s", "alice/push", "alice/sms")...) // of the first step's group
		p.pass(65 * time.Minute)
		p.warned(slices.Concat(at("30m0s", "alice/push", "alice/sms"), at("48m0s", chloe...), at("1h0m0s", chloe...))...)
		if !p.tk.Progress.Steps[1].Started.IsZero() {
			t.Error("the next step has started")
		}
	})
	t.Run("somebody has", func(t *testing.T) {
		p := onGTI(t, "experts", 80, 100)
		p.tk.Policy.AckTimeout = 0
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		p.pass(59 * time.Minute)
		p.warned(at("48m0s", "alice/push", "alice/sms")...)
		p.pass(3 * time.Hour)
		p.warned(slices.Concat(at("48m0s", "alice/push", "alice/sms"), at("1h0m0s", "alice/push", "alice/sms"), at("1h0m0s", chloe...))...)
	})
	t.Run("nobody is of it", func(t *testing.T) {
		p := onGTI(t, "nobody", 80)
		p.tk.Policy.Steps[1].After = 90 * time.Minute
		p.pass(65 * time.Minute)
		p.warned()
		if i := slices.IndexFunc(p.lines, func(e ticket.Entry) bool {
			return e.Kind == ticket.EntryClockWarned && e.Detail == ticket.SaidWarnedNone
		}); i < 0 {
			t.Error("the timeline does not say that nobody was")
		}
	})
	t.Run("it is of a step", func(t *testing.T) {
		p := onGTI(t, "managers", 80)
		p.tk.Policy.Steps[1].After = 90 * time.Minute
		p.pass(49 * time.Minute)
		p.warned()
		if want := p.start.Add(48 * time.Minute); !p.tk.Progress.Steps[1].Started.Equal(want) {
			t.Errorf("its step began at %s", p.tk.Progress.Steps[1].Started)
		}
	})
}
