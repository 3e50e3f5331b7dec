package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/internal/recheck"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

// buildRechecks makes what has tickets checked again.
func (d *Daemon) buildRechecks() {
	registry := d.metrics.registry
	d.rechecks = recheck.New(recheck.Options{
		Records: d.store.Records(), Tickets: d.store, Engine: d.pager.Engine(), Clock: d.clock, Owner: d.pager.Owner(),
		Tell: d.tellFound, Log: d.log.Named("rechecks"), Registerer: registry,
	})
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "astreinte_recheck_tools_silent", Help: "Tools that did not answer when they were last asked to check something again; /readyz names them.",
	}, func() float64 { return float64(len(d.rechecks.Silent())) }))
	d.rechecks.SetMeans(d.recheckMeans(d.config))
}

// checkDesk has tickets checked again, once all parts are there.
type checkDesk struct{ d *Daemon }

// Can implements desk.Checker.
func (c checkDesk) Can(v *ticket.View) bool { return c.d.rechecks.Can(v) }

// Ask implements desk.Checker.
func (c checkDesk) Ask(ctx context.Context, v *ticket.View, who *desk.Asked) error {
	return c.d.rechecks.Ask(ctx, v, who) //nolint:wrapcheck // it names itself
}

// State implements web.Rechecks.
func (c checkDesk) State(ctx context.Context, source, number string) (ticket.Recheck, error) {
	return c.d.rechecks.State(ctx, source, number) //nolint:wrapcheck // likewise
}

// Wait implements web.Rechecks.
func (c checkDesk) Wait(ctx context.Context, source, number string, limit time.Duration) (ticket.Recheck, error) {
	return c.d.rechecks.Wait(ctx, source, number, limit) //nolint:wrapcheck // likewise
}

// tellFound sends the answer to a re-check to the phone that asked. A phone that its
// person has no more is not told. It is one of the replies that a phone gets in ten
// minutes, however often it is tried.
func (d *Daemon) tellFound(ctx context.Context, to desk.Asked, number string, found *ticket.Found, again bool) error {
	key := to.Actor.Name
	if to.Actor.Phone != "" {
		key = to.Actor.Phone // a group's telephone
	}
	rules := d.pager.Rules()
	person, ok := rules.Directory.Recipient(key)
	if !ok {
		return nil
	}
	say := words.Replies{Lang: paging.Language(person, rules), Location: rules.Location, Now: d.clock.Now()}
	body := say.Found(to.Code, found)
	if !again {
		body = d.pager.Measured(ctx, to.Phone, body, say.Lang)
	}
	if body == "" {
		return nil
	}
	try, err := d.pager.Outbox().NoteTo(ctx, person, paging.WaySMS, to.Phone, paging.Note{
		ID: "recheck-" + number, Kind: recheck.Kind, Body: body,
	})
	switch {
	case errors.Is(err, paging.ErrNoWay):
		return nil
	case err != nil:
		return err //nolint:wrapcheck // it names itself
	case try.State == ticket.PageFailed:
		return fmt.Errorf("daemon: %s", try.Error)
	}
	return nil
}

// recheckMeans are what a configuration says can be asked.
func (d *Daemon) recheckMeans(c *config.Config) *recheck.Means {
	agent := "astreinte/" + d.opts.Version
	m := &recheck.Means{Tools: map[string]recheck.Tool{}, Probes: c.Probes}
	m.Prober = &probe.Prober{Guard: probe.Guard{Networks: c.RecheckNetworks}, UserAgent: agent, Now: d.clock.Now}
	for i := range c.Sources {
		if t := c.Sources[i].Recheck; t != nil {
			m.Tools[c.Sources[i].Name] = d.toolOf(t, agent)
		}
	}
	return m
}

func (d *Daemon) toolOf(t *config.Tool, agent string) recheck.Tool {
	way := upstream.Options{
		URL: t.URL, User: t.User, Password: t.Password.Reveal(), Token: t.Token.Reveal(), Roots: t.Roots, HTTP: d.opts.Transport, UserAgent: agent,
	}
	switch t.Kind {
	case config.ToolIcinga:
		return upstream.IcingaCheck{API: upstream.NewIcinga(way)}
	case config.ToolZabbix:
		return upstream.ZabbixCheck{API: upstream.NewZabbix(way)}
	}
	return upstream.NewPrometheus(way, d.clock.Now)
}

// recheckWarnings are what /readyz says of tools that do not answer.
func (d *Daemon) recheckWarnings() (lines []string) {
	for _, s := range d.rechecks.Silent() {
		lines = append(lines, fmt.Sprintf("sources.%s.recheck: %s does not answer since %s: nobody can have its alerts checked again", s.Source, s.Tool, s.Since.UTC().Format(time.RFC3339)))
	}
	return lines
}
