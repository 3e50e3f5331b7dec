package escalation

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// most is how many lines the pages and lines of a play may have in its
// timeline at most.
func (p *play) most() int {
	n := len(p.lines)
	for i := range p.pages {
		if !p.pages[i].Quiet {
			n += ticket.PageEntries
		}
	}
	return n
}

func (p *play) kinds(kind ticket.EntryKind) (n int) {
	for _, e := range p.lines {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// raises has an alert make the ticket more urgent than it was; whoever had it has it no more.
func (p *play) raises() {
	p.tk.Urgency = ticket.Minor
	p.fire(ticket.Firing, ticket.Critical)
}

func TestFlappingLeavesRoom(t *testing.T) {
	p := newPlay(t, map[string]string{"severity": "critical"})
	for i := range 300 {
		p.pass(time.Duration(i+1) * 4 * time.Minute)
		p.recover()
		p.pass(time.Duration(i+1)*4*time.Minute + time.Minute)
		p.fire(ticket.Resolved, ticket.Critical)
	}
	before := len(p.pages)
	p.pass(1210 * time.Minute)
	if got := len(p.pages) - before; got == 0 {
		t.Error("it pages no more")
	}
	if most := p.most(); most > ticket.MaxMinorEntries+1 { // opened is of another sort
		t.Errorf("%d lines are kept or will be", most)
	}
	if n := p.kinds(ticket.EntryFolded); n != 1 || p.tk.Lines.LeftOut < 1000 {
		t.Errorf("said %d times that it is full; %d left out", n, p.tk.Lines.LeftOut)
	}
	if p.pages[0].Quiet || !p.pages[len(p.pages)-1].Quiet {
		t.Error("the first pages tell, the last ones do not")
	}
	for _, do := range []Action{ActAcknowledge, ActPickUp, ActNote, ActResolve, ActUndo, ActEscalate} {
		if err := p.act(do, "alice"); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
	}
	for _, kind := range []ticket.EntryKind{
		ticket.EntryOpened, ticket.EntryAcknowledged, ticket.EntryPickedUp, ticket.EntryNote,
		ticket.EntryResolved, ticket.EntryUndone, ticket.EntryEscalated,
	} {
		if p.kinds(kind) == 0 {
			t.Errorf("%s is not in the timeline", kind)
		}
	}
}

// TestNobodyTakesAnothersRoom: however many lines of one sort there are, those
// of the others are kept, what people do is done, and all of it is bounded.
func TestNobodyTakesAnothersRoom(t *testing.T) {
	p := newPlay(t, map[string]string{"severity": "critical"})
	long := strings.Repeat("é", 30_000)
	refused := 0
	for range 200 {
		switch err := p.do(Acted{Action: ActNote, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "link", Said: ticket.Plain(long)}); {
		case errors.Is(err, ErrManyNotes):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	if refused != 200-ticket.MaxNotes || p.kinds(ticket.EntryNote) != ticket.MaxNotes {
		t.Errorf("%d notes were refused, %d kept", refused, p.kinds(ticket.EntryNote))
	}
	for i := range 150 { // its urgency rises anew each time
		p.recover()
		p.fire(ticket.Resolved, ticket.Minor)
		p.fire(ticket.Firing, ticket.Critical)
		if p.tk.Urgency != ticket.Critical {
			t.Fatalf("flap %d: %s", i, p.tk.Urgency)
		}
	}
	for range ticket.PagingActs / 2 {
		if err := p.act(ActAcknowledge, "alice"); err != nil || p.tk.State != ticket.Acknowledged {
			t.Fatal(p.tk.State, err)
		}
		if err := p.act(ActEscalate, "alice"); err != nil || p.tk.State != ticket.Open {
			t.Fatal(p.tk.State, err)
		}
	}
	if n := p.kinds(ticket.EntryAcknowledged) + p.kinds(ticket.EntryEscalated); n != ticket.PagingActs {
		t.Errorf("%d lines of what people did", n)
	}
	if err := p.act(ActEscalate, "alice"); !errors.Is(err, ErrManyLines) {
		t.Errorf("passed on once more: %v", err)
	}
	for range ticket.MaxActEntries { // alerts and people lead it back, until only the record says who has it
		p.raises()
		if err := p.act(ActAcknowledge, "alice"); err != nil || p.tk.State != ticket.Acknowledged {
			t.Fatal(p.tk.State, err)
		}
	}
	if n := p.kinds(ticket.EntryAcknowledged) + p.kinds(ticket.EntryEscalated); n != ticket.MaxActEntries-1 || p.kinds(ticket.EntryActsFolded) != 1 {
		t.Errorf("%d lines of what people did, and %d that it is full", n, p.kinds(ticket.EntryActsFolded))
	}
	if n := p.kinds(ticket.EntryUrgency); n != ticket.MaxRuleEntries-2 {
		t.Errorf("%d lines of a rising urgency", n)
	}
	if n := p.most(); n > ticket.MaxEntries {
		t.Errorf("%d lines in all", n)
	}
	bytes := 0
	for _, e := range p.lines {
		bytes += len(e.Text)
		if len(e.Text) > ticket.MaxEntryText {
			t.Fatalf("a line of %d bytes", len(e.Text))
		}
	}
	if bytes > ticket.MaxNotes*ticket.MaxEntryText+100*ticket.MaxEntries {
		t.Errorf("%d bytes", bytes)
	}
	if !slices.ContainsFunc(p.pages[len(p.pages)-5:], func(page ticket.Page) bool { return page.Kind == ticket.KindPage }) {
		t.Error("it pages no more")
	}
}
