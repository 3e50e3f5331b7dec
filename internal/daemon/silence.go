package daemon

import (
	"context"
	"reflect"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/silence/peer"
	"github.com/astreinte/astreinte/internal/web/events"
)

const (
	// silencesEvery is how often silences are read if no hint says that they changed.
	silencesEvery = 5 * time.Second
	// silencesWithin is the longest that one look over the open tickets may take.
	silencesWithin = time.Minute
)

// hush is what this daemon knows of silences. d.mu guards force.
type hush struct {
	book   *silence.Book
	keeper *silence.Keeper
	soon   chan struct{} // somebody made or ended one here
	force  []escalation.Silence
}

// learnSilences reads silences before anything is paged. While the store is away there
// are none: a page too many is better than none.
func (d *Daemon) learnSilences(ctx context.Context) {
	d.hush.book, d.hush.soon = silence.NewBook(d.records, nil), make(chan struct{}, 1)
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	if list, err := d.hush.book.Living(ctx); err == nil {
		d.hush.force = silence.Rules(list, d.clock.Now())
	}
}

// askedAsAPeer answers amtool and the like.
func (d *Daemon) askedAsAPeer() *peer.Desk {
	return peer.New(&peer.Desk{Book: d.hush.book, Alerts: d.store, Engine: d.pager.Engine(), Log: d.log, Version: d.opts.Version, Changed: d.silenced})
}

// silenced has the next round of keepSilences begin at once.
func (d *Daemon) silenced() {
	select {
	case d.hush.soon <- struct{}{}:
	default:
	}
}

// keepSilences follows the silences in the store, whichever daemon wrote them, and looks
// over the open tickets when one begins or ends.
func (d *Daemon) keepSilences(ctx context.Context) {
	d.hush.keeper = &silence.Keeper{
		Book: d.hush.book, Tickets: d.store, Engine: d.pager.Engine(), Owner: d.pager.Owner(), Learn: d.followSilences, Plain: d.store.Records(),
	}
	changed := d.records.Watch(ctx, silence.Kind)
	tick := time.NewTicker(silencesEvery)
	defer tick.Stop()
	for {
		d.turnSilences(ctx)
		select {
		case <-changed:
		case <-d.hush.soon:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) turnSilences(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, silencesWithin)
	defer cancel()
	if d.followSilences(ctx) != nil || !d.timed.Load() {
		return // whoever needs the store says that it is away
	}
	n, err := d.hush.keeper.Turn(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.Error("the open tickets could not be looked over for silences: it is done again", zap.Error(err))
	}
	if n > 0 {
		d.events.Publish(events.Health, []byte("{}"))
	}
}

// followSilences reads silences, and puts them in force if they have changed.
func (d *Daemon) followSilences(ctx context.Context) error {
	list, err := d.hush.book.Living(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	force := silence.Rules(list, d.clock.Now())
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(force) == len(d.hush.force) && (len(force) == 0 || reflect.DeepEqual(force, d.hush.force)) {
		return nil
	}
	d.hush.force = force
	d.putOnCall()
	return nil
}
