package ticket_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatAScopeSees: by customer, or because a ticket came to the person. The zero Scope
// sees nothing, and says that it is none.
func TestWhatAScopeSees(t *testing.T) {
	bruno := ticket.Limited("bruno", "globex", "acme", "", "acme")
	by := func(person string) *ticket.Actor { return &ticket.Actor{Kind: ticket.ActorPerson, Name: person} }
	for _, c := range []struct {
		name string
		of   ticket.Scope
		view ticket.View
		want bool
	}{
		{"everything", ticket.Everything(), ticket.View{}, true},
		{"no scope", ticket.Scope{}, ticket.View{Ticket: ticket.Ticket{Customer: "acme"}}, false},
		{"no scope, and nobody's ticket", ticket.Scope{}, ticket.View{}, false},
		{"a customer of his", bruno, ticket.View{Ticket: ticket.Ticket{Customer: "acme"}}, true},
		{"another customer", bruno, ticket.View{Ticket: ticket.Ticket{Customer: "initech"}}, false},
		{"nobody's ticket", bruno, ticket.View{}, false},
		{"assigned", bruno, ticket.View{Ticket: ticket.Ticket{Assignee: "bruno"}}, true},
		{"assigned to another", bruno, ticket.View{Ticket: ticket.Ticket{Assignee: "alice"}}, false},
		{"acknowledged", bruno, ticket.View{Ticket: ticket.Ticket{AcknowledgedBy: by("bruno")}}, true},
		{"picked up", bruno, ticket.View{Ticket: ticket.Ticket{PickedUpBy: by("bruno")}}, true},
		{"paged", bruno, ticket.View{Ticket: ticket.Ticket{Progress: ticket.Progress{Paged: map[string][]string{"bruno": {"sms"}}}}}, true},
		{"another was paged", bruno, ticket.View{Ticket: ticket.Ticket{Progress: ticket.Progress{Paged: map[string][]string{"alice": {"sms"}}}}}, false},
		{"paged before it reopened", bruno, ticket.View{Pages: []ticket.Page{{PageKey: ticket.PageKey{Person: "bruno"}}}}, true},
		{"another was, before", bruno, ticket.View{Pages: []ticket.Page{{PageKey: ticket.PageKey{Person: "alice"}}}}, false},
		{"no person, nobody's ticket", ticket.Limited("", "acme"), ticket.View{Pages: []ticket.Page{{}}}, false},
	} {
		if got := c.of.SeesView(&c.view); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if !errors.Is(ticket.Scope{}.Err(), ticket.ErrNoScope) || bruno.Err() != nil || ticket.Everything().Err() != nil {
		t.Error("which scope is none")
	}
	if got := bruno.Customers(); !slices.Equal(got, []string{"acme", "globex"}) || bruno.All() || bruno.Person() != "bruno" {
		t.Errorf("%v", got)
	}
}
