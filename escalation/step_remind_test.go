package escalation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// reminders are the pages that remind, as paged writes them, with the clock.
func (p *play) reminders() []string {
	p.t.Helper()
	var out []string
	for i, line := range p.paged(0) {
		if bare, ok := strings.CutSuffix(line, " reminder"); ok {
			out = append(out, bare+" "+string(p.pages[i].Step.Kind.Reminds()))
		}
	}
	return out
}

func (p *play) clockReminds(want ...string) {
	p.t.Helper()
	if got := p.reminders(); !slices.Equal(got, want) {
		p.t.Errorf("reminded:\n  %q\nwant:\n  %q", got, want)
	}
}

// only leaves the contract one promise besides the GTI.
func (p *play) only(kind ticket.ClockKind, u ticket.Urgency, opened string) {
	gold := p.rules.Contracts["gold"]
	gold.Clocks = map[ticket.ClockKind]map[ticket.Urgency]Promise{kind: gold.Clocks[kind]}
	p.rules.Contracts["gold"] = gold
	p.pages, p.lines = nil, nil
	p.open2(u, opened)
	p.tk.Policy = p.rules.Policies["round-the-clock"]
	p.fire("", u)
	p.start = p.now
}

// Whoever has the ticket is reminded, also once work has begun; nobody else is, whatever
// of the promise is used.
func TestWhoeverHasTheTicketIsReminded(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 08:30", 50, 80, 100)
	p.only(ticket.ClockNews, ticket.Major, "2026-11-20 08:30")
	p.tk.Policy.OnGTI = "managers"
	p.mustAct(ActPickUp, "alice")
	p.pass(2 * time.Hour)
	p.clockReminds("1h30m0s alice/push news", "1h30m0s alice/sms news")
	p.mustWork("alice", "a", ticket.TaskRemote, true, time.Time{})
	p.pass(10 * time.Hour)
	if got := p.reminders()[2:]; !slices.Equal(got, []string{
		"3h30m0s alice/push news", "3h30m0s alice/sms news", "5h54m0s alice/push news", "5h54m0s alice/sms news", "6h30m0s alice/push news", "6h30m0s alice/sms news",
	}) {
		t.Errorf("after news: %q", got)
	}
	lines := slices.DeleteFunc(slices.Clone(p.lines), func(e ticket.Entry) bool { return e.Kind != ticket.EntryClockWarned })
	if len(lines) != 4 || lines[3].Args.Of != ticket.ClockNews || lines[3].Args.Percent != 100 || lines[3].Args.Called[0].Person != "alice" {
		t.Errorf("%+v", lines)
	}
}

// While nobody has it, whoever is on duty for the first step is reminded; neither the
// next step nor on_gti is.
func TestWhoIsOnDutyIsReminded(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00", 80, 100)
	p.only(ticket.ClockRespond, ticket.Major, "2026-11-20 10:00")
	p.tk.Policy.OnGTI, p.tk.GTI.WarnAt = "managers", time.Time{}
	p.pass(2 * time.Hour)
	people := map[string]bool{}
	for _, line := range p.reminders() {
		people[strings.Fields(strings.ReplaceAll(line, "/", " "))[1]] = true
	}
	if len(people) != 1 || !people["alice"] || len(p.reminders()) != 4 {
		t.Errorf("%q", p.reminders())
	}
}

// A reminder never comes outside the hours of its clock, however urgent the ticket, and of
// those that came meanwhile only the last does.
func TestAReminderWaitsForItsHours(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 17:30", 50, 80)
	p.only(ticket.ClockRespond, ticket.Major, "2026-11-20 17:30")
	p.tk.GTI.WarnAt = time.Time{}
	p.at("2026-11-20 22:00").must(Tick{}) // no daemon ran at 18:00
	p.clockReminds()
	if want := inParis(t, "2026-11-23 08:30"); !p.tk.Clocks[0].WarnAt.Equal(want) {
		t.Errorf("reminded at %s, want %s", p.tk.Clocks[0].WarnAt, want)
	}
	p.at("2026-11-23 08:50").must(Tick{})
	p.must(Tick{})
	if n := len(p.reminders()); n != 2 || p.tk.Clocks[0].Warned != 80 || !p.tk.Clocks[0].WarnAt.IsZero() {
		t.Errorf("%d pages, warned of %d", n, p.tk.Clocks[0].Warned)
	}
}

// What is done reminds nobody, nor does what rests, is over, or is held back by a silence.
func TestNobodyIsRemindedForNothing(t *testing.T) {
	for name, does := range map[string]func(p *play){
		"called":   func(p *play) { p.mustWork("alice", "a", ticket.TaskCall, false, time.Time{}) },
		"resolved": func(p *play) { p.mustAct(ActResolve, "alice") },
		"rests": func(p *play) {
			if err := p.pause(ticket.WaitingForCustomer); err != nil {
				p.t.Fatal(err)
			}
		},
		"silenced": func(p *play) {
			p.tk.Progress.Mute = ticket.Mute{Until: p.now.Add(24 * time.Hour), Silence: "x"}
		},
		"no warnings": func(p *play) {
			gold := p.rules.Contracts["gold"]
			gold.Warn = nil
			p.rules.Contracts["gold"] = gold
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := clocksPlay(t, ticket.Major, "2026-11-20 08:30", 50, 100)
			p.only(ticket.ClockCallBack, ticket.Major, "2026-11-20 08:30")
			p.tk.GTI.WarnAt = time.Time{}
			p.at("2026-11-20 08:40")
			does(p)
			for _, at := range []string{"2026-11-20 09:30", "2026-11-20 10:30", "2026-11-20 11:30"} {
				p.at(at).must(Tick{})
			}
			p.clockReminds()
		})
	}
}

// A reminder waits for the hours in which its policy pages at all.
func TestAReminderWaitsForItsPolicy(t *testing.T) {
	p := clocksPlay(t, ticket.Low, "2026-11-20 08:30", 50)
	p.only(ticket.ClockRespond, ticket.Low, "2026-11-20 08:30")
	p.tk.GTI.WarnAt = time.Time{}
	p.rules.Calendars["business"] = p.rules.Calendars["always"] // whoever wrote that meant the night too
	p.tk.Policy.ActiveIn = []string{"office"}
	p.rules.Calendars["office"] = business(t)
	p.at("2026-11-20 19:00").must(Tick{})
	p.clockReminds()
	if want := inParis(t, "2026-11-23 08:30"); !p.tk.Clocks[0].WarnAt.Equal(want) {
		t.Errorf("reminded at %s, want %s", p.tk.Clocks[0].WarnAt, want)
	}
}

// Whoever hears by one channel that fails is told by another.
func TestAReminderThatFails(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 08:30", 50)
	p.only(ticket.ClockResolve, ticket.Major, "2026-11-20 08:30")
	p.mustAct(ActPickUp, "alice")
	p.at("2026-11-20 12:30").must(Tick{})
	i := slices.IndexFunc(p.pages, func(page ticket.Page) bool { return page.Kind == ticket.KindReminder && page.Channel == "push" })
	if i < 0 {
		t.Fatalf("%q", p.reminders())
	}
	n := len(p.pages)
	p.must(PageFailed{Key: p.pages[i].PageKey})
	if len(p.pages) != n+1 || p.pages[n].Kind != ticket.KindReminder || p.pages[n].Channel != "sms" || p.pages[n].Step != p.pages[i].Step {
		t.Errorf("%+v", p.pages[n:])
	}
}
