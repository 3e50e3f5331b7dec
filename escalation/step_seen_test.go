package escalation

import (
	"errors"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// press acts by a page that showed seen.
func (p *play) press(a Action, person string, seen Seen, text string) error {
	return p.do(Acted{Action: a, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "link", Said: ticket.Plain(text), Seen: &seen})
}

func (p *play) seen() Seen { return SeenOf(&p.tk) }

// third gives the ticket another step after its last.
func (p *play) third() {
	p.tk.Policy.Steps = append(p.tk.Policy.Steps[:2:2], ticket.Step{Group: "managers", By: []string{"sms"}, After: time.Hour, Repeat: []ticket.Pace{{Every: time.Hour}}})
	p.tk.Progress.Steps = append(p.tk.Progress.Steps, ticket.StepRun{})
}

// TestAPressThatNoLongerFits: a button does nothing if its page shows an
// earlier state.
func TestAPressThatNoLongerFits(t *testing.T) {
	for name, tt := range map[string]struct {
		then   func(p *play) // what happens after the page was drawn
		action Action
		state  ticket.State // the state then, which stays
	}{
		"it was taken meanwhile": {func(p *play) { p.mustAct(ActAcknowledge, "bruno") }, ActPickUp, ticket.Acknowledged},
		"passed on, and it was taken meanwhile": {
			func(p *play) { p.mustAct(ActAcknowledge, "bruno") }, ActEscalate, ticket.Acknowledged,
		},
		"it got a new episode": {
			func(p *play) { p.mustAct(ActAcknowledge, "bruno"); p.pass(46 * time.Minute) }, ActAcknowledge, ticket.Open,
		},
		"the next step began by itself": {func(p *play) { p.pass(15 * time.Minute) }, ActEscalate, ticket.Open},
		"it is over":                    {func(p *play) { p.recover() }, ActPickUp, ticket.StateResolved},
		"the last word, of what is over": {
			func(p *play) { p.recover() }, ActRecheck, ticket.StateResolved,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, critical)
			p.third()
			seen := p.seen()
			tt.then(p)
			was, lines, pages := p.seen(), len(p.lines), len(p.pages)
			err := p.press(tt.action, "alice", seen, "")
			var stale *StateError
			if !errors.As(err, &stale) || !stale.Stale || stale.State != tt.state {
				t.Fatalf("error %v, want one that says it is %s", err, tt.state)
			}
			if p.seen() != was || len(p.lines) != lines || len(p.pages) != pages {
				t.Errorf("it changed: %+v, was %+v", p.seen(), was)
			}
		})
	}
}

func (p *play) mustAct(a Action, person string) {
	p.t.Helper()
	if err := p.act(a, person); err != nil {
		p.t.Fatal(err)
	}
}

// TestResolvedThoughItFiresAgain: somebody who was shown that nothing fires
// was not told that something does.
func TestResolvedThoughItFiresAgain(t *testing.T) {
	p := newPlay(t, critical)
	seen := p.seen()
	seen.Firing = 0
	if err := p.press(ActResolve, "alice", seen, ""); err == nil || p.tk.State != ticket.Open {
		t.Errorf("%v, %s", err, p.tk.State)
	}
	if err := p.press(ActResolve, "alice", p.seen(), ""); err != nil || p.tk.State != ticket.StateResolved {
		t.Errorf("%v, %s", err, p.tk.State)
	}
}

// TestPassedOnOnce: a ticket is passed on once, however often and from however
// many pages its button is pressed within a moment.
func TestPassedOnOnce(t *testing.T) {
	p := newPlay(t, critical)
	p.third()
	p.pass(time.Minute)
	drawn := p.seen()
	began := len(p.pages)
	for _, seen := range []Seen{drawn, drawn} {
		if err := p.press(ActEscalate, "alice", seen, ""); err != nil {
			t.Fatal(err)
		}
	}
	p.now = p.now.Add(PressedWithin - time.Nanosecond)
	if err := p.press(ActEscalate, "alice", p.seen(), ""); err != nil { // the page that the first press led to
		t.Fatal(err)
	}
	if p.seen().Steps != 2 || len(p.pages) != began+2 {
		t.Errorf("%d steps began, %d pages went out", p.seen().Steps, len(p.pages)-began)
	}
	p.now = p.now.Add(time.Nanosecond)
	if err := p.press(ActEscalate, "alice", drawn, ""); err == nil || p.seen().Steps != 2 {
		t.Errorf("the old page acted: %v, %d steps", err, p.seen().Steps)
	}
	if err := p.press(ActEscalate, "alice", p.seen(), ""); err != nil || p.seen().Steps != 3 {
		t.Errorf("a second thought: %v, %d steps", err, p.seen().Steps)
	}
}

func TestNobodyIsLeft(t *testing.T) {
	p := newPlay(t, critical)
	p.pass(16 * time.Minute)
	lines := len(p.lines)
	if err := p.press(ActEscalate, "alice", p.seen(), ""); !errors.Is(err, ErrNobodyLeft) || len(p.lines) != lines || !p.tk.Progress.Last.Passed.IsZero() {
		t.Errorf("%v, %d lines more", err, len(p.lines)-lines)
	}
	p.mustAct(ActAcknowledge, "alice") // whoever has it can always give it up
	if err := p.press(ActEscalate, "alice", p.seen(), ""); err != nil || p.tk.State != ticket.Open {
		t.Errorf("%v, %s", err, p.tk.State)
	}
}

// TestTheSamePressAgainIsDone: the second press hears that it is done, and
// nothing happens twice.
func TestTheSamePressAgainIsDone(t *testing.T) {
	for _, action := range []Action{ActAcknowledge, ActPickUp, ActResolve, ActRecheck, ActNote, ActEscalate} {
		p := newPlay(t, critical)
		drawn := p.seen()
		if err := p.press(action, "alice", drawn, "words"); err != nil {
			t.Fatal(err)
		}
		was, lines, pages := p.seen(), len(p.lines), len(p.pages)
		p.now = p.now.Add(700 * time.Millisecond)
		if err := p.press(action, "alice", drawn, "words"); err != nil {
			t.Errorf("%s again: %v", action, err)
		}
		if p.seen() != was || len(p.lines) != lines || len(p.pages) != pages {
			t.Errorf("%s again changed something: %+v, was %+v, %d lines more", action, p.seen(), was, len(p.lines)-lines)
		}
	}
}

// TestNotesOfTwo: a note is kept, even if somebody else wrote one meanwhile
// and the ticket has changed.
func TestNotesOfTwo(t *testing.T) {
	p := newPlay(t, critical)
	drawn := p.seen()
	for _, who := range []string{"alice", "bruno"} {
		if err := p.press(ActNote, who, drawn, "it is the disk"); err != nil {
			t.Fatal(err)
		}
		p.mustAct(ActAcknowledge, who)
		p.mustAct(ActEscalate, who)
	}
	if p.seen().Notes != 2 {
		t.Errorf("%d notes", p.seen().Notes)
	}
}
