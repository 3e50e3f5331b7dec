package archive

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// anonymisedAtOnce is how many tickets are changed in one transaction.
const anonymisedAtOnce = 50

// Anonymise deletes what names a contact, and notes the tickets that name it. What they
// say goes by AnonymiseTickets.
func (a *Archive) Anonymise(ctx context.Context, scope ticket.Scope, id, by string) (c ticket.Contact, err error) {
	if scope.Err() != nil {
		return c, failed(ErrScope, "anonymise a contact")
	}
	err = a.inContacts(ctx, "anonymise a contact", false, func(w *writer) error {
		if c, err = a.contact(ctx, w.tx, scope, id); err != nil {
			return err
		}
		if err := a.noteNamed(ctx, w, &c); err != nil {
			return err
		}
		c.Anonymise(w.now.UTC())
		c.UpdatedBy = by
		return a.putContact(ctx, w, &c, true)
	})
	return c, err
}

const (
	noteTicket = "INSERT INTO anonymising (ticket, role, contact) "
	noteOnce   = " ON CONFLICT (ticket, role) DO NOTHING"
)

// noteNamed notes the tickets that name a contact: by its ID or an address of it, now or
// in a line of their timelines. A name alone is nobody's: others have it too.
func (a *Archive) noteNamed(ctx context.Context, w *writer, c *ticket.Contact) error {
	if err := w.do(ctx, noteTicket+"SELECT p.ticket, p.role, ? FROM parties p WHERE p.contact = ?"+noteOnce, c.ID, c.ID); err != nil {
		return err
	}
	keys := []string{strings.ToLower(c.ID)}
	for _, email := range c.Emails {
		email = strings.ToLower(email)
		keys = append(keys, email)
		if err := w.do(ctx, noteTicket+"SELECT p.ticket, p.role || ?, ? FROM parties p JOIN tickets t ON t.id = p.ticket WHERE p.email = ? AND p.contact = '' AND t.customer = ?"+noteOnce,
			byAddress(email), c.ID, email, c.Customer); err != nil {
			return err
		}
	}
	tickets, err := a.told(ctx, w, c, keys)
	if err != nil {
		return err
	}
	for _, id := range tickets {
		if err := w.do(ctx, noteTicket+"VALUES (?, '', ?)"+noteOnce, id, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// byAddress follows a role by which an address has it: until the ticket has left the store
// somebody else may. The address itself is deleted.
func byAddress(email string) string {
	sum := sha256.Sum256([]byte(email))
	return ":" + hex.EncodeToString(sum[:])
}

// cutMark is in what ticket.Cut cut.
const cutMark = "…("

// told are the tickets of a contact's customer of which a line says that he is or was on it.
func (a *Archive) told(ctx context.Context, w *writer, c *ticket.Contact, keys []string) (tickets []int64, err error) {
	likes, args := []string{"e.body LIKE ?"}, []any{c.Customer, string(ticket.EntryQualified), "%" + cutMark + "%"}
	for _, key := range keys {
		text := strings.Trim(textOf(key), `"`) // as JSON has it
		likes = append(likes, "lower(e.body) LIKE ? ESCAPE '!'")
		args = append(args, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)+"%")
	}
	rows, err := w.tx.QueryContext(ctx, w.d.sql("SELECT e.ticket, e.body FROM entries e JOIN tickets t ON t.id = e.ticket WHERE t.customer = ? AND e.kind = ? AND ("+strings.Join(likes, " OR ")+") ORDER BY e.ticket"), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var body string
		if err := rows.Scan(&id, &body); err != nil {
			return nil, err
		}
		if len(tickets) > 0 && tickets[len(tickets)-1] == id {
			continue
		}
		if slices.ContainsFunc(people(body), func(text string) bool { return isOf(text, strings.ToLower(c.Name), keys) }) {
			tickets = append(tickets, id)
		}
	}
	return tickets, rows.Err()
}

// isOf reports whether a text, as ticket.Party has it and a line cuts it, is of who has one
// of some keys, or may be of who has that name where it was cut.
func isOf(text, name string, keys []string) bool {
	text = strings.ToLower(text)
	at := strings.LastIndex(text, cutMark)
	if at < 0 {
		return slices.ContainsFunc(strings.Split(text, ", "), func(part string) bool { return slices.Contains(keys, part) })
	}
	text = text[:at]
	parts := strings.Split(text, ", ")
	if slices.ContainsFunc(parts[:len(parts)-1], func(part string) bool { return slices.Contains(keys, part) }) {
		return true
	}
	return strings.HasPrefix(text+", ", name+", ") || strings.HasPrefix(name, text)
}

// AnonymiseTickets takes the names of contacts who were anonymised from tickets that
// missing says the store has no more, and from no others: the store would write theirs
// again. It says how many it did, and how many are left. Evidence holds: what a line said
// stays as a hash, and the ticket has a new seal.
func (a *Archive) AnonymiseTickets(ctx context.Context, missing func(ctx context.Context, numbers []string) ([]string, error)) (done ticket.Anonymised, err error) {
	if err := a.ready(ctx); err != nil {
		return done, err
	}
	for after := int64(-1 << 63); ; {
		part, err := a.named(ctx, after)
		if err != nil {
			return done, failed(err, "list whom to anonymise")
		}
		if len(part) == 0 {
			return done, nil
		}
		after = part[len(part)-1].id
		var closed []string
		for i := range part {
			if part[i].closed > 0 {
				closed = append(closed, part[i].number)
			}
		}
		gone, err := missing(ctx, closed)
		if err != nil {
			return done, failed(err, "ask the store what it has no more")
		}
		part = slices.DeleteFunc(part, func(r row) bool {
			if !slices.Contains(gone, r.number) {
				done.Later++
				return true
			}
			return false
		})
		if err := a.anonymise(ctx, part); err != nil {
			return done, failed(err, "anonymise tickets")
		}
		done.Tickets += len(part)
	}
}

// named are tickets that name somebody who was anonymised, by their ids.
func (a *Archive) named(ctx context.Context, after int64) (part []row, err error) {
	rows, err := a.writer.QueryContext(ctx, a.dialect.sql("SELECT t.id, t.number, t.closed_at FROM tickets t WHERE t.id > ? AND t.id IN (SELECT ticket FROM anonymising) ORDER BY t.id LIMIT ?"), after, anonymisedAtOnce)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.number, &r.closed); err != nil {
			return nil, err
		}
		part = append(part, r)
	}
	return part, rows.Err()
}

func (a *Archive) anonymise(ctx context.Context, part []row) error {
	if len(part) == 0 {
		return nil
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	w := a.in(tx)
	for i := range part {
		if err := a.anonymiseTicket(ctx, w, part[i].number); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (a *Archive) anonymiseTicket(ctx context.Context, w *writer, number string) error {
	if err := w.hold(ctx, number); err != nil {
		return err
	}
	found, err := a.rows(ctx, w.tx, "number = ?", []any{number})
	if err != nil || len(found) == 0 {
		return err
	}
	r := &found[0]
	if err := w.blankSheet(ctx, r); err != nil {
		return err
	}
	lines, err := linesOf(ctx, w.tx, w.d, r.id)
	if err != nil {
		return err
	}
	c, values := chained{lines: len(lines)}, 0
	for i := range lines {
		l := &lines[i]
		c.link = l.Link
		hid, err := l.hide()
		if err != nil {
			return err
		}
		if values += hid; hid > 0 {
			if err := w.do(ctx, "UPDATE entries SET body = ?, salt = '' WHERE ticket = ? AND seq = ?", l.Body, r.id, i+1); err != nil {
				return err
			}
		}
	}
	before, err := w.blankRewritten(ctx, r.number)
	if err != nil {
		return err
	}
	if c.link != "" || len(lines) == 0 { // else it was copied before there were chains
		if err := w.mark(ctx, r.number, markAnonymised, values+before, ""); err != nil {
			return err
		}
		if err := w.seal(ctx, r, c); err != nil {
			return err
		}
	}
	return w.do(ctx, "DELETE FROM anonymising WHERE ticket = ?", r.id)
}

// blankSheet leaves of those who are to be anonymised their ID alone.
func (w *writer) blankSheet(ctx context.Context, r *row) error {
	var text string
	if err := w.tx.QueryRowContext(ctx, w.d.sql("SELECT sheet FROM bodies WHERE ticket = ?"), r.id).Scan(&text); err != nil {
		return err
	}
	var s *ticket.Sheet
	if err := json.Unmarshal([]byte(text), &s); err != nil || s == nil {
		return err
	}
	rows, err := w.tx.QueryContext(ctx, w.d.sql("SELECT role, contact FROM anonymising WHERE ticket = ? AND role <> ''"), r.id)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	changed := false
	for rows.Next() {
		var role, contact string
		if err := rows.Scan(&role, &contact); err != nil {
			return err
		}
		role, address, typed := strings.Cut(role, ":")
		is := map[string]**ticket.Party{ticket.FieldContact: &s.Contact, ticket.FieldRequester: &s.Requester, ticket.FieldBeneficiary: &s.Beneficiary}[role]
		if is == nil || *is == nil {
			continue
		}
		if p := *is; p.ID == contact || typed && p.ID == "" && byAddress(strings.ToLower(p.Email)) == ":"+address {
			*is, changed = &ticket.Party{ID: contact}, true
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || !changed {
		return err
	}
	of := sheetOf(s)
	r.parties = partiesOf(&of)
	if err := w.do(ctx, "UPDATE bodies SET sheet = ? WHERE ticket = ?", textOf(s), r.id); err != nil {
		return err
	}
	return w.writeParties(ctx, r)
}

// hide hides what a line says, if it says who somebody on the ticket is, and says how many
// values that were.
func (l *line) hide() (int, error) {
	if l.Salt == "" || len(people(l.Body)) == 0 {
		return 0, nil
	}
	form, hidden, err := evidence.Canonical[ticket.Entry]([]byte(l.Body), l.Salt)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller does
	}
	l.Body, l.Salt = string(form), ""
	return len(hidden), nil
}

// people are what a line says of who is on the ticket: who was, and who is.
func people(body string) (texts []string) {
	var e struct {
		Args struct {
			Edited []ticket.Edited `json:"edited"`
		} `json:"args"`
	}
	if json.Unmarshal([]byte(body), &e) != nil {
		return nil // it is hidden already
	}
	for _, f := range e.Args.Edited {
		if slices.Contains(roles[:], f.Field) {
			texts = append(texts, f.Was, f.Is)
		}
	}
	return texts
}

// blankRewritten does the same to timelines that were written anew.
func (w *writer) blankRewritten(ctx context.Context, number string) (values int, err error) {
	were, err := before(ctx, w.tx, w.d, number)
	if err != nil {
		return 0, err
	}
	for _, was := range were {
		lines, err := readLines(was.text)
		if err != nil {
			continue // its verification says so
		}
		hid := 0
		for i := range lines {
			n, err := lines[i].hide()
			if err != nil {
				return 0, err
			}
			hid += n
		}
		if values += hid; hid == 0 {
			continue
		}
		if err := w.do(ctx, "UPDATE rewritten SET lines = ? WHERE number = ? AND at = ?", textOf(lines), number, was.at); err != nil {
			return 0, err
		}
	}
	return values, nil
}

var _ querier = (*sql.Tx)(nil)
