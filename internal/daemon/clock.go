package daemon

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
)

const (
	clockEvery   = 10 * time.Second
	clockTimeout = 2 * time.Second
	clockOff     = 2 * time.Second // worth telling
)

// keepTime moves the daemon's clock to the store's, by which every daemon on
// that store judges deadlines.
func (d *Daemon) keepTime(ctx context.Context, wall *escalation.WallClock) {
	d.sampleTime(ctx, wall)
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			d.sampleTime(ctx, wall)
		case <-ctx.Done():
			return
		}
	}
}

// warnings are what /readyz tells of a daemon that is ready.
func (d *Daemon) warnings() []string {
	var all []string
	if doubts := d.doubts.Load(); doubts != nil {
		all = append(all, *doubts...)
	}
	offset := time.Duration(d.offset.Load())
	if offset.Abs() <= clockOff {
		return all
	}
	return append(all, fmt.Sprintf("this machine's clock is %s from the store's, by which deadlines are kept", offset.Round(time.Millisecond)))
}

func (d *Daemon) sampleTime(ctx context.Context, wall *escalation.WallClock) {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	before := wall.Bare()
	store, err := d.store.Clock(ctx)
	if err != nil {
		return // who needs the store says that it is away
	}
	took := wall.Bare().Sub(before)
	offset := store.Sub(before.Add(took / 2))
	if offset.Abs() <= took { // no better known than that
		offset = 0
	}
	if offset.Abs() > clockOff && wall.Offset().Abs() <= clockOff {
		d.log.Warn("this machine's clock is not the store's, by which deadlines are kept: check its time service", zap.Duration("behind", offset))
	}
	wall.SetOffset(offset)
	d.offset.Store(int64(offset))
	d.metrics.offset.Set(offset.Seconds())
}
