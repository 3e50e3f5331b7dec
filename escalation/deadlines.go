package escalation

import (
	"context"
	"errors"
	"math"
	"time"

	"go.uber.org/zap"
)

const (
	dueAtOnce  = 1000        // deadlines that one sweep looks at
	longestNap = time.Second // other daemons set deadlines too
	shortNap   = 100 * time.Millisecond
)

// Run keeps the stored deadlines until ctx ends: first what is overdue, then
// each as it falls due. It never gives up on a store that is away.
func (e *Engine) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := e.sweep(ctx)
		nap := longestNap
		if err == nil {
			e.kept.Store(e.clock.Now().UnixNano())
		}
		switch {
		case err != nil && ctx.Err() == nil && !errors.Is(err, ErrStopping):
			e.log.Error("deadlines cannot be kept: the store does not answer", zap.Error(err))
		case !next.IsZero():
			nap = min(max(next.Sub(e.clock.Now()), 0), longestNap)
		}
		e.sleep(ctx, nap)
	}
	return nil
}

// sleep waits for nap. A commit that sets an earlier deadline wakes it.
func (e *Engine) sleep(ctx context.Context, nap time.Duration) {
	if nap <= 0 {
		return
	}
	e.next.Store(e.clock.Now().Add(nap).UnixNano())
	wait, stop := e.clock.NewTimer(nap)
	defer stop()
	select {
	case <-wait:
	case <-e.soon:
	case <-ctx.Done():
	}
}

// plan wakes Run if the new deadline comes before the end of its sleep.
func (e *Engine) plan(at time.Time) {
	if at.IsZero() || at.UnixNano() >= e.next.Load() {
		return
	}
	select {
	case e.soon <- struct{}{}:
	default:
	}
}

// sweep does what is due and says when to look again.
func (e *Engine) sweep(ctx context.Context) (next time.Time, err error) {
	e.next.Store(math.MaxInt64) // until Run sleeps, every new deadline is news
	now := e.clock.Now()
	due, next, err := e.store.Due(ctx, now, dueAtOnce)
	if e.note(err); err != nil {
		return time.Time{}, err
	}
	jobs := make([]*job, len(due))
	results := make(chan error, len(due))
	for i, d := range due {
		e.metrics.late(now.Sub(d.At))
		jobs[i] = &job{number: d.Ticket, event: Tick{}}
		if d.Alert != "" {
			jobs[i] = &job{silent: d.Alert}
		}
	}
	// The jobs are handed over together, so that the jobs of one source share a
	// batch. Then each is waited for.
	for i, d := range due {
		go func() { results <- e.do(ctx, d.Source, jobs[i]) }()
	}
	for range due {
		if failed := <-results; failed != nil && err == nil {
			err = failed
		}
	}
	if err != nil {
		return time.Time{}, err
	}
	if len(due) == dueAtOnce {
		return now, nil
	}
	// A ticket that was due has a new deadline by now. It may come before next.
	if soonest := soonestOf(jobs); !soonest.IsZero() && (next.IsZero() || soonest.Before(next)) {
		next = soonest
	}
	if !next.IsZero() && !next.After(now) {
		next = now.Add(shortNap) // what did not move, or cannot be seen now, must not make Run spin
	}
	return next, nil
}

func soonestOf(jobs []*job) (soonest time.Time) {
	for _, j := range jobs {
		if at := j.ticket.NextDeadline(); !at.IsZero() && (soonest.IsZero() || at.Before(soonest)) {
			soonest = at
		}
	}
	return soonest
}
