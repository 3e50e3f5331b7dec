package daemon

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// reconsider has what waits because people sleep judged anew, soon: the configuration, or
// who is on call, has changed.
func (d *Daemon) reconsider() {
	select {
	case d.anew <- struct{}{}:
	default: // it is asked for already
	}
}

// keepReconsidering does it.
func (d *Daemon) keepReconsidering(ctx context.Context) {
	d.untilTimed(ctx)
	for {
		select {
		case <-d.anew:
		case <-ctx.Done():
			return
		}
		for d.judgeAnew(ctx) != nil && pause(ctx, saidNap) {
		}
	}
}

// openAtOnce is how many open tickets are looked at in one read.
const openAtOnce = 100

func (d *Daemon) judgeAnew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	q := ticket.Query{Scope: ticket.Everything(), States: []ticket.State{ticket.Open}, Limit: openAtOnce}
	for {
		list, next, err := d.store.Tickets(ctx, q)
		if err != nil {
			return err //nolint:wrapcheck // it is tried again
		}
		for i := range list {
			t := &list[i]
			if !escalation.Waits(t) {
				continue
			}
			err := d.pager.Engine().Tell(ctx, t.Source, t.Number, escalation.Reconsidered{})
			if err != nil && !errors.Is(err, escalation.ErrNotFound) {
				d.log.Warn("a ticket that waits because people sleep was not judged anew, and is soon", zap.String("ticket", t.Number), zap.Error(err))
				return err //nolint:wrapcheck // it is tried again
			}
		}
		if next == "" || len(list) == 0 {
			return nil
		}
		q.Cursor = next
	}
}
