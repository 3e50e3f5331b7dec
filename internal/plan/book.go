package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kind is that of the records of planned interventions, in the house.
const Kind = "planned"

// Expiring are the kinds of records that are removed once they are due.
func Expiring() []string { return []string{Kind} }

// keptFor is how long after its end an intervention stays in the plan.
const keptFor = 100 * 24 * time.Hour

// entry is an intervention as the book has it.
type entry struct {
	ticket.Planned
	At time.Time `json:"at"` // when it was written on its ticket
}

// Book keeps the plan. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[entry]
}

// NewBook keeps it in a store.
func NewBook(store records.Store) *Book {
	return &Book{store: store, shelf: records.Shelf[entry]{Store: store, Home: records.House, Kind: Kind}}
}

// Put puts an intervention into the plan, as its ticket had it at a time. What the plan
// knows from later stays.
func (b *Book) Put(ctx context.Context, p *ticket.Planned, at time.Time) error {
	key := p.Ticket + " " + p.ID
	for {
		item, err := b.shelf.Get(ctx, key)
		switch {
		case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		case err != nil:
			return fmt.Errorf("plan: %w", err)
		case item.Of.At.After(at):
			return nil
		}
		write, err := b.shelf.Put(key, item.Revision, entry{*p, at})
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		write.Due = p.Until.Add(keptFor)
		if _, err = b.store.Write(ctx, records.House, write); err == nil {
			return nil
		}
		if !errors.Is(err, records.ErrConflict) {
			return fmt.Errorf("plan: %w", err)
		}
	}
}

// Between are the interventions that are planned or done, and take place between two
// instants, the earliest first: those of customers that are in scope, and those on which
// the scope's person goes. person is who goes; empty: anybody or nobody.
func (b *Book) Between(ctx context.Context, of ticket.Scope, from, until time.Time, person string) ([]ticket.Planned, error) {
	if err := of.Err(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	var list []ticket.Planned
	for i := range items {
		p := &items[i].Of.Planned
		if p.State != ticket.InterventionCancelled && p.From.Before(until) && p.Until.After(from) && sees(of, p) && (person == "" || p.Person == person) {
			list = append(list, *p)
		}
	}
	slices.SortFunc(list, func(a, b ticket.Planned) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func sees(of ticket.Scope, p *ticket.Planned) bool {
	return of.All() || of.SeesCustomer(p.Customer) || p.Person != "" && p.Person == of.Person()
}
