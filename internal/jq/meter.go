package jq

import (
	"context"
	"errors"
)

// Steps is what one run takes at most, if it is not a run over much data.
const Steps = 2_000_000

// Why a run ends early.
var (
	// ErrEndless: it took all steps that it may. It would again.
	ErrEndless = errors.New("the expression does not end within what it may take")
	// ErrLate: its context ended. Another time it may go through.
	ErrLate = errors.New("there was no time to run the expression to its end")
)

// Meter bounds what some runs, one after the other, may take together. It is
// for one goroutine.
type Meter struct {
	context.Context //nolint:containedctx // it is one: the runs ask it before each instruction

	left int
}

// NewMeter is a Meter with so many steps. The runs end with ctx at the latest.
func NewMeter(ctx context.Context, steps int) *Meter { return &Meter{Context: ctx, left: steps} }

// lookEvery is how many steps are taken before the context is asked.
const lookEvery = 512

// ended is closed.
var ended = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done takes a step. It is called before each instruction (context.Context).
func (m *Meter) Done() <-chan struct{} {
	m.left--
	switch {
	case m.left < 0:
		return ended
	case m.left%lookEvery == 0:
		return m.Context.Done()
	}
	return nil
}

// Err says why a run ended.
func (m *Meter) Err() error {
	if m.left < 0 {
		return ErrEndless
	}
	if m.Context.Err() != nil {
		return ErrLate
	}
	return nil
}

// Left is how many steps are left.
func (m *Meter) Left() int { return max(m.left, 0) }

// charge takes the steps that size bytes cost.
func (m *Meter) charge(size int) { m.left -= size / bytesStep }

// bytesStep is how many bytes are built or looked through in a step.
const bytesStep = 8
