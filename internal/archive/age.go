package archive

import (
	"context"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Ageing is what leaves of closed tickets before they do, and how far Age has looked.
type Ageing struct {
	Pages    time.Time // of tickets that were closed before, pages leave; zero: of none
	Personal time.Time // likewise the names and addresses of who is on them

	closed, id int64
}

const (
	agedAtOnce  = 50  // tickets that are changed in a transaction
	agersAtOnce = 500 // tickets that are looked at in one query
)

// ager is a ticket that Age looks at.
type ager struct {
	id, closed    int64
	number        string
	pages, people bool // whether it may have what is to leave
}

// Age removes what is over of a part of the closed tickets, the oldest first, and remembers
// in g how far it is. It says how many it changed, and whether there are more to look at. A
// ticket that missing does not name is in the store yet, and stays as it is. Each that was
// sealed has a mark, and a new seal (docs/adr/0078-what-leaves-before-its-ticket.md).
func (a *Archive) Age(ctx context.Context, g *Ageing, missing func(ctx context.Context, numbers []string) ([]string, error)) (n int, more bool, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, false, err
	}
	list, err := a.agers(ctx, g)
	if err != nil || len(list) == 0 {
		return 0, false, err
	}
	more = len(list) == agersAtOnce
	var numbers []string
	for i := range list {
		if !list[i].pages && !list[i].people {
			continue
		}
		if len(numbers) == agedAtOnce {
			list, more = list[:i], true
			break
		}
		numbers = append(numbers, list[i].number)
	}
	if len(numbers) > 0 {
		if numbers, err = missing(ctx, numbers); err != nil {
			return 0, false, failed(err, "ask the store what it has no more")
		}
	}
	if len(numbers) > 0 {
		if n, err = a.age(ctx, g, numbers); err != nil {
			return 0, false, failed(err, "remove what is over of tickets")
		}
	}
	last := &list[len(list)-1]
	g.closed, g.id = last.closed, last.id
	return n, more, nil
}

// agers are the next tickets to look at.
func (a *Archive) agers(ctx context.Context, g *Ageing) (list []ager, err error) {
	var named []string
	args := []any{micros(g.Pages), micros(g.Personal), micros(g.Personal), string(ticket.EntryQualified)}
	for _, role := range roles {
		named, args = append(named, "e.body LIKE ?"), append(args, `%"field":"`+role+`"%`)
	}
	until := max(micros(g.Pages), micros(g.Personal))
	args = append(args, g.closed, g.id, until, agersAtOnce)
	rows, err := a.reader.QueryContext(ctx, a.dialect.sql("SELECT t.id, t.closed_at, t.number, "+
		"t.closed_at < ? AND EXISTS (SELECT 1 FROM pages p WHERE p.ticket = t.id), "+
		"t.closed_at < ? AND EXISTS (SELECT 1 FROM parties q WHERE q.ticket = t.id) OR "+
		"t.closed_at < ? AND EXISTS (SELECT 1 FROM entries e WHERE e.ticket = t.id AND e.kind = ? AND e.salt <> '' AND ("+strings.Join(named, " OR ")+")) "+
		"FROM tickets t WHERE t.closed_at > 0 AND (t.closed_at, t.id) > (?, ?) AND t.closed_at < ? ORDER BY t.closed_at, t.id LIMIT ?"), args...)
	if err != nil {
		return nil, failed(err, "look for what is over of tickets")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one ager
		if err := rows.Scan(&one.id, &one.closed, &one.number, &one.pages, &one.people); err != nil {
			return nil, failed(err, "look for what is over of tickets")
		}
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err, "look for what is over of tickets")
	}
	return list, nil
}

func (a *Archive) age(ctx context.Context, g *Ageing, numbers []string) (n int, err error) {
	tx, err := a.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	w := a.in(tx)
	for _, number := range numbers {
		changed, err := a.ageTicket(ctx, w, number, g)
		if err != nil {
			return 0, err
		}
		if changed {
			n++
		}
	}
	return n, tx.Commit()
}

// ageTicket removes what is over of one ticket, which the store has no more.
func (a *Archive) ageTicket(ctx context.Context, w *writer, number string, g *Ageing) (changed bool, err error) {
	r, lines, err := a.held(ctx, w, number)
	if err != nil || r == nil || r.closed == 0 {
		return false, err
	}
	c := chained{lines: len(lines)}
	if len(lines) > 0 {
		c.link = lines[len(lines)-1].Link
	}
	sealed := c.link != "" || len(lines) == 0 // else it was copied before there were chains
	about := time.UnixMicro(r.closed).UTC().Format(time.RFC3339)
	left := func(what string, n int) error {
		changed = true
		if !sealed {
			return nil
		}
		return w.mark(ctx, number, what, n, about)
	}
	if r.closed < micros(g.Pages) {
		there, err := w.pages(ctx, r.id)
		if err == nil && len(there) > 0 {
			err = w.do(ctx, "DELETE FROM pages WHERE ticket = ?", r.id)
			if err == nil {
				err = left(markPages, len(there))
			}
		}
		if err != nil {
			return false, err
		}
	}
	if r.closed < micros(g.Personal) {
		blank, err := w.blankSheet(ctx, r, func(_ string, p *ticket.Party) *ticket.Party {
			if p.ID == "" {
				return nil
			}
			return &ticket.Party{ID: p.ID}
		})
		if err != nil {
			return false, err
		}
		hid, err := w.hidePeople(ctx, r, lines)
		if err == nil && (blank || hid > 0) {
			err = left(markNames, hid)
		}
		if err != nil {
			return false, err
		}
	}
	if !changed || !sealed {
		return changed, nil
	}
	return true, w.seal(ctx, r, c)
}

// held is a ticket that nobody else changes until the transaction ends, with its lines; nil:
// there is none.
func (a *Archive) held(ctx context.Context, w *writer, number string) (*row, []line, error) {
	if err := w.hold(ctx, number); err != nil {
		return nil, nil, err
	}
	found, err := a.rows(ctx, w.tx, "number = ?", []any{number})
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	lines, err := linesOf(ctx, w.tx, w.d, found[0].id)
	return &found[0], lines, err
}

// EndedContacts are contacts that ended before a time and are not anonymised, most at most.
func (a *Archive) EndedContacts(ctx context.Context, before time.Time, most int) (ids []string, err error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	rows, err := a.reader.QueryContext(ctx, a.dialect.sql(`SELECT id FROM contacts WHERE ended_at > 0 AND ended_at < ? AND body NOT LIKE '%"anonymised_at":%' ORDER BY ended_at LIMIT ?`), micros(before), most)
	if err != nil {
		return nil, failed(err, "look for contacts that ended")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, failed(err, "look for contacts that ended")
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err, "look for contacts that ended")
	}
	return ids, nil
}
