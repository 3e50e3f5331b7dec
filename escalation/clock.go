package escalation

import (
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
// store's clock, which is the one that counts (architecture.md, rule 6). Its
// zero value is ready.
type WallClock struct {
	// Machine is the machine's clock where it is not time.Now.
	Machine func() time.Time

	offset atomic.Int64
}

// Now is the machine's time plus the offset.
func (c *WallClock) Now() time.Time { return c.Bare().Add(c.Offset()) }

// Bare is the machine's time.
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

// Offset is what is added to the machine's time.
func (c *WallClock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset sets it.
func (c *WallClock) SetOffset(d time.Duration) { c.offset.Store(int64(d)) }
