package archive

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Counted are the tickets of a customer that were opened or resolved from since until,
// for ticket.Count. Recent are those that are laid over, as in Search.
func (a *Archive) Counted(ctx context.Context, scope ticket.Scope, customer string, since, until, now time.Time, recent []ticket.Changed) (list []ticket.Counted, err error) {
	if scope.Err() != nil {
		return nil, failed(ErrScope, "count tickets")
	}
	if !scope.SeesCustomer(customer) {
		return nil, failed(ErrNotFound, "count tickets")
	}
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	counts := func(r *row) bool {
		in := func(at int64) bool { return at > 0 && at >= micros(since) && at < micros(until) }
		return r.customer == customer && (in(r.opened) || in(r.resolved))
	}
	over := map[string]bool{}
	for _, c := range latest(recent) {
		over[c.Number] = true
		if c.Gone {
			continue
		}
		s := sheetOf(c.View.Sheet)
		if r := rowOf(&c, &s); counts(&r) {
			list = append(list, r.counted(now))
		}
	}
	const columns = "SELECT number, urgency, opened_at, picked_up_at, resolved_at, due_at, stopped_at, promised FROM tickets WHERE customer = ? AND "
	rows, err := a.reader.QueryContext(ctx, a.dialect.sql(columns+"id >= ? AND id < ? UNION "+columns+"resolved_at >= ? AND resolved_at < ? AND resolved_at > 0"),
		customer, idFrom(since), idFrom(until), customer, micros(since), micros(until))
	if err != nil {
		return nil, failed(err, "count tickets")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.number, &r.urgency, &r.opened, &r.picked, &r.resolved, &r.due, &r.stopped, &r.promised); err != nil {
			return nil, failed(err, "count tickets")
		}
		if !over[r.number] {
			list = append(list, r.counted(now))
		}
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err, "count tickets")
	}
	return list, nil
}

func (r *row) counted(now time.Time) ticket.Counted {
	return ticket.Counted{
		Urgency:  ticket.Urgency(r.urgency), //nolint:gosec // it is one
		OpenedAt: instant(r.opened), PickedUp: instant(r.picked), Resolved: instant(r.resolved), Clock: r.clock(micros(now)),
	}
}

// instant is the time that micros gives.
func instant(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
