package storetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
)

// Fault is how a call of Memory fails.
type Fault int8

// The faults.
const (
	// NoFault: the call goes through.
	NoFault Fault = iota
	// FailBefore: ErrDown, and nothing happened.
	FailBefore
	// FailAfter: ErrDown, and all of it happened ("failed, but landed").
	FailAfter
	// Block: the call waits until Unblock, then goes through. If its context is
	// done first, it fails with that error and nothing happened.
	Block
)

// ErrDown is the error of calls that fail on command.
var ErrDown = errors.New("the store is down")

// Fail has decide say how each call fails, by the name of its method; nil: no
// more faults. Many goroutines call decide at once.
func (m *Memory) Fail(decide func(op string) Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.decide = decide
}

// Unblock lets the calls go that Block holds now. Later calls meet the faults
// that Fail then sets.
func (m *Memory) Unblock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.gate)
	m.gate = make(chan struct{})
}

// On is a fault of the calls of these methods, or of all if none is named.
func On(f Fault, ops ...string) func(op string) Fault {
	return func(op string) Fault {
		if len(ops) == 0 || slices.Contains(ops, op) {
			return f
		}
		return NoFault
	}
}

// Once is a fault of one call alone: the next one of these methods, or of any
// if none is named.
func Once(f Fault, ops ...string) func(op string) Fault {
	var met atomic.Bool
	return func(op string) Fault {
		if on := On(f, ops...)(op); on != NoFault && met.CompareAndSwap(false, true) {
			return on
		}
		return NoFault
	}
}

// meet has a call meet its fault, if the fault strikes before the call.
func (m *Memory) meet(ctx context.Context, op string) (Fault, error) {
	if err := ctx.Err(); err != nil {
		return NoFault, err
	}
	m.mu.Lock()
	decide, gate := m.decide, m.gate
	m.mu.Unlock()
	if decide == nil {
		return NoFault, nil
	}
	fault := decide(op)
	switch fault {
	case NoFault, FailAfter:
	case FailBefore:
		return fault, ErrDown
	case Block:
		select {
		case <-gate:
		case <-ctx.Done():
			return fault, ctx.Err()
		}
	}
	return fault, nil
}
