package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Whole is everything that the archive has of one ticket.
type Whole struct {
	View     ticket.View
	Revision int64
}

// View reads everything of one ticket, in one transaction. It is ErrNotFound if
// there is no such ticket, or it is out of scope.
func (a *Archive) View(ctx context.Context, scope ticket.Scope, number string) (w Whole, err error) {
	if scope.Err() != nil {
		return w, failed(ErrScope, "read ticket "+number)
	}
	if err := a.ready(ctx); err != nil {
		return w, err
	}
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return w, failed(err, "read ticket "+number)
	}
	defer func() { _ = tx.Rollback() }()
	if err := a.view(ctx, tx, scope, number, &w); err != nil {
		return Whole{}, failed(err, "read ticket "+number)
	}
	return w, nil
}

func (a *Archive) view(ctx context.Context, tx *sql.Tx, scope ticket.Scope, number string, w *Whole) error {
	var id int64
	var body, alerts, sheet string
	row := tx.QueryRowContext(ctx, a.dialect.sql("SELECT t.id, t.revision, b.body, b.alerts, b.sheet FROM tickets t JOIN bodies b ON b.ticket = t.id WHERE t.number = ?"), number)
	if err := row.Scan(&id, &w.Revision, &body, &alerts, &sheet); errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	} else if err != nil {
		return err
	}
	if err := errors.Join(json.Unmarshal([]byte(body), &w.View.Ticket), json.Unmarshal([]byte(alerts), &w.View.Alerts), json.Unmarshal([]byte(sheet), &w.View.Sheet)); err != nil {
		return err
	}
	var err error
	if w.View.Timeline, err = read[ticket.Entry](ctx, tx, a.dialect.sql("SELECT body FROM entries WHERE ticket = ? ORDER BY seq"), id); err != nil {
		return err
	}
	w.View.Pages, err = read[ticket.Page](ctx, tx, a.dialect.sql("SELECT body FROM pages WHERE ticket = ? ORDER BY seq"), id)
	if err == nil && !scope.SeesView(&w.View) {
		return ErrNotFound
	}
	return err
}

// read reads JSON values.
func read[T any](ctx context.Context, tx *sql.Tx, text string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		var body string
		var v T
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(evidence.Readable[T]([]byte(body)), &v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
