package effect

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// How a queue works.
const (
	workers    = 8
	lease      = time.Minute            // of a claim
	sendRoom   = 30 * time.Second       // what must be left of it to begin a try
	sendLimit  = 10 * time.Second       // of a try
	lookEvery  = 5 * time.Second        // for what no hint told of
	backEvery  = time.Second            // while the store does not answer
	backPause  = 100 * time.Millisecond // of a worker that puts back what it could not try
	storeLimit = 5 * time.Second        // of a call of the store
)

// Clock is where the time comes from: escalation.Clock.
type Clock interface {
	// Now is the present time.
	Now() time.Time
	// NewTimer sends once d has passed; the function gives it up.
	NewTimer(d time.Duration) (<-chan time.Time, func())
}

// Tickets is where effects end: escalation.Engine.
type Tickets interface {
	// EndEffect puts an end onto its ticket and removes the effect, in one commit.
	// Options.Over and Options.Gone say what its errors mean.
	EndEffect(ctx context.Context, end ticket.EffectEnd) error
}

// Options are a Queue's parts. All are required but Kind, Log, Metrics, Patience and
// Chance.
type Options struct {
	Kind    string // of the records; empty: ticket.EffectRecords
	Records records.Store
	Tickets Tickets
	Clock   Clock
	Owner   string // of claims: one start of one daemon
	// Over says of an error of EndEffect that the effect is not this claim's to
	// end any more, Gone that its ticket is not there.
	Over, Gone func(err error) bool
	Log        *zap.Logger
	Metrics    *Metrics
	Patience   time.Duration  // 0: DefaultPatience
	Chance     func() float64 // from 0 to 1, for jitter; nil: at random
}

// Queue sends effects. Any number of them may run on one store.
type Queue struct {
	o         Options
	receivers atomic.Pointer[map[string]Receiver]
	rests     rests
	slots     chan struct{}
	soon      chan struct{}
	working   sync.WaitGroup

	mu   sync.Mutex
	dues []time.Time // when what was put back here is due, in order
}

// New makes a queue without receivers. Run has it work.
func New(o Options) *Queue {
	if o.Kind == "" {
		o.Kind = ticket.EffectRecords
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	q := &Queue{o: o, rests: rests{of: map[string]*rest{}}, slots: make(chan struct{}, workers), soon: make(chan struct{}, 1)}
	q.SetReceivers(nil)
	return q
}

// SetReceivers says who can be told from now on, by the names that effects have. An
// effect to anybody else is given up.
func (q *Queue) SetReceivers(receivers map[string]Receiver) {
	q.receivers.Store(&receivers)
	q.wake()
}

func (q *Queue) wake() {
	select {
	case q.soon <- struct{}{}:
	default:
	}
}

// Run sends what is due until ctx ends, and waits for what is being sent.
func (q *Queue) Run(ctx context.Context) {
	hints := q.o.Records.Watch(ctx, q.o.Kind)
	for ctx.Err() == nil {
		n, err := q.claimDue(ctx)
		if err != nil && ctx.Err() == nil {
			q.o.Log.Warn("effects cannot be claimed: it is tried again", zap.Error(err))
		}
		if n > 0 {
			continue
		}
		timer, stop := q.o.Clock.NewTimer(q.sleep(err))
		select {
		case <-timer:
		case <-hints:
		case <-q.soon:
		case <-ctx.Done():
		}
		stop()
	}
	q.working.Wait()
}

// sleep is how long nothing is looked for.
func (q *Queue) sleep(err error) time.Duration {
	if err != nil {
		return backEvery
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.dues) == 0 {
		return lookEvery
	}
	return min(lookEvery, max(q.dues[0].Sub(q.o.Clock.Now()), time.Millisecond))
}

// mostDues bounds what is known of what waits. Beyond it looking every few seconds does.
const mostDues = 20_000

// note notes when something is due.
func (q *Queue) note(due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at, known := slices.BinarySearchFunc(q.dues, due, time.Time.Compare)
	if !known && len(q.dues) < mostDues {
		q.dues = slices.Insert(q.dues, at, due)
	}
}

// pass forgets what is due by now: it is claimed.
func (q *Queue) pass(now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at, known := slices.BinarySearchFunc(q.dues, now, time.Time.Compare)
	if known {
		at++
	}
	q.dues = slices.Delete(q.dues, 0, at)
}

// claimDue claims what is due, as far as there are workers, and gives it to them. It
// waits until there is one.
func (q *Queue) claimDue(ctx context.Context) (n int, err error) {
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return 0, nil
	}
	free := 1
	for ; free < workers; free++ {
		select {
		case q.slots <- struct{}{}:
			continue
		default:
		}
		break
	}
	now := q.o.Clock.Now()
	q.pass(now)
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	claimed, err := q.o.Records.Claim(limited, records.Claim{
		Kind: q.o.Kind, Owner: q.o.Owner, Now: now, Until: now.Add(lease), Most: free,
	})
	cancel()
	for i := range claimed {
		q.working.Go(func() {
			defer func() { <-q.slots }()
			q.handle(ctx, &claimed[i])
		})
	}
	for range free - len(claimed) {
		<-q.slots
	}
	return len(claimed), err
}
