package standby

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// moveTries is how often a move is tried if somebody else comes first.
const moveTries = 3

// moveLanes is how many lanes move tickets at the same time.
const moveLanes = 16

// hidden is how long a page that went out already may stand in the store's
// queue without being sent again. The next call takes it out, or the next try
// after a crash.
const hidden = time.Hour

func secondExists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, secondName))
	return err == nil
}

func spoolActor() ticket.Actor { return ticket.Actor{Kind: ticket.ActorSystem, Name: "spool"} }

// moveTickets moves the tickets that can be moved, the oldest first. It leaves
// the others.
func (m *merger) moveTickets(ctx context.Context) error {
	if m.from == nil {
		return nil
	}
	var all []ticket.Ticket
	for q := (ticket.Query{Scope: ticket.Everything(), Limit: 1000}); ; {
		some, next, err := m.from.Tickets(ctx, q)
		if err != nil {
			return err
		}
		all = append(all, some...)
		if q.Cursor = next; next == "" {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b ticket.Ticket) int { return a.OpenedAt.Compare(b.OpenedAt) })
	lanes := make([][]ticket.Ticket, moveLanes)
	for i := range all {
		sum := fnv.New32a()
		_, _ = io.WriteString(sum, all[i].Source+"\x00"+all[i].GroupKey) // it never fails
		lane := &lanes[sum.Sum32()%moveLanes]
		*lane = append(*lane, all[i])
	}
	errs := make([]error, moveLanes)
	var working sync.WaitGroup
	for i := range lanes {
		working.Go(func() { errs[i] = m.moveLane(ctx, lanes[i]) })
	}
	working.Wait()
	return errors.Join(errs...)
}

// moveLane moves tickets one after the other. Tickets of one group are in one
// lane.
func (m *merger) moveLane(ctx context.Context, lane []ticket.Ticket) error {
	for i := range lane {
		was, known := m.s.movedTo(lane[i].Number)
		if known && !lane[i].UpdatedAt.After(was.at) {
			continue
		}
		moved := false
		if !known {
			var err error
			if moved, err = m.move(ctx, &lane[i]); err != nil {
				return err
			}
		}
		if !moved {
			m.mu.Lock()
			m.left = append(m.left, lane[i])
			m.mu.Unlock()
		}
	}
	return nil
}

// move brings a ticket into the store as it is. It is false if its alerts
// belong to another ticket in the store, or if an earlier merge that did not
// end has brought it.
func (m *merger) move(ctx context.Context, e *ticket.Ticket) (bool, error) {
	if there, err := m.isThere(ctx, e); err != nil || there {
		return false, err
	}
	for range moveTries {
		change, free, err := m.place(ctx, e)
		if err != nil || !free {
			return false, err
		}
		if err := m.fileLinks(ctx, e, e.Number); err != nil {
			return false, err
		}
		moved, err := m.commit(ctx, e.Number, change, m.entry(ticket.EntryNote, m.story(e)))
		if err != nil {
			return false, err
		}
		if moved {
			return true, m.settle(e.Number, e.Number)
		}
	}
	return false, nil
}

// isThere says whether an earlier merge, which did not end, brought the ticket
// into the store. That merge may not have told the store what became of the
// pages, so it is told again.
func (m *merger) isThere(ctx context.Context, e *ticket.Ticket) (bool, error) {
	stored, err := m.store.Load(ctx, e.Source, []string{e.Number})
	if err != nil {
		return false, fmt.Errorf("standby: ticket %s: %w", e.Number, err)
	}
	if len(stored) == 0 {
		return false, nil
	}
	view, err := m.from.View(ctx, e.Number)
	if err != nil {
		return false, err
	}
	return true, m.report(ctx, movedPages(view.Pages, m.s.clock().Now()))
}

// place looks whether the store has a ticket that e's alerts belong to. If
// not, change is e, with what the store is expected to hold.
func (m *merger) place(ctx context.Context, e *ticket.Ticket) (change escalation.Change, free bool, err error) {
	alerts := m.alerts[e.Number]
	group := escalation.Observation{
		Alert:    ticket.Alert{Source: e.Source, Fingerprint: "group of " + e.GroupKey, Status: ticket.Firing},
		GroupKey: e.GroupKey, At: m.s.clock().Now(), Urgency: ticket.Low,
	}
	observed, err := m.store.Observe(ctx, e.Source, []escalation.Observation{group})
	if err != nil {
		return change, false, fmt.Errorf("standby: the group of %s: %w", e.Number, err)
	}
	was := observed.Items[0].Ticket
	if r, found := observed.Tickets[was]; found && escalation.Joins(&r.Ticket, e.OpenedAt) {
		return change, false, nil
	}
	change = escalation.Change{Ticket: *e, TakeGroup: len(alerts) > 0 && e.State != ticket.Closed, GroupWas: was}
	if len(alerts) == 0 {
		return change, true, nil
	}
	known, err := m.store.Alerts(ctx, e.Source, fingerprints(alerts))
	if err != nil {
		return change, false, fmt.Errorf("standby: the alerts of %s: %w", e.Number, err)
	}
	belongs := map[string]string{}
	for i := range known {
		if known[i].Status != ticket.Resolved || known[i].Ticket != was {
			return change, false, nil // it belongs to a ticket that may not be over
		}
		belongs[known[i].Fingerprint] = known[i].Ticket
	}
	for i := range alerts {
		change.Alerts = append(change.Alerts, escalation.AlertChange{Record: alerts[i], Was: belongs[alerts[i].Fingerprint]})
	}
	return change, true, nil
}

// commit stores a ticket with all that happened to it, and one more entry. It
// is false if somebody else came first.
func (m *merger) commit(ctx context.Context, number string, change escalation.Change, last ticket.Entry) (bool, error) {
	view, err := m.from.View(ctx, number)
	if err != nil {
		return false, err
	}
	change.Ticket.Lines.Rule++
	change.Timeline = slices.Concat(view.Timeline, []ticket.Entry{last})
	pages := movedPages(view.Pages, last.At.Add(hidden))
	change.Pages = pages.queued
	// Receivers are now told what happened while the store was away.
	told := ticket.Tells(change.Timeline)
	rules := m.s.main.Pager.Rules()
	effects := slices.Concat(rules.Effects(&change.Ticket, 0, told, last.At), escalation.RoomEffects(rules.Rooms, &change.Ticket, 0, last.At))
	if change.Records, err = escalation.EffectWrites(effects); err != nil {
		return false, err
	}
	if view.Sheet != nil {
		write, err := escalation.SheetWrite(number, view.Sheet)
		if err != nil {
			return false, err
		}
		change.Records = append(change.Records, write)
	}
	if change.Ticket.State == ticket.Closed {
		change.Records = append(change.Records, escalation.ClosedWrite(number, last.At))
	}
	results, err := m.store.Commit(ctx, change.Ticket.Source, []escalation.Change{change})
	switch {
	case err != nil:
		return false, fmt.Errorf("standby: bring ticket %s into the store: %w", number, err)
	case errors.Is(results[0], escalation.ErrConflict):
		return false, nil
	case results[0] != nil:
		return false, results[0]
	}
	if err := m.report(ctx, pages); err != nil {
		return false, err
	}
	m.s.main.Pager.Outbox().Wake()
	return true, nil
}

// entry is a timeline's line about what the merge does now.
func (m *merger) entry(kind ticket.EntryKind, said ticket.Said) ticket.Entry {
	actor := spoolActor()
	return ticket.Entry{At: m.s.clock().Now(), Kind: kind, Actor: &actor, Via: "rule", Said: said}
}

// report tells the store what became of the pages that were sent from the
// spool. The store has them in its queue; a receipt takes them out.
func (m *merger) report(ctx context.Context, p moved) error {
	if len(p.ids) > 0 {
		if _, err := m.store.Finish(ctx, p.ids); err != nil {
			return fmt.Errorf("standby: what providers call the pages of the spool: %w", err)
		}
	}
	for _, r := range p.receipts {
		if _, _, err := m.store.Receipt(ctx, r); err != nil {
			return fmt.Errorf("standby: what became of a page of the spool: %w", err)
		}
	}
	return nil
}

// moved are a ticket's pages on their way into the store.
type moved struct {
	queued   []ticket.Page
	ids      []paging.Outcome // none is applied; they only tell the provider's id
	receipts []paging.Receipt
}

// noClaim is a token that no claim has.
const noClaim = -1

// movedPages are a ticket's pages for the store. Pages that went out are
// queued until a time, and receipts move them on before then.
func movedPages(pages []ticket.Page, until time.Time) (m moved) {
	for i := range pages {
		p := pages[i]
		state := p.State
		switch state {
		case ticket.PageQueued, ticket.PageSending:
			p.State = ticket.PageQueued
			m.queued = append(m.queued, p)
			continue
		case ticket.PageCancelled:
			continue
		case ticket.PageBundled, ticket.PageUnknown:
			state = ticket.PageSent
		case ticket.PageSent, ticket.PageDelivered, ticket.PageUndelivered, ticket.PageFailed:
		}
		at := p.ReceiptAt
		if at.IsZero() {
			at = p.SentAt
		}
		m.receipts = append(m.receipts, paging.Receipt{Source: p.Source, Key: p.PageKey, State: state, Error: p.Error, At: at})
		if p.ProviderID != "" {
			m.ids = append(m.ids, paging.Outcome{Source: p.Source, Key: p.PageKey, Token: noClaim, State: state, ProviderID: p.ProviderID})
		}
		p.State, p.RetryAt = ticket.PageQueued, until
		m.queued = append(m.queued, p)
	}
	return m
}

// story is the timeline's line that the ticket was paged from the spool, and
// who was paged.
func (m *merger) story(e *ticket.Ticket) ticket.Said {
	args := ticket.Args{Instant: m.since, Ticket: e.Number}
	people := slices.Sorted(maps.Keys(e.Progress.Paged))
	named := people[:min(len(people), ticket.MaxCalled)]
	args.More = len(people) - len(named)
	for _, person := range named {
		args.Called = append(args.Called, ticket.Called{Person: person, Channels: e.Progress.Paged[person]})
	}
	return ticket.Said{Detail: ticket.SaidSpooled, Args: args}
}
