package archive

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Rewriting is something that was done to what was sealed of a ticket, and is marked as the
// daemon's own doing.
type Rewriting struct {
	Number string `json:"number"`
	Day    string `json:"day"`   // of its mark
	What   string `json:"what"`  // rewritten, resealed, anonymised
	Count  int    `json:"count"` // of lines that differ, if it was rewritten; of values, if anonymised
}

func (r Rewriting) String() string {
	switch r.What {
	case markRewritten:
		return fmt.Sprintf("%s %s: its timeline was written anew, for the store had lost a part: %d lines differ", r.Number, r.Day, r.Count)
	case markAnonymised:
		return fmt.Sprintf("%s %s: anonymised, %d values", r.Number, r.Day, r.Count)
	}
	return fmt.Sprintf("%s %s: it changed after it was closed, without a line", r.Number, r.Day)
}

func (v *Verified) rewriting(number, day, what string, count int) {
	if len(v.Rewritten) < mostFlaws {
		v.Rewritten = append(v.Rewritten, Rewriting{number, day, what, count})
	}
}

// past is what was sealed of a ticket, and what was done to it.
type past struct {
	seal  string
	links []string // of its chain
	lines []line
	days  []sealedDay
	marks []mark
	began string // before that day nothing was marked
}

// was is a timeline as it was before it was written anew.
type was struct {
	at   int64
	text string
}

// before are the timelines of a ticket as they were before they were written anew.
func before(ctx context.Context, tx *sql.Tx, d *dialect, number string) (were []was, err error) {
	rows, err := tx.QueryContext(ctx, d.sql("SELECT at, lines FROM rewritten WHERE number = ? AND lines <> ? ORDER BY at"), number, forgotten)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var w was
		if err := rows.Scan(&w.at, &w.text); err != nil {
			return nil, err
		}
		were = append(were, w)
	}
	return were, rows.Err()
}

// began is the day before which nothing was marked; empty: there is none.
func began(ctx context.Context, tx *sql.Tx, d *dialect) (string, error) {
	marks, err := marksOf(ctx, tx, d, "number = '' AND what = ?", markBegan)
	if err != nil || len(marks) == 0 {
		return "", err
	}
	return marks[0].day, nil
}

// chain is a timeline that was written anew, until the day of its mark.
type chain struct {
	links []string
	until string
}

// verifyPast looks whether a ticket's chain has what was sealed on each day, or had it
// before the store lost a part; and whether all that was done to it is marked.
func (a *Archive) verifyPast(ctx context.Context, tx *sql.Tx, r *row, p *past, v *Verified) error {
	if len(p.days) == 0 {
		v.flaw(r.number, "", "no day has its seal")
		return nil
	}
	if last := &p.days[len(p.days)-1]; last.Seal() != p.seal {
		v.flaw(r.number, last.day, "its seal is another than the last one of that day")
	}
	marks, left := sinceLeft(p.marks)
	others, hidden, err := a.verifyBefore(ctx, tx, r.number, p.lines, marks, v)
	if err != nil {
		return err
	}
	for _, d := range p.days {
		found := d.on(p.links) || d.day <= left // it had left, and the store has it again
		for _, o := range others {
			found = found || d.day <= o.until && d.on(o.links)
		}
		if !found {
			v.flaw(r.number, d.day, "its timeline is not the one that was sealed on that day")
		}
	}
	for i := range p.lines {
		hidden += p.lines[i].hidden()
	}
	verifyHidden(r.number, hidden, marks, v)
	verifyAged(r, marks, v)
	verifyChanges(r, p, left, v)
	return nil
}

func (d *sealedDay) on(links []string) bool {
	return d.Lines <= len(links) && (d.Lines == 0 || links[d.Lines-1] == d.Link)
}

// verifyBefore looks at the timelines that were written anew, and says what they hide.
func (a *Archive) verifyBefore(ctx context.Context, tx *sql.Tx, number string, is []line, marks []mark, v *Verified) (chains []chain, hidden int, err error) {
	were, err := before(ctx, tx, a.dialect, number)
	if err != nil {
		return nil, 0, err
	}
	marked := map[string]string{} // days
	for i := range marks {
		if marks[i].What == markRewritten {
			marked[marks[i].About] = marks[i].day
		}
	}
	timelines := make([][]line, 0, len(were)+1)
	for i := range were {
		lines, err := readLines(were[i].text)
		if err != nil {
			v.flaw(number, "", "what it was before it was written anew cannot be read")
			continue
		}
		for j := range lines {
			hidden += lines[j].hidden()
		}
		links := walk(number, lines, v)
		as := rewrittenAs(were[i].at, lines)
		day, known := marked[as]
		delete(marked, as)
		if !known {
			v.flaw(number, "", "its timeline was written anew, and no day has a mark of it")
			continue
		}
		chains, timelines = append(chains, chain{links, day}), append(timelines, lines)
	}
	for _, day := range marked {
		v.flaw(number, day, "its timeline was written anew on that day, and what it was is gone")
	}
	timelines = append(timelines, is)
	for i := range chains {
		v.rewriting(number, chains[i].until, markRewritten, differ(timelines[i], timelines[i+1]))
	}
	return chains, hidden, nil
}

// differ is how many lines of two timelines are not the same in both.
func differ(x, y []line) (n int) {
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i].Body != y[i].Body {
			n++
		}
	}
	return n
}

// verifyHidden compares how many values are hidden with what is marked.
func verifyHidden(number string, hidden int, marks []mark, v *Verified) {
	v.Hidden += hidden
	var marked int
	for i := range marks {
		switch marks[i].What {
		case markNames:
			marked += int(marks[i].Count)
		case markAnonymised:
			marked += int(marks[i].Count)
			v.rewriting(number, marks[i].day, markAnonymised, int(marks[i].Count))
		}
	}
	if hidden != marked {
		v.flaw(number, "", "values that are hidden: %d, and that were anonymised: %d", hidden, marked)
	}
}

// verifyChanges names what changed after the ticket was closed, without a line or a mark.
func verifyChanges(r *row, p *past, left string, v *Verified) {
	marked := map[string]string{}
	for i := range p.marks {
		switch m := &p.marks[i]; m.What {
		case markResealed:
			marked[m.day] = m.What
		case markAnonymised, markPages, markNames:
			marked[m.day] = cmp.Or(marked[m.day], m.What)
		}
	}
	for i := 1; i < len(p.days); i++ {
		d := &p.days[i]
		if d.day < p.began || p.days[i-1].day <= left || !changedAfter(r.closed, &p.days[i-1].Sealed, d.day, &d.Sealed) {
			continue
		}
		switch marked[d.day] {
		case markResealed:
			v.rewriting(r.number, d.day, markResealed, 0)
		case "":
			v.flaw(r.number, d.day, "it was sealed anew on that day, after it was closed, without a new line or a mark")
		}
	}
}

// verifyAged counts a ticket of which something left before it did, and names it if that was
// less than a month after it was closed. One that was open again since is not looked at.
func verifyAged(r *row, marks []mark, v *Verified) {
	aged := false
	for i := range marks {
		m := &marks[i]
		if m.What != markPages && m.What != markNames {
			continue
		}
		aged = true
		if day := dayOf(r.closed); r.closed > 0 && day <= m.day && day > keptSince(m.day, "") {
			v.flaw(r.number, m.day, "what it said of pages and people left on that day, less than a month after it was closed")
		}
	}
	if aged {
		v.Aged++
	}
}

// verifyPages names lines that tell of pages which are not kept, and did not leave.
func verifyPages(number string, view *ticket.View, marks []mark, v *Verified) {
	since, _ := sinceLeft(marks)
	if slices.ContainsFunc(since, func(m mark) bool { return m.What == markPages }) {
		return
	}
	there := map[string]bool{}
	for i := range view.Pages {
		there[view.Pages[i].String()] = true
	}
	for i := range view.Timeline {
		if e := &view.Timeline[i]; e.Kind == ticket.EntryPage && e.Page != "" && !there[e.Page] {
			v.flaw(number, "", "line %d of its timeline tells of a page that is gone", i+1)
			return
		}
	}
}

// verifyFiles names attached files that are gone, or others than were attached.
func verifyFiles(number string, s *ticket.Sheet, v *Verified) {
	if s == nil || v.look == nil {
		return
	}
	for i := range s.Attachments {
		f := &s.Attachments[i]
		v.Files++
		if err := v.look(number, f); err != nil {
			v.flaw(number, "", "file %s (%s): %v", f.ID, ticket.Logged(f.Name), err)
		}
	}
}

// verifyGone looks for tickets that are gone, and counts those whose leaving is marked.
func (a *Archive) verifyGone(ctx context.Context, tx *sql.Tx, v *Verified) error {
	first, err := firstSealed(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, a.dialect.sql("SELECT g.number, MAX(g.day) FROM (SELECT number, day FROM seals UNION ALL SELECT number, day FROM marks WHERE number <> '' UNION ALL SELECT number, '' FROM rewritten) g "+
		"WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.number = g.number) GROUP BY g.number ORDER BY g.number"))
	if err != nil {
		return err
	}
	type of struct{ number, last string }
	var gone []of
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var g of
		if err := rows.Scan(&g.number, &g.last); err != nil {
			return err
		}
		gone = append(gone, g)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, g := range gone {
		if err := a.verifyLeft(ctx, tx, g.number, g.last, first, v); err != nil {
			return err
		}
	}
	return a.verifyMarks(ctx, tx, v)
}

// verifyMarks names tickets of which a mark is gone.
func (a *Archive) verifyMarks(ctx context.Context, tx *sql.Tx, v *Verified) error {
	rows, err := tx.QueryContext(ctx, "SELECT number, MAX(day) FROM marks GROUP BY number HAVING MAX(nr) <> COUNT(*) OR MIN(nr) <> 1 ORDER BY number")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number, day string
		if err := rows.Scan(&number, &day); err != nil {
			return err
		}
		v.flaw(number, day, "a mark of what was done to what was sealed is gone")
	}
	return rows.Err()
}

// verifyLeft looks whether a ticket that is gone left as the daemon has tickets leave.
func (a *Archive) verifyLeft(ctx context.Context, tx *sql.Tx, number, last, first string, v *Verified) error {
	marks, err := marksOf(ctx, tx, a.dialect, "number = ? AND what = ? ORDER BY nr DESC LIMIT 1", number, markLeft)
	if err != nil {
		return err
	}
	if len(marks) == 0 {
		v.flaw(number, last, "it is gone, and no day has a mark that it left")
		return nil
	}
	m := &marks[0]
	v.Left++
	days, err := daysOf(ctx, tx, a.dialect, number)
	if err != nil {
		return err
	}
	switch {
	case last > m.day:
		v.flaw(number, last, "it was sealed on that day, and had left before")
	case m.About == markFound: // before there were marks
	case len(days) > 0 && days[0].day > keptSince(m.day, first), m.About[:min(len(m.About), len(time.DateOnly))] > keptSince(m.day, ""):
		v.flaw(number, m.day, "it left on that day, less than a month after it was closed or sealed first")
	}
	return nil
}

// verifyOne looks at one ticket, or says on which day it left.
func (a *Archive) verifyOne(ctx context.Context, number string, v *Verified) error {
	if _, err := a.verifyPart(ctx, "number = ?", []any{number}, v); err != nil || v.Tickets > 0 {
		return err
	}
	tx, err := a.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: a.dialect.dollar, Isolation: a.dialect.whole})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	days, err := daysOf(ctx, tx, a.dialect, number)
	if err != nil {
		return err
	}
	marks, err := marksOf(ctx, tx, a.dialect, "number = ?", number)
	if err != nil {
		return err
	}
	if len(days)+len(marks) == 0 {
		return ErrNotFound
	}
	first, err := firstSealed(ctx, tx)
	if err != nil {
		return err
	}
	last := ""
	for i := range days {
		last = max(last, days[i].day)
	}
	for i := range marks {
		last = max(last, marks[i].day)
	}
	return a.verifyLeft(ctx, tx, number, last, first, v)
}
