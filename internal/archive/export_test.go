package archive

import (
	"context"
	"time"
)

// CloseLost is closeLost, for the test of what comes between its reading and its writing.
func (a *Archive) CloseLost(ctx context.Context, w *Whole, version int64, now time.Time) error {
	return a.closeLost(ctx, w, version, now)
}
