package escalation

import "github.com/astreinte/astreinte/internal/ticket"

// Sender sends pages. It may take those of a new ticket in the very commit
// that orders them, which spares the first page two more writes: a claim, and
// the filing of its code and link.
type Sender interface {
	// Offer is asked before a commit, once for all that it orders. It sets the
	// Claimed of those orders that it takes.
	Offer(orders []Order)
	// Committed is told what became of them after the commit, by the place in
	// orders. What was not applied may have landed all the same: it is not
	// sent, and its claim runs out. It must not block.
	Committed(orders []Order, applied func(i int) bool)
}

// Order is what one change of a commit orders.
type Order struct {
	Ticket  ticket.Ticket
	Pages   []ticket.Page
	Claimed *Claimed // nil if it is queued
}

// offer lets the sender take the pages of new tickets. The orders have the
// places of the changes.
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
