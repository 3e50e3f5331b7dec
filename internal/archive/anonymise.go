package archive

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
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
	r, lines, err := a.held(ctx, w, number)
	if err != nil || r == nil {
		return err
	}
	leave, err := w.named(ctx, r.id)
	if err != nil {
		return err
	}
	if _, err := w.blankSheet(ctx, r, leave.of); err != nil {
		return err
	}
	c := chained{lines: len(lines)}
	if len(lines) > 0 {
		c.link = lines[len(lines)-1].Link
	}
	hid, err := w.hidePeople(ctx, r, lines)
	if err != nil {
		return err
	}
	if c.link != "" || len(lines) == 0 { // else it was copied before there were chains
		if err := w.mark(ctx, r.number, markAnonymised, hid, ""); err != nil {
			return err
		}
		if err := w.seal(ctx, r, c); err != nil {
			return err
		}
	}
	return w.do(ctx, "DELETE FROM anonymising WHERE ticket = ?", r.id)
}

// hidePeople hides what lines say of who is on a ticket, those too that were written anew,
// and says how many values that were.
func (w *writer) hidePeople(ctx context.Context, r *row, lines []line) (values int, err error) {
	for i := range lines {
		hid, err := lines[i].hide()
		if err != nil {
			return 0, err
		}
		if values += hid; hid > 0 {
			if err := w.do(ctx, "UPDATE entries SET body = ?, salt = '' WHERE ticket = ? AND seq = ?", lines[i].Body, r.id, i+1); err != nil {
				return 0, err
			}
		}
	}
	before, err := w.blankRewritten(ctx, r.number)
	return values + before, err
}

// noted are who is to be anonymised on a ticket: contacts by role, or by role and address.
type noted map[string]string

func (w *writer) named(ctx context.Context, id int64) (noted, error) {
	rows, err := w.tx.QueryContext(ctx, w.d.sql("SELECT role, contact FROM anonymising WHERE ticket = ? AND role <> ''"), id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := noted{}
	for rows.Next() {
		var role, contact string
		if err := rows.Scan(&role, &contact); err != nil {
			return nil, err
		}
		all[role] = contact
	}
	return all, rows.Err()
}

// of is what stays of somebody: the ID alone, if it is who is meant.
func (n noted) of(role string, p *ticket.Party) *ticket.Party {
	for key, contact := range n {
		of, address, typed := strings.Cut(key, ":")
		if of == role && (p.ID == contact || typed && p.ID == "" && byAddress(strings.ToLower(p.Email)) == ":"+address) {
			return &ticket.Party{ID: contact}
		}
	}
	return p
}

// blankSheet has on a ticket's sheet what stays of each who is on it.
func (w *writer) blankSheet(ctx context.Context, r *row, stays func(role string, p *ticket.Party) *ticket.Party) (changed bool, err error) {
	var text string
	if err := w.tx.QueryRowContext(ctx, w.d.sql("SELECT sheet FROM bodies WHERE ticket = ?"), r.id).Scan(&text); err != nil {
		return false, err
	}
	var s *ticket.Sheet
	if err := json.Unmarshal([]byte(text), &s); err != nil || s == nil {
		return false, err
	}
	for i, is := range []**ticket.Party{&s.Contact, &s.Requester, &s.Beneficiary} {
		if *is == nil {
			continue
		}
		p := stays(roles[i], *is)
		changed = changed || p == nil || *p != **is
		*is = p
	}
	if !changed {
		return false, nil
	}
	of := sheetOf(s)
	r.parties = partiesOf(&of)
	if err := w.do(ctx, "UPDATE bodies SET sheet = ? WHERE ticket = ?", textOf(s), r.id); err != nil {
		return false, err
	}
	return true, w.writeParties(ctx, r)
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
