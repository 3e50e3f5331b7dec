package escalation

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock is where the engine and the outbox take the time from. The demo's runs
// faster than the real one.
type Clock interface {
	// Now is the present time.
	Now() time.Time
	// NewTimer returns a channel that is sent to once d of this clock's time
	// has passed, and a function that gives it up.
	NewTimer(d time.Duration) (<-chan time.Time, func())
}

// WallClock is the machine's clock, moved by Offset: the difference to the
// store's clock, which is the one that counts (docs/ARCHITECTURE.md#clocks). It
// reads the machine's time once and goes on steadily from there, so that
// somebody who sets the machine's clock moves no deadline. Its zero value is
// ready.
type WallClock struct {
	// Machine is the machine's clock where it is not time.Now.
	Machine func() time.Time

	once   sync.Once
	read   time.Time // the machine's time when it was read
	began  time.Time // that moment, of which the monotonic part counts
	offset atomic.Int64
}

// Now is the steady time plus the offset.
func (c *WallClock) Now() time.Time { return c.Steady().Add(c.Offset()) }

// Steady is the machine's time at the first call, and what has passed since.
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

// NewTimer is a timer of the machine's.
func (c *WallClock) NewTimer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// Offset is what is added to the steady time.
func (c *WallClock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset sets it.
func (c *WallClock) SetOffset(d time.Duration) { c.offset.Store(int64(d)) }
