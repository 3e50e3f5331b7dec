package escalation

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// breach is a checklist of which a point is due within 72 hours and two are required.
func breach() []ticket.Point {
	return []ticket.Point{
		{Text: "stop it"},
		{Text: "tell the authority", Within: ticket.Span(72 * time.Hour), Required: true},
		{Text: "write it down", Required: true},
	}
}

// listPlay is a ticket that opened at a time in Paris and that alice, or nobody, has. Its
// sheet is in the category breach.
func listPlay(t *testing.T, u ticket.Urgency, opened, has string, edits ...string) *play {
	t.Helper()
	p := clockPlay(t, u, opened)
	p.tk.Policy.AckTimeout = 0
	p.rules.Desk.Categories = []Category{{Name: "breach", Checklist: breach()}, {Name: "other", Checklist: []ticket.Point{{Text: "look"}}}}
	p.rules.Business = "business"
	if has != "" {
		if err := p.act(ActPickUp, has); err != nil {
			t.Fatal(err)
		}
	}
	p.says(append([]string{"category", "breach"}, edits...)...)
	p.pages, p.lines = nil, nil
	return p
}

// says qualifies the ticket, and keeps its sheet.
func (p *play) says(edits ...string) {
	p.t.Helper()
	d, err := p.qualify(p.sheet, "alice", "", edits...)
	if err != nil {
		p.t.Fatal(err)
	}
	if d.Sheet != nil {
		p.sheet = d.Sheet
	}
}

// ticks says of a point of the play's ticket that it is done, or not.
func (p *play) ticks(id string, done bool) error {
	d, err := Step(p.tk, Acted{Action: ActTick, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}, Via: "console", Work: &ticket.Work{Tick: &ticket.Tick{ID: id, Done: done}}},
		World{Now: p.now, Rules: p.rules, Reach: p.reach, Sheet: p.sheet})
	if err == nil {
		p.tk = d.Ticket
		p.lines = append(p.lines, d.Timeline...)
		if d.Sheet != nil {
			p.sheet = d.Sheet
		}
	}
	return err
}

func (p *play) list() (points []string) {
	for _, one := range p.sheet.Checklist {
		mark := " "
		if one.Done() {
			mark = " x "
		}
		points = append(points, one.ID+mark+one.Text)
	}
	return points
}

// reminded are the times in Paris at which pages of a point went out, and to whom.
func (p *play) reminded() (out []string) {
	for _, page := range p.pages {
		if page.Kind == ticket.KindDue && page.Channel == "sms" {
			out = append(out, page.At.In(business(p.t).Zone()).Format("Mon 15:04 ")+page.Person)
		}
	}
	return out
}

// TestACategoryBringsItsChecklist by value: a reload changes nothing of it, ticks stay when
// the ticket goes to another category and comes back, and what nobody did of another goes.
func TestACategoryBringsItsChecklist(t *testing.T) {
	p := listPlay(t, ticket.Major, "2026-11-24 10:00", "alice")
	if want := []string{"1 stop it", "2 tell the authority", "3 write it down"}; !slices.Equal(p.list(), want) {
		t.Fatalf("%q", p.list())
	}
	if at := p.sheet.Checklist[1].DueAt; !at.Equal(p.now.Add(72 * time.Hour)) {
		t.Errorf("due %s", at)
	}
	if err := p.ticks("1", true); err != nil || p.sheet.Checklist[0].DoneBy != "bruno" || !p.sheet.Checklist[0].DoneAt.Equal(p.now) {
		t.Errorf("%v, %+v", err, p.sheet.Checklist[0])
	}
	lines := len(p.lines)
	if err := p.ticks("1", true); err != nil || len(p.lines) != lines {
		t.Errorf("ticked twice: %v", err)
	}
	if err := p.ticks("9", true); !errors.Is(err, ErrNoPart) {
		t.Errorf("a point that is not there: %v", err)
	}
	rules := *p.rules
	rules.Desk.Categories = []Category{{Name: "breach", Checklist: []ticket.Point{{Text: "stop it"}, {Text: "another"}}}}
	p.rules = &rules
	before := p.sheet.Clone()
	p.says("impact", "several")
	if !reflect.DeepEqual(before.Checklist, p.sheet.Checklist) {
		t.Errorf("a reload changed it: %q", p.list())
	}
	p.says("category", "")
	if want := []string{"1 x stop it"}; !slices.Equal(p.list(), want) || len(p.tk.Points) != 0 {
		t.Errorf("%q, %+v", p.list(), p.tk.Points)
	}
	p.says("category", "breach")
	if want := []string{"1 x stop it", "2 another"}; !slices.Equal(p.list(), want) {
		t.Errorf("%q", p.list())
	}
	if err := p.ticks("1", false); err != nil || p.sheet.Checklist[0].Done() || p.sheet.Checklist[0].DoneBy != "" {
		t.Errorf("%v, %+v", err, p.sheet.Checklist[0])
	}
}

// TestComingBackToACategory: what is due counts from when the ticket first came into its
// category, however often somebody takes it out and puts it back, and nobody hears twice.
func TestComingBackToACategory(t *testing.T) {
	p := listPlay(t, ticket.Major, "2026-11-24 10:00", "alice")
	first := p.now
	is := func(when string) {
		t.Helper()
		for _, one := range p.sheet.Checklist {
			if one.Text == "tell the authority" && one.Since.Equal(first) && one.DueAt.Equal(first.Add(72*time.Hour)) {
				return
			}
		}
		t.Errorf("%s: %+v", when, p.sheet.Checklist)
	}
	for _, elsewhere := range []string{"other", "", "other"} {
		p.pass(p.now.Sub(p.start) + 10*time.Hour)
		p.says("category", elsewhere)
		p.pass(p.now.Sub(p.start) + 3*time.Hour)
		p.says("category", "breach")
		is("back from " + elsewhere)
	}
	if err := p.ticks(p.sheet.Checklist[0].ID, true); err != nil { // a tick that stays
		t.Fatal(err)
	}
	p.pass(p.now.Sub(p.start) + 20*time.Hour) // the first reminder is over
	p.says("category", "other")
	p.says("category", "breach")
	is("after a reminder")
	p.pass(first.Add(80 * time.Hour).Sub(p.start))
	if want := []string{"Thu 19:36 alice", "Fri 10:00 alice"}; !slices.Equal(p.reminded(), want) {
		t.Errorf("reminded %q, want %q", p.reminded(), want)
	}
	p.says("category", "other")
	p.says("category", "breach")
	is("when it is over")
	if p.pass(p.now.Sub(p.start) + 100*time.Hour); len(p.reminded()) != 2 {
		t.Errorf("of what is over: %q", p.reminded())
	}
	if n := len(p.sheet.CategorySince); n != 1 {
		t.Errorf("%d categories are remembered", n)
	}
}

// TestWhenAPointIsDue: it counts in hours of the clock on the wall, from when the ticket came
// into the category, or from when the trouble was reported, if that was before.
func TestWhenAPointIsDue(t *testing.T) {
	p := listPlay(t, ticket.Major, "2026-11-24 10:00", "alice", ticket.FieldReportedAt, "2026-11-23T10:00:00Z")
	is := func(want string) {
		t.Helper()
		if got := p.sheet.Checklist[1].DueAt.Format(time.RFC3339); got != want || !p.tk.Points[0].DueAt.Equal(p.sheet.Checklist[1].DueAt) {
			t.Errorf("due %s, the ticket has %+v, want %s", got, p.tk.Points, want)
		}
	}
	is("2026-11-26T10:00:00Z")
	p.says(ticket.FieldReportedAt, "2026-11-24T20:00:00Z") // later than we know of it
	is("2026-11-27T09:00:00Z")
	p.now = p.now.Add(time.Hour)
	p.says(ticket.FieldReportedAt, "")
	is("2026-11-27T09:00:00Z")
}

// TestAPointRemindsWhoeverHasTheTicket, and nobody else: when a fifth of its time is left,
// and when it is due. Of what is not urgent nobody hears outside the desk's hours, but
// before they end.
func TestAPointRemindsWhoeverHasTheTicket(t *testing.T) {
	for _, c := range []struct {
		name    string
		urgency ticket.Urgency
		opened  string // a Thursday: what is due is so on Sunday
		want    []string
	}{
		{"critical", ticket.Critical, "2026-11-19 10:00", []string{"Sat 19:36 alice", "Sun 10:00 alice"}},
		{"low: before the weekend, and after it", ticket.Low, "2026-11-19 10:00", []string{"Fri 17:36 alice", "Mon 08:30 alice"}},
		{"low, within hours", ticket.Low, "2026-11-24 10:00", []string{"Thu 17:36 alice", "Fri 10:00 alice"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := listPlay(t, c.urgency, c.opened, "alice")
			p.pass(10 * 24 * time.Hour)
			if got := p.reminded(); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if i := slices.IndexFunc(p.pages, func(page ticket.Page) bool { return page.Kind == ticket.KindDue && page.Person != "alice" }); i >= 0 {
				t.Errorf("%+v", p.pages[i])
			}
			n := 0
			for _, e := range p.lines {
				if e.Detail == ticket.SaidPointDue && e.Text == "tell the authority" && len(e.Args.Called) == 1 {
					n++
				}
			}
			if n != 2 {
				t.Errorf("%d lines tell it", n)
			}
		})
	}
}

// TestAPointThatIsDoneRemindsNobody, and one whose tick is taken back does again.
func TestAPointThatIsDoneRemindsNobody(t *testing.T) {
	p := listPlay(t, ticket.Critical, "2026-11-24 10:00", "alice")
	if err := p.ticks("2", true); err != nil {
		t.Fatal(err)
	}
	p.pass(60 * time.Hour)
	if got := p.reminded(); got != nil {
		t.Errorf("%q", got)
	}
	if err := p.ticks("2", false); err != nil {
		t.Fatal(err)
	}
	p.pass(80 * time.Hour)
	if got := p.reminded(); !slices.Equal(got, []string{"Fri 10:00 alice"}) {
		t.Errorf("%q", got)
	}
}

// TestAReminderWaitsForSomebody: nobody has the ticket, so nobody is reminded; whoever takes
// it hears at once. One who cannot be reached is named in the timeline.
func TestAReminderWaitsForSomebody(t *testing.T) {
	p := listPlay(t, ticket.Critical, "2026-11-24 10:00", "")
	p.tk.Policy.Steps = nil
	p.tk.Progress.Steps = nil
	p.pass(70 * time.Hour)
	if got := p.reminded(); got != nil {
		t.Errorf("%q", got)
	}
	if err := p.act(ActPickUp, "bruno"); err != nil {
		t.Fatal(err)
	}
	p.pass(70*time.Hour + time.Second)
	if got := p.reminded(); !slices.Equal(got, []string{"Fri 08:00 bruno"}) {
		t.Errorf("%q", got)
	}
	p.reach = func(contacts.Person, string) bool { return false }
	p.pass(73 * time.Hour)
	if last := p.lines[len(p.lines)-1]; last.Detail != ticket.SaidPointUnheard || last.Args.Person != "bruno" || len(p.reminded()) != 1 {
		t.Errorf("%+v", last)
	}
}

// TestAReminderThatWasPutOff until the desk opens or a silence ends comes as soon as nothing
// holds it back any more: the urgency rose, or the silence is over before its time.
func TestAReminderThatWasPutOff(t *testing.T) {
	p := listPlay(t, ticket.Low, "2026-11-19 10:00", "alice")
	p.pass(75 * time.Hour) // due on Sunday, 10:00: it waits for Monday
	p.says("urgency", "critical")
	p.must(Tick{})
	p.pass(5 * 24 * time.Hour)
	if got := p.reminded(); !slices.Equal(got, []string{"Fri 17:36 alice", "Sun 13:00 alice"}) {
		t.Errorf("the urgency rose: %q", got)
	}
	p = listPlay(t, ticket.Critical, "2026-11-24 10:00", "")
	p.tk.Assignee, p.tk.Progress.Mute = "alice", ticket.Mute{Until: p.start.Add(1000 * time.Hour)}
	p.pass(60 * time.Hour)
	if got := p.reminded(); got != nil {
		t.Errorf("in a silence: %q", got)
	}
	p.tk.Progress.Mute = ticket.Mute{}
	p.must(Tick{})
	p.must(Tick{})
	if got := p.reminded(); !slices.Equal(got, []string{"Thu 22:00 alice"}) {
		t.Errorf("after a silence: %q", got)
	}
}

// TestNobodyIsRemindedWhoIsGone: the directory does not know who has the ticket any more. The
// timeline says that nobody could be reached, and no page is for nobody.
func TestNobodyIsRemindedWhoIsGone(t *testing.T) {
	p := listPlay(t, ticket.Critical, "2026-11-24 10:00", "")
	p.tk.Assignee = "zoe"
	p.tk.Policy.Steps, p.tk.Progress.Steps = nil, nil
	p.pass(73 * time.Hour)
	if len(p.pages) > 0 {
		t.Errorf("%+v", p.pages[0])
	}
	if last := p.lines[len(p.lines)-1]; last.Detail != ticket.SaidPointUnheard || last.Args.Person != "zoe" {
		t.Errorf("%+v", last)
	}
}

// TestAReminderThatComesLate is one, for all that was missed.
func TestAReminderThatComesLate(t *testing.T) {
	p := listPlay(t, ticket.Critical, "2026-11-24 10:00", "alice")
	p.now = p.start.Add(100 * time.Hour) // no daemon ran meanwhile
	p.must(Tick{})
	p.must(Tick{})
	if got := p.reminded(); !slices.Equal(got, []string{"Sat 14:00 alice"}) {
		t.Errorf("%q", got)
	}
}

// TestRequiredPointsComeFirst: nobody resolves the ticket, and nothing of the try is done; what
// alerts, and who acted while the store was away, say of it is so all the same. Then whoever
// has it is reminded on, and it is not closed before.
func TestRequiredPointsComeFirst(t *testing.T) {
	p := listPlay(t, ticket.Critical, "2026-11-24 10:00", "alice")
	var open *UnfinishedError
	if err := p.act(ActResolve, "alice"); !errors.As(err, &open) || !slices.Equal(open.Points, []string{"tell the authority", "write it down"}) || p.tk.State != ticket.InProgress || len(p.pages) > 0 {
		t.Fatalf("%v, %s", err, p.tk.State)
	}
	if !strings.Contains(open.Error(), "write it down") {
		t.Error(open)
	}
	if _, err := p.finish(p.sheet, "over", ""); !errors.As(err, &open) {
		t.Errorf("with a word: %v", err)
	}
	q := *p
	if _, err := q.finish(p.sheet, "", "", "category", "other"); err != nil || q.tk.State != ticket.StateResolved {
		t.Errorf("into another category: %v", err)
	}
	q = *p
	q.recover()
	if q.tk.State != ticket.StateResolved {
		t.Fatalf("its alert is over: %s", q.tk.State)
	}
	if err := q.act(ActClose, "alice"); !errors.As(err, &open) {
		t.Errorf("closed: %v", err)
	}
	q.tk.Progress.CloseAt = q.now.Add(time.Hour)
	q.pass(71 * time.Hour)
	if got := q.reminded(); q.tk.State != ticket.StateResolved || !slices.Equal(got, []string{"Thu 19:36 alice"}) {
		t.Errorf("%s, %q", q.tk.State, got)
	}
	q.pass(73 * time.Hour)
	if got := q.reminded(); q.tk.State != ticket.Closed || len(got) != 2 {
		t.Errorf("%s, %q", q.tk.State, got)
	}
	q = *p
	if err := q.do(Acted{Action: ActResolve, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Said: ticket.Said{Detail: ticket.SaidAway}}); err != nil {
		t.Errorf("while the store was away: %v", err)
	}
	for _, id := range []string{"2", "3"} {
		if err := p.ticks(id, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.act(ActResolve, "alice"); err != nil || p.tk.State != ticket.StateResolved {
		t.Errorf("%v", err)
	}
}

// TestOpenedWithACategory: a ticket that a person opens has its checklist from its first line.
func TestOpenedWithACategory(t *testing.T) {
	p := listPlay(t, ticket.Low, "2026-11-24 10:00", "")
	tk := Opening(ManualSource, ticket.Incident, "x", Routed{Urgency: ticket.Low}, p.now, p.rules)
	d, err := Step(tk, Opened{Via: "api"}, World{Now: p.now, Rules: p.rules, Reach: p.reach, Sheet: &ticket.Sheet{Qualification: ticket.Qualification{Category: "breach"}}})
	if err != nil || d.Sheet == nil || len(d.Sheet.Checklist) != 3 || len(d.Ticket.Points) != 2 {
		t.Errorf("%+v, %v", d.Sheet, err)
	}
}
