package storetest

import (
	"context"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Store is everything that a store does: what each consumer declares for
// itself, together.
type Store interface {
	escalation.Store
	paging.Store
	paging.Directory
	Lister
	// Close gives up what the store holds. Calls after it fail.
	Close() error
}

// Lister is the part that package web declares for its lists.
type Lister interface {
	// Tickets lists the tickets that the query selects, newest first, Limit at
	// most, and the cursor of the next ones (empty: that was all). Asking only
	// for active states costs by what is active, not by what is stored.
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads everything of one ticket; escalation.ErrNotFound where there
	// is none.
	View(ctx context.Context, number string) (ticket.View, error)
}
