package paging

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

const (
	// gatherFor is how long an outcome waits for others to be written with it.
	// The page is out, and nobody waits for the outcome.
	gatherFor = 5 * time.Millisecond
	// mostOutcomes is how many are written together.
	mostOutcomes = 512
)

// ending are outcomes on their way to the store.
type ending struct {
	outs []Outcome
	done chan ended
}

type ended struct {
	applied []bool
	err     error
}

var errAlone = errors.New("paging: nobody gathers outcomes now")

// together has outcomes written along with others'.
func (o *Outbox) together(outs []Outcome, stopping <-chan struct{}) ([]bool, error) {
	e := ending{outs, make(chan ended, 1)}
	select {
	case o.endings <- e:
	case <-stopping:
		return nil, errAlone
	}
	r := <-e.done
	return r.applied, r.err
}

// gatherOutcomes writes outcomes, several in one write, until ctx ends.
func (o *Outbox) gatherOutcomes(ctx context.Context) {
	for {
		select {
		case first := <-o.endings:
			o.writeTogether(ctx, o.gathered(ctx, first))
		case <-ctx.Done():
			return
		}
	}
}

// gathered takes what comes shortly after the first.
func (o *Outbox) gathered(ctx context.Context, first ending) []ending {
	list, n := []ending{first}, len(first.outs)
	over := time.NewTimer(gatherFor)
	defer over.Stop()
	for n < mostOutcomes {
		select {
		case e := <-o.endings:
			list, n = append(list, e), n+len(e.outs)
		case <-over.C:
			return list
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// writeTogether gives each caller its own answer. If the write fails, each
// caller tries by itself: what is wrong with one must not stop the others.
func (o *Outbox) writeTogether(ctx context.Context, list []ending) {
	var outs []Outcome
	for _, e := range list {
		outs = append(outs, e.outs...)
	}
	applied, err := o.store.Finish(ctx, outs)
	for _, e := range list {
		if err != nil {
			e.done <- ended{err: err}
			continue
		}
		e.done <- ended{applied: applied[:len(e.outs)]}
		applied = applied[len(e.outs):]
	}
}

// finish has outcomes written, however long the store takes to answer. While
// this daemon works, it keeps its claims alive: a page that finish gave up on
// would wait for as long. When stopping ends, finish gives up: the claims run
// out, and another daemon gets the pages.
func (o *Outbox) finish(ctx context.Context, stopping <-chan struct{}, outs []Outcome) (applied []bool, recorded bool) {
	defer o.held.drop(outs)
	defer func() {
		for i := range applied {
			if applied[i] {
				o.moved(outs[i].Source, outs[i].Key.Ticket)
			}
		}
	}()
	if applied, err := o.together(outs, stopping); err == nil {
		return applied, true
	}
	for {
		applied, err := o.store.Finish(ctx, outs)
		if err == nil {
			return applied, true
		}
		o.metrics.storeErrors.Inc()
		o.log.Error("outcomes of pages are not recorded yet: the store does not answer",
			zap.Error(err), zap.Int("pages", len(outs)), zap.Stringer("page", outs[0].Key), zap.String("state", string(outs[0].State)))
		wait, stop := o.clock.NewTimer(storeNap)
		select {
		case <-wait:
		case <-stopping:
			stop()
			return nil, false
		}
		stop()
	}
}
