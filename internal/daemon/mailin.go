package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/ingest/mailin"
	"github.com/astreinte/astreinte/internal/doorway"
	"github.com/astreinte/astreinte/internal/web/console"
)

// mailDoor is where mails of tools come in.
type mailDoor struct {
	server      *mailin.Server
	certificate *doorway.Certificate // nil: no STARTTLS
	address     net.Addr             // once started
}

// openMail opens the address of mail_in. Without one it does nothing.
func (d *Daemon) openMail(ctx context.Context) (net.Listener, error) {
	c := d.config.MailIn
	if c == nil {
		return nil, nil //nolint:nilnil // there is nothing to open
	}
	door, err := d.newMailDoor(c)
	if err != nil {
		return nil, err
	}
	listener, err := listenAt(ctx, c.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w (mail_in.listen)", err)
	}
	door.address = listener.Addr()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mailIn = door
	return listener, nil
}

// newMailDoor makes what takes mails, wherever they come in.
func (d *Daemon) newMailDoor(c *config.MailIn) (*mailDoor, error) {
	o := mailin.Options{
		House: d.ingest, Settings: mailSettings(c), Log: d.log.Named("mail in"), Peers: newServerLog(d.log.Named("mail in"), d.turned),
		Minutely: d.turned.say, Registerer: d.metrics.registry,
	}
	door := &mailDoor{}
	if c.TLS != nil {
		certificate, err := doorway.OpenCertificate(c.TLS.Certificate, c.TLS.Key, d.log)
		if err != nil {
			return nil, fmt.Errorf("daemon: mail_in: %w", err)
		}
		door.certificate, o.TLS = certificate, certificate.Config()
	}
	door.server = mailin.New(o)
	return door, nil
}

// takeMails takes mails until the daemon stops.
func (d *Daemon) takeMails(listener net.Listener) {
	server, served := d.mailIn.server, make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); err != nil {
			d.fail(fmt.Errorf("daemon: %w", err))
		}
	}()
	d.later("mail in", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		err := server.Shutdown(ctx)
		<-served
		return err //nolint:wrapcheck // Stop says what it is of
	})
	d.log.Info("listening", zap.Stringer("address", listener.Addr()), zap.String("for", "mail"), zap.Bool("tls", d.mailIn.certificate != nil))
}

// MailAddr is the address at which mails come in, once started; empty: they do
// not.
func (d *Daemon) MailAddr() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mailIn == nil {
		return ""
	}
	return d.mailIn.address.String()
}

// mailHealth is how the listener for mails does; nil: there is none.
func (d *Daemon) mailHealth() *console.MailIn {
	d.mu.Lock()
	door := d.mailIn
	d.mu.Unlock()
	if door == nil {
		return nil
	}
	s := door.server.Status()
	return &console.MailIn{Address: door.address.String(), Listening: s.Listening, LastAt: s.LastAt, Refused: s.Refused, Returned: s.Returned}
}

func mailSettings(c *config.MailIn) mailin.Settings {
	return mailin.Settings{MaxSize: c.MaxSize, Relays: c.Relays, To: c.To, From: c.From}
}

// mailNeedsRestart says why a reload cannot put another mail_in in force.
func mailNeedsRestart(was, will *config.MailIn) error {
	switch {
	case (was == nil) != (will == nil):
		return errors.New("mail_in was given or taken away: that needs a restart")
	case was == nil:
		return nil
	case was.Listen != will.Listen:
		return errors.New("mail_in.listen has changed: that needs a restart")
	case (was.TLS == nil) != (will.TLS == nil):
		return errors.New("mail_in.certificate was given or taken away: that needs a restart")
	}
	return nil
}

// reloadMailFiles is the part of a reload of mail_in that may fail.
func (d *Daemon) reloadMailFiles(c *config.MailIn) error {
	if d.mailIn == nil || d.mailIn.certificate == nil {
		return nil
	}
	if err := d.mailIn.certificate.SetFiles(c.TLS.Certificate, c.TLS.Key); err != nil {
		return fmt.Errorf("mail_in: %w", err)
	}
	return nil
}

// reloadMail is the rest of it.
func (d *Daemon) reloadMail(c *config.MailIn) {
	if d.mailIn != nil {
		d.mailIn.server.SetSettings(mailSettings(c))
	}
}
