package archivetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// dumped is what an archive writes of itself.
func (b *bench) dumped(a *archive.Archive) (tables, lines []string) {
	b.Helper()
	b.ok(a.Dump(b.ctx, func(table string, line []byte) error {
		tables, lines = append(tables, table), append(lines, string(line))
		return nil
	}))
	return tables, lines
}

// filled is another archive, with rows of tables of a version.
func (b *bench) filled(address string, schema int64, tables, lines []string) (*archive.Archive, error) {
	b.Helper()
	a, err := archive.Open(archive.Options{URL: address, Careless: true})
	b.ok(err)
	b.Cleanup(func() { b.ok(a.Close()) })
	i := -1
	return a, a.Fill(b.ctx, schema, func() (string, []byte, error) {
		if i++; i == len(lines) {
			return "", nil, nil
		}
		return tables[i], []byte(lines[i]), nil
	})
}

// filledAgain: what an archive writes of itself makes the same archive, on either database,
// with the same heads, in which the same is found, and which follows on.
func filledAgain(b *bench) {
	was := b.put(func(t *ticket.Ticket) { t.Title = "l'imprimante <b>\"brûle\"</b>\n" }, withSheet(`{"category":"réseau"}`), noted("câble débranché"), func(c *escalation.Change) {
		c.Pages = append(c.Pages, storetest.Page(&c.Ticket, "alice"))
	})
	gone := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(0) })
	b.put(nil)
	b.follow()
	b.aDay(1)
	_, err := b.a.CloseDays(b.ctx)
	b.ok(err)
	b.aDay(40)
	_, err = b.a.Forget(b.ctx, gone.Ticket.ClosedAt.Add(time.Second), 1)
	b.ok(err)
	schema, err := b.a.Schema(b.ctx)
	b.ok(err)
	tables, lines := b.dumped(b.a)
	for _, address := range []string{SQLite(b), b.address()} {
		a, err := b.filled(address, schema, tables, lines)
		b.ok(err)
		if againIn, again := b.dumped(a); !slices.Equal(again, lines) || !slices.Equal(againIn, tables) {
			b.Errorf("it is\n%s, and was\n%s", strings.Join(again, ""), strings.Join(lines, ""))
		}
		v, err := a.Verify(b.ctx, "")
		if err != nil || len(v.Flaws) > 0 || v.Days != 1 || v.Tickets != 2 {
			b.Errorf("%+v %v", v, err)
		}
		for _, q := range []string{"IMPRIMANTES brule", "cable", was.Ticket.Number} {
			l, err := a.Search(b.ctx, ticket.Everything(), &ticket.Search{Query: ticket.Query{Text: strings.Replace(q, "IMPRIMANTES", "imprim", 1), Limit: 10}}, nil)
			if err != nil || len(l.Tickets) != 1 || l.Tickets[0].Number != was.Ticket.Number {
				b.Errorf("%q: %+v %v", q, l, err)
			}
		}
		if _, err := b.filled(address, schema, tables, lines); !errors.Is(err, archive.ErrNotEmpty) {
			b.Errorf("filled twice: %v", err)
		}
		was = b.edit(was, nil, noted("later"))
		b.ok(b.follower(a).CatchUp(b.ctx))
		b.same("it follows on", a)
	}
	if _, err := b.filled(SQLite(b), schema+1, nil, nil); !errors.Is(err, archive.ErrNewer) {
		b.Errorf("of a newer version: %v", err)
	}
	for _, line := range []string{"{", `{"name":null}`, `{"name; DROP TABLE lanes":1}`, `{"nothing":1}`} {
		if _, err := b.filled(SQLite(b), schema, []string{"lanes"}, []string{line}); err == nil {
			b.Errorf("%s is taken", line)
		}
	}
	if _, err := b.filled(SQLite(b), schema, []string{"sqlite_master"}, []string{"{}"}); err == nil {
		b.Error("a table of nobody's is filled")
	}
}

// everyTableIsDumped but those that are made anew.
func everyTableIsDumped(b *bench) {
	b.follow()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'words_%'"
	if strings.HasPrefix(b.url, "postgres") {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	}
	rows, err := b.database().QueryContext(context.Background(), query)
	b.ok(err)
	defer func() { _ = rows.Close() }()
	is := map[string]bool{}
	for rows.Next() {
		var name string
		b.ok(rows.Scan(&name))
		is[name] = true
	}
	b.ok(rows.Err())
	delete(is, "words")
	delete(is, "goose_db_version")
	if want := slices.Sorted(slices.Values(archive.Tables())); !slices.Equal(slices.Sorted(maps.Keys(is)), want) {
		b.Errorf("there are %v, and written are %v", slices.Sorted(maps.Keys(is)), want)
	}
}
