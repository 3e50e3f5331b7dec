package daemon

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"
)

const (
	doubtsEvery   = 10 * time.Second
	doubtsTimeout = 2 * time.Second
)

// doubter is a store that looks at the settings of its server.
type doubter interface {
	// Warnings says in which ways the server may lose what it was given.
	Warnings(ctx context.Context) ([]string, error)
}

// keepDoubts reports in which ways the store may lose what it was given, in
// the log, in /readyz and as a metric. Somebody may change a server's settings
// at any time.
func (d *Daemon) keepDoubts(ctx context.Context, of doubter) {
	tick := time.NewTicker(doubtsEvery)
	defer tick.Stop()
	for {
		d.doubt(ctx, of)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) doubt(ctx context.Context, of doubter) {
	ctx, cancel := context.WithTimeout(ctx, doubtsTimeout)
	defer cancel()
	found, err := of.Warnings(ctx)
	if err != nil {
		return // whoever needs the store says that it is away
	}
	var known []string
	if old := d.doubts.Swap(&found); old != nil {
		known = *old
	}
	for _, w := range found {
		if !slices.Contains(known, w) {
			d.log.Warn("the store may lose what it was given", zap.String("because", w))
		}
	}
	d.metrics.doubts.Set(float64(len(found)))
}
