package paging

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
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
	Channels  map[string]Channel // by their names in a policy: sms, push
	PublicURL string             // of links, without a slash at its end
	// Replies is false where the sender cannot take answers: pages carry no
	// code, and the link does everything.
	Replies bool
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
	phones   Directory
	actions  Actions
	clock    escalation.Clock
	ways     atomic.Pointer[Ways]
	set      Settings
	log      *zap.Logger
	metrics  *Metrics
	wake     chan struct{}
	closed   chan ticket.Ticket
	inFlight atomic.Int64
	sending  sync.WaitGroup
}

// Parts are what an Outbox is made of. All but Log and Metrics are required.
type Parts struct {
	Store     Store
	Directory Directory
	Actions   Actions
	Clock     escalation.Clock
	Ways      Ways
	Settings  Settings
	Log       *zap.Logger
	Metrics   *Metrics
}

// NewOutbox makes an outbox; Run sends.
func NewOutbox(p Parts) *Outbox {
	o := &Outbox{
		store: p.Store, phones: p.Directory, actions: p.Actions, clock: p.Clock,
		set: p.Settings, log: p.Log, metrics: p.Metrics, wake: make(chan struct{}, 1),
		closed: make(chan ticket.Ticket, 1024),
	}
	o.SetWays(p.Ways)
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
	return o
}

// SetWays puts other ways in force for the pages that are claimed from now on.
func (o *Outbox) SetWays(w Ways) { o.ways.Store(&w) }

// Wake makes Run look at the queue at once. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Closed gives back the codes of a ticket that was closed. It never blocks:
// where it cannot keep up, a few codes are not used again.
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
		person, _ := o.actions.Rules().Directory.Person(key)
		for _, phone := range person.Phones {
			if err := o.phones.Release(ctx, phone, t.Number, o.clock.Now()); err != nil {
				return fmt.Errorf("paging: codes of %s: %w", t.Number, err)
			}
		}
	}
	return nil
}

const (
	longestNap = time.Second // another daemon may have died with pages in hand
	storeNap   = 250 * time.Millisecond
)

// Run claims and sends until ctx ends, then waits for what is being sent:
// providers are given Patience at most.
func (o *Outbox) Run(ctx context.Context) error {
	free := make(chan struct{}, o.set.Senders)
	for range o.set.Senders {
		free <- struct{}{}
	}
	var beside sync.WaitGroup
	extending, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	beside.Go(func() { o.extend(extending) })
	beside.Go(func() { o.release(ctx) })
	for ctx.Err() == nil {
		nap := o.claim(ctx, free)
		wait, stop := o.clock.NewTimer(nap)
		select {
		case <-wait:
		case <-o.wake:
		case <-ctx.Done():
		}
		stop()
	}
	o.sending.Wait()
	done()
	beside.Wait()
	return nil
}

// claim hands out pages until none is ready, and says how long to sleep.
func (o *Outbox) claim(ctx context.Context, free chan struct{}) time.Duration {
	for {
		slots := len(free)
		if slots == 0 { // wait for one to come back
			select {
			case slot := <-free:
				free <- slot
				continue
			case <-ctx.Done():
				return 0
			}
		}
		now := o.clock.Now()
		claims, next, err := o.store.Claim(ctx, o.set.Owner, now, now.Add(o.set.Lease), slots)
		if err != nil {
			if ctx.Err() == nil {
				o.metrics.storeErrors.Inc()
				o.log.Error("pages cannot be claimed: the store does not answer", zap.Error(err))
			}
			return storeNap
		}
		for _, c := range claims {
			<-free
			o.inFlight.Add(1)
			o.sending.Go(func() {
				o.handle(context.WithoutCancel(ctx), ctx.Done(), c)
				o.inFlight.Add(-1)
				free <- struct{}{}
			})
		}
		if next.IsZero() {
			return longestNap
		}
		if nap := next.Sub(now); nap > 0 {
			return min(nap, longestNap)
		}
		if len(claims) == 0 {
			return storeNap // there are some that cannot be had now
		}
	}
}

// extend keeps the claims alive while their pages are being sent.
func (o *Outbox) extend(ctx context.Context) {
	for {
		wait, stop := o.clock.NewTimer(o.set.Lease / 4)
		select {
		case <-wait:
		case <-ctx.Done():
			stop()
			return
		}
		if o.inFlight.Load() == 0 {
			continue
		}
		if err := o.store.Extend(ctx, o.set.Owner, o.clock.Now().Add(o.set.Lease)); err != nil && ctx.Err() == nil {
			o.metrics.storeErrors.Inc()
			o.log.Warn("claims cannot be extended: pages in hand may be sent twice", zap.Error(err))
		}
	}
}

// handle does one claimed page. stopping ends its patience with a store that
// does not answer.
func (o *Outbox) handle(ctx context.Context, stopping <-chan struct{}, c Claim) {
	log := o.log.With(zap.String("ticket", c.Page.Ticket), zap.Stringer("page", c.Page.PageKey))
	out, follow, err := o.attempt(ctx, c, log)
	// The ticket hears of a failure before the page is put away: a daemon that
	// dies between the two tries the page again rather than forget the step.
	if err == nil && follow != nil {
		err = o.actions.Tell(ctx, c.Page.Source, c.Page.Ticket, follow)
	}
	if err != nil {
		o.metrics.storeErrors.Inc()
		log.Error("a page was not dealt with, and is tried again: the store does not answer", zap.Error(err))
		out = Outcome{State: ticket.PageQueued, RetryAt: o.clock.Now().Add(time.Second), Address: c.Page.Address, Error: c.Page.Error}
	}
	out.Source, out.Key, out.Token = c.Page.Source, c.Page.PageKey, c.Token
	o.metrics.outcome(c, out, o.clock.Now())
	applied, recorded := o.record(ctx, stopping, out, log)
	switch {
	case !recorded: // the claim runs out, and another daemon has the page
	case !applied:
		log.Warn("a page's claim ran out while it was being sent; another daemon may have sent it too")
	default:
		log.Info("page", zap.String("state", string(out.State)), zap.String("channel", c.Page.Channel),
			zap.String("person", c.Page.Person), zap.String("provider_id", out.ProviderID), zap.String("error", out.Error))
	}
	if out.State == ticket.PageQueued {
		o.Wake() // its RetryAt may come before the next look
	}
}

// record has an outcome written down, however long the store takes to answer:
// while this daemon works it keeps its claims alive, so that a page that is
// merely dropped here would wait for as long as there is other work.
func (o *Outbox) record(ctx context.Context, stopping <-chan struct{}, out Outcome, log *zap.Logger) (applied, recorded bool) {
	for {
		done, err := o.store.Finish(ctx, []Outcome{out})
		if err == nil {
			return done[0], true
		}
		o.metrics.storeErrors.Inc()
		log.Error("a page's outcome is not recorded yet: the store does not answer", zap.Error(err), zap.String("state", string(out.State)))
		wait, stop := o.clock.NewTimer(storeNap)
		select {
		case <-wait:
		case <-stopping:
			stop()
			return false, false
		}
		stop()
	}
}

// attempt decides whether the page is still right to send, sends it, and says
// what became of it and what its ticket has to hear.
func (o *Outbox) attempt(ctx context.Context, c Claim, log *zap.Logger) (Outcome, escalation.Event, error) {
	rules := o.actions.Rules()
	if out, event, done := o.stale(c, rules); done {
		return out, event, nil
	}
	person, known := rules.Directory.Person(c.Page.Person)
	channel := o.ways.Load().Channels[c.Page.Channel]
	if !known || channel == nil {
		return o.dropped(c, "nobody by that name, or no such channel, is configured any more"), escalation.PageFailed{Key: c.Page.PageKey}, nil
	}
	if isNotice(c.Page.Kind) {
		paged, err := o.wasPaged(ctx, c)
		if err != nil {
			return Outcome{}, nil, err
		}
		if !paged {
			return o.dropped(c, "the pages to this person never went out"), nil, nil
		}
	}
	var result Result
	var address string
	var forgotten int
	var err error
	switch c.Page.Channel {
	case "push":
		result, forgotten, err = o.sendPush(ctx, c, person, channel, log)
	default:
		result, address, err = o.sendSMS(ctx, c, person, channel)
	}
	if err != nil {
		return Outcome{}, nil, err
	}
	out, event := o.judge(c, result)
	out.Address = address
	if forgotten > 0 {
		out.Entry.Text += fmt.Sprintf("; devices that are gone and were forgotten: %d", forgotten)
	}
	return out, event, nil
}

// noticeFor is how long a notice is news.
const noticeFor = time.Hour

// stale finds pages that time has overtaken since they were ordered.
func (o *Outbox) stale(c Claim, rules *escalation.Rules) (Outcome, escalation.Event, bool) {
	k := c.Page.PageKey
	now := o.clock.Now()
	if isNotice(c.Page.Kind) && now.Sub(c.Page.At) > noticeFor {
		return o.dropped(c, "no longer news"), nil, true
	}
	if run := c.Ticket.Progress.Everybody; k.Step == ticket.StepEverybody && run != nil && k.Round < run.Round-1 && slices.Contains(run.Reached, k.Person+"/"+k.Channel) {
		return o.dropped(c, "overtaken by a later round"), nil, true
	}
	if c.Page.Kind != ticket.KindPage || k.Step < 0 || k.Step >= len(c.Ticket.Policy.Steps) || k.Step >= len(c.Ticket.Progress.Steps) {
		return Outcome{}, nil, false
	}
	run := &c.Ticket.Progress.Steps[k.Step]
	if run.Stopped {
		return o.dropped(c, "its step was replaced by a later one"), nil, true
	}
	if k.Round < run.Round-1 && slices.Contains(run.Reached, k.Person+"/"+k.Channel) {
		return o.dropped(c, "overtaken by a later round"), nil, true
	}
	if opens, held := escalation.Held(&c.Ticket, k.Step, rules, now); held {
		return Outcome{State: ticket.PageQueued, RetryAt: opens, Error: c.Page.Error, Entry: o.entry(c, "held until its calendar opens")}, nil, true
	}
	people, _ := rules.Directory.On(c.Ticket.Policy.Steps[k.Step].Group, now)
	if !slices.ContainsFunc(people, func(p contacts.Person) bool { return p.Key == k.Person }) {
		return o.dropped(c, "no longer on duty"), escalation.Displaced{Key: k}, true
	}
	return Outcome{}, nil, false
}

func isNotice(k ticket.PageKind) bool { return k == ticket.KindTaken || k == ticket.KindRecovered }

func (o *Outbox) dropped(c Claim, why string) Outcome {
	return Outcome{State: ticket.PageCancelled, Error: why, Entry: o.entry(c, "not sent: "+why)}
}

func (o *Outbox) entry(c Claim, text string) *ticket.Entry {
	return &ticket.Entry{
		At: o.clock.Now(), Kind: ticket.EntryPage, Via: "rule", Page: c.Page.String(),
		Text: fmt.Sprintf("%s to %s: %s", c.Page.Channel, c.Page.Person, text),
	}
}

// wasPaged reports whether anything reached the provider for this person: a
// notice about a page that nobody got would wake somebody for nothing.
func (o *Outbox) wasPaged(ctx context.Context, c Claim) (bool, error) {
	pages, err := o.store.Pages(ctx, c.Page.Source, c.Page.Ticket)
	if err != nil {
		return false, fmt.Errorf("paging: pages of %s: %w", c.Page.Ticket, err)
	}
	return slices.ContainsFunc(pages, func(p ticket.Page) bool {
		if p.Person != c.Page.Person || (p.Kind != ticket.KindPage && p.Kind != ticket.KindJoined) {
			return false
		}
		return MayHaveArrived(&p) || p.State == ticket.PageUndelivered
	}), nil
}

// judge turns a provider's answer into the page's outcome and, where a channel
// failed or came back, into an event.
func (o *Outbox) judge(c Claim, r Result) (Outcome, escalation.Event) {
	now := o.clock.Now()
	again := ""
	if c.Again {
		again = " (again: what became of the try before is unknown)"
	}
	switch {
	case r.Class == Accepted:
		out := Outcome{State: ticket.PageSent, At: now, ProviderID: r.ProviderID, Entry: o.entry(c, "sent"+again)}
		failed := fmt.Sprintf("%d/%s/%s", c.Page.Step, c.Page.Person, c.Page.Channel)
		if slices.Contains(c.Ticket.Progress.Failed, failed) {
			return out, escalation.PageWorked{Key: c.Page.PageKey}
		}
		return out, nil
	case r.Class.Permanent():
		return Outcome{State: ticket.PageFailed, Error: r.Error(), Entry: o.entry(c, "failed for good: "+r.Error()+again)},
			escalation.PageFailed{Key: c.Page.PageKey}
	case r.Class == OutcomeUnknown:
		return Outcome{
			State: ticket.PageQueued, Unclear: true, RetryAt: now.Add(max(unclearWait(c.Page.Attempts), r.RetryAfter)), ProviderID: r.ProviderID, Error: r.Error(),
			Entry: o.entry(c, "no answer: whether it was sent is unknown, so it is sent again unless a receipt comes first: "+r.Error()+again),
		}, nil
	}
	wait := max(backoff(c.Page.Attempts), r.RetryAfter)
	return Outcome{
		State: ticket.PageQueued, RetryAt: now.Add(wait), Error: r.Error(),
		Entry: o.entry(c, fmt.Sprintf("refused for now, tried again in %s: %s%s", wait.Round(time.Millisecond), r.Error(), again)),
	}, nil
}
