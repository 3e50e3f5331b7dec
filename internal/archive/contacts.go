package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Errors of contacts.
var (
	ErrNoContact = errors.New("the archive has no such contact")
	// ErrOvertaken: somebody else changed the contact first.
	ErrOvertaken = errors.New("the contact was changed meanwhile")
	// ErrManyContacts: the customer has as many as it takes.
	ErrManyContacts = fmt.Errorf("a customer has %d contacts at most", ticket.MaxContacts)
)

// TakenError says that another contact of the customer has the key.
type TakenError struct {
	Field string // ref, emails
	By    string // the other's ID
}

// Error names the other.
func (e *TakenError) Error() string {
	return "another contact of the customer has it: " + e.By
}

// The kinds of keys that contacts are found by.
const (
	keyWord  = "word"
	keyMail  = "address"
	keyPhone = "phone" // each beginning of a number that one may type: with its country, and without
	keyLine  = "line"  // ticket.PhoneKey
)

// contactKey is one of them.
type contactKey struct{ kind, value string }

// keysOf are a contact's.
func keysOf(c *ticket.Contact) []contactKey {
	seen, words := map[contactKey]bool{}, 0
	add := func(kind string, values ...string) {
		for _, v := range values {
			k := contactKey{kind, v}
			if v == "" || seen[k] || kind == keyWord && words >= ticket.MaxContactWords {
				continue
			}
			if seen[k] = true; kind == keyWord {
				words++
			}
		}
	}
	add(keyWord, Fold(c.Name)...)
	add(keyWord, Fold(c.Site)...)
	add(keyWord, Fold(c.Ref)...)
	for _, email := range c.Emails {
		add(keyMail, strings.ToLower(email))
		add(keyWord, Fold(email)...)
	}
	for _, phone := range c.Phones {
		add(keyLine, ticket.PhoneKey(phone))
		for i, digits := 0, digitsOf(phone); i <= 3 && i < len(digits); i++ { // a country's code has three at most
			add(keyPhone, digits[i:])
		}
	}
	var all []contactKey
	for k := range seen {
		all = append(all, k)
	}
	return all
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// typedNumber is the beginning of a number that somebody types, as keyPhone has it; false
// if the text is none.
func typedNumber(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "+0123456789 .-()/\u00a0") != "" {
		return "", false
	}
	digits := digitsOf(text)
	if len(digits) < 2 {
		return "", false
	}
	if !strings.HasPrefix(text, "+") {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "0"), "0")
	}
	return digits, digits != ""
}

// above all that begins with a text.
const last = "\U0010FFFF"

// Contacts lists the contacts that a query selects and a scope covers, by name.
func (a *Archive) Contacts(ctx context.Context, scope ticket.Scope, q *ticket.ContactQuery) (l ticket.ContactListing, err error) {
	if scope.Err() != nil {
		return l, failed(ErrScope, "list contacts")
	}
	if err := a.ready(ctx); err != nil {
		return l, err
	}
	var where []string
	var args []any
	add := func(text string, more ...any) { where, args = append(where, text), append(args, more...) }
	add("1 = 1")
	if !scope.All() {
		add(a.dialect.within("c.customer", scope.Customers(), &args))
	}
	if q.Customer != "" {
		add("c.customer = ?", q.Customer)
	}
	if !q.Ended {
		add("c.ended_at = 0")
	}
	const has = "c.id IN (SELECT k.contact FROM contact_keys k WHERE k.kind = ? AND "
	if q.Email != "" {
		add(has+"k.value = ?)", keyMail, strings.ToLower(q.Email))
	}
	if q.Phone != "" {
		add(has+"k.value = ?)", keyLine, ticket.PhoneKey(q.Phone))
	}
	if number, is := typedNumber(q.Text); is {
		add(has+"k.value >= ? AND k.value < ?)", keyPhone, number, number+last)
	} else {
		words := asked(q.Text)
		if len(words) == 0 && strings.TrimSpace(q.Text) != "" {
			return l, nil // nobody has it
		}
		for _, w := range words {
			add(has+"k.value >= ? AND k.value < ?)", keyWord, w, w+last)
		}
	}
	if q.Cursor != "" {
		place, id, err := readContactPlace(q.Cursor)
		if err != nil {
			return l, failed(err, "list contacts")
		}
		add("(c.place, c.id) > (?, ?)", place, id)
	}
	limit := min(max(q.Limit, 1), ticket.MaxListedContact)
	list, err := a.readContacts(ctx, a.reader, "SELECT c.body FROM contacts c WHERE "+strings.Join(where, " AND ")+" ORDER BY c.place, c.id LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return l, failed(err, "list contacts")
	}
	if len(list) > limit {
		list = list[:limit]
		end := &list[limit-1]
		l.Next = placeOf(end) + "\n" + end.ID
	}
	l.Contacts = list
	return l, nil
}

// placeOf is where lists have a contact.
func placeOf(c *ticket.Contact) string { return strings.Join(Fold(c.Name), " ") }

func readContactPlace(cursor string) (place, id string, err error) {
	place, id, ok := strings.Cut(cursor, "\n")
	if !ok || id == "" || len(cursor) > textAsked+ticket.MaxContactName || !utf8.ValidString(cursor) || strings.ContainsAny(cursor, "\x00\r") {
		return "", "", ErrCursor
	}
	return place, id, nil
}

// within selects what is one of some values; none: nothing.
func (d *dialect) within(column string, values []string, args *[]any) string {
	if len(values) == 0 {
		return "1 = 0"
	}
	for _, v := range values {
		*args = append(*args, v)
	}
	return column + " IN (" + marks(len(values)) + ")"
}

// querier reads: a database, or a transaction of one.
type querier interface {
	// QueryContext reads rows.
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (a *Archive) readContacts(ctx context.Context, from querier, text string, args ...any) ([]ticket.Contact, error) {
	rows, err := from.QueryContext(ctx, a.dialect.sql(text), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []ticket.Contact{}
	for rows.Next() {
		var body string
		var c ticket.Contact
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// Contact reads one; ErrNoContact if there is none in scope.
func (a *Archive) Contact(ctx context.Context, scope ticket.Scope, id string) (c ticket.Contact, err error) {
	if scope.Err() != nil {
		return c, failed(ErrScope, "read a contact")
	}
	if err := a.ready(ctx); err != nil {
		return c, err
	}
	if c, err = a.contact(ctx, a.reader, scope, id); err != nil {
		return c, failed(err, "read a contact")
	}
	return c, nil
}

func (a *Archive) contact(ctx context.Context, from querier, scope ticket.Scope, id string) (c ticket.Contact, err error) {
	list, err := a.readContacts(ctx, from, "SELECT c.body FROM contacts c WHERE c.id = ?", id)
	switch {
	case err != nil:
		return c, err
	case len(list) == 0 || !scope.SeesCustomer(list[0].Customer):
		return c, ErrNoContact
	}
	return list[0], nil
}

// inContacts runs what changes contacts, in one transaction, after all others that do.
func (a *Archive) inContacts(ctx context.Context, what string, grows bool, do func(w *writer) error) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if grows {
		if err := a.roomy(); err != nil {
			return err
		}
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return failed(err, what)
	}
	defer func() { _ = tx.Rollback() }()
	if a.dialect.lockContacts != "" {
		if _, err := tx.ExecContext(ctx, a.dialect.lockContacts); err != nil {
			return failed(err, what)
		}
	}
	if err := do(a.in(tx)); err != nil {
		return failed(err, what)
	}
	if err := tx.Commit(); err != nil {
		return failed(err, what)
	}
	return nil
}

// PutContact writes a contact: a new one, or over that of its ID as change makes it of
// what is there. The error of change is given back. A contact that does not change keeps
// its revision. It fails with ErrNoContact, a *TakenError or ErrManyContacts.
func (a *Archive) PutContact(ctx context.Context, scope ticket.Scope, id string, change func(c *ticket.Contact) error) (c ticket.Contact, err error) {
	if scope.Err() != nil {
		return c, failed(ErrScope, "write a contact")
	}
	err = a.inContacts(ctx, "write a contact", true, func(w *writer) error {
		is, err := a.contact(ctx, w.tx, scope, id)
		known := err == nil
		if err != nil && !errors.Is(err, ErrNoContact) {
			return err
		}
		was := is
		if is.ID = id; !known {
			is = ticket.Contact{ID: id}
		}
		is.Emails, is.Phones = slices.Clone(is.Emails), slices.Clone(is.Phones)
		if err := change(&is); err != nil {
			return err
		}
		if c = is; known && was.Same(&is) {
			c = was
			return nil
		}
		return a.putContact(ctx, w, &c, known)
	})
	return c, err
}

// putContact writes one, whose revision it raises.
func (a *Archive) putContact(ctx context.Context, w *writer, c *ticket.Contact, known bool) error {
	if err := a.taken(ctx, w, c); err != nil {
		return err
	}
	if !known {
		n, counted := w.contacts[c.Customer]
		if !counted {
			if err := w.tx.QueryRowContext(ctx, w.d.sql("SELECT count(*) FROM contacts WHERE customer = ?"), c.Customer).Scan(&n); err != nil {
				return err
			}
		}
		if w.contacts[c.Customer] = n; n >= ticket.MaxContacts {
			return ErrManyContacts
		}
		w.contacts[c.Customer]++
		c.CreatedAt = w.now.UTC()
	}
	c.Revision++
	c.UpdatedAt = w.now.UTC()
	over := "" // a new one is written over none, not even over one that is out of scope
	if known {
		over = " ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, ref = excluded.ref, place = excluded.place, ended_at = excluded.ended_at, revision = excluded.revision, body = excluded.body"
	}
	if err := w.do(ctx, "INSERT INTO contacts (id, customer, ref, place, ended_at, revision, body) VALUES (?, ?, ?, ?, ?, ?, ?)"+over,
		c.ID, c.Customer, c.Ref, placeOf(c), micros(c.EndedAt), c.Revision, textOf(c)); err != nil {
		return err
	}
	if err := w.do(ctx, "DELETE FROM contact_keys WHERE contact = ?", c.ID); err != nil {
		return err
	}
	keys := keysOf(c)
	if len(keys) == 0 {
		return nil
	}
	var values []any
	for _, k := range keys {
		values = append(values, c.ID, c.Customer, k.kind, k.value)
	}
	// One statement, however many there are: each of them costs a file of contacts seconds.
	return w.do(ctx, "INSERT INTO contact_keys (contact, customer, kind, value) VALUES (?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?)", len(keys)-1), values...)
}

// taken is a *TakenError if another contact of the customer has the reference or an
// address.
func (a *Archive) taken(ctx context.Context, w *writer, c *ticket.Contact) error {
	find := func(field, text string, args ...any) error {
		var by string
		s, err := w.prepared(ctx, text)
		if err == nil {
			err = s.QueryRowContext(ctx, args...).Scan(&by)
		}
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		}
		return &TakenError{field, by}
	}
	if c.Ref != "" {
		if err := find("ref", "SELECT id FROM contacts WHERE customer = ? AND ref = ? AND id <> ?", c.Customer, c.Ref, c.ID); err != nil {
			return err
		}
	}
	for _, email := range c.Emails {
		if err := find("emails", "SELECT contact FROM contact_keys WHERE customer = ? AND kind = 'address' AND value = ? AND contact <> ?", c.Customer, strings.ToLower(email), c.ID); err != nil {
			return err
		}
	}
	return nil
}
