package daemon

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/internal/web/phone"
)

// phoneApp is what makes the console an application on a phone.
func (d *Daemon) phoneApp(pages *console.Console) *phone.App {
	return phone.New(phone.Options{
		House: d.web, Frame: pages, Engine: d.pager.Engine(), People: d.pager.Directory(), Records: d.records,
		Sessions: enrolled{d}, Key: d.subscribeKey, Numbers: d.senders,
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

// enrolled is how phones sign in (phone.Sessions).
type enrolled struct{ d *Daemon }

var _ phone.Sessions = enrolled{}

// Invite implements phone.Sessions.
func (e enrolled) Invite(ctx context.Context, person, by string) (string, time.Time, error) {
	return e.d.signing.InvitePhone(ctx, person, by) //nolint:wrapcheck // it names itself
}

// Phones implements phone.Sessions.
func (e enrolled) Phones(ctx context.Context, person string) (list []phone.Enrolled, err error) {
	sessions, err := e.d.signing.Book.Sessions(ctx, person)
	for i := range sessions {
		if s := &sessions[i]; s.Phone {
			list = append(list, phone.Enrolled{ID: s.ID, Device: s.Device, Address: s.Address, Added: s.Created})
		}
	}
	return list, err //nolint:wrapcheck // it names itself
}

// Mine implements phone.Sessions.
func (e enrolled) Mine(r *http.Request) (id string, isPhone bool) {
	s, err := e.d.signing.Current(r)
	if err != nil {
		return "", false // an API token, or nobody
	}
	return s.ID, s.Phone
}

// End implements phone.Sessions.
func (e enrolled) End(ctx context.Context, person, id string) error {
	return e.d.signing.EndPhone(ctx, person, id) //nolint:wrapcheck // it names itself
}
