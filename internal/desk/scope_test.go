package desk

import (
	"errors"
	"testing"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatIsOutOfScopeIsNotThere, whatever is ordered, and however the order names it. The
// engine never hears of it. What came to the person by a page is there.
func TestWhatIsOutOfScopeIsNotThere(t *testing.T) {
	acme, globex := ticket.Ticket{Number: "I1", State: ticket.Open, Customer: "acme"}, ticket.Ticket{Number: "I2", State: ticket.Open, Customer: "globex"}
	view := shelf{
		"I1": {Ticket: acme}, "I2": {Ticket: globex},
		"I3": {Ticket: ticket.Ticket{Number: "I3", State: ticket.Open, Customer: "globex"}, Pages: []ticket.Page{{PageKey: ticket.PageKey{Person: "alice"}}}},
	}
	p := contacts.Person{Key: "alice", Customers: []string{"acme"}}
	for _, verb := range Verbs() {
		for number, want := range map[string]bool{"I1": true, "I2": false, "I3": true, "I4": false} {
			e := &engine{}
			by := person("alice", Admin)
			by.Scope = ScopeOf(&p)
			target := Target{Number: number}
			if number == "I2" {
				target.Was = &globex
			}
			r := New(e, view, nil).Act(t.Context(), by, Order{Verb: verb, Words: "x", Person: "alice", Sure: true}, target)[0]
			if want && r.Outcome != Done || !want && (r.Outcome != Unknown || !errors.Is(r.Err, escalation.ErrNotFound)) || (e.calls.Load() == 1) != want {
				t.Errorf("%s of %s: %s, %v, %d calls", verb, number, r.Outcome, r.Err, e.calls.Load())
			}
		}
	}
}

// TestAnOrderWithoutAScope is refused: somebody forgot it.
func TestAnOrderWithoutAScope(t *testing.T) {
	e, by := &engine{}, person("alice", Admin)
	by.Scope = ticket.Scope{}
	r := New(e, shelf{"I1": {}}, nil).Act(t.Context(), by, Order{Verb: escalation.ActAcknowledge}, Target{Number: "I1"})[0]
	if r.Outcome != Failed || !errors.Is(r.Err, ticket.ErrNoScope) || e.calls.Load() != 0 {
		t.Errorf("%+v", r)
	}
}

// TestWhoArbitrates: a manager, the deputy, and whoever has the ticket (S1-29). What nobody
// has any technician may move. What one may not see one may not move either, and is not
// told whether somebody has it.
func TestWhoArbitrates(t *testing.T) {
	free := ticket.Ticket{Number: "I1", State: ticket.Open, Customer: "acme"}
	bruno, alice := takenBy("bruno"), takenBy("alice")
	bruno.Assignee, alice.Assignee = "bruno", "alice"
	passed := takenBy("bruno") // it is in a pool, and bruno answers for it
	token := Actor{Actor: ticket.Actor{Kind: ticket.ActorToken, Name: "cmdb"}, Role: Technician, Scope: ticket.Everything()}
	deputy := person("alice", Technician)
	deputy.Deputy = true
	reader := person("alice", Reader)
	reader.Deputy = true
	limited := person("alice", Technician)
	limited.Scope = ticket.Limited("alice", "globex")
	for name, c := range map[string]struct {
		by                               Actor
		was                              ticket.Ticket
		give, pool, help, release, moves bool // to bruno, to a group, its help, back, a tier up
	}{
		"a technician, of what nobody has":      {person("alice", Technician), free, false, true, false, false, true},
		"a technician, of another's":            {person("alice", Technician), bruno, false, false, false, false, false},
		"a technician, of what another answers": {person("alice", Technician), passed, false, false, false, false, false},
		"a technician, of his own":              {person("alice", Technician), alice, true, true, true, true, true},
		"a manager, of another's":               {person("dominique", Manager), bruno, true, true, true, true, true},
		"the deputy, of another's":              {deputy, bruno, true, true, true, true, true},
		"a deputy who may only look":            {reader, bruno, false, false, false, false, false},
		"a token of nobody's":                   {token, free, false, true, false, false, true},
		"out of scope":                          {limited, free, false, false, false, false, false},
	} {
		view := shelf{"I1": {Ticket: c.was}}
		for _, o := range []struct {
			order Order
			may   bool
		}{
			{Order{Verb: escalation.ActAssign, Person: "bruno"}, c.give},
			{Order{Verb: escalation.ActAssign, Group: "network"}, c.pool},
			{Order{Verb: escalation.ActAssign, Group: "network", As: escalation.AsHelper}, c.help},
			{Order{Verb: escalation.ActAssign, Person: c.by.Person, As: escalation.AsOwner}, c.help},
			{Order{Verb: escalation.ActRelease}, c.release},
			{Order{Verb: escalation.ActTierUp}, c.moves},
			{Order{Verb: escalation.ActTierDown}, c.moves},
		} {
			e := &engine{}
			r := New(e, view, nil).Act(t.Context(), c.by, o.order, Target{Number: "I1"})[0]
			if did := r.Outcome == Done; did != o.may {
				t.Errorf("%s: %s %+v: %s, %v", name, o.order.Verb, o.order, r.Outcome, r.Err)
			}
			if r.Outcome == Done && (e.acted.Group != o.order.Group || e.acted.As != o.order.As || e.acted.Person != o.order.Person) {
				t.Errorf("%s: %+v became %+v", name, o.order, e.acted)
			}
		}
	}
}

// TestWhoeverTakesItIsAPerson: a token that is nobody's takes nothing.
func TestWhoeverTakesItIsAPerson(t *testing.T) {
	token := Actor{Actor: ticket.Actor{Kind: ticket.ActorToken, Name: "cmdb"}, Role: Admin, Scope: ticket.Everything()}
	e := &engine{}
	if r := New(e, shelf{}, nil).Act(t.Context(), token, Order{Verb: escalation.ActTake}, Target{Number: "I1"})[0]; r.Outcome != Empty || e.calls.Load() != 0 {
		t.Errorf("%+v", r)
	}
}
