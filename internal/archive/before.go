package archive

import (
	"context"
	"encoding/json"

	"github.com/astreinte/astreinte/internal/ticket"
)

// seenMost is how many tickets of a device are looked through for what was seen before.
const seenMost = 200

// Before says what was seen before of a ticket: the tickets of its device and its customer
// that were opened in the 30 days before it. The index of equipment leads to them. A reader
// who does not see all of the customer's sees none of them.
func (a *Archive) Before(ctx context.Context, scope ticket.Scope, t *ticket.Ticket, s *ticket.Sheet) (b ticket.SeenBefore, err error) {
	if scope.Err() != nil {
		return b, failed(ErrScope, "look for what was seen before")
	}
	device := t.Device(s)
	if device == "" || !scope.SeesCustomer(t.Customer) {
		return b, nil
	}
	if err := a.ready(ctx); err != nil {
		return b, err
	}
	rows, err := a.reader.QueryContext(ctx, a.dialect.sql("SELECT b.body, b.sheet FROM tickets t JOIN bodies b ON b.ticket = t.id "+
		"WHERE t.equipment = ? AND t.id >= ? AND t.id <= ? AND t.customer = ? AND t.number <> ? ORDER BY t.id DESC LIMIT ?"),
		device, idFrom(t.OpenedAt.Add(-ticket.SeenWithin)), idFrom(t.OpenedAt), t.Customer, t.Number, seenMost)
	if err != nil {
		return b, failed(err, "look for what was seen before")
	}
	defer func() { _ = rows.Close() }()
	var others []ticket.View
	for rows.Next() {
		var body, sheet string
		var v ticket.View
		if err := rows.Scan(&body, &sheet); err != nil {
			return b, failed(err, "look for what was seen before")
		}
		// What cannot be read was not seen: its seal says that it is damaged.
		if json.Unmarshal([]byte(body), &v.Ticket) == nil && json.Unmarshal([]byte(sheet), &v.Sheet) == nil {
			others = append(others, v)
		}
	}
	if err := rows.Err(); err != nil {
		return b, failed(err, "look for what was seen before")
	}
	return ticket.Before(t, s, others), nil
}
