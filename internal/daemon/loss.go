package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	lossEvery   = 5 * time.Second
	lossTimeout = 4 * time.Second
	lossShown   = 24 * time.Hour // in /readyz
)

// watchful is a store that may come back without what it had.
type watchful interface {
	// Watch returns what was lost since the last call; nil: nothing.
	Watch(ctx context.Context) (*redisstore.Loss, error)
	// Telling says which one of all daemons tells people of a loss.
	Telling(ctx context.Context, l *redisstore.Loss, by string, now time.Time) (string, error)
	// Told notes that people were told.
	Told(ctx context.Context, l *redisstore.Loss) error
	// SkipLost skips numbers and codes that may have been given before.
	SkipLost(ctx context.Context, prefixes, phones []string) error
}

// loss is one loss of the store.
type loss struct {
	*redisstore.Loss
	at   time.Time
	told bool // people were told, or another daemon tells them
}

// keepWatch checks whether the store still has what it had (docs/adr/0019). It
// reports a loss in the log, in /readyz and as metrics. One of all daemons
// tells the managers once.
func (d *Daemon) keepWatch(ctx context.Context, of watchful) {
	for {
		d.watch(ctx, of)
		d.tellLosses(ctx, of)
		if !pause(ctx, lossEvery) {
			return
		}
	}
}

func (d *Daemon) watch(ctx context.Context, of watchful) {
	ctx, cancel := context.WithTimeout(ctx, lossTimeout)
	defer cancel()
	found, err := of.Watch(ctx)
	if err != nil || found == nil {
		return // whoever needs the store says that it is away
	}
	d.log.Error("the store lost what it had: open tickets are gone until their alerts are heard of again",
		zap.Int("open_tickets", found.Open), zap.Strings("sources", found.Sources))
	d.metrics.losses.Inc()
	if d.follows != nil {
		d.follows.Again()
	}
	d.metrics.lost.Add(float64(found.Open))
	d.lossMu.Lock()
	defer d.lossMu.Unlock()
	// If no open ticket is known to be lost, nobody is woken for it.
	d.losses = append(d.losses, loss{Loss: found, at: d.clock.Now(), told: found.Open == 0})
	d.losses = d.losses[max(0, len(d.losses)-100):]
}

// tellLosses tells the managers of losses that they do not know of yet.
func (d *Daemon) tellLosses(ctx context.Context, of watchful) {
	d.lossMu.Lock()
	losses := slices.Clone(d.losses)
	d.lossMu.Unlock()
	for i := range losses {
		if l := &losses[i]; !l.told && d.tellLoss(ctx, of, l) {
			d.lossMu.Lock()
			for k := range d.losses {
				d.losses[k].told = d.losses[k].told || d.losses[k].Loss == l.Loss
			}
			d.lossMu.Unlock()
		}
	}
}

// tellLoss reports whether the managers were told, by this daemon or another.
func (d *Daemon) tellLoss(ctx context.Context, of watchful, l *loss) bool {
	ctx, cancel := context.WithTimeout(ctx, refusedTimeout)
	defer cancel()
	answer, err := of.Telling(ctx, l.Loss, d.pager.Owner(), d.clock.Now())
	if err != nil || answer != redisstore.TellingYours {
		return err == nil && answer == redisstore.TellingDone
	}
	rules := d.pager.Rules()
	if err := of.SkipLost(ctx, rules.Desk.Numbers.Prefixes(d.clock.Now().In(rules.Location)), phones(rules)); err != nil {
		d.log.Warn("numbers and codes of before the loss may be given again", zap.Error(err))
	}
	_, err = d.pager.Engine().OpenByHand(ctx, escalation.Draft{
		Kind: ticket.Incident, Title: d.words().Lost(l.Open),
		Urgency: ticket.Critical, Managers: true,
		Actor: ticket.Actor{Kind: ticket.ActorSystem, Name: "store"}, Via: "rule",
		Said: ticket.Said{Detail: ticket.SaidLost, Args: ticket.Args{Instant: l.at, Sources: l.Sources}},
	})
	if err == nil {
		err = of.Told(ctx, l.Loss)
	}
	if err != nil {
		d.log.Error("the managers could not be told that the store lost what it had", zap.Error(err))
	}
	return err == nil
}

func openTickets(n int) string {
	if n == 1 {
		return "1 open ticket"
	}
	return fmt.Sprintf("%d open tickets", n)
}

// phones are the phone numbers of all people.
func phones(rules *escalation.Rules) (all []string) {
	for _, p := range rules.Directory.People() {
		all = append(all, p.Phones...)
	}
	return all
}

// lossWarnings is what /readyz says of losses, for a day.
func (d *Daemon) lossWarnings() (all []string) {
	d.lossMu.Lock()
	defer d.lossMu.Unlock()
	for _, l := range d.losses {
		if d.clock.Now().Sub(l.at) < lossShown {
			all = append(all, fmt.Sprintf("the store lost what it had at %s, and with it %s", l.at.UTC().Format(time.RFC3339), openTickets(l.Open)))
		}
	}
	return all
}
