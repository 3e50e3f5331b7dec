package storetest

import (
	"context"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Store is everything that a store does: the interfaces that its consumers
// declare, together.
type Store interface {
	escalation.Store
	paging.Store
	paging.Phonebook
	Lister
	Forgetter
	Logger
	// Records keep everything else.
	Records() records.Store
	// Close gives up what the store holds. Calls after it fail.
	Close() error
}

// Forgetter is the part that package daemon declares for what is over.
type Forgetter interface {
	// Forget removes tickets that were closed before past.Tickets, with their
	// pages, timelines and providers' ids. It also removes links and codes that
	// are older than past.Links, if their tickets are all gone or, for links,
	// were closed before past.Links.
	//
	// A call looks at past.Limit of each, or a few times that. The next call goes
	// on where it ended. More says that there are tickets that it has not come
	// to. A ticket whose pages wait is left for later. A ticket's number is never
	// used again.
	//
	// A call may fail, or many may run at once. A later one then removes what is
	// left. A ticket is there whole, or is being removed, its record last.
	Forget(ctx context.Context, past ticket.Past) (ticket.Forgotten, error)
}

// Lister is the part that package web declares for its lists.
type Lister interface {
	// Tickets lists the tickets that the query selects, newest first, at most
	// Limit. It returns the cursor of the next ones (empty: that was all). A
	// query for active states alone costs by what is active, not by what is
	// stored.
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads everything of one ticket. The error is escalation.ErrNotFound if
	// there is no such ticket.
	View(ctx context.Context, number string) (ticket.View, error)
	// Firing reads the alerts of a ticket that fire or are silent, at most most of
	// them, the firing ones first. The error is that of View.
	Firing(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error)
}

// Logger is the part that package archive declares: a log of the tickets that
// changed.
type Logger interface {
	// Changes reads a part of the log, with the tickets as they are now. A
	// change is in the log from the commit that made it, in the same write: of a
	// ticket, its pages or its timeline. Repeats of alerts and claims are none. A
	// ticket that changed several times may be listed once, at its latest
	// version. Changes of one version are listed together, or not at all.
	Changes(ctx context.Context, since ticket.Since) ([]ticket.Lane, error)
	// LogAgain enters tickets of a source into the log once more, with versions
	// above the given one. Without numbers, it has the next change be above it.
	LogAgain(ctx context.Context, source string, above int64, numbers ...string) error
	// Trim cuts a lane of the log off up to a version: nobody needs it any more.
	Trim(ctx context.Context, lane string, upTo int64) error
}
