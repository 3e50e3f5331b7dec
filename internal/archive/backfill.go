package archive

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/pressly/goose/v3"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The migrations that fill in what is not in a file of SQL: of tickets that were copied
// before there was a place for it.
const (
	partiesVersion = 5 // the columns and the table that 00004_contacts.sql made
	wordsVersion   = 7 // the words, in a table that finds their beginnings, of SQLite …

	beginningsVersion = 9 // … and of PostgreSQL

	marksVersion = 10 // what the daemon did to what was sealed
)

// backfilled is how many tickets are read at a time.
const backfilled = 500

func (a *Archive) backfill() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(partiesVersion, &goose.GoFunc{RunTx: a.fillParties}, nil),
		goose.NewGoMigration(wordsVersion, &goose.GoFunc{RunTx: a.wordsAnew(wordsVersion)}, nil),
		goose.NewGoMigration(beginningsVersion, &goose.GoFunc{RunTx: a.wordsAnew(beginningsVersion)}, nil),
		goose.NewGoMigration(marksVersion, &goose.GoFunc{RunTx: a.makeMarks}, nil),
	}
}

func (a *Archive) fillParties(ctx context.Context, tx *sql.Tx) error {
	w := a.in(tx)
	return a.eachBody(ctx, tx, func(id int64, c *ticket.Changed, s *sheet) error {
		r := rowOf(c, s)
		r.id = id
		if err := w.do(ctx, "UPDATE tickets SET promised = ?, picked_up_at = ? WHERE id = ?", r.promised, r.picked, r.id); err != nil {
			return err
		}
		return w.writeParties(ctx, &r)
	})
}

// wordsAnew makes the table of the words anew in the migration in which the database wants
// another one, and fills it.
func (a *Archive) wordsAnew(version int64) func(ctx context.Context, tx *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		w := a.in(tx)
		if w.d.newWordsIn != version {
			return nil
		}
		for _, statement := range append([]string{"DROP TABLE words"}, w.d.newWords...) {
			if err := w.do(ctx, statement); err != nil {
				return err
			}
		}
		return a.eachBody(ctx, tx, func(id int64, c *ticket.Changed, s *sheet) error {
			var err error
			if c.View.Timeline, err = a.linesOf(ctx, tx, id); err != nil {
				return err
			}
			words := wordsOf(c, s)
			return w.do(ctx, w.d.putWords, append([]any{id}, w.d.wordsOf(&words)...)...)
		})
	}
}

// eachBody hands over each ticket with its sheet, by their ids. It reads what the first
// migration made, and nothing newer. What cannot be read has nothing to be filled in: its
// seal says that it is damaged.
func (a *Archive) eachBody(ctx context.Context, tx *sql.Tx, each func(id int64, c *ticket.Changed, s *sheet) error) error {
	for after := int64(-1 << 63); ; {
		part, err := a.bodiesAfter(ctx, tx, after)
		if err != nil || len(part) == 0 {
			return err
		}
		for i := range part {
			b := &part[i]
			after = b.id
			c, s := ticket.Changed{}, sheet{}
			if json.Unmarshal([]byte(b.body), &c.View.Ticket) == nil && json.Unmarshal([]byte(b.sheet), &c.View.Sheet) == nil {
				s = sheetOf(c.View.Sheet)
			} else {
				c = ticket.Changed{}
			}
			if err := each(b.id, &c, &s); err != nil {
				return err
			}
		}
	}
}

// written is a ticket as it is written down.
type written struct {
	id          int64
	body, sheet string
}

func (a *Archive) bodiesAfter(ctx context.Context, tx *sql.Tx, after int64) (part []written, err error) {
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT ticket, body, sheet FROM bodies WHERE ticket > ? ORDER BY ticket LIMIT ?"), after, backfilled)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var b written
		if err := rows.Scan(&b.id, &b.body, &b.sheet); err != nil {
			return nil, err
		}
		part = append(part, b)
	}
	return part, rows.Err()
}

// linesOf are the lines of a ticket's timeline that can be read.
func (a *Archive) linesOf(ctx context.Context, tx *sql.Tx, id int64) (lines []ticket.Entry, err error) {
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT body FROM entries WHERE ticket = ? ORDER BY seq"), id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		var e ticket.Entry
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if json.Unmarshal([]byte(text), &e) == nil {
			lines = append(lines, e)
		}
	}
	return lines, rows.Err()
}
