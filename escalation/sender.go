package escalation

import "github.com/astreinte/astreinte/internal/ticket"

// Sender sends pages. It may take the pages of a new ticket in the very commit
// that orders them. That spares the first page two writes: its claim, and the
// filing of its code and link.
type Sender interface {
	// Offer is asked before a commit, once for all that it orders. It sets
	// Claimed of the orders that the sender takes.
	Offer(orders []Order)
	// Committed tells the sender after the commit what became of the orders; i is
	// a place in orders. An order that was not applied may have landed all the
	// same. It is not sent, and its claim runs out. Committed must not block.
	Committed(orders []Order, applied func(i int) bool)
}

// Order is what one change of a commit orders.
type Order struct {
	Ticket  ticket.Ticket
	Pages   []ticket.Page
	Claimed *Claimed // nil: it is queued
}

// offer lets the sender take the pages of new tickets. An order has the place
// of its change.
func (b *batch) offer(changes []Change) []Order {
	orders := make([]Order, len(changes))
	for i := range changes {
		if c := &changes[i]; c.Revision == 0 && len(c.Pages) > 0 {
			orders[i] = Order{Ticket: c.Ticket, Pages: c.Pages}
		}
	}
	b.e.sender.Offer(orders)
	for i := range orders {
		changes[i].Claimed = orders[i].Claimed
	}
	return orders
}

// nobody takes nothing.
type nobody struct{}

func (nobody) Offer([]Order) {}

func (nobody) Committed([]Order, func(int) bool) {}
