package ticket

import (
	"errors"
	"slices"
)

// Scope says whose tickets somebody sees and acts on. Every read for people takes one,
// and there is none to be had by leaving it out: the zero Scope sees nothing, and a read
// that is given it fails with ErrNoScope.
type Scope struct {
	kind      scopeKind
	customers []string // sorted
	person    string
}

type scopeKind int8

const (
	scopeless scopeKind = iota // somebody forgot to say whose
	everything
	limited
)

// ErrNoScope is of a read that does not say for whom it is.
var ErrNoScope = errors.New("a read of tickets that does not say for whom it is")

// Everything is the scope of the house itself, and of people whom nothing limits.
func Everything() Scope { return Scope{kind: everything} }

// Limited is the scope of a person who sees the tickets of these customers, and those of
// others that came to that person: by a page, or because somebody assigned them.
func Limited(person string, customers ...string) Scope {
	customers = slices.DeleteFunc(slices.Clone(customers), func(key string) bool { return key == "" })
	slices.Sort(customers)
	return Scope{kind: limited, customers: slices.Compact(customers), person: person}
}

// Err is ErrNoScope of the zero Scope.
func (s Scope) Err() error {
	if s.kind == scopeless {
		return ErrNoScope
	}
	return nil
}

// All says that nothing is left out.
func (s Scope) All() bool { return s.kind == everything }

// Customers are those whose tickets are seen, sorted. It means nothing if All.
func (s Scope) Customers() []string { return slices.Clone(s.customers) }

// Person is to whom tickets of other customers may have come. It is empty if All.
func (s Scope) Person() string { return s.person }

// SeesCustomer says whether everything of a customer is seen. What is no customer's is
// seen by those alone whom nothing limits.
func (s Scope) SeesCustomer(key string) bool {
	if s.kind != limited {
		return s.kind == everything
	}
	_, found := slices.BinarySearch(s.customers, key)
	return found && key != ""
}

// Sees says whether a ticket is seen, as far as the ticket itself says it: by its
// customer, or because it came to the person. Pages of an episode that is long over are
// in a View alone (SeesView).
func (s Scope) Sees(t *Ticket) bool {
	return s.SeesCustomer(t.Customer) || s.kind == limited && t.CameTo(s.person)
}

// SeesView says whether a ticket is seen, by all that is known of it.
func (s Scope) SeesView(v *View) bool {
	return s.Sees(&v.Ticket) || s.kind == limited && s.person != "" &&
		slices.ContainsFunc(v.Pages, func(p Page) bool { return p.Person == s.person })
}

// CameTo says whether a ticket came to a person: it paged that person since it opened or
// reopened, it is that person's, or that person helps with it.
func (t *Ticket) CameTo(person string) bool {
	if person == "" {
		return false
	}
	_, paged := t.Progress.Paged[person]
	return paged || t.Assignee == person || t.Place.Owner == person || t.Helps(person) || t.AcknowledgedBy.Person() == person || t.PickedUpBy.Person() == person
}
