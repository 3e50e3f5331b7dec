package back

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// claimedFor is how long one look may take. If the daemon ends meanwhile, another one
	// looks after that.
	claimedFor = time.Minute
	lookLimit  = 20 * time.Second
	atOnce     = 8
)

// Looker is a Tool that has to be looked after: Alertmanager.
type Looker interface {
	Tool
	// Look extends what is held, and finds those alerts that are over in the tool.
	Look(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) (rest []Held, over []string, err error)
}

// Tickets reads tickets: escalation.Store.
type Tickets interface {
	// Load reads tickets by number. One that does not exist is left out.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)
}

// Keeper looks after what is held in tools for as long as somebody has the ticket.
type Keeper struct {
	Records records.Store
	Tickets Tickets
	Owner   string // of claims: one start of one daemon
	Now     func() time.Time
	// Receivers are those in force, by name.
	Receivers func() map[string]*Receiver
	// Take takes alerts as if their source had posted them. It is safe for concurrent use.
	Take func(ctx context.Context, b ticket.Batch) error

	strays strays
}

// Turn looks at what is due, at all of it at once: tools that do not answer take lookLimit
// together, and no claim runs out meanwhile. It says how many there were.
func (k *Keeper) Turn(ctx context.Context) (n int, err error) {
	now := k.Now()
	due, err := k.Records.Claim(ctx, records.Claim{Kind: ticket.BackRecords, Owner: k.Owner, Now: now, Until: now.Add(claimedFor), Most: atOnce})
	if err != nil {
		return 0, fmt.Errorf("back: claim what is to be looked at: %w", err)
	}
	errs := make([]error, len(due))
	var looking sync.WaitGroup
	for i := range due {
		looking.Go(func() { errs[i] = k.look(ctx, &due[i]) })
	}
	looking.Wait()
	return len(due), errors.Join(errs...)
}

// look looks at one entry.
func (k *Keeper) look(ctx context.Context, r *records.Record) error {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	shelf := records.Shelf[entry]{Store: k.Records, Home: r.Home, Kind: r.Kind}
	item, err := shelf.Get(ctx, r.Key)
	if errors.Is(err, records.ErrUnreadable) {
		return k.write(ctx, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
	}
	if err != nil || item.Revision != r.Revision {
		return err // somebody else has it by now, or it is gone
	}
	receiver := k.Receivers()[item.Of.To]
	looker, looks := Looker(nil), false
	if receiver != nil {
		looker, looks = receiver.o.Tool.(Looker)
	}
	if !looks { // it is in the configuration no more: what is held ends by itself
		return k.write(ctx, r.Home, shelf.Remove(r.Key, r.Revision))
	}
	held, over, failed := k.after(ctx, looker, receiver, &item)
	receiver.note(failed)
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if err := receiver.book.put(save, &item, held); err != nil {
		return err
	}
	if len(over) == 0 {
		return nil
	}
	b := ticket.Batch{Source: r.Home}
	for _, fingerprint := range over {
		b.Alerts = append(b.Alerts, ticket.Alert{Source: r.Home, Fingerprint: fingerprint, Status: ticket.Resolved, EndsAt: k.Now()})
	}
	return k.Take(save, b)
}

// after has the tool look at what is held for a ticket, or gives it back if nobody has
// the ticket.
func (k *Keeper) after(ctx context.Context, looker Looker, receiver *Receiver, item *records.Item[entry]) (held []Held, over []string, err error) {
	held = item.Of.Held
	list, err := k.Tickets.Load(ctx, item.Home, []string{item.Of.Ticket})
	if err != nil {
		return held, nil, err
	}
	a := &Act{Ticket: item.Of.Ticket, What: Taken, Mark: receiver.o.Mark}
	if len(list) == 0 || !list[0].Ticket.State.Taken() {
		a.What = Released
		held, err = looker.Leave(ctx, a, nil, held)
		return held, nil, err
	}
	alerts, err := receiver.firing(ctx, item.Of.Ticket)
	if err != nil {
		return held, nil, err
	}
	return looker.Look(ctx, a, alerts, held)
}

func (k *Keeper) write(ctx context.Context, home string, w records.Write) error {
	if _, err := k.Records.Write(ctx, home, w); err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("back: write %q: %w", w.Key, err)
	}
	return nil
}
