package ingest

import (
	"context"
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// taking makes the alerts of one request durable, some after the other. If it
// fails, the sender sends all of them again. Those that were taken already are
// then repeats.
type taking struct {
	taker  Taker
	source string
	taken  Taken
	body   []byte // as its reader got it; nil: nobody read it
	code   string // why it is refused, as the answer says it
	test   bool   // it only tries the way here
}

// notTaken is the error of a Taker.
type notTaken struct{ err error }

func (n *notTaken) Error() string { return n.err.Error() }
func (n *notTaken) Unwrap() error { return n.err }

func (t *taking) ingest(ctx context.Context, b ticket.Batch) error {
	if len(b.Alerts)+len(b.ResolveGroups) == 0 {
		return nil
	}
	b.Source = t.source
	taken, err := t.taker.Take(ctx, b)
	if err != nil {
		return &notTaken{err}
	}
	t.taken.Accepted += taken.Accepted
	t.taken.Later = t.taken.Later || taken.Later
	if t.taken.Tickets == nil {
		t.taken.Tickets = taken.Tickets
		return nil
	}
	t.taken.Tickets = append(t.taken.Tickets, taken.Tickets...)
	slices.Sort(t.taken.Tickets)
	t.taken.Tickets = slices.Compact(t.taken.Tickets)
	return nil
}
