package daemon

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// readyDesk knows whether people can be woken (web.Ready, paging.Prover).
type readyDesk struct{ d *Daemon }

var (
	_ web.Ready     = readyDesk{}
	_ paging.Prover = readyDesk{}
)

// provedTimeout bounds what a receipt waits for until its proof is noted.
const provedTimeout = 2 * time.Second

// Proved notes a proof, if the store is there.
func (k readyDesk) Proved(ctx context.Context, p paging.Proof) {
	ctx, cancel := context.WithTimeout(ctx, provedTimeout)
	defer cancel()
	if err := k.d.ready.Proofs.Note(ctx, p); err != nil && ctx.Err() == nil {
		k.d.log.Warn("a proof that somebody can be reached was not noted", zap.String("person", p.Person), zap.Error(err))
	}
}

// Answered notes what a person did by hand. What follows of it is in force on this
// daemon before its answer.
func (k readyDesk) Answered(ctx context.Context, p paging.Proof) (paging.Waited, error) {
	waited, err := k.d.ready.Answered(ctx, p)
	if waited.Drill {
		p.How = paging.ByDrill
	}
	k.Proved(ctx, p)
	if waited.Any() {
		k.d.log.Info("somebody is ready", zap.String("person", p.Person), zap.String("how", string(p.How)),
			zap.Bool("handover", waited.Handover), zap.Bool("drill", waited.Drill))
	}
	if waited.Handover {
		k.d.followDuty(ctx)
	}
	return waited, err //nolint:wrapcheck // it names itself
}

// Proofs lists those of a person, with what the person's devices showed.
func (k readyDesk) Proofs(ctx context.Context, person string) ([]paging.Proof, error) {
	devices, err := k.d.pager.Directory().Devices(ctx, person)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	return k.d.ready.Proofs.Of(ctx, person, devices) //nolint:wrapcheck // it names itself
}

// buildReady makes what keeps proofs, before anything that brings some.
func (d *Daemon) buildReady() {
	d.ready = ready.NewDesk(d.records)
	d.ahead.book = lookahead.NewBook(d.records)
	d.nights = lookahead.NewNights(d.records)
	d.anew = make(chan struct{}, 1)
}

// planEvery is how often handovers are looked for that are to come.
const planEvery = 5 * time.Second

// keepReady asks people before handovers. Who is asked when is written down first: of
// several daemons one asks, and a restart changes nothing.
func (d *Daemon) keepReady(ctx context.Context) {
	d.untilTimed(ctx)
	changed := d.store.Records().Watch(ctx, ready.KindHandover)
	tick := time.NewTicker(planEvery)
	defer tick.Stop()
	for {
		select {
		case <-changed:
			d.followDuty(ctx)
		case <-tick.C:
			d.planHandovers(ctx)
			d.seeToHandovers(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// byTurns is who is on call by the configuration and by replacements, without those who
// stay on.
func (d *Daemon) byTurns() (base *contacts.Directory, known []ready.Handover) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.onCall.base, d.onCall.handovers
}

// planHandovers writes down the handovers that are to be asked about.
func (d *Daemon) planHandovers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dutyTimeout)
	defer cancel()
	base, known := d.byTurns()
	now, planned := d.clock.Now(), false
	have := make(map[string]bool, len(known))
	for i := range known {
		have[known[i].Key()] = true
	}
	for _, h := range ready.Upcoming(base, now) {
		if have[h.Key()] {
			continue
		}
		g, _ := base.Group(h.Group)
		h = d.ready.Fresh(ctx, base, h, now)
		if err := d.ready.Handovers.Plan(ctx, h, g.Readiness, now); err != nil {
			return // it is tried again
		}
		planned = true
	}
	if planned {
		d.followDuty(ctx)
	}
}

// seeToHandovers does what is due about handovers.
func (d *Daemon) seeToHandovers(ctx context.Context) {
	due, err := d.ready.Handovers.Due(ctx, d.pager.Owner(), d.clock.Now())
	if err != nil {
		return // it is tried again
	}
	var all sync.WaitGroup
	for i := range due {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, handoverTakes)
			defer cancel()
			h := &handing{d: d, item: &due[i], now: d.clock.Now()}
			h.base, _ = d.byTurns()
			if err := h.step(ctx); err != nil && ctx.Err() == nil {
				d.log.Warn("a handover could not be seen to, and is tried again", zap.String("group", due[i].Of.Group), zap.Error(err))
			}
		})
	}
	all.Wait()
	if len(due) > 0 {
		d.followDuty(ctx)
	}
}

// handoverTakes is how long the messages of a handover may take, at most.
const handoverTakes = time.Minute

// note sends a note by the channels that are configured of some, to each address.
func (d *Daemon) note(ctx context.Context, to contacts.Person, channels []string, n paging.Note) bool {
	channels, mailed := d.mailed(ctx, to, channels, n)
	if mailed && len(channels) == 0 {
		return true
	}
	tries, err := d.pager.Outbox().Note(ctx, to, channels, n)
	if err != nil && !errors.Is(err, paging.ErrNoWay) {
		d.log.Warn("a message beside pages could not be sent", zap.String("person", to.Key), zap.Error(err))
	}
	d.log.Info("a message beside pages", zap.String("person", to.Key), zap.String("kind", n.Kind), zap.Int("addresses", len(tries)), zap.Bool("taken", paging.Taken(tries)))
	return paging.Taken(tries) || mailed
}

// noteOnce sends a note by the first of the channels that takes it.
func (d *Daemon) noteOnce(ctx context.Context, to contacts.Person, channels []string, n paging.Note) bool {
	return slices.ContainsFunc(channels, func(channel string) bool { return d.note(ctx, to, []string{channel}, n) })
}

// answerable has a note carry links by which it is answered.
func (d *Daemon) answerable(ctx context.Context, to contacts.Person, n paging.Note) paging.Note {
	public := d.pager.Ways().PublicURL
	if public == "" {
		return n
	}
	n.Link = func(channel, address string) (string, error) {
		token, err := d.ready.NewLink(ctx, ready.Link{Person: to.Key, Channel: channel, Address: address}, d.clock.Now())
		return public + web.ReadyPath + token, err //nolint:wrapcheck // it names itself
	}
	return n
}

// toSeeTo are the states of tickets that somebody has to see to.
var toSeeTo = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}
