package archivetest

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// aDay has the archive's clock be in the evening of a day after the first.
func (b *bench) aDay(n int) { b.now.Store(int64(n)*int64(24*time.Hour) + int64(10*time.Hour)) }

// sealed wants all to be as it was sealed.
func (b *bench) sealed(what string) archive.Verified {
	b.Helper()
	v, err := b.a.Verify(b.ctx, "")
	b.ok(err)
	for _, f := range v.Flaws {
		b.Errorf("%s: %s", what, f)
	}
	return v
}

// daysHaveHeads: each day on which something was copied has a head once it is over, and
// one alone.
func daysHaveHeads(b *bench) {
	was := b.put(nil)
	b.follow()
	heads, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	if len(heads) != 0 {
		b.Errorf("the day is not over: %v", heads)
	}
	b.aDay(1)
	heads, err = b.a.CloseDays(b.ctx)
	b.ok(err)
	if len(heads) != 1 || heads[0].Day != storetest.At(0).UTC().Format(time.DateOnly) || heads[0].Tickets != 1 || len(heads[0].Head) != 64 {
		b.Fatalf("the first day's: %v", heads)
	}
	b.edit(was, nil, noted("the next day"))
	b.put(nil)
	b.follow()
	if again, err := b.a.CloseDays(b.ctx); err != nil || len(again) != 0 {
		b.Errorf("again: %v, %v", again, err)
	}
	b.aDay(5)
	next, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	if len(next) != 1 || next[0].Tickets != 2 || next[0].Head == heads[0].Head {
		b.Errorf("the second day's: %v", next)
	}
	b.aDay(1) // a clock that goes back
	b.put(nil)
	b.follow()
	v := b.sealed("after three days")
	if v.Tickets != 3 || v.Days != 2 || v.Head != next[0] {
		b.Errorf("%+v", v)
	}
	if v, err := b.a.Verify(b.ctx, "", heads[0].Head, next[0].Head); err != nil || len(v.Flaws) != 0 || !slices.Equal(v.Compared, []archive.Head{heads[0], next[0]}) {
		b.Errorf("heads that somebody kept: %+v, %v", v, err)
	}
	if v, err := b.a.Verify(b.ctx, "", strings.Repeat("0", 64)); err != nil || len(v.Flaws) != 1 || !strings.Contains(v.Flaws[0].String(), "no day has the head 000") {
		b.Errorf("a head of another past: %+v, %v", v, err)
	}
	if last, err := b.a.LastHeads(b.ctx, 1); err != nil || !slices.Equal(last, next) {
		b.Errorf("the last head: %v, %v", last, err)
	}
	if _, err := b.a.Verify(b.ctx, "I000000_0000"); !errors.Is(err, archive.ErrNotFound) {
		b.Errorf("of no ticket: %v", err)
	}
}

// leaves: of tickets that were closed before a time nothing is left but the mark that
// tells them from tickets that somebody removed.
func leaves(b *bench) {
	over := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Minute) }, withSheet(`{"category":"network"}`), noted("old"), func(c *escalation.Change) {
		c.Pages = append(c.Pages, storetest.Page(&c.Ticket, "alice"))
	})
	later := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Hour) })
	open := b.put(nil)
	b.follow()
	b.aDay(1)
	_, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	if n, err := b.a.Forget(b.ctx, storetest.At(2*time.Minute), 10); err != nil || n != 0 {
		b.Errorf("within a month %d left, %v", n, err)
	}
	b.aDay(40)
	n, err := b.a.Forget(b.ctx, storetest.At(2*time.Minute), 10)
	b.ok(err)
	if n != 1 {
		b.Errorf("%d left", n)
	}
	if _, err := b.a.View(b.ctx, ticket.Everything(), over.Ticket.Number); !errors.Is(err, archive.ErrNotFound) {
		b.Errorf("it is there: %v", err)
	}
	if v := b.sealed("after it left"); v.Tickets != 2 || v.Days != 1 {
		b.Errorf("%+v", v)
	}
	db := b.database()
	for _, table := range []string{"bodies", "entries", "pages", "parties", "anonymising"} {
		var left int
		b.ok(db.QueryRowContext(b.ctx, "SELECT count(*) FROM "+table+" WHERE ticket NOT IN (SELECT id FROM tickets)").Scan(&left))
		if left != 0 {
			b.Errorf("%s has %d rows of it", table, left)
		}
	}
	if n, err := b.a.Forget(b.ctx, storetest.At(2*time.Minute), 10); err != nil || n != 0 {
		b.Errorf("again: %d, %v", n, err)
	}
	for _, number := range []string{later.Ticket.Number, open.Ticket.Number} {
		b.whole(number)
	}
}

// aChangedByte: whatever is changed in the archive's tables is named.
func aChangedByte(b *bench) {
	was := b.put(func(t *ticket.Ticket) { t.Title = "first" }, withParties(&ticket.Party{ID: "c1", Email: "ada@acme.example", Phone: "+33240112233"}, nil), func(c *escalation.Change) {
		c.Pages = append(c.Pages, storetest.Page(&c.Ticket, "alice"))
	})
	was = b.edit(was, nil, noted("one"))
	b.follow()
	night := b.s.Snapshot()
	was = b.edit(was, nil, noted("lost"))
	b.follow()
	b.aDay(1)
	_, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	b.s.Restore(night)
	b.edit(b.load(was.Ticket.Number), func(t *ticket.Ticket) { t.UpdatedAt = storetest.At(3 * time.Minute) }, noted("another"))
	b.follow()
	b.sealed("as it was written")
	db := b.database()
	for table, columns := range map[string][]string{
		"tickets":   {"source", "version", "revision", "state", "urgency", "kind", "origin", "customer", "site", "team", "tier", "assignee", "owner", "category", "equipment", "application", "domain", "service", "billable", "opened_at", "updated_at", "due_at", "stopped_at", "resolved_at", "closed_at", "wording", "promised", "picked_up_at"},
		"parties":   {"role", "contact", "email", "phone"},
		"bodies":    {"body", "alerts", "sheet", "seal"},
		"entries":   {"at", "kind", "body", "salt", "link"},
		"pages":     {"key", "body", "at", "person", "state"},
		"seals":     {"number", "seq", "link", "rest"},
		"heads":     {"day", "tickets", "head"},
		"rewritten": {"lines"},
		"marks":     {"number", "nr", "what", "about"},
	} {
		for _, column := range columns {
			b.changed(db, table, column)
		}
	}
	for _, table := range []string{"entries", "pages", "parties", "seals", "heads", "rewritten", "marks"} {
		b.removed(db, table)
	}
}

// changed changes each value of a column, and wants that to be named.
func (b *bench) changed(db *sql.DB, table, column string) {
	b.Helper()
	var values []any
	rows, err := db.QueryContext(b.ctx, "SELECT DISTINCT "+column+" FROM "+table)
	b.ok(err)
	for rows.Next() {
		var v any
		b.ok(rows.Scan(&v))
		values = append(values, v)
	}
	b.ok(errors.Join(rows.Err(), rows.Close()))
	if len(values) == 0 {
		b.Errorf("%s has no rows", table)
	}
	for _, v := range values {
		was := literal(v)
		var is string
		switch v := v.(type) {
		case int64:
			is = fmt.Sprint(v + 1)
		default:
			text := fmt.Sprint(v)
			is = "'" + strings.ReplaceAll(text+"x", "'", "''") + "'"
			if n := len(text) / 2; n > 0 {
				other := "1"
				if text[n] == '1' {
					other = "2"
				}
				is = "'" + strings.ReplaceAll(text[:n]+other+text[n+1:], "'", "''") + "'"
			}
		}
		b.flawed(db, table+"."+column+" from "+was+" to "+is,
			fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s = %s", table, column, is, column, was),
			fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s = %s", table, column, was, column, is))
	}
}

func literal(v any) string {
	if n, ok := v.(int64); ok {
		return fmt.Sprint(n)
	}
	return "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
}

// removed removes a table's rows, and wants that to be named.
func (b *bench) removed(db *sql.DB, table string) {
	b.Helper()
	b.flawed(db, "no "+table, "CREATE TABLE aside AS SELECT * FROM "+table+"; DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM aside; DROP TABLE aside")
}

// flawed wants a change to be named, and undoes it.
func (b *bench) flawed(db *sql.DB, what, do, undo string) {
	b.Helper()
	_, err := db.ExecContext(b.ctx, do)
	b.ok(err)
	v, err := b.a.Verify(b.ctx, "")
	if err != nil || len(v.Flaws) == 0 {
		b.Errorf("%s: nothing is named (%v)", what, err)
	}
	if slices.ContainsFunc(v.Flaws, func(f archive.Flaw) bool { return f.Number == "" && f.Day == "" }) {
		b.Errorf("%s: %v", what, v.Flaws)
	}
	_, err = db.ExecContext(b.ctx, undo)
	b.ok(err)
}
