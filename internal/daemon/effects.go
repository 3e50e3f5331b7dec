package daemon

import (
	"context"
	"errors"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/effect/webhook"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/web"
)

// buildEffects makes the queue of what leaves beside pages. It has connections
// of its own.
func (d *Daemon) buildEffects() {
	if d.hookWay = d.opts.Transport; d.hookWay == nil {
		way := webhook.Transport()
		d.later("webhooks", func(context.Context) error { way.CloseIdleConnections(); return nil })
		d.hookWay = way
	}
	registry := d.metrics.registry
	metrics := effect.NewMetrics(registry)
	d.effects = effect.New(effect.Options{
		Records: d.store.Records(), Tickets: d.pager.Engine(), Clock: d.clock, Owner: d.pager.Owner(), Log: d.log.Named("effects"), Metrics: metrics,
		Over: func(err error) bool { return errors.Is(err, escalation.ErrDone) },
		Gone: func(err error) bool { return errors.Is(err, escalation.ErrNotFound) },
	})
	registry.MustRegister(effect.NewWaiting(d.store.Records(), d.homes, d.clock.Now))
	d.effects.SetReceivers(d.receivers(d.config))
	d.buildMail(metrics)
	d.buildRooms(metrics)
}

// receivers are the receivers that a configuration names.
func (d *Daemon) receivers(c *config.Config) map[string]effect.Receiver {
	receivers := make(map[string]effect.Receiver, len(c.Webhooks))
	for _, h := range c.Webhooks {
		receivers[escalation.WebhookReceiver(h.Name)] = webhook.New(webhook.Config{
			URL: h.URL.Reveal(), Secret: h.Secret.Reveal(), Body: web.WebhookBody, Now: d.clock.Now,
			HTTP: d.hookWay, UserAgent: "astreinte/" + d.opts.Version,
		})
	}
	d.backReceivers(c, receivers)
	return receivers
}

// homes are where effects can be: the configured sources, tickets opened by
// hand, and the house. Effects of a source that left the configuration are
// sent too, but not counted.
func (d *Daemon) homes() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	homes := []string{escalation.ManualSource, heartbeat.Source, records.House}
	for i := range d.config.Sources {
		homes = append(homes, d.config.Sources[i].Name)
	}
	return homes
}
