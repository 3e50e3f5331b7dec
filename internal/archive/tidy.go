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
// how many. None leaves that was sealed first less than a month ago, or closed: one that is
// gone sooner was removed by somebody else.
func (a *Archive) Forget(ctx context.Context, before time.Time, most int) (n int, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return 0, failed(err, "forget what is over")
	}
	defer func() { _ = tx.Rollback() }()
	if n, err = a.forget(ctx, a.in(tx), before, most); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, failed(err, "forget what is over")
	}
	return n, nil
}

// leaver is a ticket whose retention is over.
type leaver struct {
	id, closed int64
	number     string
}

func (a *Archive) forget(ctx context.Context, w *writer, before time.Time, most int) (int, error) {
	var err error
	if w.day, err = w.openDay(ctx); err != nil {
		return 0, err
	}
	first, err := firstSealed(ctx, w.tx)
	if err != nil {
		return 0, err
	}
	if least := w.now.Add(-leastKept); least.Before(before) {
		before = least
	}
	leave, err := leavers(ctx, w, before, keptSince(w.day, first), most)
	if err != nil {
		return 0, err
	}
	for _, l := range leave {
		if err := w.hold(ctx, l.number); err != nil {
			return 0, err
		}
		if err := w.mark(ctx, l.number, markLeft, 0, time.UnixMicro(l.closed).UTC().Format(time.RFC3339)); err != nil {
			return 0, err
		}
		for _, text := range []string{
			w.d.dropWords, "DELETE FROM entries WHERE ticket = ?", "DELETE FROM pages WHERE ticket = ?",
			"DELETE FROM bodies WHERE ticket = ?", "DELETE FROM parties WHERE ticket = ?", "DELETE FROM tickets WHERE id = ?",
		} {
			if err := w.do(ctx, text, l.id); err != nil {
				return 0, err
			}
		}
		if err := w.do(ctx, "DELETE FROM rewritten WHERE number = ?", l.number); err != nil {
			return 0, err
		}
	}
	return len(leave), nil
}

func leavers(ctx context.Context, w *writer, before time.Time, since string, most int) (leave []leaver, err error) {
	rows, err := w.tx.QueryContext(ctx, w.d.sql("SELECT t.id, t.closed_at, t.number FROM tickets t WHERE t.closed_at > 0 AND t.closed_at < ? "+
		"AND COALESCE((SELECT MIN(s.day) FROM seals s WHERE s.number = t.number), '') <= ? ORDER BY t.closed_at LIMIT ?"), micros(before), since, most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l leaver
		if err := rows.Scan(&l.id, &l.closed, &l.number); err != nil {
			return nil, err
		}
		leave = append(leave, l)
	}
	return leave, rows.Err()
}
