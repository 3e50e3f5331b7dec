package daemon

import (
	"context"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/signin/openid"
)

// buildSigning makes what signs people in. Its pages get the console's layout.
func (d *Daemon) buildSigning() {
	book := signin.New(signin.Options{
		Records: d.records, Now: d.clock.Now, Log: d.log, Settings: signingOf(d.config),
		People: func() *contacts.Directory { return d.pager.Rules().Directory },
	})
	d.signing = signin.NewPages(signin.Site{
		Book: book, Client: d.client, Language: func() string { return d.pager.Rules().Language },
		Public: d.config.Server.PublicURL, Open: d.opts.Open, Log: d.log, Mailer: losers{d},
	})
	d.signing.SetProvider(providerOf(d.config))
	d.swept = make(chan struct{}, 1)
	d.swept <- struct{}{}
}

// Enter signs a browser in as a person who has proven nothing, on a phone or not:
// signin.ErrOff unless Options.Open, signin.ErrNotFound if there is no such person. No
// path of the daemon's leads here.
func (d *Daemon) Enter(w http.ResponseWriter, r *http.Request, person string, phone bool) error {
	return d.signing.EnterAs(w, r, person, phone) //nolint:wrapcheck // it names itself
}

func signingOf(c *config.Config) signin.Settings {
	return signin.Settings{Passwords: c.SignIn.Passwords, Passkeys: c.SignIn.Passkeys, Session: c.SignIn.Session}
}

// providerOf is the identity provider of a configuration; nil if there is none.
func providerOf(c *config.Config) *openid.Settings {
	o := c.SignIn.OIDC
	if o == nil {
		return nil
	}
	return &openid.Settings{Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), TrustEmail: o.TrustEmail}
}

// reloadSigning puts another configuration in force. It has the sessions ended
// of people who are gone.
func (d *Daemon) reloadSigning(c *config.Config) {
	d.signing.SetPublic(c.Server.PublicURL)
	d.signing.SetProvider(providerOf(c))
	d.signing.Book.Set(signingOf(c))
	select {
	case d.swept <- struct{}{}:
	default: // somebody asked for it already
	}
}

// sweepEvery is how often a daemon looks for people who are gone without a reload.
const sweepEvery = 24 * time.Hour

// keepSigning ends the sessions of people who are no longer configured, and
// forgets after a while what they signed in by. It looks at the start, after each
// reload, and daily. None of them gets in meanwhile: each request checks.
func (d *Daemon) keepSigning(ctx context.Context) {
	d.untilTimed(ctx)
	daily := time.NewTicker(sweepEvery)
	defer daily.Stop()
	for {
		select {
		case <-d.swept:
		case <-daily.C:
		case <-ctx.Done():
			return
		}
		within, cancel := context.WithTimeout(ctx, forgetTimeout)
		err := d.signing.Sweep(within)
		cancel()
		if err != nil && ctx.Err() == nil {
			d.log.Warn("sessions of people who are no longer configured stay until the next reload; they let nobody in", zap.Error(err))
		}
	}
}
