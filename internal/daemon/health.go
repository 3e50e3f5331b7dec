package daemon

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/feed"
	"github.com/astreinte/astreinte/internal/payroll"
	"github.com/astreinte/astreinte/internal/plan"
	"github.com/astreinte/astreinte/internal/proof"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/source"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
)

// Doubted notes, for the console, what check warns of in the configuration in
// force.
func (d *Daemon) Doubted(doubts []string) { d.checked.Store(&doubts) }

// healthTimeout is how long the console waits at most.
const healthTimeout = 2 * time.Second

// vitals tell the console how the daemon is doing.
type vitals struct{ d *Daemon }

var _ console.Pager = vitals{}

// Health implements console.Pager.
func (v vitals) Health(ctx context.Context) console.Health {
	d := v.d
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	h := console.Health{Version: d.opts.Version, Warnings: d.warnings(), Late: d.counted.Engine.Late()}
	if err := d.Check(ctx); err != nil && !errors.Is(err, context.Canceled) {
		h.Store = strings.Split(err.Error(), "\n")
	}
	if doubts := d.checked.Load(); doubts != nil {
		h.Doubts = *doubts
	}
	h.Doubts = append(slices.Clone(h.Doubts), d.unknown.doubts(d.clock.Now(), func(customer string) bool {
		_, known := d.pager.Rules().Customer(customer)
		return known
	})...)
	d.heard(&h)
	d.saidEverywhere(ctx, &h)
	d.beats(&h)
	if stats, err := d.store.Stats(ctx); err == nil {
		h.Queued = stats.Queued
		if !stats.Oldest.IsZero() {
			h.Waits = max(0, d.clock.Now().Sub(stats.Oldest))
		}
	}
	return h
}

// heard fills in what providers and sources last said: the daemon itself knows
// that.
func (d *Daemon) heard(h *console.Health) {
	h.MailIn = d.mailHealth()
	for _, p := range d.pager.Outbox().Doing() {
		h.Providers = append(h.Providers, console.Provider{Channel: p.Channel, Name: p.Name, Failing: p.Failing})
	}
	for _, s := range d.rooms.Statuses() {
		h.Rooms = append(h.Rooms, console.Provider{Channel: s.Product, Name: s.Room, Failing: !s.FailedAt.IsZero()})
	}
	for _, w := range d.ingest.Words() {
		h.Sources = append(h.Sources, console.Source{Name: w.Source, Type: w.Type, HeardAt: w.HeardAt, TestedAt: w.TestedAt, RefusedAt: w.RefusedAt, Reason: w.Reason})
	}
}

// saidEverywhere puts what all daemons of the store heard in the place of what this one
// did.
func (d *Daemon) saidEverywhere(ctx context.Context, h *console.Health) {
	h.Sources = nil
	for _, s := range d.said.Shorts(ctx) {
		h.Sources = append(h.Sources, console.Source{
			Name: s.Name, Type: s.Type, HeardAt: s.HeardAt, TestedAt: s.TestedAt, RefusedAt: s.RefusedSince, Reason: s.Reason, Silent: s.Silent,
		})
	}
}

// mountConsole puts the console's pages into the web server.
func (d *Daemon) mountConsole() {
	pages := console.New(console.Options{
		House: d.web, Engine: d.pager.Engine(), Store: d.store, People: d.pager.Directory(), Records: d.records, Audit: audit.NewLog(d.records), Tests: d.pager.Tests(), Shifts: dutyDesk{d}, Ready: readyDesk{d}, Calendars: d.Calendars, Ahead: aheadDesk{d},
		Pager: vitals{d}, Log: d.log, Beside: d.signing.Beside, Away: d.storeAway, Speed: d.opts.Speed,
		Gone: paging.NewGoneBook(d.store.Records()), Heard: d.events.Last, Files: d.files != nil, Proofs: d.archive != nil,
	})
	d.web.Mount(pages.Routes()...)
	d.web.Mount(pages.API()...)
	d.signing.At = func(t time.Time) string { return look.Moment(t, d.clock.Now(), d.pager.Rules().Location) }
	d.signing.House, d.signing.Show = d.web, pages.Show
	d.web.Mount(d.signing.Routes()...)
	d.web.Mount(d.phoneApp(pages).Routes()...)
	feeds := feed.New(&feed.Pages{Book: feed.NewBook(d.records), House: d.web, Frame: pages, Engine: d.pager.Engine(), Plan: plan.NewBook(d.store.Records()), Log: d.log})
	d.web.Mount(feeds.Routes()...)
	d.web.Mount(payroll.New(&payroll.Pages{Counter: d, House: d.web, Frame: pages, Engine: d.pager.Engine(), Employer: d.employer}).Routes()...)
	silences := silence.NewPages(&silence.Pages{Book: d.hush.book, House: d.web, Frame: pages, Engine: d.pager.Engine(), Log: d.log, Changed: d.silenced})
	d.web.Mount(silences.Routes()...)
	d.said = source.NewPages(&source.Pages{
		Book: source.NewBook(d.records), Door: d.ingest, House: d.web, Frame: pages, Engine: d.pager.Engine(), Try: d.ingest.Reread, SilentAfter: d.silentAfter,
	})
	d.web.Mount(d.said.Routes()...)
	d.mountFiles(pages)
	d.web.Mount(plan.New(&plan.Pages{Book: plan.NewBook(d.store.Records()), House: d.web, Frame: pages, Engine: d.pager.Engine()}).Routes()...)
	d.web.Mount((&proof.Pages{Archive: prover{d}, Frame: pages, Engine: d.pager.Engine()}).Routes()...)
	d.mountCustomers(pages)
	d.mountHeartbeats(pages)
	d.mountAway()
}
