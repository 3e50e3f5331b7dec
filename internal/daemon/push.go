package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/fcm"
	"github.com/astreinte/astreinte/paging/webpush"
)

// push makes the providers of pushes: Firebase's for devices with a token, and the
// browsers' push services for those with a subscription.
func (d *Daemon) push(ctx context.Context, c *config.Config, client *http.Client) ([]paging.Provider, *webpush.Sender, error) {
	var list []paging.Provider
	if c.Push == nil {
		return nil, nil, nil
	}
	if c.Push.FCM != nil {
		sender, err := fcm.New(ctx, fcm.Config{
			CredentialsJSON: fcm.Secret(c.Push.FCM.Credentials.Reveal()), Endpoint: c.Push.FCM.Endpoint, HTTP: client,
		})
		if err != nil {
			return nil, nil, fmt.Errorf("daemon: push: %w", err)
		}
		list = append(list, paging.Provider{Name: "fcm", Channel: sender, Carries: func(of *paging.Device) bool { return of.Push == nil }})
	}
	if c.Push.Web == nil {
		return list, nil, nil
	}
	sender, err := webpush.New(webpush.Config{
		Keys: d.house.Keys, Subject: c.Push.Web.Subject, Allow: c.Push.Web.Allow, PublicURL: c.Server.PublicURL, HTTP: client,
		Now: func() time.Time { return d.clock.Now() },
	})
	if err != nil {
		return nil, nil, fmt.Errorf("daemon: push: %w", err)
	}
	return append(list, sender.Providers()...), sender, nil
}

// rememberedKeys is the file of the spool's folder that has the keys of pushes.
const rememberedKeys = "push.json"

// openHouse finds the keys of pushes in the store, and where there is a spool in its
// folder too: who starts while the store is away pushes from there.
func (d *Daemon) openHouse(c *config.Config) {
	d.house = webpush.NewHouse(d.store.Records())
	if d.spool == nil {
		return
	}
	if err := d.house.Remember(filepath.Join(c.Spool, rememberedKeys)); err != nil {
		d.log.Warn("without the store no browser can be pushed to", zap.Error(err))
	}
}

// keyNap is how long to wait before asking the store again that has not given
// the keys.
const keyNap = 10 * time.Second

// keepKeys has the house's keys made at the first start, before anybody needs
// them.
func (d *Daemon) keepKeys(ctx context.Context) {
	for {
		if d.browsers.Load() != nil {
			_, err := d.house.Ask(ctx)
			if err == nil || ctx.Err() != nil {
				return
			}
			d.log.Warn("the keys of pushes to browsers cannot be read yet", zap.Error(err))
		}
		nap := time.NewTimer(keyNap)
		select {
		case <-nap.C:
		case <-ctx.Done():
			nap.Stop()
			return
		}
	}
}

// pushWarnings says which push services refuse us.
func (d *Daemon) pushWarnings() (list []string) {
	sender := d.browsers.Load()
	if sender == nil {
		return nil
	}
	for _, r := range sender.Refused() {
		list = append(list, fmt.Sprintf("the push service of %s refuses our keys or push.web.subject since %s: %s %s",
			r.Service, r.At.UTC().Format(time.RFC3339), r.Code, r.Detail))
	}
	return list
}

// browsers answers what the web server asks about pushes to browsers
// (web.Push).
type browsers struct{ d *Daemon }

var _ web.Push = browsers{}

// Key is the key with which browsers subscribe (web.Push).
func (b browsers) Key(ctx context.Context) (string, error) {
	sender := b.d.browsers.Load()
	if sender == nil {
		return "", web.ErrNoPush
	}
	keys, err := sender.Keys(ctx)
	if err != nil {
		return "", err //nolint:wrapcheck // it names itself
	}
	return keys.Public(), nil
}

// Check says what is wrong with a subscription (web.Push).
func (b browsers) Check(s paging.Subscription) (paging.Subscription, error) {
	sender := b.d.browsers.Load()
	if sender == nil {
		return s, web.ErrNoPush
	}
	return sender.Check(s) //nolint:wrapcheck // whoever asked is told
}

// Shown notes that a phone showed a push (web.Push), in the push's page and in
// its device. That proves that the device works.
func (b browsers) Shown(ctx context.Context, token string) error {
	keys, err := b.d.house.Keys(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	shown, err := keys.Opened(token)
	if err != nil {
		return fmt.Errorf("daemon: %w: %w", err, escalation.ErrNotFound)
	}
	proven := b.d.pager.Directory().DeviceShown(ctx, shown.Key.Person, shown.Device, b.d.clock.Now())
	told := listener(b).Receive(ctx, shown.Receipt(), paging.Accepted)
	switch {
	case told == nil:
		if proven != nil && !errors.Is(proven, escalation.ErrNotFound) {
			b.d.log.Warn("that a device has shown a push was not noted", zap.Error(proven))
		}
		return nil
	case errors.Is(told, escalation.ErrNotFound) && proven == nil:
		return nil // its ticket was removed; the phone works all the same
	}
	return told
}

// deviceGone has a person and the managers be told that a device is gone, on the
// screens of all daemons.
func (d *Daemon) deviceGone(ctx context.Context, device *paging.Device) {
	if err := paging.NewGoneBook(d.store.Records()).Note(ctx, device, d.clock.Now()); err != nil {
		d.log.Warn("that a device is gone is told nobody", zap.Error(err))
		return
	}
	d.changes.Unwell()
}

// pushes reports at each scrape which push services refuse us.
type pushes struct {
	daemon  *Daemon
	refused *prometheus.Desc
}

func newPushes(d *Daemon) *pushes {
	return &pushes{daemon: d, refused: prometheus.NewDesc("astreinte_push_refused",
		"1 where a push service of browsers refuses our keys or subject, until it takes a push again.", []string{"service"}, nil)}
}

// Describe lists what Collect tells.
func (p *pushes) Describe(out chan<- *prometheus.Desc) { out <- p.refused }

// Collect tells it.
func (p *pushes) Collect(out chan<- prometheus.Metric) {
	sender := p.daemon.browsers.Load()
	if sender == nil {
		return
	}
	refused := map[string]float64{}
	for _, r := range sender.Refused() {
		refused[r.Service] = 1
	}
	for _, name := range webpush.Services() {
		out <- prometheus.MustNewConstMetric(p.refused, prometheus.GaugeValue, refused[name], name)
	}
}
