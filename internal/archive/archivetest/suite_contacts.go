package archivetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// contact writes a contact of acme's, or changes it.
func (b *bench) contact(id string, change func(c *ticket.Contact)) ticket.Contact {
	b.Helper()
	c, err := b.a.PutContact(b.ctx, ticket.Everything(), id, func(c *ticket.Contact) error {
		if c.Customer == "" {
			c.Customer = "acme"
		}
		change(c)
		return nil
	})
	b.ok(err)
	return c
}

func named(name string, emails ...string) func(c *ticket.Contact) {
	return func(c *ticket.Contact) { c.Name, c.Emails = name, emails }
}

// contacts lists the IDs that a query finds.
func (b *bench) contacts(scope ticket.Scope, q ticket.ContactQuery) string {
	b.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	l, err := b.a.Contacts(b.ctx, scope, &q)
	b.ok(err)
	var ids []string
	for i := range l.Contacts {
		ids = append(ids, l.Contacts[i].ID)
	}
	return strings.Join(ids, " ")
}

// contactsFound: by the beginnings of words of names and addresses, accents ignored, and
// of numbers however they are written.
func contactsFound(b *bench) {
	all := ticket.Everything()
	b.contact("c1", func(c *ticket.Contact) {
		c.Name, c.Emails, c.Phones, c.Site = "Éléonore Lefèvre", []string{"e.lefevre@acme.example"}, []string{"+33240112233"}, "Nantes"
	})
	b.contact("c2", func(c *ticket.Contact) { c.Name, c.Phones = "Marc Doe", []string{"+390612345678", "+33612345678"} })
	b.contact("c3", func(c *ticket.Contact) { c.Customer, c.Name, c.Ref = "bellac", "Marc Elba", "K-77" })
	b.contact("c4", func(c *ticket.Contact) { c.Name, c.EndedAt = "Marcel Over", storetest.At(0) })
	for _, f := range []struct {
		q    ticket.ContactQuery
		want string
	}{
		{ticket.ContactQuery{}, "c1 c2 c3"},
		{ticket.ContactQuery{Ended: true}, "c1 c2 c3 c4"},
		{ticket.ContactQuery{Customer: "acme"}, "c1 c2"},
		{ticket.ContactQuery{Text: "eleonore"}, "c1"},
		{ticket.ContactQuery{Text: "LEFÈ"}, "c1"},
		{ticket.ContactQuery{Text: "lefevre éléo"}, "c1"},
		{ticket.ContactQuery{Text: "nantes"}, "c1"},
		{ticket.ContactQuery{Text: "marc"}, "c2 c3"},
		{ticket.ContactQuery{Text: "k-77"}, "c3"},
		{ticket.ContactQuery{Text: "acme.example"}, "c1"},
		{ticket.ContactQuery{Text: "<script>"}, ""},
		{ticket.ContactQuery{Text: "%"}, ""},
		{ticket.ContactQuery{Text: "02 40"}, "c1"},
		{ticket.ContactQuery{Text: "+33240"}, "c1"},
		{ticket.ContactQuery{Text: "0033 2 40.11"}, "c1"},
		{ticket.ContactQuery{Text: "06"}, "c2"},
		{ticket.ContactQuery{Text: "+39"}, "c2"},
		{ticket.ContactQuery{Phone: "02 40 11 22 33"}, "c1"},
		{ticket.ContactQuery{Phone: "+33240112233"}, "c1"},
		{ticket.ContactQuery{Phone: "40"}, ""},
		{ticket.ContactQuery{Email: "E.Lefevre@acme.example"}, "c1"},
		{ticket.ContactQuery{Email: "lefevre@acme.example"}, ""},
	} {
		if got := b.contacts(all, f.q); got != f.want {
			b.Errorf("%+v finds %q, want %q", f.q, got, f.want)
		}
	}
}

// contactsInScope: whoever sees some customers sees their contacts alone, and no ID of
// another's is there.
func contactsInScope(b *bench) {
	b.contact("c1", named("One"))
	b.contact("c2", func(c *ticket.Contact) { c.Customer, c.Name = "bellac", "Two" })
	bruno := ticket.Limited("bruno", "acme")
	if got := b.contacts(bruno, ticket.ContactQuery{}) + "/" + b.contacts(bruno, ticket.ContactQuery{Customer: "bellac"}) + "/" + b.contacts(ticket.Limited("eve"), ticket.ContactQuery{}); got != "c1//" {
		b.Errorf("seen: %q", got)
	}
	for what, err := range map[string]error{
		"read":      second(b.a.Contact(b.ctx, bruno, "c2")),
		"never was": second(b.a.Contact(b.ctx, bruno, "c9")),
		"anonymise": second(b.a.Anonymise(b.ctx, bruno, "c2", "bruno")),
	} {
		if !errors.Is(err, archive.ErrNoContact) {
			b.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"list":  second(b.a.Contacts(b.ctx, ticket.Scope{}, &ticket.ContactQuery{})),
		"read":  second(b.a.Contact(b.ctx, ticket.Scope{}, "c1")),
		"write": second(b.a.PutContact(b.ctx, ticket.Scope{}, "c1", func(*ticket.Contact) error { return nil })),
		"count": second(b.a.Counted(b.ctx, ticket.Scope{}, "acme", time.Time{}, time.Time{}, time.Time{}, nil)),
	} {
		if !errors.Is(err, archive.ErrScope) {
			b.Errorf("%s without a scope: %v", what, err)
		}
	}
	if err := second(b.a.Counted(b.ctx, bruno, "bellac", time.Time{}, time.Time{}, time.Time{}, nil)); !errors.Is(err, archive.ErrNotFound) {
		b.Errorf("another's figures: %v", err)
	}
	if got := b.contacts(ticket.Everything(), ticket.ContactQuery{}); got != "c1 c2" {
		b.Errorf("afterwards: %q", got)
	}
}

func second[T any](_ T, err error) error { return err }

// contactsInParts: a list goes on where it ended though contacts come and go, and a cursor
// of nobody's is refused.
func contactsInParts(b *bench) {
	for i := range 7 {
		b.contact(fmt.Sprint("c", i), named([]string{"Doe", "Ada", "Eva"}[i%3]))
	}
	var got []string
	q := ticket.ContactQuery{Limit: 3}
	for {
		l, err := b.a.Contacts(b.ctx, ticket.Everything(), &q)
		b.ok(err)
		for i := range l.Contacts {
			got = append(got, l.Contacts[i].ID)
		}
		b.contact("early", named("Aaron"))
		if q.Cursor = l.Next; l.Next == "" {
			break
		}
	}
	if want := []string{"c1", "c4", "c0", "c3", "c6", "c2", "c5"}; !slices.Equal(got, want) {
		b.Errorf("%v, want %v", got, want)
	}
	for _, cursor := range []string{"x", "x\n", "a\x00\nb", "\xff\nb", strings.Repeat("a", 5000) + "\nb"} {
		if err := second(b.a.Contacts(b.ctx, ticket.Everything(), &ticket.ContactQuery{Cursor: cursor, Limit: 2})); !errors.Is(err, archive.ErrCursor) {
			b.Errorf("the cursor %.10q: %v", cursor, err)
		}
	}
}

// contactsHaveKeys: of a customer one contact alone has a reference or an address; a
// change that changes nothing leaves the revision; an error of a change leaves all.
func contactsHaveKeys(b *bench) {
	one := b.contact("c1", func(c *ticket.Contact) { c.Name, c.Ref, c.Emails = "One", "R1", []string{"one@acme.example"} })
	if again := b.contact("c1", func(c *ticket.Contact) { c.Name = "One" }); !reflect.DeepEqual(again, one) || one.Revision != 1 {
		b.Errorf("nothing changed: %+v", again)
	}
	if two := b.contact("c1", func(c *ticket.Contact) { c.Strategic = true }); two.Revision != 2 || !two.Strategic || two.CreatedAt != one.CreatedAt {
		b.Errorf("changed: %+v", two)
	}
	other := func(customer string, change func(c *ticket.Contact)) error {
		return second(b.a.PutContact(b.ctx, ticket.Everything(), "c2", func(c *ticket.Contact) error {
			c.Customer, c.Name = customer, "Two"
			change(c)
			return nil
		}))
	}
	for field, change := range map[string]func(c *ticket.Contact){
		"ref":    func(c *ticket.Contact) { c.Ref = "R1" },
		"emails": func(c *ticket.Contact) { c.Emails = []string{"two@acme.example", "ONE@acme.example"} },
	} {
		var taken *archive.TakenError
		if err := other("acme", change); !errors.As(err, &taken) || taken.Field != field || taken.By != "c1" {
			b.Errorf("%s: %v", field, err)
		}
		b.ok(other("bellac", change))
		b.ok(second(b.a.Anonymise(b.ctx, ticket.Everything(), "c2", "")))
	}
	broken := errors.New("no")
	if err := second(b.a.PutContact(b.ctx, ticket.Everything(), "c1", func(c *ticket.Contact) error { c.Name = "X"; return broken })); !errors.Is(err, broken) {
		b.Errorf("refused: %v", err)
	}
	if c, err := b.a.Contact(b.ctx, ticket.Everything(), "c1"); err != nil || c.Name != "One" {
		b.Errorf("%+v, %v", c, err)
	}
}

func importing(ref, email, name string) ticket.Importing {
	return ticket.Importing{Customer: "acme", Ref: ref, Email: email, Apply: func(c *ticket.Contact) {
		if c.Name = name; ref != "" {
			c.Ref = ref
		}
		if email != "" {
			c.Emails = []string{email}
		}
	}}
}

// contactsImportedBeside: whoever reads does not wait for a file that is being taken, and
// neither does the follower's question how far it is. A contact is found by so many words.
func contactsImportedBeside(b *bench) {
	b.put(titled("router"))
	b.follow()
	begun, on := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		list := []ticket.Importing{{Customer: "acme", Ref: "1", Apply: func(c *ticket.Contact) {
			c.Ref, c.Name, c.Site = "1", strings.Repeat("a b c d e f g h i ", 9), strings.Join(strings.Split("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", ""), "x ")
		}}}
		_, err := b.a.ImportContacts(b.ctx, ticket.Everything(), list, func() string { close(begun); <-on; return "n1" }, "edith", false)
		done <- err
	}()
	<-begun
	b.finds("meanwhile", ticket.Search{Query: ticket.Query{Text: "router"}}, "1")
	_, err := b.a.Contact(b.ctx, ticket.Everything(), "n1")
	if !errors.Is(err, archive.ErrNoContact) {
		b.Errorf("a contact that comes: %v", err)
	}
	_, err = b.a.Positions(b.ctx)
	b.ok(err)
	close(on)
	b.ok(<-done)
	var n int
	b.ok(b.database().QueryRowContext(b.ctx, "SELECT count(*) FROM contact_keys").Scan(&n))
	if n != ticket.MaxContactWords {
		b.Errorf("%d keys, want %d", n, ticket.MaxContactWords)
	}
}

// contactsImported: all of a file or nothing, a trial writes nothing, and the same file
// again changes nothing.
func contactsImported(b *bench) {
	n := 0
	newID := func() string { n++; return fmt.Sprint("n", n) }
	what := func(list []ticket.Importing, dry bool) (string, error) {
		outcomes, err := b.a.ImportContacts(b.ctx, ticket.Everything(), list, newID, "edith", dry)
		var all []string
		for _, o := range outcomes {
			switch {
			case o.Err != nil:
				all = append(all, "bad")
			case o.Before >= 0:
				all = append(all, fmt.Sprint("as ", o.Before))
			default:
				all = append(all, string(o.What))
			}
		}
		return strings.Join(all, ","), err
	}
	wants := func(step string, list []ticket.Importing, dry bool, want string, fails error) {
		b.Helper()
		if got, err := what(list, dry); got != want || !errors.Is(err, fails) {
			b.Errorf("%s: %q, %v; want %q", step, got, err, want)
		}
	}
	b.contact("c1", func(c *ticket.Contact) { c.Name, c.Emails = "Ada", []string{"ada@acme.example"} })
	file := []ticket.Importing{importing("R1", "ada@acme.example", "Ada L."), importing("", "bob@acme.example", "Bob"), importing("R3", "", "Cid")}
	wants("a trial", file, true, "changed,new,new", nil)
	if got := b.contacts(ticket.Everything(), ticket.ContactQuery{}); got != "c1" {
		b.Errorf("a trial wrote: %s", got)
	}
	wants("the file", file, false, "changed,new,new", nil)
	wants("again", file, false, "same,same,same", nil)
	c, err := b.a.Contact(b.ctx, ticket.Everything(), "c1")
	b.ok(err)
	if c.Ref != "R1" || c.Name != "Ada L." || c.UpdatedBy != "edith" {
		b.Errorf("%+v", c)
	}
	wants("one twice", []ticket.Importing{importing("", "new@acme.example", "New"), importing("", "New@acme.example", "Same")}, false, "new,as 0", archive.ErrImport)
	wants("of another", []ticket.Importing{importing("", "new@acme.example", "New"), importing("R9", "bob@acme.example", "Bob"), importing("R8", "ada@acme.example", "Eve")}, false, "new,changed,bad", archive.ErrImport)
	if got := b.contacts(ticket.Everything(), ticket.ContactQuery{Text: "new"}); got != "" {
		b.Errorf("half of a file was taken: %s", got)
	}
	outcomes, err := b.a.ImportContacts(b.ctx, ticket.Limited("bruno", "bellac"), file[:1], newID, "bruno", false)
	if !errors.Is(err, archive.ErrImport) || len(outcomes) != 1 || !errors.Is(outcomes[0].Err, archive.ErrNoContact) {
		b.Errorf("out of scope: %+v, %v", outcomes, err)
	}
}

// withParties has a ticket name people.
func withParties(contact, requester *ticket.Party) func(c *escalation.Change) {
	sheet := ticket.Sheet{Qualification: ticket.Qualification{Contact: contact, Requester: requester, Description: "a switch"}}
	text, err := sheet.Value()
	if err != nil {
		panic(err) // it is ours
	}
	return withSheet(string(text))
}

// ticketsOfSomebody: by a contact's ID, an address or a number however it is written, what
// is not copied yet too.
func ticketsOfSomebody(b *bench) {
	b.put(nil, withParties(&ticket.Party{ID: "c1", Name: "Ada", Phone: "+33 2 40 11 22 33"}, nil))
	b.put(nil, withParties(nil, &ticket.Party{Name: "Bob", Email: "Bob@acme.example"}))
	b.put(nil, withParties(&ticket.Party{Phone: "0240112233"}, &ticket.Party{ID: "c2"}))
	b.put(nil)
	check := func(when string, recent []ticket.Changed) {
		b.Helper()
		for _, f := range []struct {
			s    ticket.Search
			want string
		}{
			{ticket.Search{Contact: "c1"}, "1"},
			{ticket.Search{Contact: "c2"}, "3"},
			{ticket.Search{Contact: "c"}, ""},
			{ticket.Search{Email: "bob@ACME.example"}, "2"},
			{ticket.Search{Phone: "+33240112233"}, "3 1"},
			{ticket.Search{Phone: "02.40.11.22.33", Email: "bob@acme.example"}, "3 2 1"},
			{ticket.Search{Phone: "none"}, ""},
		} {
			f.s.Limit = 100
			l, err := b.a.Search(b.ctx, ticket.Everything(), &f.s, recent)
			b.ok(err)
			if got := short(l.Tickets); got != f.want {
				b.Errorf("%s: %+v: %q, want %q", when, f.s, got, f.want)
			}
		}
	}
	lanes, err := b.s.Changes(b.ctx, ticket.Since{Most: 100})
	b.ok(err)
	check("not copied yet", lanes[0].Changes)
	b.follow()
	check("copied", nil)
	check("both", lanes[0].Changes)
	// A file of the version before, whose table has nobody.
	db := b.database()
	for _, text := range []string{
		"DELETE FROM parties", "UPDATE tickets SET picked_up_at = 7, promised = 7",
		"DROP INDEX tickets_next", "ALTER TABLE tickets DROP COLUMN next_at", "ALTER TABLE tickets DROP COLUMN missed",
		"DROP TABLE marks", "DELETE FROM goose_db_version WHERE version_id >= 5",
	} {
		_, err := db.ExecContext(b.ctx, text)
		b.ok(err)
	}
	b.a = b.open()
	check("of an older version", nil)
	b.sealed("of an older version")
}

// anonymises: nothing of who it was is in the database, evidence holds, and what the store
// has still goes once it has left it.
func anonymises(b *bench) {
	b.contact("c1", func(c *ticket.Contact) {
		c.Name, c.Emails, c.Phones, c.Notes, c.Ref = "Adalbert Quux", []string{"quux@acme.example"}, []string{"+33240112233"}, "speaks of quux", "quux-1"
	})
	quux := &ticket.Party{ID: "c1", Name: "Adalbert Quux", Email: "quux@acme.example", Phone: "+33240112233"}
	typed := &ticket.Party{Name: "Adalbert Quux", Email: "Quux@acme.example"}
	closed := func(t *ticket.Ticket) {
		t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(time.Minute)
	}
	edited := func(c *escalation.Change) {
		c.Timeline = append(c.Timeline, ticket.Entry{
			At: storetest.At(0), Kind: ticket.EntryQualified,
			Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{{Field: ticket.FieldContact, Was: quux.String(), Is: "somebody"}}}},
		})
	}
	left := b.put(closed, withParties(quux, &ticket.Party{ID: "c2", Name: "Bob"}), edited, noted("a note that stays"))
	b.put(closed, withParties(nil, typed))
	b.put(closed, edited)
	stays := b.put(func(t *ticket.Ticket) { t.Customer = "acme" }, withParties(quux, nil))
	b.follow()
	b.aDay(1)
	_, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	c, err := b.a.Anonymise(b.ctx, ticket.Everything(), "c1", "edith")
	b.ok(err)
	if c.AnonymisedAt.IsZero() || c.EndedAt.IsZero() || c.Name+c.Notes+c.Ref != "" || c.Customer != "acme" || c.UpdatedBy != "edith" {
		b.Errorf("%+v", c)
	}
	has := func(_ context.Context, numbers []string) ([]string, error) {
		return slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { return n == stays.Ticket.Number }), nil
	}
	done, err := b.a.AnonymiseTickets(b.ctx, has)
	b.ok(err)
	if done != (ticket.Anonymised{Tickets: 3, Later: 1}) {
		b.Errorf("%+v", done)
	}
	view := b.whole(left.Ticket.Number)
	if view.Sheet.Contact.String() != "c1" || view.Sheet.Requester.Name != "Bob" || view.Sheet.Description != "a switch" || len(view.Timeline) != 3 || len(view.Timeline[1].Said.Args.Edited) != 0 {
		b.Errorf("the ticket says %+v, %+v", view.Sheet, view.Timeline)
	}
	b.sealed("some are anonymised")
	b.edit(stays, func(t *ticket.Ticket) { closed(t) })
	b.follow()
	_, err = b.s.Forget(b.ctx, ticket.Past{Tickets: storetest.At(time.Hour), Limit: 10})
	b.ok(err)
	all := func(_ context.Context, numbers []string) ([]string, error) { return numbers, nil }
	if done, err = b.a.AnonymiseTickets(b.ctx, all); err != nil || done != (ticket.Anonymised{Tickets: 1}) {
		b.Errorf("%+v, %v", done, err)
	}
	if done, err = b.a.AnonymiseTickets(b.ctx, all); err != nil || done != (ticket.Anonymised{}) {
		b.Errorf("again: %+v, %v", done, err)
	}
	b.sealed("all are")
	b.nowhere("uux")
	b.finds("still theirs", ticket.Search{Contact: "c1"}, "4 2 1")
	p, _, err := b.a.Proof(b.ctx, left.Ticket.Number)
	b.ok(err)
	if len(p.Lines) != 3 || p.Lines[1].Salt != "" || !strings.Contains(p.Lines[1].Form, `"sha256"`) {
		b.Errorf("the proof has %+v", p.Lines)
	}
}

// anonymisesNobodyElse: addresses and IDs that have a part in common are others', and so is
// who came in the place of an address before the ticket left the store.
func anonymisesNobodyElse(b *bench) {
	b.contact("c1", func(c *ticket.Contact) {
		c.Name, c.Emails = "Bea Quux", []string{"b@acme.example", "a_b@acme.example", "q&a%@acme.example"}
	})
	closed := func(t *ticket.Ticket) {
		t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(time.Minute)
	}
	told := func(was string) func(c *escalation.Change) {
		return func(c *escalation.Change) {
			c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryQualified, Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{
				{Field: ticket.FieldTitle, Was: "mail of b@acme.example", Is: "another"}, {Field: ticket.FieldContact, Was: ticket.Cut(was, ticket.MaxEdited), Is: "Zoe"},
			}}}})
		}
	}
	line := func(text string) func(c *escalation.Change) {
		return func(c *escalation.Change) {
			c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryQualified, Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{{Field: ticket.FieldTitle, Was: text, Is: "another"}}}}})
		}
	}
	long := strings.Repeat("Beata ", 29)
	var theirs, others []ticket.Record
	for _, was := range []string{"Bea Quux, b@acme.example", "Bea, B@Acme.example, +33240112233", "a_b@acme.example", "q&a%@acme.example", "Bea Quux, c1", "c1", "Bea Quux, b@acme.example, " + long} {
		theirs = append(theirs, b.put(closed, told(was)))
	}
	for _, was := range []string{
		"Bob, bob@acme.example", "axb@acme.example", "q&a.b@acme.example", "Bea Quux", "Abea Quux, rob@acme.example", "c12", "c1x, c10", "b@acme.example.org", long + "b@acme.example, " + long, "x-b@acme.example",
	} {
		others = append(others, b.put(closed, told(was)))
	}
	others = append(others, b.put(closed, line("Bea Quux, b@acme.example")), b.put(func(t *ticket.Ticket) { closed(t); t.Customer = "bellac" }, told("b@acme.example")))
	cameAfter := b.put(func(t *ticket.Ticket) { t.Customer = "acme" }, withParties(&ticket.Party{Name: "Bea Quux", Email: "B@acme.example"}, &ticket.Party{Email: "bob@acme.example"}))
	b.follow()
	before := map[string]ticket.View{}
	for _, v := range others {
		before[v.Ticket.Number] = b.whole(v.Ticket.Number)
	}
	b.ok(second(b.a.Anonymise(b.ctx, ticket.Everything(), "c1", "edith")))
	b.edit(cameAfter, func(t *ticket.Ticket) { closed(t) }, withParties(&ticket.Party{Name: "Zoe", Email: "zoe@acme.example"}, nil))
	b.follow()
	done, err := b.a.AnonymiseTickets(b.ctx, func(_ context.Context, numbers []string) ([]string, error) { return numbers, nil })
	b.ok(err)
	if done.Tickets != len(theirs)+1 {
		b.Errorf("%d tickets were anonymised, want %d", done.Tickets, len(theirs)+1)
	}
	for _, v := range theirs {
		if is := b.whole(v.Ticket.Number); strings.Contains(fmt.Sprintf("%+v", is.Timeline), "Zoe") {
			b.Errorf("%s tells still: %+v", v.Ticket.Number, is.Timeline)
		}
	}
	for _, v := range others {
		if is := b.whole(v.Ticket.Number); !reflect.DeepEqual(is, before[v.Ticket.Number]) {
			b.Errorf("%s is another's, and says %+v", v.Ticket.Number, is.Timeline)
		}
	}
	if is := b.whole(cameAfter.Ticket.Number); is.Sheet.Contact.String() != "Zoe, zoe@acme.example" {
		b.Errorf("who came after is %s", is.Sheet.Contact)
	}
	b.sealed("one is anonymised")
}

// nowhere wants no value of the database to have a text.
func (b *bench) nowhere(text string) {
	b.Helper()
	db := b.database()
	for table, columns := range map[string][]string{
		"bodies": {"body", "alerts", "sheet"}, "entries": {"body"}, "pages": {"body"}, "rewritten": {"lines"},
		"contacts": {"ref", "place", "body"}, "contact_keys": {"value"}, "parties": {"contact", "email"},
	} {
		for _, column := range columns {
			var n int
			b.ok(db.QueryRowContext(b.ctx, "SELECT count(*) FROM "+table+" WHERE lower("+column+") LIKE '%"+text+"%'").Scan(&n))
			if n > 0 {
				b.Errorf("%s.%s says it %d times", table, column, n)
			}
		}
	}
}
