package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Tickets walks the lists of the file from the newest back: of active,
// resolved and closed tickets, those lists that the query asks for. It
// implements the lister of package web.
func (s *Store) Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error) {
	if err := q.Scope.Err(); err != nil {
		return nil, "", fmt.Errorf("boltstore: list tickets: %w", err)
	}
	from, err := readCursor(q.Cursor)
	if err == nil {
		err = s.survey(ctx, func(tx *bolt.Tx) (err error) {
			tickets, next, err = s.list(ctx, tx, &q, from)
			return err
		})
	}
	if err != nil {
		return nil, "", fmt.Errorf("boltstore: list tickets: %w", err)
	}
	return tickets, next, nil
}

// readCursor reads a cursor: the last listed ticket's key in its list, without
// the class.
func readCursor(cursor string) ([]byte, error) {
	if len(cursor) < 16 {
		if cursor == "" {
			return nil, nil
		}
		return nil, fmt.Errorf("cursor %q: %w", cursor, escalation.ErrCursor)
	}
	at, err := hex.DecodeString(cursor[:16])
	if err != nil {
		return nil, fmt.Errorf("cursor %q: %w", cursor, escalation.ErrCursor)
	}
	return append(at, cursor[16:]...), nil
}

func writeCursor(key []byte) string { return hex.EncodeToString(key[:8]) + string(key[8:]) }

// maxListed is how many tickets one answer holds at most.
const maxListed = 1000

// list reads the tickets that the query selects. It passes over those that
// cannot be read.
func (s *Store) list(ctx context.Context, tx *bolt.Tx, q *ticket.Query, from []byte) (tickets []ticket.Ticket, next string, err error) {
	limit := min(max(q.Limit, 1), maxListed)
	w := newWalk(tx, q, from)
	var last []byte
	for key := w.next(); key != nil; key = w.next() {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		t, ok, err := match(tx, q, string(key[8:]))
		switch {
		case err != nil:
			_ = s.damagedTicket(string(key[8:]), err)
		case !ok:
		case len(tickets) == limit:
			return tickets, writeCursor(last), nil
		default:
			tickets, last = append(tickets, t), key
		}
	}
	return tickets, "", nil
}

// match reads a ticket if the query selects it. If the head already excludes
// it, the rest is not read.
func match(tx *bolt.Tx, q *ticket.Query, number string) (t ticket.Ticket, ok bool, err error) {
	h, body, err := readTicket(in(tx, inTickets).Get(ticketKey(number)))
	if err != nil {
		return t, false, err
	}
	if (q.Source != "" && h.source != q.Source) || (len(q.States) > 0 && !slices.Contains(q.States, h.state.long())) ||
		(len(q.Urgencies) > 0 && !slices.Contains(q.Urgencies, h.urgency)) {
		return t, false, nil
	}
	t, err = decodeTicket(number, body)
	return t, err == nil && q.Matches(&t), err
}

// walk goes through several lists at once, from the newest back.
type walk struct {
	lists []*backward
	since []byte // no key before this one
}

// backward goes through the keys with a prefix, from the last one before a
// given key.
type backward struct {
	c      *bolt.Cursor
	prefix []byte
	at     []byte // the key that it last stood on
	key    []byte // without the prefix; nil at the end
}

func newWalk(tx *bolt.Tx, q *ticket.Query, from []byte) *walk {
	w := &walk{}
	if !q.Since.IsZero() {
		w.since = appendTime(nil, stamp(q.Since))
	}
	if !q.Until.IsZero() {
		if until := appendTime(nil, stamp(q.Until)); from == nil || bytes.Compare(until, from) < 0 {
			from = until
		}
	}
	for _, class := range classes(q.States) {
		b := &backward{c: in(tx, inLists).Cursor(), prefix: []byte{class}}
		b.start(from)
		w.lists = append(w.lists, b)
	}
	return w
}

// classes are the lists that hold all tickets of these states, or of any.
func classes(wanted []ticket.State) (found []byte) {
	if len(wanted) == 0 {
		return []byte{classActive, classResolved, classClosed}
	}
	for _, s := range wanted {
		st, err := stateOf(s)
		if class := st.class(); err == nil && !slices.Contains(found, class) {
			found = append(found, class)
		}
	}
	return found
}

// start goes to the last key before from, or to the last of all.
func (b *backward) start(from []byte) {
	if from == nil {
		from = binary.BigEndian.AppendUint64(nil, 1<<64-1)
	}
	if b.at, _ = b.c.Seek(slices.Concat(b.prefix, from)); b.at == nil {
		k, _ := b.c.Last()
		b.set(k)
		return
	}
	b.back()
}

func (b *backward) back() {
	k, _ := b.c.Prev()
	if k == nil { // the beginning, or a page that an open transaction has emptied
		first, _ := b.c.Bucket().Cursor().First()
		for k == nil && first != nil && bytes.Compare(first, b.at) < 0 {
			k, _ = b.c.Prev()
		}
	}
	b.set(k)
}

func (b *backward) set(k []byte) {
	b.key, b.at = nil, k
	if k == nil || !bytes.HasPrefix(k, b.prefix) {
		return
	}
	if b.key = k[len(b.prefix):]; len(b.key) < 9 { // it names no ticket
		b.back()
	}
}

// next is the next key, time and number; nil at the end.
func (w *walk) next() []byte {
	var newest *backward
	for _, b := range w.lists {
		if b.key != nil && (newest == nil || bytes.Compare(b.key, newest.key) > 0) {
			newest = b
		}
	}
	if newest == nil || bytes.Compare(newest.key, w.since) < 0 {
		return nil
	}
	key := newest.key
	newest.back()
	return key
}

// View reads everything of one ticket, in one transaction. It implements the
// lister of package web.
func (s *Store) View(ctx context.Context, number string) (view ticket.View, err error) {
	err = s.survey(ctx, func(tx *bolt.Tx) error {
		view, _, err = s.viewIn(tx, number)
		return err
	})
	if err != nil {
		return ticket.View{}, fmt.Errorf("boltstore: view ticket %q: %w", number, err)
	}
	return view, nil
}

// sheetOf is a ticket's sheet; nil if it has none.
func (s *Store) sheetOf(tx *bolt.Tx, source, number string, damaged *int) *ticket.Sheet {
	v := in(tx, inRecords).Get(recordKey(source, ticket.SheetRecords, number))
	if v == nil {
		return nil
	}
	_, value, err := readRecord(v)
	var sheet *ticket.Sheet
	if err == nil {
		sheet, err = ticket.ReadSheet(value)
	}
	if err != nil {
		s.noteRecord(source, ticket.SheetRecords, number, err)
		*damaged++
	}
	return sheet
}

func (s *Store) viewIn(tx *bolt.Tx, number string) (view ticket.View, revision int64, err error) {
	record, h, err := s.loadTicket(tx, number)
	if err != nil {
		return view, 0, err
	}
	view.Ticket = record.Ticket
	if view.Pages, view.Damaged, err = s.listPages(tx, number); err != nil {
		return view, 0, err
	}
	var damaged int
	if view.Alerts, damaged, err = s.sample(tx, h.source, number, ticket.ViewAlerts); err != nil {
		return view, 0, err
	}
	view.Damaged += damaged
	view.Sheet = s.sheetOf(tx, h.source, number, &view.Damaged)
	err = forEach(tx, partKey(number, kindEntry, ""), func(rest, v []byte) error {
		var e ticket.Entry
		err := json.Unmarshal(v, &e)
		if err = cmp.Or(err, e.Sound()); err != nil {
			s.Note(ticket.RecordEntry, fmt.Sprintf("%s %x", number, rest), err)
			view.Damaged++
			return nil
		}
		view.Timeline = append(view.Timeline, e)
		return nil
	})
	return view, record.Revision, err
}

// Firing lists the alerts of a ticket that are not over.
func (s *Store) Firing(ctx context.Context, number string, most int) (list []ticket.AlertRecord, err error) {
	err = s.survey(ctx, func(tx *bolt.Tx) error {
		_, h, err := s.loadTicket(tx, number)
		if err == nil {
			list, _, err = s.sample(tx, h.source, number, most)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: alerts of ticket %q: %w", number, err)
	}
	return slices.DeleteFunc(list, func(r ticket.AlertRecord) bool { return r.Status == ticket.Resolved }), nil
}

// sample reads the alerts that are shown of a ticket. It may have hundreds of
// thousands: no more are decoded, or kept in memory, than can be shown.
func (s *Store) sample(tx *bolt.Tx, source, number string, most int) (list []ticket.AlertRecord, damaged int, err error) {
	var shown [statusResolved + 1][]alertHead // the first ones of each status
	err = forEach(tx, partKey(number, kindAlert, ""), func(part, v []byte) error {
		if len(v) > 0 && status(v[0]) >= statusFiring && status(v[0]) <= statusResolved && len(shown[v[0]]) >= most {
			return nil
		}
		h, _, err := readAlert(part, v)
		if err != nil {
			s.Note(ticket.RecordAlert, number+" "+string(part), err)
			damaged++
			return nil
		}
		shown[h.status] = append(shown[h.status], h)
		return nil
	})
	if err != nil {
		return nil, damaged, err
	}
	all := slices.Concat(shown[:]...)
	slices.SortFunc(all, func(a, b alertHead) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.fingerprint, b.fingerprint))
	})
	for _, h := range all[:min(len(all), most)] {
		f := foundAlert{source, number, h.fingerprint, h.sender, h.status, h.urgency, s.counters(source, number, &h)}
		list = append(list, s.loadAlert(tx, &f, nil))
	}
	return list, damaged, nil
}

// counters are the index's, if the alert still belongs to the ticket.
func (s *Store) counters(source, number string, h *alertHead) heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	if live := s.ix.source(source).alert(h.fingerprint); live != nil && live.ticket.number == number {
		return live.heard
	}
	return h.heard
}
