package pager

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/answer"
)

// Store is what a pager needs of a store.
type Store interface {
	escalation.Store
	paging.Store
	paging.Phonebook
	answer.Tickets
	// Records keep what is neither alert, ticket nor page.
	Records() records.Store
}

// Metrics are what a pager counts. Pagers that run in one process share them.
type Metrics struct {
	Engine *escalation.Metrics
	Outbox *paging.Metrics
	Texts  *answer.Metrics
}

// NewMetrics makes them. r may be nil.
func NewMetrics(r prometheus.Registerer) Metrics {
	return Metrics{Engine: escalation.NewMetrics(r), Outbox: paging.NewMetrics(r), Texts: answer.NewMetrics(r)}
}

// Options are what a pager is made of.
type Options struct {
	Store Store
	Clock escalation.Clock
	Rules *escalation.Rules
	Ways  paging.Ways
	// Lease is how long a page is claimed; 0: the default.
	Lease time.Duration
	// Effects says whether commits carry what leaves beside pages
	// (escalation.Options).
	Effects bool
	// Book is the phonebook of the store; nil: the store itself.
	Book paging.Phonebook
	// Duty changes who is on call, for texts (answer.Duty). Nil: no text does.
	Duty answer.Duty
	// Checks has tickets checked again, for texts. Nil: what was last heard is said.
	Checks answer.Checker
	// Changed is called for each ticket that was committed (escalation.Options);
	// nil: for none.
	Changed func(t *ticket.Ticket)
	// Prover takes proofs that people can be reached. Nil: nobody does.
	Prover paging.Prover
	// Moved is told of each ticket of which a page has moved (paging.Parts), and of
	// the store that has it. Nil: nobody is.
	Moved func(from Store, source, number string)
	// Gone is told of a device that is removed because its provider says that it is
	// gone (paging.Parts). Nil: nobody is.
	Gone func(ctx context.Context, d *paging.Device)
	// Unknown is told of customers that sources name and nobody configured
	// (escalation.Options). Nil: nobody is.
	Unknown func(source, customer string)
	Log     *zap.Logger
	Metrics Metrics
}

// Pager pages from one store.
type Pager struct {
	opts   Options
	owner  string
	reach  *reach
	engine *escalation.Engine
	outbox *paging.Outbox
	tests  *paging.TestPages
	talk   *answer.Conversation
	ways   atomic.Pointer[paging.Ways]
}

var _ paging.Listener = (*Pager)(nil)

// New builds a pager. Run lets it page, and Stop ends it.
func New(ctx context.Context, o Options) (*Pager, error) {
	owner, err := ownerName()
	if err != nil {
		return nil, err
	}
	p := &Pager{opts: o, owner: owner}
	p.ways.Store(&o.Ways)
	if o.Book == nil {
		o.Book = o.Store
	}
	p.reach = &reach{Phonebook: o.Book, ways: paging.AllWays(), log: o.Log, rules: p.Rules, by: p.Ways}
	engine := p.engineOptions()
	engine.Metrics, engine.Sender = o.Metrics.Engine, sender{p}
	p.engine = escalation.NewEngine(engine)
	p.outbox = paging.NewOutbox(paging.Parts{
		Store: o.Store, Directory: p.reach, Actions: p.engine, Clock: o.Clock, Ways: o.Ways,
		Moved: p.moved(), Settings: paging.Settings{Owner: owner, Lease: o.Lease}, Log: o.Log, Metrics: o.Metrics.Outbox, Prover: o.Prover, Gone: o.Gone, Firing: firing(o.Store),
	})
	p.talk = answer.NewConversation(p.reach, o.Store, p.engine, o.Store.Records(), o.Duty, o.Clock, o.Log, o.Metrics.Texts)
	p.talk.Prove(o.Prover)
	p.talk.Check(o.Checks)
	p.tests = paging.NewTestPages(p.outbox, o.Store.Records(), nil)
	p.reach.refresh(ctx)
	return p, nil
}

// firing reads what alerts say, if the store has that.
func firing(from Store) paging.Firing {
	if s, ok := from.(interface {
		Firing(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error)
	}); ok {
		return s.Firing
	}
	return nil
}

// moved is who the outbox tells of pages that have moved.
func (p *Pager) moved() func(source, number string) {
	if p.opts.Moved == nil {
		return nil
	}
	return func(source, number string) { p.opts.Moved(p.opts.Store, source, number) }
}

// engineOptions are the options of every engine on the pager's store.
func (p *Pager) engineOptions() escalation.Options {
	return escalation.Options{
		Store: p.opts.Store, Records: p.opts.Store.Records(), Clock: p.opts.Clock, Rules: p.opts.Rules,
		Reach: p.reach.can, Log: p.opts.Log, Effects: p.opts.Effects,
		Ordered: func() { p.outbox.Wake() }, Closed: func(t ticket.Ticket) { p.outbox.Closed(t) }, Changed: p.opts.Changed, Unknown: p.opts.Unknown,
	}
}

// Past makes another engine on the pager's store, for what happened before.
// That engine judges by the given clock and keeps no deadlines. The pager
// keeps them, and sends the pages. If counted is false, no metric counts what
// the engine does.
func (p *Pager) Past(clock escalation.Clock, counted bool) *escalation.Engine {
	o := p.engineOptions()
	o.Clock, o.Rules = clock, p.Rules()
	if counted {
		o.Metrics = p.opts.Metrics.Engine
	}
	return escalation.NewEngine(o)
}

// Another makes a pager like this one on another store. Its commits carry no
// effects: a ticket's effects come from the store that the ticket moves to.
func (p *Pager) Another(ctx context.Context, store Store, ways paging.Ways, log *zap.Logger) (*Pager, error) {
	o := p.opts
	o.Store, o.Rules, o.Ways, o.Effects, o.Log = store, p.Rules(), ways, false, log
	o.Book = nil   // the other store's own: the first one may be away
	o.Duty = nil   // replacements are in the store that is away
	o.Prover = nil // proofs are kept where people are
	o.Checks = nil // what was asked is in the store that is away
	o.Gone = nil   // likewise
	return New(ctx, o)
}

// Run sends pages, keeps deadlines and learns of devices until ctx ends. It
// returns when no page is with a provider any more.
func (p *Pager) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { p.reach.run(ctx) })
	parts.Go(func() { _ = p.outbox.Run(ctx) })
	parts.Go(func() { _ = p.engine.Run(ctx) })
	parts.Wait()
}

// Stop ends the engine. It waits for what is being written, and takes nothing
// more.
func (p *Pager) Stop(ctx context.Context) error {
	return p.engine.Stop(ctx) //nolint:wrapcheck // it names itself
}

// Reload puts other rules and ways in force.
func (p *Pager) Reload(rules *escalation.Rules, ways paging.Ways) {
	p.engine.SetRules(rules)
	p.outbox.SetWays(ways)
	p.ways.Store(&ways)
}

// Answer acts on a text (paging.Listener).
func (p *Pager) Answer(ctx context.Context, t paging.Text) (string, error) {
	return p.talk.Answer(ctx, t) //nolint:wrapcheck // it names itself
}

// Measured is what a phone is told that asked for it by a text, by how many replies it has
// had (answer.Conversation).
func (p *Pager) Measured(ctx context.Context, phone, reply, language string) string {
	return p.talk.Measured(ctx, phone, reply, language)
}

// Receive records a receipt (paging.Listener).
func (p *Pager) Receive(ctx context.Context, r paging.Receipt, class paging.Class) error {
	if r.IsNote() {
		p.outbox.NoteArrived(ctx, &r)
		return nil
	}
	if r.IsTest() {
		return p.tests.Receive(ctx, r) //nolint:wrapcheck // it names itself
	}
	err := p.outbox.Receive(ctx, r, class)
	if errors.Is(err, escalation.ErrNotFound) && p.tests.Receive(ctx, r) == nil {
		return nil
	}
	return err //nolint:wrapcheck // it names itself
}

// Engine decides and keeps deadlines.
func (p *Pager) Engine() *escalation.Engine { return p.engine }

// Outbox sends.
func (p *Pager) Outbox() *paging.Outbox { return p.outbox }

// Tests sends test pages.
func (p *Pager) Tests() *paging.TestPages { return p.tests }

// Directory is the store's directory. A device that is registered through it
// counts at once.
func (p *Pager) Directory() paging.Phonebook { return p.reach }

// Reaches says whether a channel can reach a person, as far as is known now.
func (p *Pager) Reaches(person contacts.Person, channel string) bool {
	return p.reach.can(person, channel)
}

// Devices are the devices that were read last. known is false if none could be
// read.
func (p *Pager) Devices() (all []paging.Device, known bool) {
	list := p.reach.list.Load()
	if list == nil {
		return nil, false
	}
	return *list, true
}

// Clock is the clock by which the pager judges.
func (p *Pager) Clock() escalation.Clock { return p.opts.Clock }

// Rules are the rules in force.
func (p *Pager) Rules() *escalation.Rules { return p.engine.Rules() }

// Ways are the ways in force.
func (p *Pager) Ways() paging.Ways { return *p.ways.Load() }

// Owner names the pager in claims. No other pager has that name, in any
// process or after any start.
func (p *Pager) Owner() string { return p.owner }

func ownerName() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "daemon"
	}
	unique := make([]byte, 6)
	if _, err := rand.Read(unique); err != nil {
		return "", fmt.Errorf("pager: name this pager: %w", err)
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(unique)), nil
}

// sender is the outbox, which is made after the engine.
type sender struct{ p *Pager }

// Offer lets the outbox take pages (escalation.Sender).
func (s sender) Offer(orders []escalation.Order) { s.p.outbox.Offer(orders) }

// Committed has the outbox send them (escalation.Sender).
func (s sender) Committed(orders []escalation.Order, applied func(int) bool) {
	s.p.outbox.Committed(orders, applied)
}
