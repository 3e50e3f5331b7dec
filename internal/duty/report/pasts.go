package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// KindPast is the kind of what is kept of tickets, under a month and a number: one
// record in each month in which something happened to the ticket.
const KindPast = "duty past"

// PastsKeptFor is how long that is kept: a year can be asked for (Code du travail,
// D3171-16), and a month more.
const PastsKeptFor = 400 * 24 * time.Hour

// mostMonths bounds in how many months one ticket is kept.
const mostMonths = 24

// Expiring are the kinds of records that leave by themselves.
func Expiring() []string { return []string{KindRoster, KindPast} }

// Tickets is what the package asks of a store.
type Tickets interface {
	// Tickets lists tickets, Limit at most, and the cursor of the next ones.
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Pasts keeps what is counted of tickets. It is safe for concurrent use.
//
// The commit that closes a ticket writes a record that says so (ticket.ClosedRecords),
// due at once. Gather claims it, keeps the ticket's Past and removes it. So nothing is
// missed, whoever dies when, and no page waits for it.
type Pasts struct {
	store   records.Store
	tickets Tickets
}

// NewPasts keeps them in a store, of the tickets that are there.
func NewPasts(store records.Store, tickets Tickets) *Pasts { return &Pasts{store, tickets} }

const (
	gatherFor  = time.Minute
	gatherMost = 50
)

// Gather keeps what is counted of tickets that were closed, some at a time; more says
// that there may be others.
func (b *Pasts) Gather(ctx context.Context, owner string, now time.Time) (more bool, err error) {
	due, err := b.store.Claim(ctx, records.Claim{Kind: ticket.ClosedRecords, Owner: owner, Now: now, Until: now.Add(gatherFor), Most: gatherMost})
	if err != nil {
		return false, fmt.Errorf("report: tickets that were closed: %w", err)
	}
	for i := range due {
		if err := b.gather(ctx, &due[i]); err != nil {
			return false, err
		}
	}
	return len(due) == gatherMost, nil
}

func (b *Pasts) gather(ctx context.Context, r *records.Record) error {
	view, err := b.tickets.View(ctx, r.Key)
	if err != nil && !errors.Is(err, escalation.ErrNotFound) {
		return fmt.Errorf("report: read ticket %s: %w", r.Key, err)
	}
	past := PastOf(&view.Ticket, view.Pages, view.Timeline)
	if err == nil && past.Counts() {
		if err := b.keep(ctx, &past); err != nil {
			return err
		}
	}
	// Whoever has claimed it since keeps the same, and removes it.
	_, err = b.store.Write(ctx, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
	if err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("report: ticket %s is counted: %w", r.Key, err)
	}
	return nil
}

func (b *Pasts) keep(ctx context.Context, p *Past) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	in := months(p.span())
	in = in[max(0, len(in)-mostMonths):]
	writes := make([]records.Write, len(in))
	for i, month := range in {
		writes[i] = records.Write{
			Kind: KindPast, Key: pastKey(month, p.Ticket), Revision: records.Any, Value: value, Vital: true, Due: month.AddDate(0, 1, 0).Add(PastsKeptFor),
		}
	}
	if _, err := b.store.Write(ctx, records.House, writes...); err != nil {
		return fmt.Errorf("report: keep what is counted of ticket %s: %w", p.Ticket, err)
	}
	return nil
}

// pastsAtOnce is how many one part of a list has.
const pastsAtOnce = 500

// Between is what is counted of tickets to which something happened between two
// instants: of those that are closed as it was kept, of all others as they are now. One
// that is closed meanwhile is among the ones or the others.
func (b *Pasts) Between(ctx context.Context, owner string, from, to, now time.Time) ([]Past, error) {
	open, err := b.open(ctx, to)
	if err != nil {
		return nil, err
	}
	for more := true; more; {
		if more, err = b.Gather(ctx, owner, now); err != nil {
			return nil, err
		}
	}
	all := map[string]Past{}
	for _, month := range months(from, to) {
		if err := b.of(ctx, month, all); err != nil {
			return nil, err
		}
	}
	for i := range open {
		all[open[i].Ticket] = open[i]
	}
	list := make([]Past, 0, len(all))
	for _, p := range all {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Past) int { return compare(a.Ticket, b.Ticket) })
	return list, nil
}

// of reads what was kept of a month.
func (b *Pasts) of(ctx context.Context, month time.Time, all map[string]Past) error {
	for after := monthOf(month) + "/"; ; {
		part, err := b.store.List(ctx, records.House, KindPast, after, pastsAtOnce)
		if err != nil {
			return fmt.Errorf("report: read what was counted of %s: %w", monthOf(month), err)
		}
		for i := range part {
			if after = part[i].Key; !inMonth(after, month) {
				return nil
			}
			var p Past
			if json.Unmarshal(part[i].Value, &p) == nil {
				all[p.Ticket] = p
			}
		}
		if len(part) < pastsAtOnce {
			return nil
		}
	}
}

// open reads the tickets that are not closed, and those that nobody has counted yet.
func (b *Pasts) open(ctx context.Context, until time.Time) (list []Past, err error) {
	q := ticket.Query{Scope: ticket.Everything(), States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved}, Until: until, Limit: 500}
	for {
		tickets, next, err := b.tickets.Tickets(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("report: tickets that are not closed: %w", err)
		}
		for i := range tickets {
			view, err := b.tickets.View(ctx, tickets[i].Number)
			if errors.Is(err, escalation.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("report: read ticket %s: %w", tickets[i].Number, err)
			}
			if p := PastOf(&view.Ticket, view.Pages, view.Timeline); p.Counts() {
				list = append(list, p)
			}
		}
		if q.Cursor = next; next == "" {
			return list, nil
		}
	}
}
