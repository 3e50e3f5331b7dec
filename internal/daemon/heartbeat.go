package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/effect/webhook"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/heartbeat/board"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/internal/web/events"
)

const (
	// beatsEvery is how often heartbeats are looked at if nothing asks for it.
	beatsEvery = 5 * time.Second
	// beatsWithin is the longest that one look may take.
	beatsWithin = time.Minute
	// stuckAfter is how long a page may wait for a provider, or a deadline for the engine,
	// before this daemon counts as one that cannot page.
	stuckAfter = 5 * time.Minute
)

// pulse is what this daemon has of heartbeats, in and out.
type pulse struct {
	book   *heartbeat.Book
	keeper *heartbeat.Keeper
	door   *heartbeat.Door
	caller *heartbeat.Caller
	counts *heartbeat.Counts
	late   atomic.Pointer[[]console.Beat] // those that are an alert
	soon   chan struct{}
}

// buildPulse makes it.
func (d *Daemon) buildPulse() {
	p := &d.pulse
	p.book, p.soon, p.counts = heartbeat.NewBook(d.records), make(chan struct{}, 1), heartbeat.NewCounts()
	p.keeper = &heartbeat.Keeper{
		Book: p.book, Engine: d.pager.Engine(), Owner: d.pager.Owner(), Log: d.log, Soon: d.beatSoon,
		Take: func(ctx context.Context, b ticket.Batch) error {
			_, err := d.taker().Take(ctx, b)
			return err //nolint:wrapcheck // it is the heartbeat's to say
		},
	}
	registry := d.metrics.registry
	p.door = heartbeat.NewDoor(p.keeper, d.log, registry)
	registry.MustRegister(p.counts)
	way := d.opts.Transport
	if way == nil {
		own := webhook.Transport()
		d.later("heartbeats out", func(context.Context) error { own.CloseIdleConnections(); return nil })
		way = own
	}
	p.caller = heartbeat.NewCaller(&heartbeat.Caller{Now: d.clock.Now, Well: d.well, HTTP: way, UserAgent: "astreinte/" + d.opts.Version, Log: d.log}, registry)
	d.setHeartbeats(d.config)
}

// setHeartbeats puts those of a configuration in force. The alerts of those that are gone
// end.
func (d *Daemon) setHeartbeats(c *config.Config) {
	list := make([]heartbeat.Heartbeat, len(c.Heartbeats))
	for i := range c.Heartbeats {
		list[i] = c.Heartbeats[i].Watched()
	}
	d.pulse.book.Configure(list)
	d.pulse.keeper.Sweep()
	to := make([]heartbeat.To, len(c.HeartbeatTo))
	for i := range c.HeartbeatTo {
		to[i] = heartbeat.To{URL: c.HeartbeatTo[i].URL.Reveal(), Every: c.HeartbeatTo[i].Every}
	}
	d.pulse.caller.Set(to)
}

// beatSoon has the next round of keepBeats begin at once.
func (d *Daemon) beatSoon() {
	select {
	case d.pulse.soon <- struct{}{}:
	default:
	}
}

// beatMade is called once a person made or ended a heartbeat.
func (d *Daemon) beatMade() {
	d.pulse.keeper.Sweep()
	d.events.Publish(events.Health, []byte("{}"))
}

// keepBeats tells of heartbeats that are late, and of those that beat again.
func (d *Daemon) keepBeats(ctx context.Context) {
	d.untilTimed(ctx)
	made := d.records.Watch(ctx, heartbeat.Kind)
	tick := time.NewTicker(beatsEvery)
	defer tick.Stop()
	for {
		d.turnBeats(ctx)
		select {
		case <-made:
		case <-d.pulse.soon:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) turnBeats(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beatsWithin)
	defer cancel()
	if err := d.pulse.keeper.Turn(ctx); err != nil {
		if ctx.Err() == nil && d.store.Check(ctx) == nil { // whoever needs the store says that it is away
			d.turned.say("heartbeats", func(times int) {
				d.log.Error("heartbeats could not be looked at: it is done again", zap.Error(err), zap.Int("times", times))
			})
		}
		return
	}
	list, err := d.pulse.book.All(ctx, d.clock.Now())
	if err != nil {
		return
	}
	d.pulse.counts.Set(list)
	late := []console.Beat{}
	for i := range list {
		if s := list[i].Beat.State; s.Bad() {
			late = append(late, console.Beat{Name: list[i].Name, State: string(s)})
		}
	}
	was := d.pulse.late.Swap(&late)
	if was == nil {
		was = &[]console.Beat{} // a start is no news
	}
	if !slices.Equal(*was, late) {
		d.events.Publish(events.Health, []byte("{}"))
	}
}

// beatTaker takes alerts, less those that beat heartbeats.
type beatTaker struct {
	ingest.Taker
	d *Daemon
}

// Take makes alerts durable (ingest.Taker).
func (t beatTaker) Take(ctx context.Context, b ticket.Batch) (ingest.Taken, error) {
	rest, beats := t.d.pulse.keeper.Beaten(ctx, b)
	if beats > 0 && len(rest.Alerts)+len(rest.ResolveGroups) == 0 {
		return ingest.Taken{Accepted: beats}, nil
	}
	taken, err := t.Taker.Take(ctx, rest)
	taken.Accepted += beats
	return taken, err //nolint:wrapcheck // the Taker's own
}

// well is nil while this daemon can write its store and page.
func (d *Daemon) well(ctx context.Context) error {
	if !d.timed.Load() {
		return errNotTimed
	}
	if err := d.store.Check(ctx); err != nil {
		return fmt.Errorf("the store cannot be written: %w", err)
	}
	if d.clock.Now().Sub(d.pager.Engine().Kept()) > stuckAfter {
		return errors.New("deadlines are not kept")
	}
	ways := d.pager.Outbox().Doing()
	working := false
	for i := range ways {
		working = working || !ways[i].Failing
	}
	if !working {
		return errors.New("no provider works")
	}
	stats, err := d.store.Stats(ctx)
	if err != nil {
		return fmt.Errorf("the store cannot be read: %w", err)
	}
	if !stats.Oldest.IsZero() && d.clock.Now().Sub(stats.Oldest) > stuckAfter {
		return errors.New("pages wait, and none leaves")
	}
	return nil
}

// beats fills in what is known of heartbeats, in and out.
func (d *Daemon) beats(h *console.Health) {
	if late := d.pulse.late.Load(); late != nil {
		h.Beats = *late
	}
	for _, c := range d.pulse.caller.Called() {
		if c.Why != "" {
			h.Calls = append(h.Calls, console.Called{Host: c.Host, Why: c.Why})
		}
	}
}

// mountHeartbeats puts their pages into the web server.
func (d *Daemon) mountHeartbeats(frame web.Frame) {
	pages := board.NewPages(&board.Pages{Book: d.pulse.book, House: d.web, Frame: frame, Engine: d.pager.Engine(), Log: d.log, Changed: d.beatMade})
	d.web.Mount(pages.Routes()...)
}
