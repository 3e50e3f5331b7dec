package archive

import (
	"context"
	"database/sql"
	"errors"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Proof is what shows that a ticket is as it was sealed, and the ticket. It fails with ErrNotFound if there
// is no such ticket. Links of lines that were changed since are as they were sealed, so that
// the proof does not hold.
func (a *Archive) Proof(ctx context.Context, number string) (p evidence.Proof, v ticket.View, err error) {
	if err := a.ready(ctx); err != nil {
		return p, v, err
	}
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return p, v, failed(err, "prove ticket "+number)
	}
	defer func() { _ = tx.Rollback() }()
	var w Whole
	if err := errors.Join(a.prove(ctx, tx, number, &p), a.view(ctx, tx, ticket.Everything(), number, &w)); err != nil {
		return evidence.Proof{}, v, failed(err, "prove ticket "+number)
	}
	return p, w.View, nil
}

func (a *Archive) prove(ctx context.Context, tx *sql.Tx, number string, p *evidence.Proof) error {
	rows, err := a.rows(ctx, tx, "number = ?", []any{number})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return ErrNotFound
	}
	p.Number = number
	if p.Rest, err = restOf(ctx, tx, a.dialect, &rows[0]); err != nil {
		return err
	}
	lines, err := linesOf(ctx, tx, a.dialect, rows[0].id)
	if err != nil {
		return err
	}
	if p.Lines, err = proven(lines); err != nil {
		return err
	}
	if err := proveBefore(ctx, tx, a.dialect, p); err != nil {
		return err
	}
	days, err := daysOf(ctx, tx, a.dialect, number)
	if err != nil {
		return err
	}
	heads, err := headsOf(ctx, tx)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i := range heads {
		at[heads[i].Day] = i + 1
	}
	for _, d := range days {
		day := evidence.Day{Day: d.day, Sealed: d.Sealed}
		if i := at[d.day]; i > 0 {
			day.Head = heads[i-1].Head
			if i > 1 {
				day.Before = heads[i-2].Head
			}
			if day.Seals, _, err = sealsOf(ctx, tx, a.dialect, d.day); err != nil {
				return err
			}
		}
		p.Days = append(p.Days, day)
	}
	return nil
}

// proven are lines as a proof has them.
func proven(lines []line) (all []evidence.Line, err error) {
	for _, l := range lines {
		form, hidden, err := evidence.Canonical[ticket.Entry]([]byte(l.Body), l.Salt)
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller does
		}
		all = append(all, evidence.Line{Form: string(form), Salt: l.Salt, Hidden: hidden, Link: l.Link})
	}
	return all, nil
}

// proveBefore adds the timelines that were written anew.
func proveBefore(ctx context.Context, tx *sql.Tx, d *dialect, p *evidence.Proof) error {
	were, err := before(ctx, tx, d, p.Number)
	if err != nil {
		return err
	}
	for _, w := range were {
		was, err := readLines(w.text)
		if err != nil {
			return err
		}
		lines, err := proven(was)
		if err != nil {
			return err
		}
		p.Before = append(p.Before, lines)
	}
	return nil
}
