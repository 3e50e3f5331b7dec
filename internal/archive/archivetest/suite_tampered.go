package archivetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// names wants what somebody did to the database to be named, as a flaw of a ticket.
func (b *bench) names(number, what string) {
	b.Helper()
	v, err := b.a.Verify(b.ctx, "")
	if err != nil || !slices.ContainsFunc(v.Flaws, func(f archive.Flaw) bool { return f.Number == number && strings.Contains(f.Problem, what) }) {
		b.Errorf("%q is not named of %s: %v %v", what, number, v.Flaws, err)
	}
}

// does does something to the database.
func (b *bench) does(db *sql.DB, texts ...string) {
	b.Helper()
	for _, text := range texts {
		if _, err := db.ExecContext(b.ctx, text); err != nil {
			b.Fatalf("%s: %v", text, err)
		}
	}
}

// removes removes all of a ticket but its seals.
func (b *bench) removes(db *sql.DB, number string) {
	b.Helper()
	id, words := "(SELECT id FROM tickets WHERE number = '"+number+"')", "rowid"
	if strings.HasPrefix(b.url, "postgres") {
		words = "ticket"
	}
	for _, table := range []string{"entries", "pages", "bodies", "parties"} {
		b.does(db, "DELETE FROM "+table+" WHERE ticket = "+id)
	}
	b.does(db, "DELETE FROM words WHERE "+words+" = "+id, "DELETE FROM tickets WHERE number = '"+number+"'")
}

// removedByHand: a ticket that somebody removed is named, whatever note he leaves, and one
// that left is counted.
func removedByHand(b *bench) {
	over := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Minute) })
	gone := b.put(nil, noted("what nobody is to know"))
	b.follow()
	b.aDay(1)
	late := b.put(nil)
	b.follow()
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.aDay(40)
	b.ok(second(b.a.Forget(b.ctx, storetest.At(time.Hour), 10)))
	b.aDay(41)
	heads, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	if n := len(heads); n == 0 || heads[n-1].Tickets != 0 {
		b.Errorf("the day on which one left has the head %v", heads)
	}
	if v := b.sealed("one left"); v.Left != 1 || v.Tickets != 2 {
		b.Errorf("%+v", v)
	}
	if v, err := b.a.Verify(b.ctx, over.Ticket.Number); err != nil || v.Left != 1 || len(v.Flaws) > 0 {
		b.Errorf("who left: %+v %v", v, err)
	}
	db := b.database()
	b.removes(db, gone.Ticket.Number)
	b.does(db, "INSERT INTO rewritten VALUES ('"+gone.Ticket.Number+"', 1, 'forgotten')")
	b.names(gone.Ticket.Number, "it is gone, and no day has a mark that it left")
	// A mark on a day whose head was made shows in that head; one of today is counted.
	left := func(day, number, at string) string {
		return fmt.Sprintf("INSERT INTO marks (day, number, nr, what, n, about) VALUES ('%s', '%s', 1, 'left', 0, '%s')", day, number, at)
	}
	b.does(db, left(storetest.At(40*24*time.Hour).UTC().Format(time.DateOnly), gone.Ticket.Number, "2020-01-01T00:00:00Z"))
	if v, err := b.a.Verify(b.ctx, ""); err != nil || len(v.Flaws) != 1 || !strings.Contains(v.Flaws[0].Problem, "its head is not that") {
		b.Errorf("a mark of a day that is over: %+v %v", v, err)
	}
	today := storetest.At(41 * 24 * time.Hour).UTC().Format(time.DateOnly)
	b.does(db, "UPDATE marks SET day = '"+today+"' WHERE number = '"+gone.Ticket.Number+"'")
	if v, err := b.a.Verify(b.ctx, ""); err != nil || v.Left != 2 {
		b.Errorf("a mark of today: %+v %v", v, err)
	}
	// Nobody leaves within a month.
	b.does(db, "UPDATE marks SET day = '"+storetest.At(25*24*time.Hour).UTC().Format(time.DateOnly)+"', number = '"+late.Ticket.Number+"' WHERE number = '"+gone.Ticket.Number+"'")
	b.removes(db, late.Ticket.Number)
	b.names(late.Ticket.Number, "less than a month after")
}

// rewrittenByHand: a timeline that somebody cut is named, though he keeps what it was where
// the archive keeps what the store lost, and seals it anew.
func rewrittenByHand(b *bench) {
	was := b.put(nil, noted("one"), noted("two"), noted("three"))
	lost := b.put(nil, noted("kept"))
	b.follow()
	night := b.s.Snapshot()
	b.edit(lost, nil, noted("lost"))
	b.follow()
	b.aDay(1)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.s.Restore(night)
	b.edit(b.load(lost.Ticket.Number), func(t *ticket.Ticket) { t.UpdatedAt = storetest.At(3 * time.Minute) }, noted("another"))
	b.follow()
	if v := b.sealed("the store lost a line"); len(v.Rewritten) != 1 || v.Rewritten[0].Number != lost.Ticket.Number || v.Rewritten[0].What != "rewritten" || v.Rewritten[0].Count != 1 {
		b.Errorf("what was written anew: %+v", v.Rewritten)
	}
	db := b.database()
	b.does(db, "CREATE TABLE aside AS SELECT * FROM marks", "DELETE FROM marks")
	b.names(lost.Ticket.Number, "no day has a mark of it")
	b.does(db, "INSERT INTO marks SELECT * FROM aside", "DELETE FROM rewritten")
	b.names(lost.Ticket.Number, "what it was is gone")
	number := was.Ticket.Number
	var lines []map[string]string
	rows, err := db.QueryContext(b.ctx, "SELECT body, salt, link FROM entries WHERE ticket = (SELECT id FROM tickets WHERE number = '"+number+"') ORDER BY seq")
	b.ok(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var body, salt, link string
		b.ok(rows.Scan(&body, &salt, &link))
		lines = append(lines, map[string]string{"body": body, "salt": salt, "link": link})
	}
	b.ok(rows.Err())
	text, err := json.Marshal(lines)
	b.ok(err)
	b.does(db, fmt.Sprintf("INSERT INTO rewritten VALUES ('%s', 1, '%s')", number, strings.ReplaceAll(string(text), "'", "''")),
		"DELETE FROM entries WHERE seq > 2 AND ticket = (SELECT id FROM tickets WHERE number = '"+number+"')")
	b.sealsAnew(db, number, 2, lines[1]["link"])
	b.names(number, "no day has a mark of it")
}

// sealsAnew seals a ticket as whoever knows how we do it would.
func (b *bench) sealsAnew(db *sql.DB, number string, lines int, link string) {
	b.Helper()
	p, _, err := b.a.Proof(b.ctx, number)
	b.ok(err)
	s := evidence.Sealed{Number: number, Lines: lines, Link: link, Rest: p.Rest.Sum()}
	today := storetest.At(time.Duration(b.now.Load())).UTC().Format(time.DateOnly)
	b.does(db, "UPDATE bodies SET seal = '"+s.Seal()+"' WHERE ticket = (SELECT id FROM tickets WHERE number = '"+number+"')",
		"DELETE FROM seals WHERE number = '"+number+"' AND day = '"+today+"'",
		fmt.Sprintf("INSERT INTO seals (day, number, seq, link, rest) VALUES ('%s', '%s', %d, '%s', '%s')", today, number, lines, link, s.Rest))
}

// resealedByHand: a closed ticket whose pages somebody removed is named, though he seals it
// anew, and so is an open one of which a line tells of a page.
func resealedByHand(b *bench) {
	paged := func(c *escalation.Change) {
		page := storetest.Page(&c.Ticket, "alice")
		c.Pages = append(c.Pages, page)
		c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryPage, Page: page.String(), Said: ticket.Plain("sent")})
	}
	closed := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Minute) }, func(c *escalation.Change) {
		c.Pages = append(c.Pages, storetest.Page(&c.Ticket, "alice"))
	})
	changes := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Minute) })
	open := b.put(nil, paged)
	b.follow()
	b.aDay(1)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.edit(changes, func(t *ticket.Ticket) { t.UpdatedAt = storetest.At(2 * time.Minute) })
	b.follow()
	if v := b.sealed("one changed after it was closed"); len(v.Rewritten) != 1 || v.Rewritten[0].Number != changes.Ticket.Number || v.Rewritten[0].What != "resealed" {
		b.Errorf("what changed: %+v", v.Rewritten)
	}
	db := b.database()
	b.does(db, "DELETE FROM pages")
	for _, of := range []ticket.Record{closed, open} {
		p, _, err := b.a.Proof(b.ctx, of.Ticket.Number)
		b.ok(err)
		b.sealsAnew(db, of.Ticket.Number, len(p.Lines), p.Lines[len(p.Lines)-1].Link)
	}
	b.names(closed.Ticket.Number, "after it was closed, without a new line or a mark")
	b.names(open.Ticket.Number, "tells of a page that is gone")
}

// hiddenByHand: a value that somebody hid as anonymising does is named.
func hiddenByHand(b *bench) {
	was := b.put(nil, noted("who was called, and when"))
	b.follow()
	b.sealed("as it was written")
	p, _, err := b.a.Proof(b.ctx, was.Ticket.Number)
	b.ok(err)
	last := p.Lines[len(p.Lines)-1]
	b.does(b.database(), fmt.Sprintf("UPDATE entries SET body = '%s', salt = '' WHERE seq = %d AND ticket = (SELECT id FROM tickets WHERE number = '%s')",
		strings.ReplaceAll(last.Form, "'", "''"), len(p.Lines), was.Ticket.Number))
	b.names(was.Ticket.Number, "values that are hidden: ")
}

// filesLookedAt: each attached file is looked at with the hash that the sealed sheet has, and
// what is wrong with it is said.
func filesLookedAt(b *bench) {
	was := b.put(nil, withSheet(`{"attachments":[{"id":"one","name":"a.png","sha256":"aa"},{"id":"two","name":"b.png","sha256":"bb"}]}`))
	b.put(nil)
	b.follow()
	v, err := b.a.VerifyFiles(b.ctx, "", func(number string, of *ticket.Attachment) error {
		if number != was.Ticket.Number || of.ID == "two" && of.SHA256 == "bb" {
			return errors.New("it is another")
		}
		return nil
	})
	if err != nil || v.Files != 2 || len(v.Flaws) != 1 || v.Flaws[0].String() != was.Ticket.Number+": file two (b.png): it is another" {
		b.Errorf("%+v %v", v, err)
	}
}

// markedLater: what an older version did is marked when this one comes, and counted.
func markedLater(b *bench) {
	b.contact("c1", func(c *ticket.Contact) { c.Name, c.Emails = "Ada Quux", []string{"quux@acme.example"} })
	quux := &ticket.Party{ID: "c1", Name: "Ada Quux", Email: "quux@acme.example"}
	b.put(func(t *ticket.Ticket) {
		t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(time.Minute)
	}, withParties(quux, nil), func(c *escalation.Change) {
		c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryQualified, Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{{Field: ticket.FieldContact, Was: quux.String(), Is: "x"}}}}})
	})
	gone := b.put(nil)
	b.follow()
	b.aDay(1)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.ok(second(b.a.Anonymise(b.ctx, ticket.Everything(), "c1", "edith")))
	b.ok(second(b.a.AnonymiseTickets(b.ctx, func(_ context.Context, numbers []string) ([]string, error) { return numbers, nil })))
	is := b.sealed("with marks")
	if is.Hidden == 0 || len(is.Rewritten) == 0 {
		b.Errorf("%+v", is)
	}
	db := b.database()
	b.removes(db, gone.Ticket.Number)
	b.does(db, "INSERT INTO rewritten VALUES ('"+gone.Ticket.Number+"', 1, 'forgotten')", "DROP TABLE marks", "DELETE FROM goose_db_version WHERE version_id >= 10")
	b.a = b.open()
	if v := b.sealed("of an older version"); v.Left != 1 || v.Hidden != is.Hidden || v.Since == "" {
		b.Errorf("%+v", v)
	}
	b.aDay(4)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.sealed("heads were made")
}
