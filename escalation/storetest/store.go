package storetest

import (
	"context"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Store is everything that a store does: what each consumer declares for
// itself, together.
type Store interface {
	escalation.Store
	paging.Store
	paging.Phonebook
	Lister
	Forgetter
	// Records are what else the store keeps.
	Records() records.Store
	// Close gives up what the store holds. Calls after it fail.
	Close() error
}

// Forgetter is the part that package daemon declares for what is over.
type Forgetter interface {
	// Forget removes tickets that were closed before past.Tickets, with their
	// pages, timelines and providers' ids, and links and codes that are older
	// than past.Links and whose tickets are all gone or (links) were closed
	// before it. It looks at past.Limit of each, or some times that, a call, and
	// goes on at the next call where it ended; More says that it has not come to
	// the end of the tickets. A ticket whose pages wait is left for later. Its
	// number is nobody's again. Where a call fails, or many make it at once,
	// what it has not removed is removed by a later one: a ticket is there whole,
	// or on its way out with its record last.
	Forget(ctx context.Context, past ticket.Past) (ticket.Forgotten, error)
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
