package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/evidence"
)

// line is a line of a timeline as it is kept: its JSON, its salt and its link.
type line struct {
	Body string `json:"body"`
	Salt string `json:"salt"`
	Link string `json:"link"`

	at   int64
	kind string
}

// forgotten stands for the lines of a ticket whose retention was over, where that was noted
// before there were marks.
const forgotten = "forgotten"

// rewrite removes a ticket's lines, and keeps them as they were: their chain was
// sealed on days that are over.
func (w *writer) rewrite(ctx context.Context, r *row) error {
	lines, err := linesOf(ctx, w.tx, w.d, r.id)
	if err != nil {
		return err
	}
	if len(lines) > 0 && lines[0].Link != "" { // else it was copied before there were chains
		at := micros(w.now)
		var last int64
		if err := w.tx.QueryRowContext(ctx, w.d.sql("SELECT COALESCE(MAX(at), 0) FROM rewritten WHERE number = ?"), r.number).Scan(&last); err != nil {
			return err
		}
		at = max(at, last+1) // it was written anew at this moment already
		if err := w.do(ctx, "INSERT INTO rewritten (number, at, lines) VALUES (?, ?, ?)", r.number, at, textOf(lines)); err != nil {
			return err
		}
		if err := w.mark(ctx, r.number, markRewritten, len(lines), rewrittenAs(at, lines)); err != nil {
			return err
		}
	}
	return w.do(ctx, "DELETE FROM entries WHERE ticket = ?", r.id)
}

func linesOf(ctx context.Context, tx *sql.Tx, d *dialect, id int64) ([]line, error) {
	rows, err := tx.QueryContext(ctx, d.sql("SELECT body, salt, link, at, kind FROM entries WHERE ticket = ? ORDER BY seq"), id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var lines []line
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.Body, &l.Salt, &l.Link, &l.at, &l.kind); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// seal seals what is kept of a ticket now.
func (w *writer) seal(ctx context.Context, r *row, c chained) error {
	rest, err := restOf(ctx, w.tx, w.d, r)
	if err != nil {
		return err
	}
	sealed := evidence.Sealed{Number: r.number, Lines: c.lines, Link: c.link, Rest: rest.Sum()}
	if err := w.do(ctx, "UPDATE bodies SET seal = ? WHERE ticket = ?", sealed.Seal(), r.id); err != nil {
		return err
	}
	if w.day == "" {
		if w.day, err = w.openDay(ctx); err != nil {
			return err
		}
	}
	if err := w.markChange(ctx, r, &sealed); err != nil {
		return err
	}
	return w.do(ctx, "INSERT INTO seals (day, number, seq, link, rest) VALUES (?, ?, ?, ?, ?) "+
		"ON CONFLICT (day, number) DO UPDATE SET seq = excluded.seq, link = excluded.link, rest = excluded.rest",
		w.day, sealed.Number, sealed.Lines, sealed.Link, sealed.Rest)
}

// restOf is what is kept of a ticket beside its timeline.
func restOf(ctx context.Context, tx *sql.Tx, d *dialect, of *row) (r evidence.Rest, err error) {
	r.Stamp = fmt.Sprint(of.number, " ", of.id, " ", of.version, " ", of.revision)
	if err := tx.QueryRowContext(ctx, d.sql("SELECT body, alerts, sheet FROM bodies WHERE ticket = ?"), of.id).Scan(&r.Body, &r.Alerts, &r.Sheet); err != nil {
		return r, err
	}
	rows, err := tx.QueryContext(ctx, d.sql("SELECT body FROM pages WHERE ticket = ? ORDER BY key"), of.id)
	if err != nil {
		return r, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var page string
		if err := rows.Scan(&page); err != nil {
			return r, err
		}
		r.Pages = append(r.Pages, page)
	}
	return r, rows.Err()
}

// openDay is today, or the day after the last one whose head was made: what comes
// late is in the next day's.
func (w *writer) openDay(ctx context.Context) (string, error) {
	var last sql.NullString
	if err := w.tx.QueryRowContext(ctx, "SELECT MAX(day) FROM heads").Scan(&last); err != nil {
		return "", err
	}
	today := w.now.UTC().Format(time.DateOnly)
	if last.String < today {
		return today, nil
	}
	day, err := time.Parse(time.DateOnly, last.String)
	return day.AddDate(0, 0, 1).Format(time.DateOnly), err
}

// Head is the hash of what was copied on a day (UTC), and of all days before it.
type Head struct {
	Day     string `json:"day"` // 2026-11-21
	Tickets int    `json:"tickets"`
	Head    string `json:"head"`
}

// dayRests is how long after its end the head of a day is made: until then another
// daemon whose clock is behind may write on it.
const dayRests = time.Hour

// CloseDays makes the heads of days that are over, and returns those that it made. Of
// several daemons one makes each.
func (a *Archive) CloseDays(ctx context.Context) (made []Head, err error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	today := a.opts.Now().Add(-dayRests).UTC().Format(time.DateOnly)
	for {
		h, err := a.closeDay(ctx, today)
		if err != nil {
			return made, failed(err, "make the head of a day")
		}
		if h == nil {
			return made, nil
		}
		made = append(made, *h)
	}
}

// LastHeads are the heads of the last days that are over, most at most, the oldest first.
func (a *Archive) LastHeads(ctx context.Context, most int) ([]Head, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	rows, err := a.writer.QueryContext(ctx, a.dialect.sql("SELECT day, tickets, head FROM heads ORDER BY day DESC LIMIT ?"), most)
	if err != nil {
		return nil, failed(err, "read the last heads")
	}
	heads, err := scanHeads(rows)
	if err != nil {
		return nil, failed(err, "read the last heads")
	}
	slices.Reverse(heads)
	return heads, nil
}

// closeDay makes the head of the first day before today that has none; nil: there is none.
func (a *Archive) closeDay(ctx context.Context, today string) (*Head, error) {
	tx, err := a.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	var h Head
	err = tx.QueryRowContext(ctx, a.dialect.sql("SELECT day FROM "+sealedDays+" WHERE day < ? AND day > (SELECT COALESCE(MAX(day), '') FROM heads) ORDER BY day LIMIT 1"), today).Scan(&h.Day)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var before string
	if err := tx.QueryRowContext(ctx, "SELECT head FROM heads ORDER BY day DESC LIMIT 1").Scan(&before); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	seals, tickets, err := sealsOf(ctx, tx, a.dialect, h.Day)
	if err != nil {
		return nil, err
	}
	h.Tickets, h.Head = tickets, evidence.Head(before, h.Day, seals)
	// Another daemon may be at it: a day has one head, and this transaction fails then.
	if _, err := tx.ExecContext(ctx, a.dialect.sql("INSERT INTO heads (day, tickets, head) VALUES (?, ?, ?)"), h.Day, h.Tickets, h.Head); err != nil {
		return nil, err
	}
	return &h, tx.Commit()
}

// sealedDays are the days on which something was sealed or marked.
const sealedDays = "(SELECT day FROM seals UNION SELECT day FROM marks) sealed_days"

// sealsOf are the seals of a day and the sums of its marks, and how many tickets it has
// seals of.
func sealsOf(ctx context.Context, tx *sql.Tx, d *dialect, day string) (seals []string, tickets int, err error) {
	rows, err := tx.QueryContext(ctx, d.sql("SELECT number, seq, link, rest FROM seals WHERE day = ?"), day)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s evidence.Sealed
		if err := rows.Scan(&s.Number, &s.Lines, &s.Link, &s.Rest); err != nil {
			return nil, 0, err
		}
		seals = append(seals, s.Seal())
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	tickets = len(seals)
	marks, err := marksOf(ctx, tx, d, "day = ?", day)
	for i := range marks {
		seals = append(seals, marks[i].Sum())
	}
	return seals, tickets, err
}

// readLines reads lines that were kept by rewrite.
func readLines(text string) (lines []line, err error) {
	err = json.Unmarshal([]byte(text), &lines)
	return lines, err //nolint:wrapcheck // the caller names it
}
