package archive

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// A store can lose tickets: an older backup is put in its place, or a Redis is
// emptied. Nobody pages for them any more, and nobody can act on them. What the
// archive has of them stays to be read, but it is over.

// seeking looks for the next of the archive's open tickets in the store, and
// closes those that it lost. It is the last part of a comparison.
func (f *Follower) seeking(ctx context.Context) (more bool, err error) {
	open, last, err := f.opts.Archive.openAfter(ctx, f.compare.after, compared)
	if err != nil {
		return false, err
	}
	f.compare.after, f.compare.seek = last, len(open) == compared
	bySource, versions := map[string][]string{}, map[string]int64{}
	for i := range open {
		t := &open[i]
		bySource[t.source] = append(bySource[t.source], t.number)
		versions[t.number] = t.version
	}
	for source, numbers := range bySource {
		found, err := f.opts.Store.Load(ctx, source, numbers)
		if err != nil {
			return false, err //nolint:wrapcheck // the caller does
		}
		for i := range found {
			numbers = slices.DeleteFunc(numbers, func(n string) bool { return n == found[i].Ticket.Number })
		}
		// One that is damaged is not loaded either, and not lost.
		lost, err := f.opts.Missing(ctx, numbers)
		if err != nil {
			return false, err
		}
		for _, number := range lost {
			if err := f.opts.Archive.lose(ctx, number, versions[number], f.opts.Now()); err != nil {
				return false, err
			}
		}
	}
	return f.compare.seek, nil
}

// openAfter lists tickets that are not closed, by their ids.
func (a *Archive) openAfter(ctx context.Context, id int64, most int) (open []row, last int64, err error) {
	rows, err := a.writer.QueryContext(ctx, a.dialect.sql("SELECT id, number, source, version FROM tickets WHERE closed_at = 0 AND id > ? ORDER BY id LIMIT ?"), id, most)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.number, &r.source, &r.version); err != nil {
			return nil, 0, err
		}
		open, last = append(open, r), r.id
	}
	return open, last, rows.Err()
}

// lose closes a ticket in the archive alone. Its revision stays: if the ticket
// is in the store again, the comparison after that finds another time of its
// last change, and copies it.
func (a *Archive) lose(ctx context.Context, number string, version int64, now time.Time) error {
	w, err := a.View(ctx, ticket.Everything(), number)
	if err != nil || w.View.Ticket.State == ticket.Closed {
		return err
	}
	return a.closeLost(ctx, &w, version, now)
}

// closeLost closes a ticket as it was read, unless it was copied since.
func (a *Archive) closeLost(ctx context.Context, w *Whole, version int64, now time.Time) error {
	number := w.View.Ticket.Number
	c := ticket.Changed{Number: number, Source: w.View.Ticket.Source, Version: version, Revision: w.Revision, View: w.View}
	t := &c.View.Ticket
	was := copyOf{c.Revision, micros(t.UpdatedAt)}
	t.State, t.ClosedAt, t.UpdatedAt = ticket.Closed, now, now
	c.View.Timeline = append(c.View.Timeline, ticket.Entry{At: now, Kind: ticket.EntryClosed, Said: ticket.Said{Detail: ticket.SaidGone}})
	tx, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of no use once it is committed
	wr := a.in(tx)
	// Another daemon may have copied it since it was read here: then it is not lost.
	if had, err := wr.had(ctx, number); err != nil || had.copyOf != was {
		return err
	}
	if err := wr.write(ctx, &c); err != nil {
		return err
	}
	return tx.Commit()
}
