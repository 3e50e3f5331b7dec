package escalation

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// business is 08:30 to 12:30 and 14:00 to 18:00 in Paris, Monday to Friday, no holidays.
func business(t *testing.T) *calendar.Calendar {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	days := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	c, err := calendar.New("business", paris, []calendar.Span{{Days: days, From: 510, To: 750}, {Days: days, From: 840, To: 1080}}, calendar.Holidays{Country: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func inParis(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, business(t).Zone())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// clockRules promise four hours of business hours for what is major, one hour at any time
// for what is critical, and let the clock rest.
func clockRules(t *testing.T) *Rules {
	rules := *testRules(t)
	rules.Calendars = maps.Clone(rules.Calendars)
	rules.Calendars["business"], rules.Calendars["always"] = business(t), calendar.Always("always")
	rules.Contracts = map[string]Contract{
		"gold": {Key: "gold", Pauses: ticket.PauseReasons(), GTI: map[ticket.Urgency]Promise{
			ticket.Critical: {Within: time.Hour, Calendar: "always"}, ticket.Major: {Within: 4 * time.Hour, Calendar: "business"},
			ticket.Low: {Within: 16 * time.Hour, Calendar: "business"},
		}},
		"strict": {Key: "strict", GTI: map[ticket.Urgency]Promise{ticket.Major: {Within: 4 * time.Hour, Calendar: "business"}}},
	}
	return &rules
}

// clockPlay is a ticket of the contract gold that opened at a time in Paris.
func clockPlay(t *testing.T, u ticket.Urgency, opened string) *play {
	t.Helper()
	p := &play{t: t, rules: clockRules(t), now: inParis(t, opened), start: inParis(t, opened)}
	p.reach = func(contacts.Person, string) bool { return true }
	p.tk = Opening("prometheus", ticket.Incident, "X", Routed{Contract: "gold", Urgency: u}, p.now, p.rules)
	p.tk.Number = "I261120_0001"
	p.fire("", u)
	return p
}

func (p *play) at(text string) *play {
	p.t.Helper()
	p.now = inParis(p.t, text)
	return p
}

func (p *play) clock(used time.Duration, state ticket.GTIState, due string) {
	p.t.Helper()
	c := p.rules.TellClock(&p.tk, p.now)
	if c.Used != used || c.State != state {
		p.t.Errorf("%s: %s used, %s; want %s, %s", p.now, c.Used, c.State, used, state)
	}
	if due == "" && !p.tk.GTI.DueAt.IsZero() || due != "" && !p.tk.GTI.DueAt.Equal(inParis(p.t, due)) {
		p.t.Errorf("%s: due %s, want %s", p.now, p.tk.GTI.DueAt, due)
	}
}

func (p *play) pause(reason ticket.PauseReason) error {
	return p.do(Acted{Action: ActPause, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "api", Reason: reason})
}

// The worked examples of the requirements, by a ticket and its explanation.
func TestTheClockOfWorkedExamples(t *testing.T) {
	hours, always := business(t), calendar.Always("always")
	for _, row := range []struct {
		created string
		cal     *calendar.Calendar
		within  time.Duration
		due     string
		kept    int // stretches that the ticket keeps
	}{
		{"2026-11-20 17:30", hours, time.Hour, "2026-11-23 09:00", 2},
		{"2026-11-20 17:30", hours, 4 * time.Hour, "2026-11-23 12:00", 2},
		{"2026-11-19 13:00", hours, 16 * time.Hour, "2026-11-23 12:30", 4},
		{"2026-11-22 03:00", always, time.Hour, "2026-11-22 04:00", 0},
		{"2026-12-24 17:00", hours, 4 * time.Hour, "2026-12-28 11:30", 2},
		{"2026-03-29 01:30", always, time.Hour, "2026-03-29 03:30", 0},
	} {
		t.Run(row.created+" "+row.within.String(), func(t *testing.T) {
			rules := clockRules(t)
			rules.Calendars["hours"] = row.cal
			rules.Contracts["gold"].GTI[ticket.Major] = Promise{Within: row.within, Calendar: "hours"}
			tk := Opening("m", ticket.Incident, "X", Routed{Contract: "gold", Urgency: ticket.Major}, inParis(t, row.created), rules)
			due := inParis(t, row.due)
			if !tk.GTI.DueAt.Equal(due) || len(tk.GTI.Counted) != row.kept {
				t.Errorf("due %s, want %s; keeps %v", tk.GTI.DueAt, due, tk.GTI.Counted)
			}
			if c := rules.TellClock(&tk, due); c.Used != row.within || c.Left != 0 || c.State != ticket.GTIRunning {
				t.Errorf("when it is due: %s used, %s left, %s", c.Used, c.Left, c.State)
			}
			if c := rules.TellClock(&tk, due.Add(time.Second)); c.State != ticket.GTIMissed {
				t.Errorf("a second later it is %s", c.State)
			}
		})
	}
}

func TestAPauseRestsTheClock(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00") // a Friday
	p.at("2026-11-20 11:00").clock(time.Hour, ticket.GTIRunning, "2026-11-20 15:30")
	if err := p.pause(ticket.WaitingForCustomer); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 17:00").clock(time.Hour, ticket.GTIPaused, "")
	if err := p.act(ActResume, "bruno"); err != nil {
		t.Fatal(err)
	}
	p.clock(time.Hour, ticket.GTIRunning, "2026-11-23 10:30")
	p.at("2026-11-23 09:00").clock(150*time.Minute, ticket.GTIRunning, "2026-11-23 10:30")
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	p.at("2026-12-23 09:00").clock(150*time.Minute, ticket.GTIMet, "2026-11-23 10:30")
	var why []string
	for _, s := range p.rules.TellClock(&p.tk, p.now).Spans {
		why = append(why, string(s.Why))
	}
	if got, want := strings.Join(why, " "), "hours pause hours closed hours"; got != want {
		t.Errorf("explained as %s, want %s", got, want)
	}
	kinds := []ticket.EntryKind{}
	for _, e := range p.lines {
		if e.Kind == ticket.EntryClockPaused || e.Kind == ticket.EntryClockResumed {
			kinds = append(kinds, e.Kind)
		}
	}
	if !slices.Equal(kinds, []ticket.EntryKind{ticket.EntryClockPaused, ticket.EntryClockResumed}) {
		t.Errorf("the timeline has %v", kinds)
	}
}

func TestWhatAPauseIsRefusedFor(t *testing.T) {
	refused := func(err error, why ClockWhy) {
		t.Helper()
		var no *ClockError
		if !errors.As(err, &no) || no.Why != why || !errors.Is(err, ErrNotAllowed) {
			t.Errorf("refused with %v, want %s", err, why)
		}
	}
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	refused(p.act(ActResume, "alice"), ClockRuns)
	err := p.pause("lunch")
	refused(err, ClockReason)
	if !strings.Contains(err.Error(), "waiting_for_customer, agreed_date") {
		t.Errorf("it does not name the reasons: %v", err)
	}
	for i := range ticket.MaxPauses {
		p.now = p.now.Add(time.Second)
		if err := p.pause(ticket.AgreedDate); err != nil {
			t.Fatalf("pause %d: %v", i, err)
		}
		p.now = p.now.Add(10 * time.Second)
		refused(p.pause(ticket.AgreedDate), ClockPaused)
		if err := p.act(ActResume, "alice"); err != nil {
			t.Fatalf("resume %d: %v", i, err)
		}
	}
	refused(p.pause(ticket.AgreedDate), ClockMany)
	if c := p.rules.TellClock(&p.tk, p.now); c.Used != ticket.MaxPauses*time.Second || !c.Due.Equal(inParis(t, "2026-11-20 15:30").Add(ticket.MaxPauses*10*time.Second)) {
		t.Errorf("after so many pauses %s are used, due %s", c.Used, c.Due)
	}
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	refused(p.pause(ticket.AgreedDate), ClockStopped)

	p = clockPlay(t, ticket.Minor, "2026-11-20 10:00")
	refused(p.pause(ticket.AgreedDate), ClockNone)
	p = clockPlay(t, ticket.Major, "2026-11-20 10:00")
	p.tk.Contract = "strict"
	refused(p.pause(ticket.AgreedDate), ClockReason)
}

func TestTheSamePressPausesOnce(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	for range 2 {
		if err := p.pause(ticket.AgreedDate); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := p.act(ActResume, "alice"); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.tk.GTI.Pauses) != 1 {
		t.Errorf("%d pauses", len(p.tk.GTI.Pauses))
	}
}

// A clock that a pick-up stopped stays stopped, whatever comes.
func TestAPickUpStopsTheClockForGood(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 11:00")
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-24 10:00").recover()
	p.at("2026-11-24 10:05").fire(ticket.Resolved, ticket.Critical)
	if p.tk.State != ticket.Open {
		t.Fatalf("it is %s", p.tk.State)
	}
	p.clock(time.Hour, ticket.GTIMet, "2026-11-20 15:30")
}

// A resolve stops the clock only as long as it stands. One that nobody picked up, and that
// fires again, has run all the time; a pause of it ends.
func TestAResolveThatDoesNotLast(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	p.at("2026-11-20 10:30").recover()
	p.clock(30*time.Minute, ticket.GTIMet, "2026-11-20 15:30")
	p.at("2026-11-20 10:35").fire(ticket.Resolved, ticket.Major)
	p.clock(35*time.Minute, ticket.GTIRunning, "2026-11-20 15:30")
	if err := p.pause(ticket.WaitingForCustomer); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 11:00").recover()
	p.clock(35*time.Minute, ticket.GTIMet, "")
	p.at("2026-11-20 11:05").fire(ticket.Resolved, ticket.Major)
	p.clock(35*time.Minute, ticket.GTIRunning, "2026-11-20 16:00")
}

// What a reload changes, the promise and what was counted do not.
func TestAReloadRecountsNothing(t *testing.T) {
	p := clockPlay(t, ticket.Low, "2026-11-20 10:00")
	due := "2026-11-24 10:00"
	p.at("2026-11-23 10:00").clock(8*time.Hour, ticket.GTIRunning, due)
	p.rules.Calendars["business"] = calendar.Always("business")
	p.clock(8*time.Hour, ticket.GTIRunning, due)
	delete(p.rules.Calendars, "business")
	p.at("2026-11-24 10:00").clock(16*time.Hour, ticket.GTIRunning, due)
	p.at("2026-11-24 10:01")
	if err := p.act(ActPickUp, "alice"); err != nil {
		t.Fatal(err)
	}
	p.clock(16*time.Hour+time.Minute, ticket.GTIMissed, due)
}

// An alert that makes a ticket more urgent has its clock counted again from the opening;
// the timeline has both results.
func TestARiseCountsAgain(t *testing.T) {
	p := clockPlay(t, ticket.Low, "2026-11-20 10:00")
	p.at("2026-11-20 10:20").fire(ticket.Firing, ticket.Critical)
	p.clock(20*time.Minute, ticket.GTIRunning, "2026-11-20 11:00")
	i := slices.IndexFunc(p.lines, func(e ticket.Entry) bool { return e.Kind == ticket.EntryUrgency })
	if i < 0 || p.lines[i].Args.Clock == nil {
		t.Fatalf("the timeline says nothing of it: %+v", p.lines)
	}
	c := p.lines[i].Args.Clock
	if c.Was.Within != ticket.Span(16*time.Hour) || c.Now.Within != ticket.Span(time.Hour) || !c.Now.DueAt.Equal(inParis(t, "2026-11-20 11:00")) || c.Now.Used != ticket.Span(20*time.Minute) {
		t.Errorf("it says %+v", c)
	}
}

// A person who requalifies a ticket has its clock counted again whichever way, and pauses
// that another contract does not name count.
func TestAnotherContractCountsAgain(t *testing.T) {
	p := clockPlay(t, ticket.Major, "2026-11-20 10:00")
	if err := p.at("2026-11-20 11:00").pause(ticket.AgreedDate); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-20 12:00")
	s := &stepper{World: World{Now: p.now, Rules: p.rules}, t: p.tk}
	s.t.Contract = "strict"
	if c := s.recount(); c == nil || c.Was.Used != ticket.Span(time.Hour) || c.Now.Used != ticket.Span(2*time.Hour) {
		t.Errorf("%+v", c)
	}
	p.tk = s.t
	p.clock(2*time.Hour, ticket.GTIRunning, "2026-11-20 15:30")
}

// Tickets of before hold the due time alone.
func TestAClockOfBefore(t *testing.T) {
	rules := clockRules(t)
	var tk ticket.Ticket
	old := `{"number":"I261120_0001","contract":"gold","urgency":"major","state":"open","opened_at":"2026-11-20T16:30:00Z","gti":{"within":14400000000000,"calendar":"business","due_at":"2026-11-23T11:00:00Z"}}`
	if err := json.Unmarshal([]byte(old), &tk); err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, rules: rules, tk: tk}
	p.at("2026-11-23 09:00").clock(time.Hour, ticket.GTIRunning, "2026-11-23 12:00")
	p.at("2026-11-23 12:10").clock(4*time.Hour+10*time.Minute, ticket.GTIMissed, "2026-11-23 12:00")
	p.at("2026-11-23 09:00")
	if err := p.pause(ticket.AgreedDate); err != nil {
		t.Fatal(err)
	}
	p.at("2026-11-23 10:00")
	if err := p.act(ActResume, "alice"); err != nil {
		t.Fatal(err)
	}
	p.clock(time.Hour, ticket.GTIRunning, "2026-11-23 14:30")
}

// A ticket whose clock runs through stores nothing more than it did.
func TestWhatAClockStores(t *testing.T) {
	rules := clockRules(t)
	of := func(u ticket.Urgency, opened string) string {
		tk := Opening("m", ticket.Incident, "X", Routed{Contract: "gold", Urgency: u}, inParis(t, opened), rules)
		text, err := json.Marshal(tk.GTI)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got, want := of(ticket.Critical, "2026-11-22 03:00"), `{"within":3600000000000,"calendar":"always","due_at":"2026-11-22T04:00:00+01:00"}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, want := of(ticket.Major, "2026-12-24 17:00"), `{"within":14400000000000,"calendar":"business","due_at":"2026-12-28T11:30:00+01:00","counted":["2026-12-24T16:00:00Z/2026-12-24T17:00:00Z","2026-12-28T07:30:00Z/2026-12-28T10:30:00Z"],"holidays":["2026-12-25"]}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
