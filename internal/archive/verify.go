package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Flaw is something of the archive that is not as it was sealed.
type Flaw struct {
	Number  string `json:"number,omitempty"` // the ticket's; empty: a day's head
	Day     string `json:"day,omitempty"`    // both empty: a head that somebody kept
	Problem string `json:"problem"`
}

func (f Flaw) String() string {
	if of := strings.TrimSpace(f.Number + " " + f.Day); of != "" {
		return of + ": " + f.Problem
	}
	return f.Problem
}

// Verified is what came of looking at what is sealed.
type Verified struct {
	Tickets  int    `json:"tickets"`
	Lines    int    `json:"lines"`
	Days     int    `json:"days"`     // whose heads were made
	Unsealed int    `json:"unsealed"` // tickets that were copied before there were seals, and did not change since
	Left     int    `json:"left"`     // tickets that left when their retention was over
	Aged     int    `json:"aged"`     // tickets of which pages or names left when their retention was over
	Hidden   int    `json:"hidden"`   // values that were anonymised, or are over
	Files    int    `json:"files"`    // attached ones that were looked at
	Head     Head   `json:"head"`     // of the last day
	Compared []Head `json:"compared"` // the days of the heads that were given
	// Since is the day before which an older version did not mark what it did; empty: there is none.
	Since string `json:"since,omitempty"`
	// Rewritten is what the daemon did to what was sealed, as its marks say.
	Rewritten []Rewriting `json:"rewritten"`
	Flaws     []Flaw      `json:"flaws"` // none: all is as it was sealed

	look func(number string, of *ticket.Attachment) error // at a file; nil: nobody does
}

// mostFlaws is how many are named. Whoever has so many needs no more.
const mostFlaws = 1000

func (v *Verified) flaw(number, day, format string, args ...any) {
	if len(v.Flaws) < mostFlaws {
		v.Flaws = append(v.Flaws, Flaw{number, day, fmt.Sprintf(format, args...)})
	}
}

// verifiedAtOnce is how many tickets are read in a transaction.
const verifiedAtOnce = 200

// Verify looks at all that is sealed, or at one ticket: whether each line, each
// ticket and each day is as it was sealed, and whether these heads are those of its
// days. It fails with ErrNotFound if there is no such ticket, and otherwise only if the
// archive cannot be read.
func (a *Archive) Verify(ctx context.Context, number string, heads ...string) (v Verified, err error) {
	return a.VerifyFiles(ctx, number, nil, heads...)
}

// VerifyFiles is Verify that also has each attached file looked at. The error of look is
// what is wrong with it.
func (a *Archive) VerifyFiles(ctx context.Context, number string, look func(number string, of *ticket.Attachment) error, heads ...string) (v Verified, err error) {
	v.look = look
	v.Flaws, v.Rewritten, v.Compared = []Flaw{}, []Rewriting{}, []Head{}
	if err := a.ready(ctx); err != nil {
		return v, err
	}
	if number != "" {
		if err := a.verifyOne(ctx, number, &v); err != nil {
			return v, failed(err, "verify ticket "+number)
		}
		return v, nil
	}
	for after := int64(-1 << 63); ; {
		was := v.Tickets
		last, err := a.verifyPart(ctx, "id > ?", []any{after}, &v)
		if err != nil {
			return v, failed(err, "verify")
		}
		if v.Tickets == was {
			break
		}
		after = last
	}
	if err := a.verifyDays(ctx, heads, &v); err != nil {
		return v, failed(err, "verify the days")
	}
	return v, nil
}

// verifyPart looks at some tickets, and says which id was the last.
func (a *Archive) verifyPart(ctx context.Context, where string, args []any, v *Verified) (last int64, err error) {
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	if v.Since, err = began(ctx, tx, a.dialect); err != nil {
		return 0, err
	}
	rows, err := a.rows(ctx, tx, where, args)
	if err != nil {
		return 0, err
	}
	for i := range rows {
		if err := a.verifyTicket(ctx, tx, &rows[i], v); err != nil {
			return 0, err
		}
		v.Tickets++
		last = rows[i].id
	}
	return last, nil
}

// rows reads whole rows.
func (a *Archive) rows(ctx context.Context, tx *sql.Tx, where string, args []any) (all []row, err error) {
	rows, err := tx.QueryContext(ctx, a.dialect.sql(fmt.Sprintf("SELECT %s FROM tickets WHERE %s ORDER BY id LIMIT %d", strings.Join(columns, ", "), where, verifiedAtOnce)), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(r.places()...); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// verifyTicket looks at one ticket.
func (a *Archive) verifyTicket(ctx context.Context, tx *sql.Tx, r *row, v *Verified) error {
	lines, err := linesOf(ctx, tx, a.dialect, r.id)
	if err != nil {
		return err
	}
	var seal string
	err = tx.QueryRowContext(ctx, a.dialect.sql("SELECT seal FROM bodies WHERE ticket = ?"), r.id).Scan(&seal)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		v.flaw(r.number, "", "all but its place in lists is gone")
		return nil
	case err != nil:
		return err
	}
	days, err := daysOf(ctx, tx, a.dialect, r.number)
	if err != nil {
		return err
	}
	marks, err := marksOf(ctx, tx, a.dialect, "number = ? ORDER BY nr", r.number)
	if err != nil {
		return err
	}
	if seal == "" && len(days) == 0 && (len(lines) == 0 || lines[0].Link == "") {
		v.Unsealed++
		return nil
	}
	links := walk(r.number, lines, v)
	var link string
	if len(links) > 0 {
		link = links[len(links)-1]
	}
	rest, err := restOf(ctx, tx, a.dialect, r)
	if err != nil {
		return err
	}
	if is := (&evidence.Sealed{Number: r.number, Lines: len(lines), Link: link, Rest: rest.Sum()}); is.Seal() != seal {
		v.flaw(r.number, "", "it is not what was sealed: the ticket, its alerts, its sheet, its pages, or the number of its lines")
	}
	if err := a.verifyRow(ctx, tx, r, lines, marks, v); err != nil {
		return err
	}
	return a.verifyPast(ctx, tx, r, &past{seal: seal, links: links, lines: lines, days: days, marks: marks, began: v.Since}, v)
}

// walk follows a chain, names the first line that is not as it was, and returns the
// links as they should be.
func walk(number string, lines []line, v *Verified) (links []string) {
	before, broken := "", false
	for i, l := range lines {
		form, _, err := evidence.Canonical[ticket.Entry]([]byte(l.Body), l.Salt)
		link := evidence.Link(before, form)
		if (err != nil || link != l.Link) && !broken {
			broken = true
			v.flaw(number, "", "line %d of its timeline is not what was sealed", i+1)
		}
		links = append(links, link)
		before = link
		v.Lines++
	}
	return links
}

// verifyRow compares what lists select by with the ticket itself.
func (a *Archive) verifyRow(ctx context.Context, tx *sql.Tx, r *row, lines []line, marks []mark, v *Verified) error {
	var w Whole
	if err := a.view(ctx, tx, ticket.Everything(), r.number, &w); err != nil {
		if errors.As(err, new(*json.SyntaxError)) || errors.As(err, new(*json.UnmarshalTypeError)) {
			return nil // its seal said so
		}
		return err
	}
	c := ticket.Changed{Source: w.View.Ticket.Source, Number: r.number, Version: r.version, Revision: r.revision, View: w.View}
	s := sheetOf(w.View.Sheet)
	words := wordsOf(&c, &s)
	want := rowOf(&c, &s)
	want.id, want.wordsHash = r.id, words.hash()
	pages, err := a.pagesFit(ctx, tx, r.id)
	if err != nil {
		return err
	}
	parties, err := readParties(ctx, tx, a.dialect, r)
	if want != *r || !parties || !linesFit(lines, w.View.Timeline) || !pages {
		v.flaw(r.number, "", "what lists say of it is not what the ticket says")
	}
	verifyPages(r.number, &w.View, marks, v)
	verifyFiles(r.number, w.View.Sheet, v)
	return err
}

// pagesFit reports whether pages are kept with the key, person, time and state that they
// say.
func (a *Archive) pagesFit(ctx context.Context, tx *sql.Tx, id int64) (bool, error) {
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT key, at, person, state, body FROM pages WHERE ticket = ?"), id)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key, person, state, body string
		var at int64
		if err := rows.Scan(&key, &at, &person, &state, &body); err != nil {
			return false, err
		}
		var p ticket.Page
		if json.Unmarshal([]byte(body), &p) != nil || p.String() != key || p.Person != person || string(p.State) != state || micros(p.At) != at {
			return false, nil
		}
	}
	return true, rows.Err()
}

// linesFit reports whether lines are kept with the time and kind that they say.
func linesFit(lines []line, timeline []ticket.Entry) bool {
	for i := range min(len(lines), len(timeline)) {
		if lines[i].at != micros(timeline[i].At) || lines[i].kind != string(timeline[i].Kind) {
			return false
		}
	}
	return len(lines) == len(timeline)
}

// sealedDay is a ticket at its last seal of a day.
type sealedDay struct {
	day string
	evidence.Sealed
}

func daysOf(ctx context.Context, tx *sql.Tx, d *dialect, number string) (days []sealedDay, err error) {
	rows, err := tx.QueryContext(ctx, d.sql("SELECT day, number, seq, link, rest FROM seals WHERE number = ? ORDER BY day"), number)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s sealedDay
		if err := rows.Scan(&s.day, &s.Number, &s.Lines, &s.Link, &s.Rest); err != nil {
			return nil, err
		}
		days = append(days, s)
	}
	return days, rows.Err()
}

// verifyDays looks at the heads of days, and for tickets that are gone.
func (a *Archive) verifyDays(ctx context.Context, kept []string, v *Verified) error {
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	heads, err := headsOf(ctx, tx)
	if err != nil {
		return err
	}
	before := ""
	for _, h := range heads {
		seals, tickets, err := sealsOf(ctx, tx, a.dialect, h.Day)
		if err != nil {
			return err
		}
		if h.Tickets != tickets || h.Head != evidence.Head(before, h.Day, seals) {
			v.flaw("", h.Day, "its head is not that of its seals")
		}
		before = h.Head
		v.Days++
		v.Head = h
	}
	for _, k := range kept {
		i := slices.IndexFunc(heads, func(h Head) bool { return h.Head == k })
		if i < 0 {
			v.flaw("", "", "no day has the head %s: the past is another one since somebody kept it", k)
			continue
		}
		v.Compared = append(v.Compared, heads[i])
	}
	if err := a.verifyHeadless(ctx, tx, v); err != nil {
		return err
	}
	return a.verifyGone(ctx, tx, v)
}

// verifyHeadless names days that have no head, though a daemon ran after them.
func (a *Archive) verifyHeadless(ctx context.Context, tx *sql.Tx, v *Verified) error {
	until := a.opts.Now().Add(-2 * dayRests).UTC().Format(time.DateOnly)
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT day FROM "+sealedDays+" WHERE day < ? AND day < (SELECT MAX(day) FROM seals) AND day NOT IN (SELECT day FROM heads) ORDER BY day"), until)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var day string
		if err := rows.Scan(&day); err != nil {
			return err
		}
		v.flaw("", day, "it has no head")
	}
	return rows.Err()
}

func headsOf(ctx context.Context, tx *sql.Tx) ([]Head, error) {
	rows, err := tx.QueryContext(ctx, "SELECT day, tickets, head FROM heads ORDER BY day")
	if err != nil {
		return nil, err
	}
	return scanHeads(rows)
}

func scanHeads(rows *sql.Rows) (heads []Head, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var h Head
		if err := rows.Scan(&h.Day, &h.Tickets, &h.Head); err != nil {
			return nil, err
		}
		heads = append(heads, h)
	}
	return heads, rows.Err()
}
