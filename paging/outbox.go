package paging

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Actions is the part of the escalation engine that paging needs.
type Actions interface {
	// Act does something to a ticket in somebody's name.
	Act(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
	// Tell brings an event of a page to its ticket.
	Tell(ctx context.Context, source, number string, event escalation.Event) error
	// Rules are those in force.
	Rules() *escalation.Rules
}

// Ways are how phones are reached. They change with the configuration.
type Ways struct {
	// Channels are the providers of each channel by its name (Way.Name), the one
	// to ask first at the front.
	Channels  map[string][]Provider
	PublicURL string // of links, without a slash at its end
	// BundleOver is how many unsent SMS of one urgency a person may have; more
	// become one that counts them. 0: never.
	BundleOver int
}

// Settings of the outbox.
type Settings struct {
	// Owner names this daemon in claims; it is unique for each start.
	Owner string
	// Lease is how long a claim holds without being extended; the daemon
	// extends it while it works, so it is how soon another one takes over.
	Lease time.Duration
	// Patience is how long a provider may take to answer, in real time.
	Patience time.Duration
	// Senders is how many messages may be with providers at once.
	Senders int
}

// Defaults of Settings.
const (
	DefaultLease    = 4 * time.Second
	DefaultPatience = 10 * time.Second
	DefaultSenders  = 64
)

// Outbox sends the pages that are queued. Several may run on one store, in one
// daemon or in many.
type Outbox struct {
	store    Store
	phones   Phonebook
	actions  Actions
	clock    escalation.Clock
	known    []Way
	ways     atomic.Pointer[Ways]
	set      Settings
	log      *zap.Logger
	metrics  *Metrics
	wake     chan struct{}
	closed   chan ticket.Ticket
	slots    *slots
	held     held
	carriers carriers
	awaited  awaited
	served   served
	shortcut shortcut
	endings  chan ending
	prover   Prover
	sending  sync.WaitGroup
	moved    func(source, number string)
	gone     func(ctx context.Context, d *Device)
	firing   Firing
}

// Parts are what an Outbox is made of. All but Known, Moved, Gone, Log, Metrics and
// Prover are required.
type Parts struct {
	Store     Store
	Directory Phonebook
	Actions   Actions
	Clock     escalation.Clock
	Known     []Way // nil: AllWays
	Ways      Ways
	Settings  Settings
	// Moved is told of each ticket of which a page has moved: it was sent, or is known
	// to have arrived or not. It must not block.
	Moved func(source, number string)
	// Gone is told of a device that is removed because its provider says that it is
	// gone.
	Gone    func(ctx context.Context, d *Device)
	Firing  Firing // nil: pages do not say what the alerts say
	Log     *zap.Logger
	Metrics *Metrics
	Prover  Prover // is told what arrived; nil: nobody is
}

// Firing reads alerts of a ticket that are not over, most at most.
type Firing func(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error)

// NewOutbox makes an outbox; Run sends.
func NewOutbox(p Parts) *Outbox {
	o := &Outbox{
		store: p.Store, phones: p.Directory, actions: p.Actions, clock: p.Clock,
		known: p.Known, set: p.Settings, log: p.Log, metrics: p.Metrics, prover: p.Prover, wake: make(chan struct{}, 1),
		closed: make(chan ticket.Ticket, 1024), endings: make(chan ending), moved: p.Moved, gone: p.Gone, firing: p.Firing,
	}
	if o.moved == nil {
		o.moved = func(string, string) {}
	}
	if o.gone == nil {
		o.gone = func(context.Context, *Device) {}
	}
	if o.known == nil {
		o.known = AllWays()
	}
	if o.set.Lease == 0 {
		o.set.Lease = DefaultLease
	}
	if o.set.Patience == 0 {
		o.set.Patience = DefaultPatience
	}
	if o.set.Senders == 0 {
		o.set.Senders = DefaultSenders
	}
	if o.log == nil {
		o.log = zap.NewNop()
	}
	if o.metrics == nil {
		o.metrics = NewMetrics(nil)
	}
	o.slots = newSlots(o.set.Senders)
	o.SetWays(p.Ways)
	return o
}

// SetWays puts other ways in force for the pages that are claimed from now on.
// What is known of how a provider does stays with its name.
func (o *Outbox) SetWays(w Ways) {
	o.carriers.set(w.Channels, o.metrics, o.log)
	o.ways.Store(&w)
}

// Wake makes Run look at the queue at once. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Closed gives back the codes of a ticket that was closed. It never blocks:
// if it cannot keep up, a few codes are not used again.
func (o *Outbox) Closed(t ticket.Ticket) {
	select {
	case o.closed <- t:
	default:
	}
}

// release does what Closed asks for.
func (o *Outbox) release(ctx context.Context) {
	for {
		select {
		case t := <-o.closed:
			if err := o.releaseCodes(ctx, &t); err != nil && ctx.Err() == nil {
				o.log.Warn("a code was not given back", zap.String("ticket", t.Number), zap.Error(err))
			}
		case <-ctx.Done():
			return
		}
	}
}

func (o *Outbox) releaseCodes(ctx context.Context, t *ticket.Ticket) error {
	pages, err := o.store.Pages(ctx, t.Source, t.Number)
	if err != nil {
		return fmt.Errorf("paging: pages of %s: %w", t.Number, err)
	}
	people := map[string]bool{}
	for i := range pages {
		people[pages[i].Person] = true
	}
	for key := range people {
		person, _ := o.actions.Rules().Directory.Recipient(key)
		for _, phone := range person.Phones {
			if err := o.phones.Release(ctx, phone, t.Number, o.clock.Now()); err != nil {
				return fmt.Errorf("paging: codes of %s: %w", t.Number, err)
			}
		}
	}
	return nil
}
