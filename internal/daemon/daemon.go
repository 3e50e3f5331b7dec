package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/doorway"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/effect/mail"
	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/recheck"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/source"
	"github.com/astreinte/astreinte/internal/standby"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/events"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/smtp"
	"github.com/astreinte/astreinte/paging/webpush"
)

// Options are what a daemon is made of, besides its configuration.
type Options struct {
	Config  *config.Config
	Log     *zap.Logger
	Version string

	// Store replaces the configured store. It is closed with the daemon.
	Store Store
	// Archive replaces the configured archive. It is closed with the daemon. If
	// Store is replaced, no configured archive is opened.
	Archive *archive.Archive
	// Stays is how long a closed ticket stays in the store once the archive has it; 0: the
	// default.
	Stays time.Duration
	// Clock replaces the machine's clock, which is kept at the store's time.
	Clock escalation.Clock
	// Speed is how fast Clock runs; nil: as the machine's. Whoever changes it calls Hasten.
	Speed func() float64
	// Machine reads the machine's clock; nil: time.Now.
	Machine func() time.Time
	// Lease is how long a page is claimed; 0: the default.
	Lease time.Duration
	// Memory is how many bytes the process may use; 0: unknown.
	Memory int64
	// Transport carries the calls to providers; nil: the network.
	Transport http.RoundTripper
	// MailDial makes the connections to the mail server; nil: the network.
	MailDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Listener replaces the listener that Start opens.
	Listener net.Listener
	// Pages are shown under /, besides the daemon's own paths (the demo's pages).
	Pages http.Handler
	// Open has Enter sign anybody in as anybody (the demo's).
	Open bool
}

// Daemon is the product, running or ready to run.
type Daemon struct {
	opts    Options
	log     *zap.Logger
	store   Store
	clock   escalation.Clock
	wall    *escalation.WallClock // set if clock is one
	archive *archive.Archive      // nil: there is none
	follows *archive.Follower     // nil: likewise
	leaving string                // where the look at closed tickets goes on; forgetting has it
	pager   *pager.Pager
	counted pager.Metrics
	effects *effect.Queue
	mail    *mail.Book
	letters *effect.Queue // sends mails that are no pages
	sender  *smtp.Sender  // of the configuration that the start had; nil: no mail
	events  *events.Hub
	changes *events.Changes
	hookWay http.RoundTripper // to webhooks
	rooms   *room.Rooms       // of chat
	chatWay http.RoundTripper // to them
	said    *source.Pages     // what sources last said
	backs   writeBack
	ingest  *ingest.Handler
	web     *web.Server
	away    *web.Server // answers people while the store is away; nil: there is no spool
	hooks   swappable   // the SMS providers' webhooks
	// chatDoors take presses of buttons in rooms, which roomQueue tells of tickets.
	chatDoors swappable
	roomQueue *effect.Queue
	house     *webpush.House
	signing   *signin.Pages
	leaves    sync.Mutex    // while closed tickets leave the store
	backing   atomic.Int32  // backups that are being read: nothing leaves the store
	headsSaid string        // the last head of a day whose mails are recorded, and to whom; the follower's alone
	records   records.Store // the store's, where changes are written down
	rechecks  *recheck.Checks
	unheard   unheard // sources that may be silent
	unknown   unknownCustomers
	counting
	// saidAnew receives when a configuration came into force.
	saidAnew chan struct{}
	// anew receives when what waits because people sleep is to be judged anew.
	anew    chan struct{}
	swept   chan struct{} // sessions of people who are gone are to be ended
	metrics *metrics
	handler http.Handler
	spool   *standby.Standby // nil: none is configured

	entrances   []*entrance // the public one first; set once started
	certificate *doorway.Certificate
	mailIn      *mailDoor                      // nil: no mails come in, or it has not started
	proxies     atomic.Pointer[[]netip.Prefix] // whose X-Forwarded-For counts
	turned      *minutely

	browsers  atomic.Pointer[webpush.Sender] // nil: no pushes to browsers
	offset    atomic.Int64                   // of the store's clock, nanoseconds
	timed     atomic.Bool                    // the time is known
	doubts    atomic.Pointer[[]string]
	checked   atomic.Pointer[[]string] // what check doubted of the configuration
	damaged   atomic.Pointer[[]escalation.DamagedRecord]
	lossMu    sync.Mutex
	losses    []loss // that the store had
	mu        sync.Mutex
	config    *config.Config
	onCall    onCall
	hush      hush
	pulse     pulse
	ready     *ready.Desk
	calendars calendars
	ahead     ahead
	nights    *lookahead.Nights
	files     *attachment.Folder // nil: no folder of attachments is configured
	noRoom    atomic.Bool        // … and it may not grow
	auditing  *audit.Store
	trimmed   time.Time // when the audit log was counted, and how many lines were written by then; forgetting has both
	trimmedAt int64
	trimSaid  bool
	agedFrom  time.Time // when ageing began at the oldest ticket
	ageing    archive.Ageing
	failed    chan error
	cleanups  []cleanup
}

type cleanup struct {
	name string
	stop func(ctx context.Context) error
}

// New builds a daemon. Nothing runs yet, but its store is open. If New returns
// no error, Stop must be called.
func New(ctx context.Context, o Options) (*Daemon, error) {
	d := &Daemon{opts: o, log: o.Log, store: o.Store, clock: o.Clock, config: o.Config, failed: make(chan error, 1), turned: &minutely{}}
	d.proxies.Store(&o.Config.Server.TrustedProxies)
	if d.log == nil {
		d.log = zap.NewNop()
	}
	d.metrics = newMetrics(o.Version)
	d.later("log", func(context.Context) error { d.turned.close(); return nil })
	if err := d.openSpool(o.Config); err != nil {
		return nil, err
	}
	if d.store == nil {
		store, err := openStore(ctx, o.Config, d.log)
		if err != nil {
			return nil, errors.Join(err, d.Stop(ctx))
		}
		d.store = store
	}
	d.later("store", func(context.Context) error { return d.store.Close() })
	if err := d.openArchive(o.Config); err != nil {
		return nil, errors.Join(err, d.Stop(ctx))
	}
	d.buildAudit()
	d.openHouse(o.Config)
	d.buildFiles()
	providers, err := d.providers(ctx, o.Config)
	if err == nil {
		d.browsers.Store(providers.browsers)
		d.sender = providers.sender
		err = d.build(ctx, providers.ways)
	}
	if err != nil {
		return nil, errors.Join(err, d.Stop(ctx))
	}
	d.hooks.Store(providers.hooks)
	d.handler = d.routes()
	return d, nil
}

// build makes the parts and starts those that run all the time.
func (d *Daemon) build(ctx context.Context, ways paging.Ways) error {
	d.setClock(ctx)
	registry := d.metrics.registry
	d.counted = pager.NewMetrics(registry)
	d.buildEvents()
	d.buildReady()
	d.buildCalendars()
	d.learnSilences(ctx)
	p, err := pager.New(ctx, pager.Options{
		Store: d.store, Clock: d.clock, Rules: d.learnDuty(ctx), Ways: ways, Lease: d.opts.Lease, Effects: true, Duty: dutyDesk{d},
		Book:    &phonebook{d.store, paging.NewDeviceBook(d.records, nil)},
		Changed: d.changes.Changed, Moved: d.moved, Prover: readyDesk{d}, Checks: checkDesk{d}, Gone: d.deviceGone, Unknown: d.unknownCustomer, Log: d.log, Metrics: d.counted,
	})
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	d.pager = p
	d.buildArchive()
	d.buildRechecks()
	if d.spool != nil {
		d.spool.Guard(standby.Main{Pager: p, Store: d.store, Clock: storeClock{d}, Taker: taker{d}, Merged: d.changes.Anything, Replacements: d.replacementsThatHold, Calendars: d.calendars.seen.Load})
	}
	d.unheard.now = d.clock.Now
	d.buildPulse()
	d.ingest = ingest.New(ingest.Options{
		Taker: beatTaker{d.taker(), d}, Sources: sources(d.config), Now: d.clock.Now, Client: d.client, Fetch: d.fetch, Confirm: d.confirm, Heard: d.unheard.heard, Log: d.log,
		Registerer: registry, Refused: d.refused, Memory: forBodies(d.opts.Memory), Known: knower{d.store}, Asks: d.askedAsAPeer(),
	})
	d.buildSigning()
	d.rooms = d.newRooms()
	d.web = web.New(web.Options{
		Events: d.events, Presence: presence.NewBook(d.records),
		Sessions: porter{d}, Speed: d.opts.Speed, Rechecks: checkDesk{d},
		Engine: p.Engine(), Store: d.store, Finder: d.finder(), Contacts: d.contacts(), Directory: p.Directory(), Tokens: tokens(d.config),
		Tests: p.Tests(), Rooms: d.rooms, Push: browsers{d}, Duty: dutyDesk{d}, Ready: readyDesk{d}, Calendars: d.Calendars, Ahead: aheadDesk{d}, Audit: audit.NewLog(d.records), Gone: paging.NewGoneBook(d.store.Records()), PublicURL: d.config.Server.PublicURL, Check: d.Check, Warnings: d.warnings, Backup: d.backup(), Whole: d.whole(), Log: d.log, Version: d.opts.Version, Registerer: registry,
	})
	d.mountConsole()
	registry.MustRegister(newStored(d.store.Stats, d.clock.Now))
	registry.MustRegister(standby.NewMetrics(d.spool)...)
	registry.MustRegister(newDoors(d), newPushes(d))
	d.buildEffects()

	d.later("engine", p.Stop)
	d.runBeside(ctx)
	return nil
}

// setClock sets the given clock, or the machine's clock kept at the store's
// time.
func (d *Daemon) setClock(ctx context.Context) {
	d.timed.Store(d.clock != nil)
	if d.clock != nil {
		return
	}
	d.wall = &escalation.WallClock{Machine: d.opts.Machine}
	if d.spool != nil { // the store may be away
		d.wall.SetOffset(d.spool.Offset())
		d.sampleTime(ctx, d.wall)
	} else {
		d.learnTime(ctx, d.wall)
	}
	d.clock = d.wall
}

// runBeside starts what a daemon does beside answering requests.
func (d *Daemon) runBeside(ctx context.Context) {
	if d.wall != nil {
		d.beside(ctx, "clock", func(ctx context.Context) { d.keepTime(ctx, d.wall) })
	}
	if of, ok := d.store.(damager); ok {
		d.beside(ctx, "damage", func(ctx context.Context) { d.keepDamage(ctx, of) })
	}
	if of, ok := d.store.(watchful); ok {
		d.beside(ctx, "watch", func(ctx context.Context) { d.keepWatch(ctx, of) })
	}
	if of, ok := d.store.(doubter); ok {
		d.beside(ctx, "doubts", func(ctx context.Context) { d.keepDoubts(ctx, of) })
	}
	d.beside(ctx, "push keys", d.keepKeys)
	d.beside(ctx, "paging", func(ctx context.Context) { d.untilTimed(ctx); d.pager.Run(ctx) })
	d.beside(ctx, "effects", func(ctx context.Context) { d.untilTimed(ctx); d.effects.Run(ctx) })
	d.beside(ctx, "rooms", func(ctx context.Context) { d.untilTimed(ctx); d.roomQueue.Run(ctx) })
	d.beside(ctx, "rechecks", func(ctx context.Context) { d.untilTimed(ctx); d.rechecks.Run(ctx) })
	d.beside(ctx, "letters", func(ctx context.Context) { d.untilTimed(ctx); d.letters.Run(ctx) })
	if d.follows != nil {
		d.beside(ctx, "archive", d.follows.Run)
	}
	d.beside(ctx, "forgetting", d.keepForgetting)
	d.beside(ctx, "subscriptions", d.keepSubscribed)
	d.beside(ctx, "silence of sources", d.keepHearing)
	d.beside(ctx, "words of sources", d.keepSaying)
	d.beside(ctx, "duty", d.keepDuty)
	d.beside(ctx, "silences", d.keepSilences)
	d.beside(ctx, "errands", d.keepErrands)
	d.beside(ctx, "heartbeats", d.keepBeats)
	d.beside(ctx, "heartbeats out", d.pulse.caller.Run)
	d.beside(ctx, "writing back", d.keepBacks)
	d.beside(ctx, "ready", d.keepReady)
	d.beside(ctx, "looking ahead", d.keepLooking)
	d.beside(ctx, "calendars", d.runCalendars)
	d.beside(ctx, "who sleeps", d.keepReconsidering)
	d.beside(ctx, "signing", d.keepSigning)
	d.beside(ctx, "what is configured", d.keepSaid)
	d.beside(ctx, "changes", d.changes.Run)
	d.beside(ctx, "events", d.keepTelling)
	if d.files != nil {
		d.beside(ctx, "attachments", d.keepFiles)
	}
	if d.spool != nil {
		d.beside(ctx, "spool", d.spool.Run)
	}
}

// later has Stop call stop, before the functions that were given earlier.
func (d *Daemon) later(name string, stop func(context.Context) error) {
	d.cleanups = append(d.cleanups, cleanup{name, stop})
}

// beside runs f until Stop. The end of the start's context does not end it.
func (d *Daemon) beside(ctx context.Context, name string, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	d.later(name, func(until context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-until.Done():
			return until.Err()
		}
	})
}

// Handler answers everything that the daemon answers.
func (d *Daemon) Handler() http.Handler { return d.handler }

// Engine is the daemon's engine.
func (d *Daemon) Engine() *escalation.Engine { return d.pager.Engine() }

// Failed delivers the error that ended the server, if there is one.
func (d *Daemon) Failed() <-chan error { return d.failed }

// Check returns an error if alerts cannot be made durable: the store cannot be
// written, and no spool can be either.
func (d *Daemon) Check(ctx context.Context) error {
	err := d.store.Check(ctx)
	if err != nil && d.spool != nil {
		return d.spool.Check(err)
	}
	return err
}

// Stop ends everything, in the opposite order of its start. It takes no new
// requests. What was accepted is written. What is being sent is finished or
// given back.
func (d *Daemon) Stop(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(d.cleanups) {
		if err := c.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("daemon: stop %s: %w", c.name, err))
		}
	}
	d.cleanups = nil
	return errors.Join(errs...)
}

// taker takes the alerts that come in.
func (d *Daemon) taker() ingest.Taker {
	if d.spool != nil {
		return d.spool
	}
	return taker{d}
}

// mostForBodies is how much memory requests under way may take on the largest
// machine.
const mostForBodies = 1 << 30

// forBodies is how much they may take of the memory that the process may use:
// a quarter.
func forBodies(memory int64) int64 {
	if memory == 0 {
		return ingest.DefaultMemory
	}
	return min(max(memory/4, ingest.LeastMemory), mostForBodies)
}

// taker hands alerts to the engine.
type taker struct{ d *Daemon }

// Take makes alerts durable (ingest.Taker).
func (t taker) Take(ctx context.Context, b ticket.Batch) (ingest.Taken, error) {
	if !t.d.timed.Load() {
		return ingest.Taken{}, errNotTimed
	}
	ordered, err := t.d.pager.Engine().Ingest(ctx, b)
	return ingest.Taken{Accepted: ordered.Accepted, Tickets: ordered.Tickets}, err
}

// words are the words in the desk's language.
func (d *Daemon) words() *lang.Words { return lang.In(d.pager.Rules().Language) }

const refusedTimeout = 10 * time.Second

// refused opens a ticket for a source whose requests are all refused. It pages
// nobody: a problem with the pager itself does not wake people.
func (d *Daemon) refused(source, reason string) {
	ctx, cancel := context.WithTimeout(context.Background(), refusedTimeout)
	defer cancel()
	_, err := d.pager.Engine().OpenByHand(ctx, escalation.Draft{
		Kind: ticket.Incident, Title: lang.Fill(d.words().Title.Refused, "source", source),
		Quiet: true, Actor: ticket.Actor{Kind: ticket.ActorSystem, Name: "ingest"}, Via: "rule", Said: ticket.Plain(reason),
	})
	if err != nil {
		d.log.Error("no ticket could be opened for a source that is refused", zap.String("source", source), zap.Error(err))
	}
}
