package archive

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What an archive holds can be written as lines of JSON, one a row, and an empty archive
// can be filled with them, on either database. The words that searches go by are not among
// them: they are made anew.

// tables are what is written, in an order in which it can be read: what refers to a row
// comes after it.
var tables = []struct{ name, by string }{
	{"lanes", "name"},
	{"tickets", "id"},
	{"bodies", "ticket"},
	{"entries", "ticket, seq"},
	{"pages", "ticket, key"},
	{"parties", "ticket, role"},
	{"contacts", "id"},
	{"contact_keys", "contact, kind, value"},
	{"anonymising", "ticket, role"},
	{"seals", "day, number"},
	{"heads", "day"},
	{"rewritten", "number, at"},
	{"marks", "number, nr"},
}

// Tables are the names of what Dump writes.
func Tables() []string {
	names := make([]string, len(tables))
	for i := range tables {
		names[i] = tables[i].name
	}
	return names
}

// Schema is the version of the archive's tables.
func (a *Archive) Schema(ctx context.Context) (int64, error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	p, err := a.migrator()
	if err != nil {
		return 0, failed(err, "read the migrations")
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return 0, failed(err, "ask for the version of its tables")
	}
	return version, nil
}

// Dump hands over each row of the archive as it is at one moment, as a line of JSON that
// ends with a line break and is the caller's until the next. Writes go on meanwhile. It has
// one row in memory at a time.
func (a *Archive) Dump(ctx context.Context, each func(table string, line []byte) error) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return failed(err, "write it out")
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range tables {
		if err := dumpTable(ctx, tx, t.name, t.by, each); err != nil {
			return failed(err, "write out "+t.name)
		}
	}
	return nil
}

func dumpTable(ctx context.Context, tx *sql.Tx, table, by string, each func(table string, line []byte) error) error {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+by) //nolint:gosec // names of ours (tables)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	var line bytes.Buffer
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		line.Reset()
		for i, name := range names {
			sep := byte(',')
			if i == 0 {
				sep = '{'
			}
			line.WriteByte(sep)
			fmt.Fprintf(&line, "%q:", name)
			if err := writeValue(&line, values[i]); err != nil {
				return err
			}
		}
		line.WriteString("}\n")
		if err := each(table, line.Bytes()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// writeValue writes a number, or a text; a text that is a JSON object or list stands as it
// is, byte for byte, so that people and programs can read it.
func writeValue(line *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case int64:
		fmt.Fprint(line, v)
		return nil
	case []byte:
		return writeValue(line, string(v))
	case string:
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
			if json.Valid([]byte(v)) && !strings.ContainsAny(v, "\n\r") {
				line.WriteString(v)
				return nil
			}
		}
		text, err := json.Marshal(v)
		if err == nil {
			line.Write(text)
		}
		return err
	}
	return fmt.Errorf("a value of %T", v)
}

// readValue reads what writeValue wrote.
func readValue(raw json.RawMessage) (any, error) {
	switch {
	case len(raw) == 0:
		return nil, errors.New("no value")
	case raw[0] == '{' || raw[0] == '[':
		return string(raw), nil
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	}
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}

// ErrNotEmpty refuses to fill an archive that has something.
var ErrNotEmpty = errors.New("there is something in it already: an empty one wanted")

// How much is written in a statement, and before what is written so far is safe.
const (
	filledAtOnce   = 100
	filledBytes    = 4 << 20
	filledTogether = 200_000 // rows of a file; a server takes all in one transaction
)

// Fill fills an empty archive with what Dump wrote from tables of a version, all in
// Dump's order. next gives a row at a time; its table is empty at the end. An archive that
// is a file is of no use if it fails: whoever fills one has it under another name.
func (a *Archive) Fill(ctx context.Context, schema int64, next func() (table string, line []byte, err error)) error {
	p, err := a.migrator()
	if err != nil {
		return failed(err, "read the migrations")
	}
	sources := p.ListSources()
	if knows := sources[len(sources)-1].Version; schema > knows {
		return failed(fmt.Errorf("the tables are of version %d, and this one knows %d: %w", schema, knows, ErrNewer), "fill it")
	}
	if _, err := p.UpTo(ctx, schema); err != nil {
		return failed(err, "make its tables")
	}
	if is, err := p.GetDBVersion(ctx); err != nil || is != schema {
		return failed(errors.Join(err, fmt.Errorf("its tables are of version %d, and the rows of version %d: an empty database wanted", is, schema)), "fill it")
	}
	f := filling{a: a, ctx: ctx}
	err = f.all(next)
	if f.tx != nil && err != nil {
		_ = f.tx.Rollback()
	}
	if err == nil {
		err = f.tx.Commit()
	}
	if err != nil {
		return failed(err, "fill it")
	}
	if err := a.ready(ctx); err != nil {
		return err
	}
	if err := a.findable(ctx); err != nil {
		return failed(err, "fill in the words")
	}
	return a.Tidy(ctx)
}

// filling writes rows.
type filling struct {
	a   *Archive
	ctx context.Context
	tx  *sql.Tx

	table   string
	columns []string
	values  []any
	rows    int // in values
	bytes   int
	written int // in the transaction
}

func (f *filling) begin() (err error) {
	f.tx, err = f.a.begin(f.ctx)
	return err
}

func (f *filling) all(next func() (string, []byte, error)) error {
	if err := f.begin(); err != nil {
		return err
	}
	for _, table := range []string{"tickets", "contacts", "heads", "lanes"} {
		var n int
		if err := f.tx.QueryRowContext(f.ctx, "SELECT count(*) FROM (SELECT 1 FROM "+table+" LIMIT 1) one").Scan(&n); err != nil || n > 0 {
			return errors.Join(err, ErrNotEmpty)
		}
	}
	for {
		table, line, err := next()
		if err != nil {
			return err
		}
		if table == "" {
			return f.flush()
		}
		if err := f.row(table, line); err != nil {
			return fmt.Errorf("a row of %s: %w", table, err)
		}
	}
}

func (f *filling) row(table string, line []byte) error {
	if !slices.Contains(Tables(), table) {
		return errors.New("there is no such table")
	}
	var of map[string]json.RawMessage
	if err := json.Unmarshal(line, &of); err != nil {
		return err
	}
	columns := make([]string, 0, len(of))
	for name := range of {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return errors.New("there is no such column")
		}
		columns = append(columns, name)
	}
	slices.Sort(columns)
	if f.rows > 0 && (table != f.table || !slices.Equal(columns, f.columns) || f.rows >= filledAtOnce || f.bytes > filledBytes) {
		if err := f.flush(); err != nil {
			return err
		}
	}
	f.table, f.columns = table, columns
	for _, name := range columns {
		v, err := readValue(of[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.values = append(f.values, v)
	}
	f.rows++
	f.bytes += len(line)
	return nil
}

func (f *filling) flush() error {
	if f.rows == 0 {
		return nil
	}
	one := "(" + marks(len(f.columns)) + ")"
	text := "INSERT INTO " + f.table + " (" + strings.Join(f.columns, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(one+", ", f.rows), ", ")
	if _, err := f.tx.ExecContext(f.ctx, f.a.dialect.sql(text), f.values...); err != nil {
		return err
	}
	f.written += f.rows
	f.values, f.rows, f.bytes = f.values[:0], 0, 0
	if f.a.path == "" || f.written < filledTogether {
		return nil
	}
	f.written = 0
	if err := f.tx.Commit(); err != nil {
		return err
	}
	return f.begin()
}

// findable writes the words of all tickets, which have none.
func (a *Archive) findable(ctx context.Context) error {
	for after := int64(-1 << 63); ; {
		last, n, err := a.findablePart(ctx, after)
		if err != nil || n == 0 {
			return err
		}
		after = last
	}
}

func (a *Archive) findablePart(ctx context.Context, after int64) (last int64, n int, err error) {
	tx, err := a.begin(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := a.rows(ctx, tx, "id > ?", []any{after})
	if err != nil {
		return 0, 0, err
	}
	w := a.in(tx)
	for i := range rows {
		r := &rows[i]
		c, err := a.readAgain(ctx, tx, r)
		if err != nil {
			return 0, 0, err
		}
		s := sheetOf(c.View.Sheet)
		words := wordsOf(c, &s)
		if err := w.do(ctx, w.d.putWords, append([]any{r.id}, w.d.wordsOf(&words)...)...); err != nil {
			return 0, 0, err
		}
		last = r.id
	}
	return last, len(rows), tx.Commit()
}

// readAgain reads a ticket as it was copied. Of what is damaged nothing is found, as its
// seal says.
func (a *Archive) readAgain(ctx context.Context, tx *sql.Tx, r *row) (*ticket.Changed, error) {
	var w Whole
	err := a.view(ctx, tx, ticket.Everything(), r.number, &w)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, new(*json.SyntaxError)) && !errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil, err
	}
	return &ticket.Changed{Source: r.source, Number: r.number, Version: r.version, Revision: r.revision, View: w.View}, nil
}

// Count is how many tickets there are.
func (a *Archive) Count(ctx context.Context) (n int, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	if err := a.reader.QueryRowContext(ctx, "SELECT count(*) FROM tickets").Scan(&n); err != nil {
		return 0, failed(err, "count what it has")
	}
	return n, nil
}
