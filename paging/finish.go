package paging

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

const (
	// gatherFor is how long an outcome waits for others, to be written down
	// with them: the page is out, and nobody waits for it.
	gatherFor = 5 * time.Millisecond
	// mostOutcomes is how many are written together.
	mostOutcomes = 512
)

// ending is outcomes on their way to the store.
type ending struct {
	outs []Outcome
	done chan ended
}

type ended struct {
	applied []bool
	err     error
}

var errAlone = errors.New("paging: nobody gathers outcomes now")

// together has outcomes written down with those of others.
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

// gatherOutcomes writes outcomes down, several in one write, until ctx ends.
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

// writeTogether answers each with what is its. Where the write fails each tries
// by itself: what is wrong with one is not the others' trouble.
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

// finish has outcomes written down, however long the store takes to answer:
// while this daemon works it keeps its claims alive, so that a page that is
// merely dropped here would wait for as long as it does. stopping ends its
// patience: the claims run out, and another daemon has the pages.
func (o *Outbox) finish(ctx context.Context, stopping <-chan struct{}, outs []Outcome) (applied []bool, recorded bool) {
	defer o.held.drop(outs)
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
