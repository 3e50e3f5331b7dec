package escalation

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"

	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestCalendarsHoldPages(t *testing.T) {
	labels := map[string]string{"customer": "bellac", "severity": "critical", "alertname": "X", "instance": "a"}
	monday := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC).Sub(saturday) // 08:30 in Paris
	t.Run("until they open", func(t *testing.T) {
		p := newPlay(t, labels)
		p.pass(monday - time.Second)
		p.expect(0)
		p.pass(monday + 4*time.Minute)
		p.expect(0, monday.String()+" alice/sms", (monday+3*time.Minute).String()+" alice/sms")
	})
	t.Run("or skip", func(t *testing.T) {
		p := newPlay(t, labels)
		p.tk.Policy.Steps[0].Otherwise = "skip"
		p.tk.Progress.Steps[0].Next = saturday
		p.pass(monday + time.Minute)
		if got := p.paged(0); len(got) != 1 || p.pages[0].At.Before(saturday.Add(monday)) {
			t.Errorf("pages %v", got)
		}
	})
	t.Run("outside", func(t *testing.T) {
		p := newPlay(t, labels)
		p.tk.Policy.Steps[0].During, p.tk.Policy.Steps[0].Outside = "", "business"
		p.start, p.now = saturday.Add(monday), saturday.Add(monday)
		p.tk.Progress.Steps[0].Next = p.now
		p.must(Tick{})
		p.expect(0)
		if want := p.now.Add(4 * time.Hour); !p.tk.NextPageAt().Equal(want) {
			t.Errorf("held until %s, want %s", p.tk.NextPageAt(), want)
		}
	})
	t.Run("a calendar that is gone holds nothing", func(t *testing.T) {
		p := newPlay(t, labels)
		p.rules = testRules(t)
		delete(p.rules.Calendars, "business")
		p.pages = nil
		p.open(labels)
		p.expect(0, "0s alice/sms")
	})
}

func TestTimesAndInstead(t *testing.T) {
	p := newPlay(t, critical)
	p.rules = testRules(t)
	p.rules.Policies["round-the-clock"] = ticket.Policy{Name: "round-the-clock", Steps: []ticket.Step{
		{Group: "on-call", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: time.Minute}}},
		{Group: "managers", By: []string{"sms"}, After: 3 * time.Minute, Repeat: []ticket.Pace{{Every: time.Minute}}, Times: 2, Instead: true},
	}}
	p.pages = nil
	p.open(critical)
	p.pass(time.Hour)
	p.expect(0, "0s alice/sms", "1m0s alice/sms", "2m0s alice/sms", "3m0s dominique/sms", "4m0s dominique/sms")
}

func TestSilence(t *testing.T) {
	silent := AlertMoved{From: ticket.Firing, To: ticket.Silent, Urgency: ticket.Critical, Title: "x"}
	t.Run("unacknowledged, it goes on", func(t *testing.T) {
		p := newPlay(t, critical)
		p.pass(4 * time.Minute)
		p.must(silent)
		p.pass(6 * time.Minute)
		p.expect(4*time.Minute, "6m0s alice/push", "6m0s alice/sms")
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		if p.tk.State != ticket.Acknowledged {
			t.Fatalf("state %s", p.tk.State)
		}
		p.pass(12 * time.Minute)
		if p.tk.State != ticket.StateResolved || p.tk.ResolvedBy.Name != "source silent" {
			t.Errorf("state %s by %v", p.tk.State, p.tk.ResolvedBy)
		}
	})
	t.Run("acknowledged, it resolves and says why", func(t *testing.T) {
		p := newPlay(t, critical)
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		p.must(silent)
		if p.tk.State != ticket.StateResolved || p.lines[len(p.lines)-1].Detail != ticket.SaidSilent {
			t.Errorf("state %s, %q", p.tk.State, p.lines[len(p.lines)-1].Detail)
		}
	})
	t.Run("heard of again, it does not", func(t *testing.T) {
		p := newPlay(t, critical)
		p.must(silent)
		if err := p.act(ActAcknowledge, "alice"); err != nil {
			t.Fatal(err)
		}
		p.fire(ticket.Silent, ticket.Critical)
		p.pass(20 * time.Minute)
		if p.tk.State != ticket.Acknowledged {
			t.Errorf("state %s", p.tk.State)
		}
	})
}

func TestLateDaemonDoesNotMakeUpForMissedRounds(t *testing.T) {
	p := newPlay(t, critical)
	p.pages = nil
	p.now = p.start.Add(31 * time.Minute)
	p.must(Tick{})
	p.expect(0, "31m0s alice/push", "31m0s alice/sms", "31m0s dominique/push", "31m0s dominique/sms")
	if next := p.tk.NextPageAt().Sub(p.start); next != 33*time.Minute {
		t.Errorf("the next round is at %s, want 33m: the plan stays", next)
	}
	p.now = p.start.Add(400 * 24 * time.Hour)
	p.must(Tick{})
	if next := p.tk.NextPageAt().Sub(p.now); next <= 0 || next > 3*time.Minute {
		t.Errorf("after a year, the next round is %s away", next)
	}
}

// A route that is active in two calendars pages while either of them is open.
// The earlier opening decides, whatever the order of their names. Nothing goes
// while both are closed.
func TestOfTwoCalendarsTheFirstToOpenDecides(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour-1, minute, 0, 0, time.UTC) } // in Paris
	for _, names := range [][]string{{"early", "business"}, {"business", "early"}, {"gone", "business", "early"}} {
		t.Run(strings.Join(names, ", "), func(t *testing.T) {
			p := playSteps(t, bySMS("on-call"))
			early, err := calendar.New("early", p.rules.Location, []calendar.Span{
				{Days: []time.Weekday{time.Monday, time.Tuesday}, From: 7 * 60, To: 9 * 60},
			}, calendar.Holidays{})
			if err != nil {
				t.Fatal(err)
			}
			p.rules.Calendars["early"] = early
			p.rules.Route = dispatch.NewRoute(&config.Route{Receiver: "round-the-clock", ActiveTimeIntervals: names}, nil)
			p.pages = nil
			p.open(critical)
			if got, want := p.tk.NextPageAt(), at(23, 7, 0); !got.Equal(want) {
				t.Errorf("held until %s, want %s: the earlier opening", got, want)
			}
			if opens, held := HeldBack(&p.tk, 0, p.rules, at(23, 12, 45)); !held || !opens.Equal(at(23, 14, 0)) {
				t.Errorf("between two openings: held %t until %s", held, opens)
			}
			p.pass(at(24, 19, 0).Sub(saturday))
			paged := map[time.Time]bool{}
			for _, page := range p.pages {
				if paged[page.At] = true; !early.Open(page.At) && !p.rules.Calendars["business"].Open(page.At) {
					t.Fatalf("%s was paged at %s, while both are closed", page.Person, page.At)
				}
			}
			for _, when := range []time.Time{at(23, 7, 0), at(23, 9, 0), at(23, 14, 0), at(24, 7, 0), at(24, 14, 0)} {
				if !paged[when] {
					t.Errorf("nobody was paged at %s", when)
				}
			}
		})
	}
}
