package escalation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/stack"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Bounds of a batch and of writing it.
const (
	batchJobs    = 512
	batchAlerts  = 1000 // of one more job: all sources share the writer, so none may hold it for long
	batchTimeout = 10 * time.Second
	maxConflicts = 10
)

// ErrStopping refuses work while the daemon stops.
var ErrStopping = errors.New("escalation: the daemon is stopping")

// job is one thing to do to the tickets of a source. Exactly one is set:
// alerts, event with number, silent, or draft.
type job struct {
	alerts []ticket.Alert
	number string
	event  Event
	silent string // fingerprint of an alert whose silence is due
	draft  *Draft
	ends   *ticket.EffectEnd // the event's, if it is the end of an effect
	again  bool              // tried before
	lost   bool              // this job may no longer end it

	// left says why nobody waits for the job any more; nil: somebody waits. Such
	// a job is not begun: its sender has sent again, and its content may be old.
	left func() error

	// What the rules make of the alerts that fire, and whether one of them is
	// critical.
	rules  *Rules
	routed []Routed
	urgent bool

	tried bool // tried in vain, in the other lane

	done    chan error
	ordered Ordered
	ticket  ticket.Ticket
	touched map[*work]bool
}

// laneOf names a lane. A source has two. The urgent lane is for requests with
// a critical alert, which do not wait for a batch of the other lane. It only
// opens tickets: what concerns a ticket that exists joins the other lane. If
// both lanes come to one group, the store refuses one of them, as if another
// daemon had been faster.
type laneOf struct {
	source string
	urgent bool
}

// route finds what the rules make of a job's alerts.
func (j *job) route(rules *Rules, source string) {
	j.rules, j.urgent, j.routed = rules, false, make([]Routed, len(j.alerts))
	for i := range j.alerts {
		a := j.alerts[i]
		if a.Status != ticket.Firing {
			continue
		}
		a.Source = source
		j.routed[i] = rules.Resolve(&a)
		j.urgent = j.urgent || j.routed[i].Urgency == ticket.Critical
	}
	j.urgent = j.urgent && !slices.ContainsFunc(j.alerts, remarked) // a remark is on a ticket that exists
}

// lane does the jobs of one source, one batch after the other. Jobs that were
// tried in the other lane need not wait for all that are pending: their
// batches take turns with the others'.
type lane struct {
	mu      sync.Locker // a mutex
	tried   []*job
	pending []*job
	turn    bool // the other jobs' turn, if there are any
	running bool
}

// next takes the jobs of the next batch; none if none are pending. l.mu is
// held.
func (l *lane) next() []*job {
	from := &l.pending
	if len(l.tried) > 0 && (!l.turn || len(l.pending) == 0) {
		from = &l.tried
	}
	l.turn = from == &l.tried
	jobs := (*from)[:nextBatch(*from)]
	*from = (*from)[len(jobs):]
	return jobs
}

// do hands a job to its source's lane and waits for it.
func (e *Engine) do(ctx context.Context, source string, j *job) error {
	j.done = make(chan error, 1)
	if !e.enqueue(laneOf{source, j.urgent}, false, j) { //nolint:contextcheck // a batch is not its first caller's alone: the engine ends it
		return ErrStopping
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("escalation: given up on while it was being written: %w", ctx.Err())
	}
}

// enqueue adds jobs to a lane: to the jobs that were tried in the other lane,
// or to the rest. It is false if the lane takes no more jobs.
func (e *Engine) enqueue(to laneOf, tried bool, jobs ...*job) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop {
		return false
	}
	l := e.lanes[to]
	if l == nil {
		l = &lane{mu: &sync.Mutex{}}
		e.lanes[to] = l
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if tried {
		l.tried = append(l.tried, jobs...)
	} else {
		l.pending = append(l.pending, jobs...)
	}
	if !l.running {
		l.running = true
		e.work.Add(1)
		go e.drain(to, l)
	}
	return true
}

// joinOthers has critical jobs done in line with the source's others, ahead of
// those that wait for their turn. A critical alert so waits for the batch that
// is being done and one more at most.
func (e *Engine) joinOthers(source string, jobs []*job) bool {
	for _, j := range jobs {
		j.tried = true
	}
	return e.enqueue(laneOf{source: source}, true, jobs...)
}

// drain runs batches until nothing is pending.
func (e *Engine) drain(of laneOf, l *lane) {
	stack.Grow()
	defer e.work.Done()
	for {
		l.mu.Lock()
		jobs := l.next()
		if len(jobs) == 0 {
			l.tried, l.pending, l.running = nil, nil, false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		e.runBatch(of, jobs)
	}
}

// nextBatch says how many of the waiting jobs are done together.
func nextBatch(pending []*job) (n int) {
	alerts := 0
	for n < min(len(pending), batchJobs) && (n == 0 || alerts+len(pending[n].alerts) <= batchAlerts) {
		alerts += len(pending[n].alerts)
		n++
	}
	return n
}

// stillWaited drops the jobs that nobody waits for.
func stillWaited(jobs []*job) []*job {
	var kept []*job
	for _, j := range jobs {
		if j.left != nil && j.left() != nil {
			j.done <- j.left()
			continue
		}
		kept = append(kept, j)
	}
	return kept
}

// runBatch does the jobs. It does a job again if somebody else came first.
func (e *Engine) runBatch(of laneOf, jobs []*job) {
	source := of.source
	jobs = stillWaited(jobs)
	ctx, cancel := context.WithTimeout(e.ctx, batchTimeout)
	defer cancel()
	for try := 0; len(jobs) > 0; try++ {
		again, err := e.tryBatch(ctx, of, jobs, try)
		if err == nil && of.urgent && len(again) > 0 && e.joinOthers(source, again) {
			return
		}
		if err == nil && len(again) > 0 && try >= maxConflicts {
			err = fmt.Errorf("escalation: source %s: %w, %d times", source, ErrConflict, try)
			jobs = again
		}
		if err != nil {
			for _, j := range jobs {
				j.done <- err
			}
			return
		}
		jobs = again
		if try > 0 && len(jobs) > 0 {
			pause := time.Duration(rand.Int64N(int64(2*time.Millisecond) << min(try, 5))) //nolint:gosec // jitter, not a secret
			wait, stop := e.clock.NewTimer(pause)
			select {
			case <-wait:
			case <-ctx.Done():
			}
			stop()
		}
	}
}
