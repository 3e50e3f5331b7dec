package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

// Memory is a store over maps, for tests. It keeps nothing after Close. It
// copies what goes in and what comes out. It has no goroutines, so that it
// works in the virtual time of testing/synctest. Most calls cost by what is
// asked for; a few scan. Tens of thousands of tickets are fine.
type Memory struct {
	paging.DeviceBook

	mu     sync.Mutex
	d      *data
	offset time.Duration
	decide func(op string) Fault
	gate   chan struct{} // closed by Unblock
	closed bool

	// Restore does not roll these back: nothing is ever given out twice.
	numbers map[string]int // by prefix, the last number given
	tokens  int64
	records int64 // the last revision given
	epoch   int   // how often it was taken back
	hints   records.Hints
	paces   paging.Paces
	served  map[string]int64 // by source, the number of its last claim
}

var _ Store = (*Memory)(nil)

var errClosed = errors.New("the store is closed")

// New is an empty store.
func New() *Memory {
	m := &Memory{d: newData(), gate: make(chan struct{}), numbers: map[string]int{}, served: map[string]int64{}}
	m.DeviceBook = paging.NewDeviceBook(m.Records(), nil)
	return m
}

// Clock is time.Now, moved by SetOffset.
func (m *Memory) Clock(ctx context.Context) (now time.Time, err error) {
	err = m.do(ctx, "Clock", func() error {
		now = time.Now().Add(m.offset)
		return nil
	})
	return now, err
}

// SetOffset moves the store's clock against the daemon's.
func (m *Memory) SetOffset(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.offset = d
}

// Check fails if a fault or Close makes it fail.
func (m *Memory) Check(ctx context.Context) error {
	return m.do(ctx, "Check", func() error { return nil })
}

// Close makes every later call fail.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Snapshot is what a store held at a moment.
type Snapshot struct{ d *data }

// Snapshot remembers what the store holds now.
func (m *Memory) Snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Snapshot{m.d.clone()}
}

// Restore takes the store back to a snapshot, as a failover to a replica that
// lags does. It gives no ticket number and no claim's token again.
func (m *Memory) Restore(s Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.d = s.d.clone()
	m.epoch++
}

// do runs one call of the store. A fault may keep it from doing anything.
func (m *Memory) do(ctx context.Context, op string, call func() error) error {
	fault, err := m.meet(ctx, op)
	if err != nil {
		return fmt.Errorf("storetest: %s: %w", op, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return fmt.Errorf("storetest: %s: %w", op, errClosed)
	}
	if err := call(); err != nil {
		return fmt.Errorf("storetest: %s: %w", op, err)
	}
	if fault == FailAfter {
		return fmt.Errorf("storetest: %s: %w", op, ErrDown)
	}
	return nil
}

// copied is a value that shares nothing with v. It goes through JSON, as in
// the stores that keep something.
func copied[T any](v T) T {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("storetest: copy a %T: %v", v, err))
	}
	var c T
	if err := json.Unmarshal(text, &c); err != nil {
		panic(fmt.Sprintf("storetest: copy a %T: %v", v, err))
	}
	return c
}
