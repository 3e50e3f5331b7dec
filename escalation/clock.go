package escalation

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the engine and the outbox the time. The demo's clock runs faster
// than the real one.
type Clock interface {
	// Now is the present time.
	Now() time.Time
	// NewTimer returns a channel and a function. The channel receives once d of
	// this clock's time has passed. The function stops the timer.
	NewTimer(d time.Duration) (<-chan time.Time, func())
}

// WallClock is the machine's clock, moved by Offset. Offset is the difference
// to the store's clock, and the store's clock counts
// (docs/ARCHITECTURE.md#clocks). WallClock reads the machine's time once and
// goes on steadily from there: somebody who sets the machine's clock moves no
// deadline. Its zero value is ready.
type WallClock struct {
	// Machine reads the machine's clock; nil: time.Now.
	Machine func() time.Time

	once   sync.Once
	read   time.Time // the machine's time when it was read
	began  time.Time // the same moment; its monotonic part counts
	offset atomic.Int64
}

// Now is the steady time plus the offset.
func (c *WallClock) Now() time.Time { return c.Steady().Add(c.Offset()) }

// Steady is the machine's time at the first call, plus the time that has
// passed since.
func (c *WallClock) Steady() time.Time {
	c.once.Do(func() { c.began, c.read = time.Now(), c.Bare().Round(0) })
	return c.read.Add(time.Since(c.began))
}

// Bare is what the machine's clock says now.
func (c *WallClock) Bare() time.Time {
	if c.Machine != nil {
		return c.Machine()
	}
	return time.Now()
}

// NewTimer makes a timer of the machine's clock.
func (c *WallClock) NewTimer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// Offset is the difference that Now adds to the steady time.
func (c *WallClock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset sets it.
func (c *WallClock) SetOffset(d time.Duration) { c.offset.Store(int64(d)) }
