package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/plan"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	errandsEvery  = 5 * time.Second // if no hint says that there are any
	errandsWithin = time.Minute
)

// keepErrands does to what has another home what commits of tickets leave to be done.
func (d *Daemon) keepErrands(ctx context.Context) {
	d.untilTimed(ctx)
	k := &plan.Keeper{Book: plan.NewBook(d.store.Records()), Store: d.store.Records(), Engine: d.pager.Engine(), Owner: d.pager.Owner(), Log: d.log}
	left := d.store.Records().Watch(ctx, ticket.ErrandRecords)
	tick := time.NewTicker(errandsEvery)
	defer tick.Stop()
	for {
		d.turnErrands(ctx, k)
		select {
		case <-left:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) turnErrands(ctx context.Context, k *plan.Keeper) {
	ctx, cancel := context.WithTimeout(ctx, errandsWithin)
	defer cancel()
	for {
		more, err := k.Turn(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("an errand could not be done; it will be tried again", zap.Error(err))
		}
		if !more {
			return
		}
	}
}
