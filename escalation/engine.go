package escalation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Engine turns what happens into events, and events into committed tickets,
// deadlines and pages. Any number of engines may run on one store.
//
// An engine gathers what happens to the tickets of one source, and does it in
// batches, one at a time. Callers that arrive while a batch is being written
// share the next one, its round trips and its fsync.
type Engine struct {
	store   Store
	clock   Clock
	reach   func(contacts.Person, string) bool
	log     *zap.Logger
	metrics *Metrics
	ordered func() // called when pages were queued
	sender  Sender
	closed  func(ticket.Ticket)
	changed func(*ticket.Ticket)
	unknown func(source, customer string)
	records records.Store
	effects bool

	rules atomic.Pointer[Rules]
	heard atomic.Int64 // unix nanoseconds; sources can be heard since then
	kept  atomic.Int64 // … the last time that deadlines were all kept
	down  atomic.Bool  // the last store call failed
	soon  chan struct{}
	next  atomic.Int64 // unix nanoseconds of the wake-up that Run has planned

	ctx    context.Context // the work's; ends with Stop
	cancel context.CancelFunc
	mu     sync.Mutex
	lanes  map[laneOf]*lane
	groups map[string]chan struct{} // by source; whoever ends a sender's group holds it
	stop   bool
	work   sync.WaitGroup
}

// Options are an Engine's parts. All are required except Log, Metrics,
// Ordered, Sender, Closed, Changed and Records.
type Options struct {
	Store Store
	Clock Clock
	Rules *Rules
	// Reach says whether a person can be paged by a channel now.
	Reach   func(p contacts.Person, channel string) bool
	Log     *zap.Logger
	Metrics *Metrics
	Ordered func() // called after a commit that queued pages; must not block
	Sender  Sender // nil: all pages are queued
	// Closed is called after a ticket was closed; it must not block.
	Closed func(t ticket.Ticket)
	// Changed is called after each commit of a ticket. It must not block, and
	// must not keep or change t.
	Changed func(t *ticket.Ticket)
	// Unknown is called for an alert whose sender names a customer that is not
	// configured. It must not block. Nil: nobody hears of it.
	Unknown func(source, customer string)
	// Records are the store's. They remember what is done once (Acted.Once). Nil:
	// it is done each time.
	Records records.Store
	// Effects says whether commits carry what leaves beside pages
	// (Rules.Webhooks). It is false on a store whose tickets move to another
	// store.
	Effects bool
}

// NewEngine makes an Engine. Run keeps its deadlines; Stop ends it.
func NewEngine(o Options) *Engine {
	e := &Engine{
		store: o.Store, clock: o.Clock, reach: o.Reach, log: o.Log, metrics: o.Metrics, ordered: o.Ordered, sender: o.Sender, closed: o.Closed, changed: o.Changed,
		unknown: o.Unknown,
		records: o.Records, effects: o.Effects,
		soon: make(chan struct{}, 1), lanes: map[laneOf]*lane{}, groups: map[string]chan struct{}{},
	}
	if e.log == nil {
		e.log = zap.NewNop()
	}
	if e.metrics == nil {
		e.metrics = NewMetrics(nil)
	}
	if e.ordered == nil {
		e.ordered = func() {}
	}
	if e.sender == nil {
		e.sender = nobody{}
	}
	if e.closed == nil {
		e.closed = func(ticket.Ticket) {}
	}
	if e.changed == nil {
		e.changed = func(*ticket.Ticket) {}
	}
	if e.unknown == nil {
		e.unknown = func(string, string) {}
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.rules.Store(o.Rules)
	e.heard.Store(o.Clock.Now().UnixNano())
	e.kept.Store(o.Clock.Now().UnixNano())
	e.down.Store(true) // nobody is heard until the store answers for the first time
	return e
}

// Stop refuses new work, waits as long as ctx allows for what is being
// written, and returns. What was accepted is committed by then.
func (e *Engine) Stop(ctx context.Context) error {
	e.mu.Lock()
	e.stop = true
	e.mu.Unlock()
	done := make(chan struct{})
	go func() {
		e.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		e.cancel()
		return nil
	case <-ctx.Done():
		e.cancel()
		<-done
		return fmt.Errorf("escalation: stop: work was still being written: %w", ctx.Err())
	}
}

// Rules are the rules in force.
func (e *Engine) Rules() *Rules { return e.rules.Load() }

// SetRules puts new rules in force. Open tickets keep the policy that they
// were opened with.
func (e *Engine) SetRules(r *Rules) { e.rules.Store(r) }

// Now is the time that the engine judges by.
func (e *Engine) Now() time.Time { return e.clock.Now() }

// Heard is the time since when people and senders can be heard without a break.
func (e *Engine) Heard() time.Time { return time.Unix(0, e.heard.Load()) }

// Kept is when all deadlines were last kept. Run looks at them each second.
func (e *Engine) Kept() time.Time { return time.Unix(0, e.kept.Load()) }

// Ordered is the result of a request.
type Ordered struct {
	Accepted int      // alerts
	Tickets  []string // numbers of the tickets that the alerts belong to, each once
}

// Ingest takes a request's alerts. If it returns nil, they are durable and
// will page. If it returns an error, the sender must send again.
func (e *Engine) Ingest(ctx context.Context, b ticket.Batch) (Ordered, error) {
	ordered, err := e.ingest(ctx, b.Source, b.Alerts)
	if err != nil {
		return Ordered{}, err
	}
	for _, group := range b.ResolveGroups {
		tickets, err := e.resolveGroup(ctx, b.Source, group)
		if err != nil {
			return Ordered{}, err
		}
		ordered.Tickets = append(ordered.Tickets, tickets...)
	}
	slices.Sort(ordered.Tickets)
	ordered.Tickets = slices.Compact(ordered.Tickets)
	return ordered, nil
}

func (e *Engine) ingest(ctx context.Context, source string, alerts []ticket.Alert) (Ordered, error) {
	if len(alerts) == 0 {
		return Ordered{}, nil
	}
	j := &job{alerts: alerts, left: ctx.Err}
	j.route(e.rules.Load(), source)
	for i := range j.routed {
		if named := j.routed[i].Unknown; named != "" {
			e.unknown(source, named)
		}
	}
	if err := e.do(ctx, source, j); err != nil {
		return Ordered{}, err
	}
	return j.ordered, nil
}

// resolveGroup ends the alerts of a sender's group, however many there are. It
// does so a batch at a time. It ends one group of a source at a time.
func (e *Engine) resolveGroup(ctx context.Context, source, group string) (tickets []string, err error) {
	turn := e.groupTurn(source)
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("escalation: resolve a sender's group: %w", ctx.Err())
	}
	known, err := e.store.Grouped(ctx, source, group)
	if e.note(err); err != nil {
		return nil, fmt.Errorf("escalation: alerts of the sender's group: %w", err)
	}
	for some := range slices.Chunk(known, batchAlerts) {
		records, err := e.store.Alerts(ctx, source, some)
		if e.note(err); err != nil {
			return nil, fmt.Errorf("escalation: alerts of the sender's group: %w", err)
		}
		alerts := make([]ticket.Alert, len(records))
		for i := range records {
			a := records[i].Alert
			a.Status, a.EndsAt, a.SilentAt = ticket.Resolved, e.clock.Now(), time.Time{}
			alerts[i] = a
		}
		ordered, err := e.ingest(ctx, source, alerts)
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, ordered.Tickets...)
	}
	return tickets, nil
}

// groupTurn is the turn that whoever ends a group of the source holds.
func (e *Engine) groupTurn(source string) chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	turn := e.groups[source]
	if turn == nil {
		turn = make(chan struct{}, 1)
		e.groups[source] = turn
	}
	return turn
}

// Act does something to a ticket. The error is ErrNotFound, a *StateError,
// *ConflictError, ErrManyNotes, ErrManyLines, ErrSheetFull, ErrNobodyLeft or ErrDone (with the ticket as it is). Any other
// error means that the store could not be asked.
func (e *Engine) Act(ctx context.Context, number string, a Acted) (ticket.Ticket, error) {
	source, err := e.store.Locate(ctx, number)
	if err != nil {
		return ticket.Ticket{}, fmt.Errorf("escalation: %s ticket %s: %w", a.Action, number, err)
	}
	j := &job{number: number, event: a}
	err = e.do(ctx, source, j)
	if err != nil && !errors.Is(err, ErrDone) {
		return ticket.Ticket{}, err // the lane may still be at work on j
	}
	return j.ticket, err
}

// Tell brings an event of a page to its ticket. A ticket that is gone is no
// error.
func (e *Engine) Tell(ctx context.Context, source, number string, event Event) error {
	return e.do(ctx, source, &job{number: number, event: event})
}

// Draft is a ticket that a person opens by hand.
type Draft struct {
	Kind     ticket.Kind
	Title    string
	Customer string
	Site     string
	Urgency  ticket.Urgency // unknown: as the rules say
	Policy   string         // empty: as the routing tree says for its customer, site and urgency
	Quiet    bool           // a policy without steps: pages nobody
	Managers bool           // also a policy without steps: every manager is paged once, by all channels, at any hour
	Actor    ticket.Actor
	Via      string
	Said     ticket.Said
	// Sheet is what is said of it besides; nil: nothing.
	Sheet *ticket.Sheet
}

// ManualSource is the source of tickets that people open by hand.
const ManualSource = "manual"

// OpenByHand opens a ticket without an alert.
func (e *Engine) OpenByHand(ctx context.Context, d Draft) (ticket.Ticket, error) {
	j := &job{draft: &d}
	if err := e.do(ctx, ManualSource, j); err != nil {
		return ticket.Ticket{}, err
	}
	return j.ticket, nil
}

// note remembers whether the store answers. What could not be heard while the
// store was away must not count as silence.
func (e *Engine) note(err error) {
	if err != nil {
		e.down.Store(true)
		e.metrics.storeErrors.Inc()
		return
	}
	if e.down.CompareAndSwap(true, false) {
		e.heard.Store(e.clock.Now().UnixNano())
	}
}
