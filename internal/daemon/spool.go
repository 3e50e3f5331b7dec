package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/standby"
	"github.com/astreinte/astreinte/paging"
)

// openSpool opens the configured spool. If there is none, it does nothing.
func (d *Daemon) openSpool(c *config.Config) error {
	if c.Spool == "" {
		return nil
	}
	s, err := standby.Open(c.Spool, d.log.Named("spool"))
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	d.spool = s
	d.later("spool file", func(context.Context) error { return s.Close() })
	return nil
}

// storeClock is the daemon's clock, kept at the store's time.
type storeClock struct{ d *Daemon }

// Offset is the store's clock minus the machine's (standby.StoreClock).
func (c storeClock) Offset() time.Duration { return time.Duration(c.d.offset.Load()) }

// Sample asks the store again (standby.StoreClock).
func (c storeClock) Sample(ctx context.Context) {
	if c.d.wall != nil {
		c.d.sampleTime(ctx, c.d.wall)
	}
}

// listener passes what comes back from phones to whatever understands it.
type listener struct{ d *Daemon }

// Answer acts on a text (paging.Listener).
func (l listener) Answer(ctx context.Context, t paging.Text) (string, error) {
	if s := l.d.spool; s != nil {
		if reply, ok, err := s.Answer(ctx, t); ok {
			return reply, err
		}
	}
	return l.d.pager.Answer(ctx, t)
}

// Receive records a receipt (paging.Listener).
func (l listener) Receive(ctx context.Context, r paging.Receipt, class paging.Class) error {
	if s := l.d.spool; s != nil && !r.IsTest() {
		if ok, err := s.Receive(ctx, r, class); ok {
			return err
		}
	}
	return l.d.pager.Receive(ctx, r, class)
}
