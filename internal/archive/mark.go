package archive

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/evidence"
)

// What the daemon itself does to what was sealed has a mark, and the head of the day is
// made of it too. What has none was done by somebody else.
const (
	markLeft       = "left"       // its retention was over; about: when it was closed
	markRewritten  = "rewritten"  // the store lost a part; about: which timeline that was (rewrittenAs)
	markResealed   = "resealed"   // it changed after the day on which it was closed, without a new line
	markAnonymised = "anonymised" // so many values
	markPages      = "pages"      // so many left before the ticket; about: when it was closed
	markNames      = "names"      // of who is on it, so many values; about: likewise
	markBegan      = "began"      // of no ticket: what was done before that day has no marks
)

// markFound is about a ticket that had left before leaving had marks.
const markFound = "found"

// leastKept is how long a ticket is kept after it was closed, and after it was sealed
// first: retention.tickets has no less.
const leastKept = 31 * 24 * time.Hour

// mark is one, and the day that it belongs to.
type mark struct {
	day string
	evidence.Mark
}

// mark marks what is done to a ticket.
func (w *writer) mark(ctx context.Context, number, what string, n int, about string) error {
	if w.day == "" {
		var err error
		if w.day, err = w.openDay(ctx); err != nil {
			return err
		}
	}
	return w.markOn(ctx, w.day, number, what, n, about)
}

func (w *writer) markOn(ctx context.Context, day, number, what string, n int, about string) error {
	return w.do(ctx, "INSERT INTO marks (day, number, nr, what, n, about) VALUES (?, ?, (SELECT COALESCE(MAX(m.nr), 0) + 1 FROM marks m WHERE m.number = ?), ?, ?, ?)",
		day, number, number, what, n, about)
}

func marksOf(ctx context.Context, from querier, d *dialect, where string, args ...any) (marks []mark, err error) {
	rows, err := from.QueryContext(ctx, d.sql("SELECT day, number, nr, what, n, about FROM marks WHERE "+where), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.day, &m.Number, &m.Nr, &m.What, &m.Count, &m.About); err != nil {
			return nil, err
		}
		marks = append(marks, m)
	}
	return marks, rows.Err()
}

// sinceLeft are a ticket's marks since it left last, and the day on which it did: the store
// may have it again.
func sinceLeft(marks []mark) (since []mark, left string) {
	for i := range marks {
		if marks[i].What == markLeft {
			since, left = nil, marks[i].day
			continue
		}
		since = append(since, marks[i])
	}
	return since, left
}

// rewrittenAs names a timeline that was written anew.
func rewrittenAs(at int64, lines []line) string {
	link := ""
	if len(lines) > 0 {
		link = lines[len(lines)-1].Link
	}
	return strconv.FormatInt(at, 10) + " " + link
}

// changedAfter reports whether a seal differs from the one before it though the ticket was
// closed on an earlier day and has no new line.
func changedAfter(closed int64, before *evidence.Sealed, day string, is *evidence.Sealed) bool {
	return closed > 0 && dayOf(closed) < day && before.Lines == is.Lines && before.Link == is.Link && before.Rest != is.Rest
}

func dayOf(at int64) string { return time.UnixMicro(at).UTC().Format(time.DateOnly) }

// markChange marks a ticket that changed after it was closed, once a day.
func (w *writer) markChange(ctx context.Context, r *row, is *evidence.Sealed) error {
	if r.closed == 0 || dayOf(r.closed) >= w.day {
		return nil
	}
	days, err := daysOf(ctx, w.tx, w.d, r.number)
	if err != nil {
		return err
	}
	for len(days) > 0 && days[len(days)-1].day >= w.day {
		days = days[:len(days)-1]
	}
	if len(days) == 0 || !changedAfter(r.closed, &days[len(days)-1].Sealed, w.day, is) {
		return nil
	}
	marks, err := marksOf(ctx, w.tx, w.d, "number = ? AND day = ? AND what IN (?, ?, ?, ?)", r.number, w.day, markResealed, markAnonymised, markPages, markNames)
	if err != nil || len(marks) > 0 {
		return err
	}
	return w.mark(ctx, r.number, markResealed, is.Lines, "")
}

// firstSealed is the first day on which anything was sealed; empty: nothing was.
func firstSealed(ctx context.Context, tx *sql.Tx) (string, error) {
	var day sql.NullString
	err := tx.QueryRowContext(ctx, "SELECT MIN(day) FROM seals").Scan(&day)
	return day.String, err
}

// keptSince is the last day on which a ticket may have been sealed first that leaves on a
// day. Those that were there when the archive began may leave sooner.
func keptSince(day, first string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return first
	}
	return max(first, at.Add(-leastKept).Format(time.DateOnly))
}
