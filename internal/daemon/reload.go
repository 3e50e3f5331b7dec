package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/smtp"
	"github.com/astreinte/astreinte/paging/webpush"
)

// swappable is a handler that a reload can replace.
type swappable struct{ handler atomic.Pointer[http.Handler] }

// Store puts another handler in force.
func (s *swappable) Store(h http.Handler) { s.handler.Store(&h) }

// ServeHTTP answers by the handler in force.
func (s *swappable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := s.handler.Load(); h != nil && *h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

// made are the providers of a configuration.
type made struct {
	ways     paging.Ways
	hooks    http.Handler    // takes what providers send back; nil: there is none
	browsers *webpush.Sender // nil: none
	sender   *smtp.Sender    // of mails; nil: none
}

// providers makes the channels of a configuration.
func (d *Daemon) providers(ctx context.Context, c *config.Config) (made, error) {
	ways := paging.Ways{Channels: map[string][]paging.Provider{}, PublicURL: c.Server.PublicURL}
	var hooks http.Handler
	var client *http.Client
	if d.opts.Transport != nil {
		client = &http.Client{Transport: d.opts.Transport}
	}
	if c.SMS != nil {
		senders, webhooks, err := d.sms(c, client) //nolint:contextcheck // an expression that is tried has its own second
		if err != nil {
			return made{}, err
		}
		ways.BundleOver = c.SMS.BundleOver
		ways.Channels[paging.WaySMS] = senders
		hooks = webhooks
	}
	pushers, browsers, err := d.push(ctx, c, client)
	if err != nil {
		return made{}, err
	}
	if len(pushers) > 0 {
		ways.Channels[paging.WayPush] = pushers
	}
	sender, err := d.mailer(c)
	if err != nil {
		return made{}, err
	}
	if sender != nil {
		ways.Channels[paging.WayMail] = []paging.Provider{sender.Provider()}
		if c.SMS == nil {
			ways.BundleOver = config.DefaultBundleOver
		}
	}
	return made{ways, hooks, browsers, sender}, nil
}

// Reload puts another configuration in force, all of it or nothing. Open
// tickets keep their policy.
func (d *Daemon) Reload(ctx context.Context, c *config.Config) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := needsRestart(d.config, c); err != nil {
		return d.refuse(err)
	}
	providers, err := d.providers(ctx, c)
	if err == nil {
		err = d.reloadMailFiles(c.MailIn)
	}
	if err == nil {
		err = d.reloadDoors(&c.Server)
	}
	if err != nil {
		return d.refuse(err)
	}
	d.warnOfGroups(c)
	d.cameIntoForce(c)
	d.effects.SetReceivers(d.receivers(c)) // before there are effects for them
	d.setRooms(c)
	d.calendars.sources = calendarSources(c)
	d.rechecks.SetMeans(d.recheckMeans(c))
	d.setMail(providers.sender)
	rules := d.withDuty(c.Rules)
	d.pager.Reload(rules, providers.ways)
	if d.spool != nil {
		d.spool.Reload(rules, providers.ways)
	}
	d.hooks.Store(providers.hooks)
	d.browsers.Store(providers.browsers)
	d.ingest.SetSources(sources(c))
	d.reloadMail(c.MailIn)
	d.setHeartbeats(c)
	for _, s := range d.servers() {
		s.SetTokens(tokens(c))
		s.SetPublicURL(c.Server.PublicURL)
	}
	select {
	case d.saidAnew <- struct{}{}:
	default: // it is asked for already
	}
	d.reloadSigning(c)
	d.config = c
	d.reconsider()
	d.metrics.reloaded.Set(1)
	d.log.Info("the configuration was read again and is in force")
	return nil
}

// needsRestart says what of a configuration cannot change while the daemon runs; nil:
// nothing has.
func needsRestart(now, next *config.Config) error {
	switch {
	case next.Store != now.Store:
		return errors.New("store has changed: that needs a restart")
	case next.Archive != now.Archive:
		return errors.New("archive has changed: that needs a restart")
	case next.Durability != now.Durability:
		return errors.New("durability has changed: that needs a restart")
	case next.Spool != now.Spool:
		return errors.New("spool has changed: that needs a restart")
	case next.Server.Listen != now.Server.Listen:
		return errors.New("server.listen has changed: that needs a restart")
	case next.Server.PrivateListen != now.Server.PrivateListen:
		return errors.New("server.private_listen has changed: that needs a restart")
	case (next.Server.TLS == nil) != (now.Server.TLS == nil):
		return errors.New("server.tls was given or taken away: that needs a restart")
	}
	return mailNeedsRestart(now.MailIn, next.MailIn)
}

// reloadDoors is the last part of a reload that may fail. Before the start
// nothing is open.
func (d *Daemon) reloadDoors(server *config.Server) error {
	if d.certificate != nil {
		if err := d.certificate.SetFiles(server.TLS.Certificate, server.TLS.Key); err != nil {
			return fmt.Errorf("server.tls: %w", err)
		}
	}
	if len(d.entrances) > 0 {
		d.share(server)
	}
	d.proxies.Store(&server.TrustedProxies)
	return nil
}

// Refused notes that a configuration could not be read. The one in force
// stays.
func (d *Daemon) Refused() { d.metrics.reloaded.Set(0) }

func (d *Daemon) refuse(err error) error {
	d.Refused()
	return fmt.Errorf("daemon: reload: %w; the configuration in force stays", err)
}

// warnOfGroups warns of groups that are gone. Open tickets may still name
// them; they count as unreachable there.
func (d *Daemon) warnOfGroups(c *config.Config) {
	for _, p := range d.config.Rules.Policies {
		for _, step := range p.Steps {
			if _, ok := c.Rules.Directory.Group(step.Group); !ok {
				d.log.Warn("a group is gone: tickets that were opened with this policy pass its step over",
					zap.String("group", step.Group), zap.String("policy", p.Name))
			}
		}
	}
}

func sources(c *config.Config) []ingest.Source {
	out := make([]ingest.Source, len(c.Sources))
	for i, s := range c.Sources {
		out[i] = s.Ingest()
	}
	return out
}

func tokens(c *config.Config) []web.Token {
	out := make([]web.Token, len(c.Tokens))
	for i, t := range c.Tokens {
		out[i] = web.Token{Name: t.Name, Role: t.Role, Token: t.Token.Reveal(), Person: t.Person}
	}
	return out
}
