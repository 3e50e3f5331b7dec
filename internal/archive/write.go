package archive

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Positions are how far the logs of changes are copied, by lane.
func (a *Archive) Positions(ctx context.Context) (map[string]int64, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	rows, err := a.reader.QueryContext(ctx, "SELECT name, position FROM lanes")
	if err != nil {
		return nil, failed(err, "read how far it is")
	}
	defer func() { _ = rows.Close() }()
	at := map[string]int64{}
	for rows.Next() {
		var name string
		var position int64
		if err := rows.Scan(&name, &position); err != nil {
			return nil, failed(err, "read how far it is")
		}
		at[name] = position
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err, "read how far it is")
	}
	return at, nil
}

// Write writes what changed in a lane after a position, and moves the position
// to where, all or nothing. It fails with errMoved if the position is no longer
// from: then another daemon has written it.
func (a *Archive) Write(ctx context.Context, lane string, from, to int64, changes []ticket.Changed) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if len(changes) > 0 {
		if err := a.roomy(); err != nil {
			return err
		}
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return failed(err, "write")
	}
	w := a.in(tx)
	err = w.move(ctx, lane, from, to)
	for i := range changes {
		if err == nil && !changes[i].Gone {
			err = w.write(ctx, &changes[i])
		}
	}
	if err != nil {
		_ = tx.Rollback()
		return failed(err, "write")
	}
	if err := tx.Commit(); err != nil {
		return failed(err, "write")
	}
	return nil
}

// writer writes in one transaction.
type writer struct {
	tx         *sql.Tx
	d          *dialect
	statements map[string]*sql.Stmt
	now        time.Time
	day        string         // of seals; empty: not known yet
	contacts   map[string]int // how many a customer has; no entry: not counted yet
}

func (a *Archive) in(tx *sql.Tx) *writer {
	return &writer{tx: tx, d: a.dialect, statements: map[string]*sql.Stmt{}, now: a.opts.Now(), contacts: map[string]int{}}
}

func (w *writer) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := w.statements[text]; s != nil {
		return s, nil
	}
	s, err := w.tx.PrepareContext(ctx, w.d.sql(text))
	if err == nil {
		w.statements[text] = s // it ends with the transaction
	}
	return s, err
}

func (w *writer) do(ctx context.Context, text string, args ...any) error {
	s, err := w.prepared(ctx, text)
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	return err
}

// move moves a lane's position.
func (w *writer) move(ctx context.Context, lane string, from, to int64) error {
	if err := w.do(ctx, "INSERT INTO lanes (name, position) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", lane); err != nil {
		return err
	}
	var is int64
	if err := w.tx.QueryRowContext(ctx, w.d.sql(w.d.lock), lane).Scan(&is); err != nil {
		return err
	}
	if is != from {
		return errMoved
	}
	return w.do(ctx, "UPDATE lanes SET position = ? WHERE name = ?", to, lane)
}

// write writes a ticket over what there is of it.
func (w *writer) write(ctx context.Context, c *ticket.Changed) error {
	s := sheetOf(c.View.Sheet)
	words := wordsOf(c, &s)
	r := rowOf(c, &s)
	r.wordsHash = words.hash()
	had, err := w.had(ctx, r.number)
	if err != nil {
		return err
	}
	if had.known {
		r.id = had.id
	} else if r.id, err = w.freeID(ctx, r.id); err != nil {
		return err
	}
	// A store removes a closed ticket a part at a time. What is still there of it is
	// not all of it: only what came of its pages since may be new.
	leaving := had.known && r.closed > 0 && had.copyOf == copyOf{r.revision, r.updated}
	if leaving {
		r.version, r.wordsHash = had.version, had.words
		err = w.hold(ctx, r.number)
	} else {
		err = errors.Join(w.do(ctx, upsert, r.values()...), w.writeBody(ctx, r.id, c), w.writeParties(ctx, &r))
	}
	if err != nil {
		return err
	}
	lines, err := w.writeEntries(ctx, &r, c.View.Timeline, leaving)
	if err != nil {
		return err
	}
	if err := w.writePages(ctx, r.id, c.View.Pages, leaving); err != nil {
		return err
	}
	if err := w.seal(ctx, &r, lines); err != nil {
		return err
	}
	if had.known && had.words == r.wordsHash {
		return nil
	}
	return w.word(ctx, r.id, had.known, &words)
}

// word writes what is searched of a ticket, over what there may be.
func (w *writer) word(ctx context.Context, id int64, known bool, words *wording) error {
	if known {
		if err := w.do(ctx, w.d.dropWords, id); err != nil {
			return err
		}
	}
	return w.do(ctx, w.d.putWords, append([]any{id}, w.d.wordsOf(words)...)...)
}

// had is what there is of a ticket.
type had struct {
	copyOf
	known              bool
	id, words, version int64
}

func (w *writer) had(ctx context.Context, number string) (h had, err error) {
	s, err := w.prepared(ctx, "SELECT id, wording, version, revision, updated_at FROM tickets WHERE number = ?")
	if err != nil {
		return h, err
	}
	err = s.QueryRowContext(ctx, number).Scan(&h.id, &h.words, &h.version, &h.revision, &h.updated)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	h.known = err == nil
	return h, err
}

// freeID is the first id from one on that no ticket has.
func (w *writer) freeID(ctx context.Context, id int64) (int64, error) {
	s, err := w.prepared(ctx, "SELECT count(*) FROM tickets WHERE id = ?")
	for ; err == nil; id++ {
		var n int
		if err = s.QueryRowContext(ctx, id).Scan(&n); err == nil && n == 0 {
			return id, nil
		}
	}
	return 0, err
}

// writeBody writes what is read of a ticket alone. A closed ticket has no
// alerts in the store: those that were last copied stay.
func (w *writer) writeBody(ctx context.Context, id int64, c *ticket.Changed) error {
	body, err := json.Marshal(&c.View.Ticket)
	if err != nil {
		return err
	}
	alerts, err := json.Marshal(c.View.Alerts)
	if err != nil {
		return err
	}
	sheet, err := json.Marshal(c.View.Sheet)
	if err != nil {
		return err
	}
	set := "body = excluded.body, sheet = excluded.sheet"
	if len(c.View.Alerts) > 0 || c.View.Ticket.State != ticket.Closed {
		set += ", alerts = excluded.alerts"
	}
	return w.do(ctx, "INSERT INTO bodies (ticket, body, alerts, sheet) VALUES (?, ?, ?, ?) ON CONFLICT (ticket) DO UPDATE SET "+set,
		id, string(body), string(alerts), string(sheet))
}

// chained is how far a timeline's chain is.
type chained struct {
	lines int
	link  string
}

// writeEntries appends what the timeline has more. If what there is is no
// beginning of it, for the store lost some, it is written anew, and how it was is
// kept for the evidence.
func (w *writer) writeEntries(ctx context.Context, r *row, timeline []ticket.Entry, leaving bool) (c chained, err error) {
	c, body, err := w.chain(ctx, r.id)
	if err != nil {
		return c, err
	}
	if leaving && c.lines > len(timeline) {
		return c, nil
	}
	if c.lines > 0 && (c.lines > len(timeline) || textOf(&timeline[c.lines-1]) != body || c.link == "") {
		if err := w.rewrite(ctx, r); err != nil {
			return c, err
		}
		c = chained{}
	}
	return c, w.append(ctx, r, &c, timeline)
}

// chain is how far a ticket's chain is, and its last line.
func (w *writer) chain(ctx context.Context, id int64) (c chained, last string, err error) {
	s, err := w.prepared(ctx, "SELECT seq, body, link FROM entries WHERE ticket = ? ORDER BY seq DESC LIMIT 1")
	if err != nil {
		return c, "", err
	}
	if err := s.QueryRowContext(ctx, id).Scan(&c.lines, &last, &c.link); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, "", err
	}
	return c, last, nil
}

// append appends what a timeline has more than a chain.
func (w *writer) append(ctx context.Context, r *row, c *chained, timeline []ticket.Entry) error {
	for ; c.lines < len(timeline); c.lines++ {
		e := &timeline[c.lines]
		line, salt := textOf(e), evidence.NewSalt()
		form, _, err := evidence.Canonical[ticket.Entry]([]byte(line), salt)
		if err != nil {
			return err //nolint:wrapcheck // the caller does
		}
		c.link = evidence.Link(c.link, form)
		if err := w.do(ctx, "INSERT INTO entries (ticket, seq, at, kind, body, salt, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
			r.id, c.lines+1, micros(e.At), string(e.Kind), line, salt, c.link); err != nil {
			return err
		}
	}
	return nil
}

// writePages writes the pages that are new or changed, and drops those that the
// store lost.
func (w *writer) writePages(ctx context.Context, id int64, pages []ticket.Page, leaving bool) error {
	there, err := w.pages(ctx, id)
	if err != nil {
		return err
	}
	for i := range pages {
		p := &pages[i]
		key, body := p.String(), textOf(p)
		was, known := there[key]
		delete(there, key)
		if known && was == body {
			continue
		}
		if err := w.do(ctx, "INSERT INTO pages (ticket, key, seq, at, person, state, body) VALUES (?, ?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (ticket, key) DO UPDATE SET seq = excluded.seq, at = excluded.at, person = excluded.person, "+
			"state = excluded.state, body = excluded.body",
			id, key, i+1, micros(p.At), p.Person, string(p.State), body); err != nil {
			return err
		}
	}
	for key := range there {
		if leaving {
			break
		}
		if err := w.do(ctx, "DELETE FROM pages WHERE ticket = ? AND key = ?", id, key); err != nil {
			return err
		}
	}
	return nil
}

// pages are the pages that there are of a ticket, by their keys.
func (w *writer) pages(ctx context.Context, id int64) (map[string]string, error) {
	s, err := w.prepared(ctx, "SELECT key, body FROM pages WHERE ticket = ?")
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	there := map[string]string{}
	for rows.Next() {
		var key, body string
		if err := rows.Scan(&key, &body); err != nil {
			return nil, err
		}
		there[key] = body
	}
	return there, rows.Err()
}

func textOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // no value of ours cannot be written
		return "null"
	}
	return string(text)
}

// latest are changes with each ticket once, at its latest version.
func latest(changes []ticket.Changed) []ticket.Changed {
	at := map[string]int{}
	for i := range changes {
		at[changes[i].Number] = i
	}
	var kept []ticket.Changed
	for i := range changes {
		if at[changes[i].Number] == i {
			kept = append(kept, changes[i])
		}
	}
	slices.SortStableFunc(kept, func(x, y ticket.Changed) int { return cmp.Compare(x.Version, y.Version) })
	return kept
}
