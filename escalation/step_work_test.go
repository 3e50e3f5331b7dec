package escalation

import (
	"errors"
	"fmt"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// work does something to the sheet of a play's ticket, as a person.
func (p *play) work(a Action, person string, w ticket.Work) error {
	p.t.Helper()
	before := p.sheet.Clone()
	d, err := Step(p.tk, Acted{Action: a, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "api", Work: &w}, World{Now: p.now, Rules: p.rules, Reach: p.reach, Sheet: p.sheet})
	if fmt.Sprintf("%+v", p.sheet.Clone()) != fmt.Sprintf("%+v", before) {
		p.t.Errorf("%s wrote to the sheet that it was given", a)
	}
	if err != nil {
		return err
	}
	p.tk = d.Ticket
	p.lines, p.errands = append(p.lines, d.Timeline...), append(p.errands, d.Errands...)
	if d.Sheet != nil {
		p.sheet = d.Sheet
	}
	if (d.Sheet != nil) != d.Changed {
		p.t.Errorf("%s: changed is %t, and the sheet is %v", a, d.Changed, d.Sheet)
	}
	return nil
}

func file(id string, size int64) ticket.Attachment {
	return ticket.Attachment{ID: id, Name: id + ".png", Size: size, SHA256: "ab"}
}

// TestAttaching: files are written down once, however often somebody says so, as many as
// there is room for, and go by whom they came or by a manager.
func TestAttaching(t *testing.T) {
	p := newPlay(t, map[string]string{"alertname": "HostDown", "customer": "acme", "urgency": "critical"})
	p.lines = nil
	for range 2 {
		if err := p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{file("a", 1), file("b", 2)}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.sheet.Attachments) != 2 || p.sheet.Attachments[0].By != "alice" || !p.sheet.Attachments[0].At.Equal(p.now) || len(p.lines) != 2 || p.lines[0].Args.File.Name != "a.png" {
		t.Fatalf("%+v, %+v", p.sheet, p.lines)
	}
	if p.tk.State != ticket.Open || len(p.pages) != 2 {
		t.Errorf("it is %s, with %d pages", p.tk.State, len(p.pages))
	}
	if err := p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{file("c", ticket.MaxAttachmentsSize-2)}}); !errors.Is(err, ErrManyParts) || len(p.sheet.Attachments) != 2 {
		t.Errorf("too much: %v", err)
	}
	if err := p.work(ActDetach, "bruno", ticket.Work{Detach: "a"}); !errors.Is(err, ErrNotTheirs) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := p.work(ActDetach, "alice", ticket.Work{Detach: "z"}); !errors.Is(err, ErrNoPart) {
		t.Errorf("none: %v", err)
	}
	if err := errors.Join(p.work(ActDetach, "alice", ticket.Work{Detach: "a"}), p.work(ActDetach, "dominique", ticket.Work{Detach: "b", Any: true})); err != nil || len(p.sheet.Attachments) != 0 {
		t.Errorf("%+v, %v", p.sheet, err)
	}
	for i := range ticket.MaxAttachments {
		if err := p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{file(fmt.Sprint(i), 1)}}); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{file("x", 1)}}); !errors.Is(err, ErrManyParts) {
		t.Errorf("one more: %v", err)
	}
	if !p.sheet.Fits() {
		t.Error("so many files do not fit into a record")
	}
	if err := errors.Join(p.act(ActResolve, "alice"), p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{}})); err != nil {
		t.Errorf("resolved: %v", err)
	}
	if err := p.act(ActClose, "dominique"); err != nil {
		t.Fatal(err)
	}
	var state *StateError
	if err := p.work(ActAttach, "alice", ticket.Work{Attach: []ticket.Attachment{file("y", 1)}}); !errors.As(err, &state) || len(state.Allowed) != 4 {
		t.Errorf("closed: %v", err)
	}
}

func text(s string) *string { return &s }

// TestTasksOfATicket: written down once, changed by whoever wrote them or a manager; they
// page nobody and take no ticket.
func TestTasksOfATicket(t *testing.T) {
	p := newPlay(t, map[string]string{"alertname": "HostDown", "customer": "acme", "urgency": "critical"})
	p.lines = nil
	ten, public := 10, true
	first := ticket.Work{Task: &ticket.TaskEdit{ID: "a", Kind: text(ticket.TaskNoAnswer), Minutes: &ten, Public: &public}}
	for range 2 {
		if err := p.work(ActTask, "alice", first); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.sheet.Tasks) != 1 || p.sheet.Tasks[0].By != "alice" || p.sheet.Treatment() != 10 || len(p.lines) != 1 || p.lines[0].Args.Task.Kind != ticket.TaskNoAnswer || p.tk.State != ticket.Open {
		t.Fatalf("%+v, %+v, %s", p.sheet, p.lines, p.tk.State)
	}
	change := ticket.Work{Change: true, Task: &ticket.TaskEdit{ID: "a", Text: text("nobody there")}}
	if err := p.work(ActTask, "bruno", change); !errors.Is(err, ErrNotTheirs) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := errors.Join(p.work(ActTask, "alice", change), p.work(ActTask, "alice", change)); err != nil || p.sheet.Tasks[0].Text != "nobody there" || len(p.lines) != 2 || p.lines[1].Detail != ticket.SaidTaskChanged {
		t.Errorf("%+v, %+v, %v", p.sheet.Tasks, p.lines, err)
	}
	change.Any, change.Task = true, &ticket.TaskEdit{ID: "a", Kind: text(ticket.TaskCall)}
	if err := p.work(ActTask, "dominique", change); err != nil || p.sheet.Tasks[0].By != "alice" || p.sheet.Tasks[0].Kind != ticket.TaskCall {
		t.Errorf("a manager: %+v, %v", p.sheet.Tasks, err)
	}
	change.Task = &ticket.TaskEdit{ID: "none"}
	if err := p.work(ActTask, "alice", change); !errors.Is(err, ErrNoPart) {
		t.Errorf("none: %v", err)
	}
	var wrong *ticket.FieldError
	if err := p.work(ActTask, "alice", ticket.Work{Task: &ticket.TaskEdit{ID: "b", Kind: text("pdr")}}); !errors.As(err, &wrong) || wrong.Field != "kind" {
		t.Errorf("no such kind: %v", err)
	}
	for i := len(p.sheet.Tasks); i < ticket.MaxTasks; i++ {
		if err := p.work(ActTask, "alice", ticket.Work{Task: &ticket.TaskEdit{ID: fmt.Sprint(i), Kind: text(ticket.TaskCall)}}); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := p.work(ActTask, "alice", ticket.Work{Task: &ticket.TaskEdit{ID: "more", Kind: text(ticket.TaskCall)}}); !errors.Is(err, ErrManyParts) {
		t.Errorf("one more: %v", err)
	}
}

// TestLinksOfATicket: a duplicate is over here and goes on there; the other ticket hears
// of a link by an errand, and leaves none itself.
func TestLinksOfATicket(t *testing.T) {
	p := newPlay(t, map[string]string{"alertname": "HostDown", "customer": "acme", "urgency": "critical"})
	p.lines = nil
	tie := func(kind, number string, back bool) ticket.Work {
		return ticket.Work{Link: &ticket.Tying{Tie: ticket.Tie{Kind: kind, Number: number, Back: back}}}
	}
	for range 2 {
		if err := p.work(ActLink, "alice", tie(ticket.LinkSee, "I2", false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.work(ActLink, "alice", tie(ticket.LinkDuplicate, "I3", false)); err != nil || p.tk.State != ticket.StateResolved || p.tk.Undo == nil || p.sheet.DuplicateOf() != "I3" {
		t.Fatalf("%s, %+v, %v", p.tk.State, p.sheet, err)
	}
	if last := p.lines[len(p.lines)-1]; last.Kind != ticket.EntryResolved || last.Detail != ticket.SaidGoesOn || last.Args.Ticket != "I3" {
		t.Errorf("%+v", last)
	}
	if len(p.errands) != 2 || p.errands[1].Link.Other != "I3" || p.errands[1].Link.Link != (ticket.Tie{Kind: ticket.LinkDuplicate, Number: p.tk.Number, Back: true}) {
		t.Errorf("%+v", p.errands)
	}
	for name, w := range map[string]ticket.Work{
		"itself": tie(ticket.LinkSee, p.tk.Number, false), "no such kind": tie("friend", "I4", false), "twice a duplicate": tie(ticket.LinkDuplicate, "I4", false),
	} {
		var wrong *ticket.FieldError
		if err := p.work(ActLink, "alice", w); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := p.work(ActLink, "alice", tie(ticket.LinkCause, "I5", true)); err != nil || len(p.errands) != 2 {
		t.Errorf("what the other says: %+v, %v", p.errands, err)
	}
	var wrong *ticket.FieldError
	if err := p.work(ActLink, "alice", tie(ticket.LinkCause, "I5", false)); !errors.As(err, &wrong) {
		t.Errorf("each the cause of the other: %v", err)
	}
	gone := tie(ticket.LinkSee, "I2", false)
	gone.Link.Remove = true
	if err := p.work(ActLink, "alice", gone); err != nil || len(p.errands) != 3 || !p.errands[2].Link.Remove || !p.errands[2].Link.Link.Back {
		t.Errorf("%+v, %v", p.errands, err)
	}
	if err := p.work(ActLink, "alice", gone); !errors.Is(err, ErrNoPart) {
		t.Errorf("again: %v", err)
	}
}
