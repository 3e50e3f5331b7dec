package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Tickets implements Lister. It scans the tickets from the cursor on.
func (m *Memory) Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error) {
	err = m.do(ctx, "Tickets", func() error {
		if err := q.Scope.Err(); err != nil {
			return err
		}
		from, err := m.d.after(q.Cursor)
		if err != nil {
			return err
		}
		var last opened
		for _, o := range m.d.opened.items[from:] {
			t := m.d.shelves[o.source].tickets[o.number].Ticket
			if !q.Matches(&t) {
				continue
			}
			if len(tickets) == q.Limit {
				next = cursor(last)
				return nil
			}
			tickets, last = append(tickets, copied(t)), o
		}
		return nil
	})
	return tickets, next, err
}

func cursor(o opened) string { return fmt.Sprintf("%d/%s", o.at.UnixNano(), o.number) }

// after is the place in the list at which the answer that gave the cursor
// ended.
func (d *data) after(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	at, number, _ := strings.Cut(cursor, "/")
	nanoseconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("cursor %q: %w", cursor, escalation.ErrCursor)
	}
	last := opened{number: number, at: time.Unix(0, nanoseconds)}
	i, found := slices.BinarySearchFunc(d.opened.items, last, d.opened.compare)
	if found {
		i++
	}
	return i, nil
}

// View implements Lister.
func (m *Memory) View(ctx context.Context, number string) (view ticket.View, err error) {
	err = m.do(ctx, "View", func() error {
		source, found := m.d.sources[number]
		if !found {
			return escalation.ErrNotFound
		}
		view = m.d.view(source, number)
		return nil
	})
	return view, err
}

func (d *data) view(source, number string) ticket.View {
	s := d.shelf(source)
	view := ticket.View{
		Ticket: copied(s.tickets[number].Ticket), Alerts: s.sample(number, ticket.ViewAlerts),
		Pages: s.pagesOf(number), Timeline: copied(s.entries[number]),
	}
	if r, found := d.records[ticket.SheetRecords][recordID{source, number}]; found {
		var err error
		if view.Sheet, err = ticket.ReadSheet(r.Value); err != nil {
			view.Damaged++
		}
	}
	return view
}

// Firing implements Lister.
func (m *Memory) Firing(ctx context.Context, number string, most int) (list []ticket.AlertRecord, err error) {
	err = m.do(ctx, "Firing", func() error {
		source, found := m.d.sources[number]
		if !found {
			return escalation.ErrNotFound
		}
		list = slices.DeleteFunc(m.d.shelf(source).sample(number, most), func(r ticket.AlertRecord) bool { return r.Status == ticket.Resolved })
		return nil
	})
	return list, err
}

// sample is what a view shows of a ticket's alerts.
func (s *shelf) sample(number string, most int) []ticket.AlertRecord {
	var records []ticket.AlertRecord
	for fingerprint := range s.of[number] {
		records = append(records, s.alerts[fingerprint])
	}
	order := []ticket.AlertStatus{ticket.Firing, ticket.Silent, ticket.Resolved}
	slices.SortFunc(records, func(a, b ticket.AlertRecord) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return copied(records[:min(len(records), most)])
}
