package escalation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// clocksPlay is a ticket of the contract gold, which promises all that there is on business
// hours, and to answer what is critical at any time.
func clocksPlay(t *testing.T, u ticket.Urgency, opened string, warn ...int) *play {
	t.Helper()
	p := clockPlay(t, u, opened)
	gold := p.rules.Contracts["gold"]
	within := func(cal string, d time.Duration) map[ticket.Urgency]Promise {
		return map[ticket.Urgency]Promise{
			ticket.Critical: {Within: d / 2, Calendar: "always"}, ticket.Major: {Within: d, Calendar: cal}, ticket.Low: {Within: 2 * d, Calendar: cal},
		}
	}
	gold.Warn = warn
	gold.Clocks = map[ticket.ClockKind]map[ticket.Urgency]Promise{
		ticket.ClockRespond: within("business", time.Hour), ticket.ClockCallBack: within("business", 2*time.Hour),
		ticket.ClockNews: within("business", 3*time.Hour), ticket.ClockResolve: within("business", 8*time.Hour),
	}
	p.rules.Contracts["gold"] = gold
	p.pages, p.lines = nil, nil
	p.open2(u, opened)
	p.fire("", u)
	p.start = p.now
	return p
}

func (p *play) told(kind ticket.ClockKind) ClockTold {
	p.t.Helper()
	all := p.rules.TellClocks(&p.tk, p.now)
	i := slices.IndexFunc(all, func(c ClockTold) bool { return c.Kind == kind })
	if i < 0 {
		p.t.Fatalf("the ticket has no clock %s", kind)
	}
	return all[i]
}

// shows checks how one of the other clocks stands. due is empty while it rests.
func (p *play) shows(kind ticket.ClockKind, used time.Duration, state ticket.GTIState, due string) {
	p.t.Helper()
	c := p.told(kind)
	if c.Used != used || c.State != state {
		p.t.Errorf("%s at %s: %s used, %s; want %s, %s", kind, p.now, c.Used, c.State, used, state)
	}
	if due == "" && !c.Due.IsZero() || due != "" && !c.Due.Equal(inParis(p.t, due)) {
		p.t.Errorf("%s at %s: due %s, want %s", kind, p.now, c.Due, due)
	}
}

func (p *play) mustWork(person, id, kind string, public bool, at time.Time) {
	p.t.Helper()
	edit := &ticket.TaskEdit{ID: id, Kind: &kind, Public: &public, Text: &kind}
	if !at.IsZero() {
		edit.At = &at
	}
	if err := p.work(ActTask, person, ticket.Work{Task: edit}); err != nil {
		p.t.Fatal(err)
	}
}

// Somebody who takes the ticket, or begins, has responded. A reopening begins the time
// anew, also where work had begun before.
func TestTheTimeToRespond(t *testing.T) {
	for _, action := range []Action{ActAcknowledge, ActPickUp, ActTake} {
		p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
		p.shows(ticket.ClockRespond, 0, ticket.GTIRunning, "2026-11-20 11:00")
		p.at("2026-11-20 10:40").mustAct(action, "alice")
		p.at("2026-11-20 12:00").shows(ticket.ClockRespond, 40*time.Minute, ticket.GTIMet, "2026-11-20 11:00")
		p.mustAct(ActPickUp, "alice")
		p.shows(ticket.ClockRespond, 40*time.Minute, ticket.GTIMet, "2026-11-20 11:00")
		p.mustAct(ActResolve, "alice")
		p.at("2026-11-20 17:30").mustAct(ActReopen, "dominique")
		p.shows(ticket.ClockRespond, 0, ticket.GTIRunning, "2026-11-23 09:00")
		if c := p.told(ticket.ClockRespond); c.Missed != 0 || !c.Began.Equal(p.now) {
			t.Errorf("%+v", c)
		}
		if state := p.tk.GTIState(p.now); state != ticket.GTIMet {
			t.Errorf("the clock that a pick-up stopped is %s", state)
		}
		p.at("2026-11-23 10:00").shows(ticket.ClockRespond, 2*time.Hour, ticket.GTIMissed, "2026-11-23 09:00")
		p.mustAct(ActResolve, "alice")
		p.mustAct(ActReopen, "dominique")
		if c := p.told(ticket.ClockRespond); c.Missed != 1 || c.State != ticket.GTIRunning || !p.tk.Breach(p.now) {
			t.Errorf("a run that was missed: %+v, breach %t", c, p.tk.Breach(p.now))
		}
	}
}

// What was resolved and was not counts from the opening to the last resolution.
func TestTheTimeToResolve(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 12:00").mustAct(ActResolve, "alice")
	p.at("2026-11-20 18:00").shows(ticket.ClockResolve, 2*time.Hour, ticket.GTIMet, "2026-11-23 10:00")
	p.mustAct(ActReopen, "dominique")
	p.shows(ticket.ClockResolve, 6*time.Hour+30*time.Minute, ticket.GTIRunning, "2026-11-23 10:00")
	p.at("2026-11-23 10:30").shows(ticket.ClockResolve, 8*time.Hour+30*time.Minute, ticket.GTIMissed, "2026-11-23 10:00")
	p.mustAct(ActResolve, "alice")
	p.now = p.now.Add(time.Minute)
	p.mustAct(ActUndo, "alice")
	p.shows(ticket.ClockResolve, 8*time.Hour+31*time.Minute, ticket.GTIMissed, "2026-11-23 10:00")
}

// A call ends the time to call back, one that nobody took does not. What was no call after
// all counts on from the beginning.
func TestTheTimeToCallBack(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 10:30").mustWork("alice", "a", ticket.TaskNoAnswer, false, time.Time{})
	p.shows(ticket.ClockCallBack, 30*time.Minute, ticket.GTIRunning, "2026-11-20 12:00")
	p.at("2026-11-20 14:30").mustWork("alice", "b", ticket.TaskCall, false, inParis(t, "2026-11-20 11:15"))
	p.shows(ticket.ClockCallBack, 75*time.Minute, ticket.GTIMet, "2026-11-20 12:00")
	remote := ticket.TaskRemote
	if err := p.work(ActTask, "alice", ticket.Work{Change: true, Task: &ticket.TaskEdit{ID: "b", Kind: &remote}}); err != nil {
		t.Fatal(err)
	}
	p.shows(ticket.ClockCallBack, 3*time.Hour, ticket.GTIMissed, "2026-11-20 12:00")
	p.at("2026-11-20 15:00").mustWork("alice", "c", ticket.TaskCall, false, time.Time{})
	p.at("2026-11-20 16:00").shows(ticket.ClockCallBack, 210*time.Minute, ticket.GTIMissed, "2026-11-20 12:00")
	p.mustAct(ActResolve, "alice")
	p.mustAct(ActReopen, "alice")
	p.shows(ticket.ClockCallBack, 210*time.Minute, ticket.GTIMissed, "2026-11-20 12:00")
}

// A call from before the ticket is no call back.
func TestACallFromBefore(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.mustWork("alice", "a", ticket.TaskCall, false, inParis(t, "2026-11-20 09:50"))
	p.shows(ticket.ClockCallBack, 0, ticket.GTIRunning, "2026-11-20 12:00")
}

// Each public task is news, also one that is made public; the next is due from there on.
func TestTheTimeWithoutNews(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 08:30")
	p.at("2026-11-20 10:00").mustWork("alice", "a", ticket.TaskRemote, false, time.Time{})
	p.shows(ticket.ClockNews, 90*time.Minute, ticket.GTIRunning, "2026-11-20 11:30")
	p.mustWork("alice", "b", ticket.TaskRemote, true, time.Time{})
	p.shows(ticket.ClockNews, 0, ticket.GTIRunning, "2026-11-20 14:30")
	yes := true
	p.at("2026-11-20 15:00")
	if err := p.work(ActTask, "alice", ticket.Work{Change: true, Task: &ticket.TaskEdit{ID: "a", Public: &yes}}); err != nil {
		t.Fatal(err)
	}
	p.shows(ticket.ClockNews, 0, ticket.GTIRunning, "2026-11-20 18:00")
	if c := p.told(ticket.ClockNews); c.Missed != 1 {
		t.Errorf("missed %d times", c.Missed)
	}
	p.at("2026-11-20 16:00").mustAct(ActResolve, "alice")
	p.at("2026-11-24 10:00").shows(ticket.ClockNews, time.Hour, ticket.GTIMet, "2026-11-20 18:00")
	p.mustWork("alice", "c", ticket.TaskRemote, true, time.Time{})
	p.shows(ticket.ClockNews, time.Hour, ticket.GTIMet, "2026-11-20 18:00")
	p.mustAct(ActReopen, "alice")
	p.shows(ticket.ClockNews, 0, ticket.GTIRunning, "2026-11-24 14:30")
}

// A task is news once: who hides it and shows it again wins no time. The clock says who ended
// its run, and by which task.
func TestNewsIsNewsOnce(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 08:30")
	p.at("2026-11-20 10:00").mustWork("alice", "a", ticket.TaskRemote, true, time.Time{})
	for _, public := range []bool{false, true, false, true} {
		p.at("2026-11-20 12:00")
		if err := p.work(ActTask, "alice", ticket.Work{Change: true, Task: &ticket.TaskEdit{ID: "a", Public: &public}}); err != nil {
			t.Fatal(err)
		}
		p.shows(ticket.ClockNews, 2*time.Hour, ticket.GTIRunning, "2026-11-20 14:30")
	}
	if c := p.told(ticket.ClockNews); c.EndedBy != "alice" || c.EndedTask != "a" {
		t.Errorf("the run before was ended by %q with %q", c.EndedBy, c.EndedTask)
	}
	if n := len(p.lines); p.lines[n-5].Args.Clocks == nil || p.lines[n-1].Args.Clocks != nil {
		t.Errorf("the lines say of the clocks %+v, then %+v", p.lines[n-5].Args.Clocks, p.lines[n-1].Args.Clocks)
	}
	p.mustWork("bob", "b", ticket.TaskCall, false, time.Time{})
	p.mustAct(ActAcknowledge, "carol")
	if c := p.told(ticket.ClockCallBack); c.EndedBy != "bob" || c.EndedTask != "b" {
		t.Errorf("called back by %q with %q", c.EndedBy, c.EndedTask)
	}
	if c := p.told(ticket.ClockRespond); c.EndedBy != "carol" || c.EndedTask != "" {
		t.Errorf("answered by %q with %q", c.EndedBy, c.EndedTask)
	}
}

// The other clocks rest with the ticket, also once the GTI's has stopped. A pick-up ends
// the pause.
func TestTheOtherClocksRest(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 10:30")
	if err := p.pause(ticket.WaitingForCustomer); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 11:30").shows(ticket.ClockRespond, 30*time.Minute, ticket.GTIPaused, "")
	p.mustAct(ActPickUp, "alice")
	p.shows(ticket.ClockRespond, 30*time.Minute, ticket.GTIMet, "2026-11-20 12:00")
	p.shows(ticket.ClockResolve, 30*time.Minute, ticket.GTIRunning, "2026-11-23 11:00")
	gti := p.tk.GTI
	p.at("2026-11-20 12:00")
	if err := p.pause(ticket.AgreedDate); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 15:00").shows(ticket.ClockResolve, time.Hour, ticket.GTIPaused, "")
	if c := p.rules.TellClock(&p.tk, p.now); c.State != ticket.GTIMet || c.Used != 30*time.Minute || !p.tk.GTI.DueAt.Equal(gti.DueAt) {
		t.Errorf("the clock that has stopped: %+v", c)
	}
	p.mustAct(ActResume, "alice")
	p.shows(ticket.ClockResolve, time.Hour, ticket.GTIRunning, "2026-11-23 12:30")
	last := p.lines[len(p.lines)-1]
	if due := inParis(t, "2026-11-20 17:00"); last.Args.Of != ticket.ClockCallBack || !last.Args.Instant.Equal(due.Add(-time.Hour)) {
		t.Errorf("the line tells of %q at %s", last.Args.Of, last.Args.Instant)
	}
	p.mustAct(ActResolve, "alice")
	if err := p.pause(ticket.AgreedDate); err == nil {
		t.Error("a ticket that is over rests")
	}
}

// A change of urgency or contract counts each again, and the timeline has both results. A
// kind that the contract does not name has no clock, and one that it names anew stands
// where it would.
func TestTheOtherClocksAreCountedAgain(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 11:00").mustAct(ActAcknowledge, "alice")
	p.mustWork("alice", "a", ticket.TaskCall, true, time.Time{})
	p.at("2026-11-20 12:00")
	d, err := p.qualify(p.sheet, "alice", "", "urgency", "low")
	if err != nil {
		t.Fatal(err)
	}
	p.tk, p.sheet = d.Ticket, d.Sheet
	again := d.Timeline[0].Args.Clocks
	if len(again) != 4 || again[0].Of != ticket.ClockRespond || again[3].Of != ticket.ClockResolve || time.Duration(again[3].Was.Within) != 8*time.Hour || time.Duration(again[3].Now.Within) != 16*time.Hour {
		t.Fatalf("%+v", again)
	}
	p.shows(ticket.ClockRespond, time.Hour, ticket.GTIMet, "2026-11-20 12:00")
	p.shows(ticket.ClockCallBack, time.Hour, ticket.GTIMet, "2026-11-20 15:30")
	p.shows(ticket.ClockNews, time.Hour, ticket.GTIRunning, "2026-11-23 09:00")
	p.shows(ticket.ClockResolve, 2*time.Hour, ticket.GTIRunning, "2026-11-24 10:00")

	gold := p.rules.Contracts["gold"]
	for _, clocks := range []map[ticket.ClockKind]map[ticket.Urgency]Promise{nil, gold.Clocks} {
		gold.Clocks = clocks
		p.rules.Contracts["gold"] = gold
		urgency := map[bool]string{true: "major", false: "low"}[clocks == nil]
		if d, err = p.qualify(p.sheet, "alice", "", "urgency", urgency); err != nil {
			t.Fatal(err)
		}
		p.tk, p.sheet = d.Ticket, d.Sheet
		if clocks == nil && (len(p.rules.TellClocks(&p.tk, p.now)) != 0 || len(d.Timeline[0].Args.Clocks) != 4) {
			t.Errorf("without a promise: %+v", p.rules.TellClocks(&p.tk, p.now))
		}
	}
	p.shows(ticket.ClockRespond, time.Hour, ticket.GTIMet, "2026-11-20 12:00")
	p.shows(ticket.ClockNews, time.Hour, ticket.GTIRunning, "2026-11-23 09:00")

	p.tk.Clocks = nil // as if another contract had promised nothing from the beginning
	if d, err = p.qualify(p.sheet, "alice", "", "urgency", "major"); err != nil {
		t.Fatal(err)
	}
	p.tk = d.Ticket
	p.shows(ticket.ClockRespond, time.Hour, ticket.GTIMet, "2026-11-20 11:00")
	p.shows(ticket.ClockCallBack, time.Hour, ticket.GTIMet, "2026-11-20 12:00")
	p.shows(ticket.ClockNews, time.Hour, ticket.GTIRunning, "2026-11-20 15:30")
}

// Alerts that make a ticket more urgent never put off what was promised.
func TestAlertsBringTheOtherClocksForward(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 17:30")
	was := p.told(ticket.ClockRespond)
	p.at("2026-11-20 17:40").fire("", ticket.Critical)
	p.shows(ticket.ClockRespond, 10*time.Minute, ticket.GTIRunning, "2026-11-20 18:00")
	p.shows(ticket.ClockResolve, 10*time.Minute, ticket.GTIRunning, "2026-11-20 21:30")
	line := p.lines[slices.IndexFunc(p.lines, func(e ticket.Entry) bool { return e.Kind == ticket.EntryUrgency })]
	if len(line.Args.Clocks) != 4 || !line.Args.Clocks[0].Was.DueAt.Equal(was.Due) {
		t.Errorf("%+v", line.Args.Clocks)
	}
	gold := p.rules.Contracts["gold"]
	gold.Clocks = maps.Clone(gold.Clocks)
	gold.Clocks[ticket.ClockRespond] = map[ticket.Urgency]Promise{ticket.Critical: {Within: 9 * time.Hour, Calendar: "always"}, ticket.Major: {Within: time.Hour, Calendar: "always"}}
	p.rules.Contracts["gold"] = gold
	p.open2(ticket.Major, "2026-11-20 10:00")
	p.fire("", ticket.Major)
	p.at("2026-11-20 10:10").fire("", ticket.Critical)
	p.shows(ticket.ClockRespond, 10*time.Minute, ticket.GTIRunning, "2026-11-20 11:00")
}

// How long a ticket was treated is what its hours counted when it was resolved.
func TestTheTimeOfTreatment(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 12:00").mustAct(ActPickUp, "alice")
	p.at("2026-11-20 14:30")
	if err := p.pause(ticket.WaitingForCustomer); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 15:00").mustAct(ActResume, "alice")
	p.mustWork("alice", "a", ticket.TaskRemote, false, inParis(t, "2026-11-20 14:00"))
	if told := p.rules.TellTreatment(&p.tk, p.sheet, p.now); told.Counted != time.Hour || !told.To.IsZero() {
		t.Errorf("it goes on: %+v", told)
	}
	p.at("2026-11-20 16:00").mustAct(ActResolve, "alice")
	p.rules.Calendars["business"] = p.rules.Calendars["always"]
	if told := p.rules.TellTreatment(&p.tk, p.sheet, p.now.Add(time.Hour)); told.Counted != 2*time.Hour || !told.To.Equal(p.now) || told.Minutes != p.sheet.Treatment() {
		t.Errorf("it is over: %+v", told)
	}
	p.mustAct(ActUndo, "alice")
	p.mustAct(ActResolve, "alice")
	p.tk.GTI.Pauses[0].Void = true // another contract, that does not name the reason
	if p.tk.TreatedFor() != 3*time.Hour+30*time.Minute {
		t.Errorf("treated for %s", p.tk.TreatedFor())
	}
	p.open2(ticket.Major, "2026-11-20 10:00")
	p.mustAct(ActPickUp, "alice")
	p.at("2026-11-20 19:00").mustAct(ActResolve, "alice")
	if p.tk.Treated != nil || p.tk.TreatedFor() != 9*time.Hour {
		t.Errorf("where all of it counts %v is kept, for %s", p.tk.Treated, p.tk.TreatedFor())
	}
}

// A reopening with the same urgency counts nothing again, whatever has come of the calendar.
func TestAReopeningCountsNothingAgain(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 17:30")
	p.at("2026-11-20 17:40").mustAct(ActResolve, "alice")
	p.rules.Calendars["business"] = p.rules.Calendars["always"]
	p.at("2026-11-20 17:50").mustAct(ActReopen, "dominique")
	p.shows(ticket.ClockCallBack, 20*time.Minute, ticket.GTIRunning, "2026-11-23 10:00")
	p.shows(ticket.ClockRespond, 0, ticket.GTIRunning, "2026-11-20 18:50")
	if due := inParis(t, "2026-11-23 12:00"); !p.tk.GTI.DueAt.Equal(due) {
		t.Errorf("the GTI is due %s, want %s", p.tk.GTI.DueAt, due)
	}
}

// A reopening by what is more urgent judges the run before by what was promised for it.
func TestAMoreUrgentReopening(t *testing.T) {
	p := clocksPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 12:30").mustAct(ActResolve, "alice")
	s := &stepper{World: World{Now: p.now, Rules: p.rules, Reach: p.reach}, t: p.tk}
	s.reopen(ticket.Critical)
	p.tk = s.t
	p.shows(ticket.ClockNews, 0, ticket.GTIRunning, "2026-11-20 14:00")
	p.shows(ticket.ClockResolve, 150*time.Minute, ticket.GTIRunning, "2026-11-20 14:00")
	if c := p.told(ticket.ClockNews); c.Missed != 0 {
		t.Errorf("news came in time, and was missed %d times", c.Missed)
	}
}

// A ticket to which nothing else was promised is as it was.
func TestATicketWithoutOtherClocks(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	p.mustWork("alice", "a", ticket.TaskCall, true, time.Time{})
	p.mustAct(ActPickUp, "alice")
	p.mustAct(ActResolve, "alice")
	p.mustAct(ActReopen, "alice")
	d, err := p.qualify(p.sheet, "alice", "", "urgency", "low")
	if err != nil || d.Timeline[0].Args.Clocks != nil {
		t.Fatal(err, d.Timeline)
	}
	body, err := json.Marshal(d.Ticket)
	if err != nil || strings.Contains(string(body), "clocks") || strings.Contains(string(body), "treated") {
		t.Errorf("%s, %v", body, err)
	}
}
