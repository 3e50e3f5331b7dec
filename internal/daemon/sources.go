package daemon

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/source"
)

const (
	saidEvery  = 5 * time.Second
	saidWithin = 10 * time.Second
)

// keepSaying writes down what sources last said, beside their requests.
func (d *Daemon) keepSaying(ctx context.Context) {
	d.untilTimed(ctx)
	keeper := &source.Keeper{Book: source.NewBook(d.records), Door: d.ingest, Owner: d.pager.Owner()}
	tick := time.NewTicker(saidEvery)
	defer tick.Stop()
	for {
		d.sayTurn(ctx, keeper)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) sayTurn(ctx context.Context, keeper *source.Keeper) {
	ctx, cancel := context.WithTimeout(ctx, saidWithin)
	defer cancel()
	_ = keeper.Turn(ctx, d.clock.Now()) // the store is away, which others report
}

// silentAfter is after how long a source counts as silent; 0: it never does.
func (d *Daemon) silentAfter(source string) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.config.Sources {
		if d.config.Sources[i].Name == source {
			return d.config.Sources[i].SilentAfter
		}
	}
	return 0
}
