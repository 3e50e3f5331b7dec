package desk

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// engine answers each order with err, and keeps the last one.
type engine struct {
	err   error
	acted escalation.Acted
	calls atomic.Int32
}

func (e *engine) Act(_ context.Context, number string, a escalation.Acted) (ticket.Ticket, error) {
	if e.calls.Add(1) == 1 {
		e.acted = a
	}
	return ticket.Ticket{Number: number}, e.err
}

type shelf map[string]ticket.View

func (s shelf) View(_ context.Context, number string) (ticket.View, error) {
	view, ok := s[number]
	if !ok {
		return view, escalation.ErrNotFound
	}
	return view, nil
}

func person(key string, role Role) Actor {
	return Actor{Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: key}, Role: role, Via: "link", Person: key, Scope: ticket.Everything()}
}

func takenBy(key string) ticket.Ticket {
	return ticket.Ticket{
		Number: "I1", State: ticket.Acknowledged, AcknowledgedAt: time.Unix(1, 0), AcknowledgedBy: &ticket.Actor{Kind: ticket.ActorPerson, Name: key},
	}
}

// TestWhatARefusalComesTo has an outcome for each answer of the engine.
func TestWhatARefusalComesTo(t *testing.T) {
	in := func(s ticket.State, by string, stale bool) error {
		return &escalation.StateError{State: s, By: ticket.Actor{Kind: ticket.ActorPerson, Name: by}, Stale: stale}
	}
	for _, c := range []struct {
		verb escalation.Action
		err  error
		want Outcome
	}{
		{escalation.ActPickUp, nil, Done},
		{escalation.ActPickUp, escalation.ErrDone, Again},
		{escalation.ActNote, escalation.ErrManyNotes, Full},
		{escalation.ActEscalate, escalation.ErrNobodyLeft, NobodyLeft},
		{escalation.ActPickUp, escalation.ErrNotFound, Unknown},
		{escalation.ActPickUp, errors.New("no answer"), Failed},
		{escalation.ActAcknowledge, in(ticket.Acknowledged, "bruno", false), Taken},
		{escalation.ActAcknowledge, in(ticket.StateResolved, "bruno", false), Over},
		{escalation.ActAcknowledge, in(ticket.Open, "", true), Stale},
		{escalation.ActResolve, in(ticket.StateResolved, "alice", false), Already},
		{escalation.ActResolve, in(ticket.StateResolved, "bruno", false), Over},
		{escalation.ActUndo, in(ticket.StateResolved, "alice", false), Late},
		{escalation.ActUndo, in(ticket.Open, "", false), Late},
		{escalation.ActUndo, in(ticket.Closed, "alice", false), Over},
	} {
		d := New(&engine{err: c.err}, shelf{}, nil)
		r := d.Act(t.Context(), person("alice", Technician), Order{Verb: c.verb, Words: "x", Sure: true}, Target{Number: "I1"})[0]
		if r.Outcome != c.want || r.Number != "I1" || (r.Err == nil) != (c.want == Done || c.want == Again) && c.want != Already {
			t.Errorf("%s, %v: %s, %v", c.verb, c.err, r.Outcome, r.Err)
		}
	}
}

// TestWhatNeverReachesTheEngine is refused at the door.
func TestWhatNeverReachesTheEngine(t *testing.T) {
	others := takenBy("bruno")
	view := shelf{"I1": {Ticket: others}}
	for _, c := range []struct {
		name   string
		by     Actor
		order  Order
		target Target
		want   Outcome
	}{
		{"no role", person("alice", Reader), Order{Verb: escalation.ActAcknowledge}, Target{Number: "I1"}, Forbidden},
		{"a manager's verb", person("alice", Technician), Order{Verb: escalation.ActClose}, Target{Number: "I1"}, Forbidden},
		{"to somebody else", person("alice", Technician), Order{Verb: escalation.ActAssign, Person: "bruno"}, Target{Number: "I1"}, Forbidden},
		{"no verb", person("alice", Admin), Order{Verb: "sing"}, Target{Number: "I1"}, Forbidden},
		{"no words", person("alice", Technician), Order{Verb: escalation.ActNote, Words: " "}, Target{Number: "I1"}, Empty},
		{"to nobody", person("dominique", Manager), Order{Verb: escalation.ActAssign}, Target{Number: "I1"}, Empty},
		{"not sure", person("alice", Technician), Order{Verb: escalation.ActEscalate}, Target{Number: "I1"}, Taken},
		{"not sure, and read", person("alice", Technician), Order{Verb: escalation.ActEscalate}, Target{Number: "I1", Was: &others}, Taken},
		{"of several", person("alice", Technician), Order{Verb: escalation.ActResolve, Sure: true, Shared: true}, Target{Number: "I1"}, Taken},
		{"unknown", person("alice", Technician), Order{Verb: escalation.ActEscalate}, Target{Number: "I2"}, Unknown},
		{"a look at what is unknown", person("alice", Technician), Order{Verb: escalation.ActRecheck}, Target{Number: "I2"}, Unknown},
	} {
		e := &engine{}
		r := New(e, view, nil).Act(t.Context(), c.by, c.order, c.target)[0]
		if r.Outcome != c.want || r.Err == nil || e.calls.Load() != 0 {
			t.Errorf("%s: %s, %v, %d calls", c.name, r.Outcome, r.Err, e.calls.Load())
		}
		if c.want == Taken && (r.State == nil || r.State.By.Name != "bruno" || r.State.At.IsZero()) {
			t.Errorf("%s: by whom: %+v", c.name, r.State)
		}
	}
}

// TestManyAtOnce keeps the order of the tickets, and leaves what somebody else has.
func TestManyAtOnce(t *testing.T) {
	e := &engine{}
	var targets []Target
	for i := range 100 {
		was := ticket.Ticket{Number: string(rune('A' + i)), State: ticket.Open}
		if i%2 == 1 {
			was = takenBy("bruno")
		}
		targets = append(targets, Target{Number: string(rune('A' + i)), Was: &was})
	}
	results := New(e, shelf{}, nil).Act(t.Context(), person("alice", Technician), Order{Verb: escalation.ActAcknowledge, Shared: true}, targets...)
	for i := range results {
		want := Done
		if i%2 == 1 {
			want = Taken
		}
		if results[i].Number != targets[i].Number || results[i].Outcome != want {
			t.Errorf("%d: %+v", i, results[i])
		}
	}
	if e.calls.Load() != 50 {
		t.Errorf("%d reached the engine", e.calls.Load())
	}
}

// TestAVerbIsARow adds a verb of its own kind: to the desk it is a row.
func TestAVerbIsARow(t *testing.T) {
	e := &engine{}
	d := New(e, shelf{}, nil)
	d.verbs = maps.Clone(d.verbs)
	d.verbs["sing"] = Manager
	order := Order{Verb: "sing", Words: "la"}
	if r := d.Act(t.Context(), person("alice", Technician), order, Target{Number: "I1"})[0]; r.Outcome != Forbidden || r.Needs != Manager {
		t.Errorf("a technician sings: %+v", r)
	}
	r := d.Act(t.Context(), person("dominique", Manager), order, Target{Number: "I1"})[0]
	if r.Outcome != Done || e.acted.Action != "sing" || e.acted.Said.Text != "la" || e.acted.Actor.Name != "dominique" || e.acted.Via != "link" {
		t.Errorf("%+v of %+v", r, e.acted)
	}
}
