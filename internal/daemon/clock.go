package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
)

const (
	clockEvery    = 10 * time.Second
	clockSoon     = 500 * time.Millisecond // if the store did not say
	clockTimeout  = 2 * time.Second
	clockPatience = 5 * time.Second // at the start
	clockOff      = 2 * time.Second // worth telling
)

// learnTime finds out the store's time before anything is judged by it. If the
// store does not tell it within clockPatience, the running daemon asks again.
func (d *Daemon) learnTime(ctx context.Context, wall *escalation.WallClock) {
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	for !d.sampleTime(ctx, wall) && pause(ctx, clockSoon) {
	}
}

// keepTime keeps the daemon's clock at the store's time. Every daemon on that
// store judges deadlines by it.
func (d *Daemon) keepTime(ctx context.Context, wall *escalation.WallClock) {
	for {
		next := clockEvery
		if !d.sampleTime(ctx, wall) {
			next = clockSoon
		}
		if !pause(ctx, next) {
			return
		}
	}
}

// untilTimed waits until the time is known. To judge a deadline or a page by a
// wrong clock is worse than to let it wait for the store, which has it.
func (d *Daemon) untilTimed(ctx context.Context) {
	for !d.timed.Load() && pause(ctx, clockSoon/5) {
	}
}

// errNotTimed refuses alerts before the time is known.
var errNotTimed = errors.New("daemon: the store has not told its time since the start, and deadlines count by it")

// pause waits; false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// warnings are what /readyz says although the daemon is ready.
func (d *Daemon) warnings() []string {
	var all []string
	if doubts := d.doubts.Load(); doubts != nil {
		all = append(all, *doubts...)
	}
	all = append(all, d.damageWarnings()...)
	all = append(all, d.lossWarnings()...)
	all = append(all, d.pushWarnings()...)
	all = append(all, d.calendarWarnings()...)
	all = append(all, d.recheckWarnings()...)
	all = append(all, d.backWarnings()...)
	all = append(all, d.archiveWarnings()...)
	all = append(all, d.fileWarnings()...)
	if d.spool != nil {
		all = append(all, d.spool.Warnings()...)
	}
	offset := time.Duration(d.offset.Load())
	if offset.Abs() <= clockOff {
		return all
	}
	return append(all, fmt.Sprintf("this machine's clock is %s from the store's, by which deadlines are kept", offset.Round(time.Millisecond)))
}

// sampleTime compares the clocks once; false if the store did not say.
func (d *Daemon) sampleTime(ctx context.Context, wall *escalation.WallClock) bool {
	limited, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	before := wall.Steady()
	store, err := d.store.Clock(limited)
	if err != nil {
		return false // whoever needs the store says that it is away
	}
	took := wall.Steady().Sub(before)
	at := before.Add(took / 2)
	offset := store.Sub(at)
	if offset.Abs() <= took { // the call took longer than the clocks differ
		offset = 0
	}
	wall.SetOffset(offset)
	if !d.timed.Load() && d.pager != nil { // the store was away since the start
		d.followDuty(ctx) // the first round pages whoever is on call by now
	}
	d.timed.Store(true)
	off := store.Sub(wall.Bare().Add(-took / 2)) // of the machine's clock as it is now
	if off.Abs() <= took {
		off = 0
	}
	if was := time.Duration(d.offset.Swap(int64(off))); off.Abs() > clockOff && was.Abs() <= clockOff {
		d.log.Warn("this machine's clock is not the store's, by which deadlines are kept: check its time service", zap.Duration("behind", off))
	}
	d.metrics.offset.Set(off.Seconds())
	return true
}
