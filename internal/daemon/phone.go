package daemon

import (
	"context"
	"errors"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/internal/web/phone"
)

// phoneApp is what makes the console an application on a phone.
func (d *Daemon) phoneApp(pages *console.Console) *phone.App {
	return phone.New(phone.Options{
		House: d.web, Frame: pages, Engine: d.pager.Engine(), People: d.pager.Directory(), Records: d.store.Records(),
		Key: d.subscribeKey, Numbers: d.senders,
	})
}

// subscribeKey is what browsers subscribe with; empty: there are no pushes to them.
func (d *Daemon) subscribeKey(ctx context.Context) (string, error) {
	key, err := browsers{d}.Key(ctx)
	if errors.Is(err, web.ErrNoPush) {
		return "", nil
	}
	return key, err
}

// senders are who SMS come from, by the configuration in force.
func (d *Daemon) senders() (list []string) {
	d.mu.Lock()
	sms := d.config.SMS
	d.mu.Unlock()
	if sms == nil {
		return nil
	}
	for _, p := range []*config.SMSProvider{&sms.SMSProvider, sms.Fallback} {
		if p == nil {
			continue
		}
		for _, from := range []string{p.Twilio.From, p.HTTP.From} {
			if from != "" {
				list = append(list, from)
			}
		}
	}
	return list
}
