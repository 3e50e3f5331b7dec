package demo

import (
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
)

// Clock is a clock that may run faster than the real one, and whose speed may
// change while others wait on it.
type Clock struct {
	mu      sync.Mutex
	speed   float64
	real    time.Time // when the speed was set
	shown   time.Time // what the clock showed then
	changed chan struct{}
}

var _ escalation.Clock = (*Clock)(nil)

// Fastest is the highest speed: ten minutes a second.
const Fastest = 600

// NewClock starts a clock at a time, speed times as fast as the real one.
func NewClock(start time.Time, speed float64) *Clock {
	return &Clock{speed: bounded(speed), real: time.Now(), shown: start, changed: make(chan struct{})}
}

func bounded(speed float64) float64 { return min(max(speed, 1), Fastest) }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	return c.shown.Add(time.Duration(float64(time.Since(c.real)) * c.speed))
}

// Speed is how fast it runs.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed changes it, between 1 and Fastest, for those who wait already too.
func (c *Clock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown, c.real, c.speed = c.now(), time.Now(), bounded(speed)
	close(c.changed)
	c.changed = make(chan struct{})
}

// Reach moves the clock forward to at, if it has not come so far.
func (c *Clock) Reach(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); at.After(now) {
		c.shown, c.real = at, time.Now()
	}
}

// left is how much real time there is until the clock shows at, and what tells
// of a change of speed.
func (c *Clock) left(at time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(float64(at.Sub(c.now())) / c.speed), c.changed
}

// NewTimer fires once d has passed on this clock (escalation.Clock).
func (c *Clock) NewTimer(d time.Duration) (<-chan time.Time, func()) {
	fires, stopped := make(chan time.Time, 1), make(chan struct{})
	at := c.Now().Add(d)
	go func() {
		for {
			left, changed := c.left(at)
			if left <= 0 {
				fires <- c.Now()
				return
			}
			timer := time.NewTimer(left)
			select {
			case <-timer.C:
			case <-changed:
			case <-stopped:
				timer.Stop()
				return
			}
			timer.Stop()
		}
	}()
	return fires, sync.OnceFunc(func() { close(stopped) })
}

// After is a timer that nobody gives up.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	fires, _ := c.NewTimer(d)
	return fires
}
