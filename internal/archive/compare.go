package archive

import (
	"context"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// At a start, and when the store lost something, the follower compares the
// revisions of the store's tickets with those of the archive: a daemon may have
// written that keeps no log. It does so a part at a time, between its rounds.
const (
	compared     = 200                 // tickets at a time
	comparedPast = 30 * 24 * time.Hour // of closed tickets: how long ago they were opened
)

// comparison is how far it has come.
type comparison struct {
	queries []ticket.Query // still to do
	seek    bool           // and then the archive's open tickets, to be looked for in the store …
	after   int64          // … after this id
}

// comparing compares the next part.
func (f *Follower) comparing(ctx context.Context) (more bool, err error) {
	select {
	case <-f.again:
		f.compare.queries = []ticket.Query{
			{Scope: ticket.Everything(), States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved}, Limit: compared},
			{Scope: ticket.Everything(), States: []ticket.State{ticket.Closed}, Since: f.opts.Now().Add(-comparedPast), Limit: compared},
		}
		f.compare.seek, f.compare.after = f.opts.Missing != nil, 0
	default:
	}
	if len(f.compare.queries) == 0 {
		if !f.compare.seek {
			return false, nil
		}
		if more, err = f.seeking(ctx); err != nil {
			f.Again()
			return false, failed(err, "look for its open tickets in the store")
		}
		return more, nil
	}
	q := &f.compare.queries[0]
	tickets, next, err := f.opts.Store.Tickets(ctx, *q)
	if err == nil {
		err = f.compareThese(ctx, tickets)
	}
	if err != nil {
		f.Again()
		return false, failed(err, "compare it with the store")
	}
	if q.Cursor = next; next == "" {
		f.compare.queries = f.compare.queries[1:]
	}
	return len(f.compare.queries) > 0 || f.compare.seek, nil
}

func (f *Follower) compareThese(ctx context.Context, tickets []ticket.Ticket) error {
	bySource := map[string][]string{}
	for i := range tickets {
		bySource[tickets[i].Source] = append(bySource[tickets[i].Source], tickets[i].Number)
	}
	for source, numbers := range bySource {
		has, err := f.opts.Archive.revisions(ctx, numbers)
		if err != nil {
			return err
		}
		found, err := f.opts.Store.Load(ctx, source, numbers)
		if err != nil {
			return err //nolint:wrapcheck // the caller does
		}
		var differ []string
		for i := range found {
			t := &found[i].Ticket
			if has[t.Number] != (copyOf{found[i].Revision, micros(t.UpdatedAt)}) {
				differ = append(differ, t.Number)
			}
		}
		if len(differ) == 0 {
			continue
		}
		if err := f.opts.Store.LogAgain(ctx, source, 0, differ...); err != nil {
			return err //nolint:wrapcheck // likewise
		}
	}
	return nil
}

// Copied are, of a store's closed tickets, those that the archive has as they
// are, by number with their revisions.
func (a *Archive) Copied(ctx context.Context, found []ticket.Record) (map[string]int64, error) {
	copied := map[string]int64{}
	if len(found) == 0 {
		return copied, nil
	}
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	numbers := make([]string, len(found))
	for i := range found {
		numbers[i] = found[i].Ticket.Number
	}
	has, err := a.revisions(ctx, numbers)
	if err != nil {
		return nil, failed(err, "ask what is copied")
	}
	for i := range found {
		if t := &found[i].Ticket; has[t.Number] == (copyOf{found[i].Revision, micros(t.UpdatedAt)}) {
			copied[t.Number] = found[i].Revision
		}
	}
	return copied, nil
}

// copyOf tells copies of a ticket apart. A store that lost something may give a
// revision twice.
type copyOf struct{ revision, updated int64 }

// revisions are those of tickets in the archive.
func (a *Archive) revisions(ctx context.Context, numbers []string) (map[string]copyOf, error) {
	args := make([]any, len(numbers))
	for i, n := range numbers {
		args[i] = n
	}
	rows, err := a.writer.QueryContext(ctx, a.dialect.sql("SELECT number, revision, updated_at FROM tickets WHERE number IN ("+marks(len(numbers))+")"), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	has := map[string]copyOf{}
	for rows.Next() {
		var number string
		var c copyOf
		if err := rows.Scan(&number, &c.revision, &c.updated); err != nil {
			return nil, err
		}
		has[number] = c
	}
	return has, rows.Err()
}

// marks are n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
