package ticket

import "slices"

// Scope says whose tickets somebody may read. The zero Scope says nothing, and
// no read takes it: who forgets to say it sees an error, not everybody's.
type Scope struct {
	all       bool
	some      bool
	customers []string
}

// AllCustomers is the scope of whoever may read every ticket.
func AllCustomers() Scope { return Scope{all: true} }

// OnlyCustomers is the scope of whoever may read these customers' tickets, and
// none that is nobody's. It may be none.
func OnlyCustomers(customers ...string) Scope {
	kept := slices.DeleteFunc(slices.Clone(customers), func(c string) bool { return c == "" })
	return Scope{some: true, customers: kept}
}

// Said reports whether it was said whose tickets.
func (s Scope) Said() bool { return s.all || s.some }

// All reports whether it is every ticket.
func (s Scope) All() bool { return s.all }

// Customers are whose tickets may be read, unless All.
func (s Scope) Customers() []string { return slices.Clone(s.customers) }

// Covers reports whether a customer's tickets may be read.
func (s Scope) Covers(customer string) bool {
	return s.all || s.some && slices.Contains(s.customers, customer)
}
