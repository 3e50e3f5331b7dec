package archive

import (
	"context"
	"database/sql"
	"time"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// makeMarks makes the table of marks, and marks what was done before there was one. That
// stands on the day after the last one with a seal: the heads of the others may be made.
func (a *Archive) makeMarks(ctx context.Context, tx *sql.Tx) error {
	w := a.in(tx)
	for _, statement := range []string{
		"CREATE TABLE marks (day TEXT NOT NULL, number TEXT NOT NULL, nr BIGINT NOT NULL, what TEXT NOT NULL, n BIGINT NOT NULL, about TEXT NOT NULL, PRIMARY KEY (number, nr))",
		"CREATE INDEX marks_day ON marks (day)",
	} {
		if err := w.do(ctx, statement); err != nil {
			return err
		}
	}
	var last sql.NullString
	if err := tx.QueryRowContext(ctx, "SELECT MAX(day) FROM (SELECT day FROM seals UNION ALL SELECT day FROM heads) all_days").Scan(&last); err != nil || last.String == "" {
		return err // nothing was sealed
	}
	at, err := time.Parse(time.DateOnly, last.String)
	if err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	w.day = at.AddDate(0, 0, 1).Format(time.DateOnly)
	if err := w.mark(ctx, "", markBegan, 0, ""); err != nil {
		return err
	}
	hidden := map[string]int{}
	if err := w.markRewritings(ctx, hidden); err != nil {
		return err
	}
	if err := w.countHidden(ctx, hidden); err != nil {
		return err
	}
	for number, n := range hidden {
		if err := w.mark(ctx, number, markAnonymised, n, markFound); err != nil {
			return err
		}
	}
	return nil
}

// markRewritings marks what had left, and timelines that were written anew. It adds what they hide.
func (w *writer) markRewritings(ctx context.Context, hidden map[string]int) error {
	type of struct {
		number, text string
		at           int64
	}
	var all []of
	rows, err := w.tx.QueryContext(ctx, "SELECT number, at, lines FROM rewritten ORDER BY number, at")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r of
		if err := rows.Scan(&r.number, &r.at, &r.text); err != nil {
			return err
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, r := range all {
		if r.text == forgotten {
			err = w.mark(ctx, r.number, markLeft, 0, markFound)
		} else if lines, bad := readLines(r.text); bad == nil {
			err = w.mark(ctx, r.number, markRewritten, len(lines), rewrittenAs(r.at, lines))
			for i := range lines {
				if n := lines[i].hidden(); n > 0 && lines[i].Salt == "" {
					hidden[r.number] += n
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// countHidden counts what the lines of tickets hide that were anonymised: they have no salt.
func (w *writer) countHidden(ctx context.Context, hidden map[string]int) error {
	rows, err := w.tx.QueryContext(ctx, "SELECT t.number, e.body FROM entries e JOIN tickets t ON t.id = e.ticket WHERE e.salt = '' AND e.link <> ''")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number, body string
		if err := rows.Scan(&number, &body); err != nil {
			return err
		}
		if n := evidence.Hidden[ticket.Entry]([]byte(body)); n > 0 {
			hidden[number] += n
		}
	}
	return rows.Err()
}

// hidden is how many values of a line are hidden.
func (l *line) hidden() int { return evidence.Hidden[ticket.Entry]([]byte(l.Body)) }
