//go:build !race || long

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

// linesRun plays a ticket to which people do the same things again and again.
type linesRun struct {
	*rapid.T
	rules *Rules
	now   time.Time
	tk    ticket.Ticket
	sheet *ticket.Sheet
	lines int
	count int
}

func (r *linesRun) step(e Event) (Decision, error) {
	world := World{Now: r.now, Rules: r.rules, Sheet: r.sheet, Reach: func(p contacts.Person, channel string) bool { return len(p.Phones) > 0 && channel == "sms" }}
	d, err := Step(r.tk, e, world)
	if err != nil {
		return d, err
	}
	r.tk, r.lines = d.Ticket, r.lines+len(d.Timeline)
	for i := range d.Pages {
		if !d.Pages[i].Quiet {
			r.lines += ticket.PageEntries
		}
	}
	if d.Sheet != nil {
		r.sheet = d.Sheet
	}
	return d, nil
}

// stands is all of a ticket that a person's act can decide, and what is said of it.
func (r *linesRun) stands() string {
	t := &r.tk
	return fmt.Sprint(t.State, t.Urgency, t.Customer, t.Contract, t.Kind, t.Title, t.Assignee, t.Place, t.GTI, t.Clocks, t.Progress.Snooze, r.sheet)
}

// asks makes an act of a person; it differs each time.
func (r *linesRun) asks(what Action) Acted {
	r.count++
	e := Acted{Action: what, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: []string{"alice", "bob"}[r.count/2%2]}, Via: "api", Seen: nil}
	id, text, public := fmt.Sprint(r.count), fmt.Sprintf("text %d", r.count), true
	switch what {
	case ActAssign:
		e.Person = []string{"bob", "alice"}[r.count%2]
	case ActPause:
		e.Reason = ticket.WaitingForCustomer
	case ActQualify:
		e.Edits = []ticket.Edit{{Field: ticket.FieldTitle, Text: text}}
	case ActMeet:
		e.Work = &ticket.Work{Meeting: &ticket.Meeting{URL: "https://meet.example.net/" + id}}
	case ActTask:
		kind := ticket.TaskCall
		edit := &ticket.TaskEdit{Kind: &kind, Text: &text, Public: &public}
		edit.ID = "one"
		e.Work = &ticket.Work{Task: edit, Change: r.sheet.Task("one") != nil}
	case ActLink:
		tie := ticket.Tie{Kind: ticket.LinkSee, Number: "I261121_0002"}
		e.Work = &ticket.Work{Link: &ticket.Tying{Tie: tie, Remove: r.sheet.HasTie(tie), Told: true}}
	default: // the others take nothing more
	}
	return e
}

// does has a person act, and looks at what tells of it.
func (r *linesRun) does(e Acted) {
	was, state := r.stands(), r.tk.State
	d, err := r.step(e)
	switch {
	case errors.Is(err, ErrManyLines):
		if e.Action == ActAcknowledge || e.Action == ActPickUp || e.Action == ActResolve || e.Action == ActClose || e.Action == ActResume {
			r.Fatalf("%s of a ticket that is %s is refused: %v", e.Action, state, err)
		}
		return
	case err != nil: // its state is not the one
		return
	}
	told := false
	for i := range d.Timeline {
		told = told || d.Timeline[i].Actor != nil && d.Timeline[i].Actor.Name == e.Actor.Name
	}
	if was != r.stands() && !told {
		r.Fatalf("%s by %s is done, and no line tells of it: %+v\n%s\n%s", e.Action, e.Actor.Name, r.tk.Lines, was, r.stands())
	}
}

// raised is an urgency that somebody chooses.
func (r *linesRun) raised() Acted {
	e := r.asks(ActQualify)
	e.Edits = []ticket.Edit{{Field: ticket.FieldUrgency, Text: []string{"minor", "critical"}[r.count%2]}}
	return e
}

// Whatever people do to a ticket, however often, and whatever alerts do meanwhile: what was
// done has its line, who takes or ends the ticket is never refused, and the lines are bounded.
func TestNothingIsDoneWithoutALine(t *testing.T) {
	rules := testRules(t)
	verbs := []Action{
		ActAcknowledge, ActPickUp, ActSnooze, ActEscalate, ActResolve, ActReopen, ActUndo, ActAssign, ActQualify, ActPause, ActResume,
		ActTake, ActRelease, ActTask, ActLink, ActMeet, "urgency",
	}
	rapid.Check(t, func(t *rapid.T) {
		r := &linesRun{T: t, rules: rules, now: saturday}
		a := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: map[string]string{"severity": "critical", "customer": "acme"}}
		routed := rules.Resolve(&a)
		r.tk = Opening("prometheus", ticket.Incident, "X", routed, r.now, rules)
		r.tk.Number = "I261121_0001"
		fires := func(from, to ticket.AlertStatus) {
			if to == ticket.Resolved && r.tk.Firing == 0 || to == ticket.Firing && (r.tk.Firing > 0 || !Joins(&r.tk, r.now)) && from != "" {
				return
			}
			if _, err := r.step(AlertMoved{Alert: "a", From: from, To: to, Urgency: routed.Urgency, Title: "X", Source: "prometheus"}); err != nil {
				r.Fatal(err)
			}
		}
		fires("", ticket.Firing)
		for range rapid.IntRange(1, 6).Draw(t, "loops") {
			loop := rapid.SliceOfN(rapid.SampledFrom(append(verbs, "fires", "over")), 1, 4).Draw(t, "loop")
			for range rapid.SampledFrom([]int{1, 5, 250}).Draw(t, "times") {
				r.now = r.now.Add(time.Second)
				for _, what := range loop {
					switch what {
					case "fires":
						fires(ticket.Resolved, ticket.Firing)
					case "over":
						fires(ticket.Firing, ticket.Resolved)
					case "urgency":
						r.does(r.raised())
					default:
						r.does(r.asks(what))
					}
				}
			}
		}
		if r.lines > ticket.MaxEntries {
			t.Fatalf("%d lines: %+v", r.lines, r.tk.Lines)
		}
	})
}

// TestSmallThingsLeaveRoom: who notes meeting after meeting leaves room for what decides, and
// is told that it is enough.
func TestSmallThingsLeaveRoom(t *testing.T) {
	p := newPlay(t, map[string]string{"severity": "critical"})
	by, refused := ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, 0
	for i := range 2 * ticket.MaxSmallEntries {
		err := p.do(Acted{Action: ActMeet, Actor: by, Work: &ticket.Work{Meeting: &ticket.Meeting{URL: fmt.Sprintf("https://meet.example.net/%d", i)}}})
		switch {
		case errors.Is(err, ErrManyLines):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	if kept := p.kinds(ticket.EntryMeeting); kept != ticket.MaxSmallEntries || refused != ticket.MaxSmallEntries {
		t.Fatalf("%d meetings have a line, %d were refused", kept, refused)
	}
	if err := p.do(Acted{Action: ActQualify, Actor: by, Edits: []ticket.Edit{{Field: ticket.FieldTitle, Text: "another"}}}); !errors.Is(err, ErrManyLines) {
		t.Errorf("another title: %v", err)
	}
	edits := []ticket.Edit{{Field: ticket.FieldUrgency, Text: "minor"}, {Field: ticket.FieldTitle, Text: "another"}}
	if err := p.do(Acted{Action: ActQualify, Actor: by, Edits: edits}); err != nil || p.kinds(ticket.EntryQualified) != 1 {
		t.Errorf("another urgency: %v, %d lines", err, p.kinds(ticket.EntryQualified))
	}
	if err := p.act(ActResolve, "alice"); err != nil || p.kinds(ticket.EntryResolved) != 1 {
		t.Errorf("resolved: %v, %d lines", err, p.kinds(ticket.EntryResolved))
	}
}
