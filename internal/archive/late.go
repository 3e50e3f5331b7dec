package archive

import (
	"context"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Late writes what comes to a closed ticket that has left the store, in one transaction.
// change gets the ticket as it is, changes its record, and appends lines to its timeline;
// nothing else of it is written, and nothing at all if there is no new line. The error of
// change is given back. Late fails with ErrNotFound if no such ticket is closed, and with
// ErrFull if the archive may not grow.
func (a *Archive) Late(ctx context.Context, number string, change func(v *ticket.View) error) (t ticket.Ticket, err error) {
	if err := a.Check(ctx); err != nil {
		return t, err
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return t, failed(err, "write what came late")
	}
	defer func() { _ = tx.Rollback() }()
	if t, err = a.late(ctx, a.in(tx), number, change); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return t, failed(err, "write what came late to ticket "+number)
	}
	return t, nil
}

func (a *Archive) late(ctx context.Context, w *writer, number string, change func(v *ticket.View) error) (t ticket.Ticket, err error) {
	was, _, err := a.held(ctx, w, number)
	if err != nil {
		return t, err
	}
	if was == nil || was.closed == 0 {
		return t, ErrNotFound
	}
	var is Whole
	if err := a.view(ctx, w.tx, ticket.Everything(), number, &is); err != nil {
		return t, err
	}
	known := len(is.View.Timeline)
	if err := change(&is.View); err != nil {
		return t, err
	}
	if t = is.View.Ticket; len(is.View.Timeline) <= known {
		return t, nil
	}
	s := sheetOf(is.View.Sheet)
	c := ticket.Changed{Source: was.source, Number: number, Version: was.version, Revision: was.revision + 1, View: is.View}
	words := wordsOf(&c, &s)
	r := rowOf(&c, &s)
	r.id, r.wordsHash = was.id, words.hash()
	if err := w.do(ctx, upsert, r.values()...); err != nil {
		return t, err
	}
	if err := w.do(ctx, "UPDATE bodies SET body = ? WHERE ticket = ?", textOf(&t), r.id); err != nil {
		return t, err
	}
	chain, _, err := w.chain(ctx, r.id)
	if err != nil {
		return t, err
	}
	if chain.lines > 0 && chain.link == "" { // it was copied before there were chains
		if err := w.rewrite(ctx, &r); err != nil {
			return t, err
		}
		chain = chained{}
	}
	if err := w.append(ctx, &r, &chain, is.View.Timeline); err != nil {
		return t, err
	}
	if err := w.seal(ctx, &r, chain); err != nil {
		return t, err
	}
	return t, w.word(ctx, r.id, true, &words)
}

// hold keeps others from changing a ticket until the transaction ends.
func (w *writer) hold(ctx context.Context, number string) error {
	return w.do(ctx, "UPDATE tickets SET revision = revision WHERE number = ?", number)
}
