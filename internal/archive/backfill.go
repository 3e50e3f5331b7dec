package archive

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/pressly/goose/v3"

	"github.com/astreinte/astreinte/internal/ticket"
)

// partiesVersion is the migration that fills in, of tickets that were copied before there
// were columns and a table for it, what those hold (00004_contacts.sql made them).
const partiesVersion = 5

// backfilled is how many tickets are read at a time.
const backfilled = 500

func (a *Archive) backfill() *goose.Migration {
	return goose.NewGoMigration(partiesVersion, &goose.GoFunc{RunTx: a.fillParties}, nil)
}

func (a *Archive) fillParties(ctx context.Context, tx *sql.Tx) error {
	w := a.in(tx)
	for after := int64(-1 << 63); ; {
		part, err := a.bodiesAfter(ctx, tx, after)
		if err != nil || len(part) == 0 {
			return err
		}
		for i := range part {
			r := &part[i]
			if err := w.do(ctx, "UPDATE tickets SET promised = ?, picked_up_at = ? WHERE id = ?", r.promised, r.picked, r.id); err != nil {
				return err
			}
			if err := w.writeParties(ctx, r); err != nil {
				return err
			}
			after = r.id
		}
	}
}

// bodiesAfter are rows of tickets as they would be written now, by their ids.
func (a *Archive) bodiesAfter(ctx context.Context, tx *sql.Tx, after int64) (part []row, err error) {
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT ticket, body, sheet FROM bodies WHERE ticket > ? ORDER BY ticket LIMIT ?"), after, backfilled)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var body, text string
		if err := rows.Scan(&id, &body, &text); err != nil {
			return nil, err
		}
		c := ticket.Changed{}
		r := row{}
		// What cannot be read has nothing to be filled in: its seal says that it is damaged.
		if json.Unmarshal([]byte(body), &c.View.Ticket) == nil && json.Unmarshal([]byte(text), &c.View.Sheet) == nil {
			s := sheetOf(c.View.Sheet)
			r = rowOf(&c, &s)
		}
		r.id = id
		part = append(part, r)
	}
	return part, rows.Err()
}
