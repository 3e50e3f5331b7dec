package archive

import (
	"context"
	"database/sql"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// party is somebody on a ticket, as lists look for people.
type party struct{ role, contact, email, phone string }

// roles are those of parties, in the order of row.parties.
var roles = [3]string{ticket.FieldContact, ticket.FieldRequester, ticket.FieldBeneficiary}

// partiesOf are those that a sheet names.
func partiesOf(s *sheet) (all [3]party) {
	for i, p := range []*ticket.Party{s.Contact, s.Requester, s.Beneficiary} {
		if p != nil && *p != (ticket.Party{}) {
			all[i] = party{roles[i], p.ID, strings.ToLower(p.Email), ticket.PhoneKey(p.Phone)}
		}
	}
	return all
}

// writeParties writes those of a ticket over what there is.
func (w *writer) writeParties(ctx context.Context, r *row) error {
	if err := w.do(ctx, "DELETE FROM parties WHERE ticket = ?", r.id); err != nil {
		return err
	}
	for _, p := range r.parties {
		if p.role == "" {
			continue
		}
		if err := w.do(ctx, "INSERT INTO parties (ticket, role, contact, email, phone) VALUES (?, ?, ?, ?, ?)", r.id, p.role, p.contact, p.email, p.phone); err != nil {
			return err
		}
	}
	return nil
}

// readParties reads those of a ticket; fits is false if there are others than a ticket
// can have.
func readParties(ctx context.Context, tx *sql.Tx, d *dialect, r *row) (fits bool, err error) {
	rows, err := tx.QueryContext(ctx, d.sql("SELECT role, contact, email, phone FROM parties WHERE ticket = ?"), r.id)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	fits = true
	r.parties = [3]party{}
	for rows.Next() {
		var p party
		if err := rows.Scan(&p.role, &p.contact, &p.email, &p.phone); err != nil {
			return false, err
		}
		known := false
		for i, role := range roles {
			if p.role == role {
				r.parties[i], known = p, true
			}
		}
		fits = fits && known
	}
	return fits, rows.Err()
}

// people selects the tickets of somebody.
func (q *query) people() []condition {
	s := q.search
	var parts []string
	var args []any
	wanted := party{"", s.Contact, strings.ToLower(s.Email), ticket.PhoneKey(s.Phone)}
	for _, f := range [][2]string{{"p.contact = ?", wanted.contact}, {"p.email = ?", wanted.email}, {"p.phone = ?", wanted.phone}} {
		if f[1] != "" {
			parts, args = append(parts, "SELECT p.ticket FROM parties p WHERE "+f[0]), append(args, f[1])
		}
	}
	if len(parts) == 0 {
		if s.Phone != "" { // that has no digit: nobody has it
			return []condition{{"1 = 0", nil, func(*row) bool { return false }}}
		}
		return nil
	}
	return []condition{{"t.id IN (" + strings.Join(parts, " UNION ") + ")", args, func(r *row) bool {
		for _, p := range r.parties {
			if p.role != "" && (wanted.contact != "" && p.contact == wanted.contact || wanted.email != "" && p.email == wanted.email || wanted.phone != "" && p.phone == wanted.phone) {
				return true
			}
		}
		return false
	}}}
}

// clock is what a ticket's clock shows, as ticket.GTIState says it: one that rests runs.
func (r *row) clock(now int64) ticket.GTIState {
	switch {
	case r.promised == 0:
		return ticket.GTINone
	case r.due > 0 && (r.stopped > r.due || r.stopped == 0 && r.due < now):
		return ticket.GTIMissed
	case r.stopped > 0:
		return ticket.GTIMet
	}
	return ticket.GTIRunning
}
