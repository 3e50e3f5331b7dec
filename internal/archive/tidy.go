package archive

import (
	"context"
	"time"
)

// Tidy has the database learn what its tables hold, which its choice of indexes
// rests on. PostgreSQL does so by itself, sooner or later.
func (a *Archive) Tidy(ctx context.Context) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if _, err := a.writer.ExecContext(ctx, a.dialect.tidy); err != nil {
		return failed(err, "look at what it holds")
	}
	return nil
}

// Forget removes tickets that were closed before a time, most at most, and says
// how many.
func (a *Archive) Forget(ctx context.Context, before time.Time, most int) (n int, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return 0, failed(err, "forget what is over")
	}
	defer func() { _ = tx.Rollback() }()
	w := a.in(tx)
	ids, err := read[int64](ctx, tx, a.dialect.sql("SELECT id FROM tickets WHERE closed_at > 0 AND closed_at < ? ORDER BY closed_at LIMIT ?"), micros(before), most)
	if err != nil {
		return 0, failed(err, "forget what is over")
	}
	for _, id := range ids {
		if err := w.leave(ctx, id); err != nil {
			return 0, failed(err, "forget what is over")
		}
		for _, text := range []string{
			a.dialect.dropWords, "DELETE FROM entries WHERE ticket = ?", "DELETE FROM pages WHERE ticket = ?",
			"DELETE FROM bodies WHERE ticket = ?", "DELETE FROM parties WHERE ticket = ?", "DELETE FROM tickets WHERE id = ?",
		} {
			if _, err := tx.ExecContext(ctx, a.dialect.sql(text), id); err != nil {
				return 0, failed(err, "forget what is over")
			}
		}
	}
	if err := tx.Commit(); err != nil {
		return 0, failed(err, "forget what is over")
	}
	return len(ids), nil
}
