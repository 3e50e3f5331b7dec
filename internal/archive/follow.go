package archive

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Store is what the follower needs of a store. escalation/storetest has the
// contract of the log.
type Store interface {
	// Changes are what the log has after a place in each lane.
	Changes(ctx context.Context, since ticket.Since) ([]ticket.Lane, error)
	// LogAgain has tickets of a source logged that the log lacks above a place.
	LogAgain(ctx context.Context, source string, above int64, numbers ...string) error
	// Trim ends a lane of the log up to a place.
	Trim(ctx context.Context, lane string, upTo int64) error
	// Tickets lists tickets.
	Tickets(ctx context.Context, q ticket.Query) (tickets []ticket.Ticket, next string, err error)
	// Load reads tickets of a source whole; one that is not there is left out.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)
}

// How the follower works. It rests as long as it worked, so that half of a
// processor is left to pages even while everything changes.
const (
	followEvery = 250 * time.Millisecond // while something changes
	followIdle  = 800 * time.Millisecond // while nothing does: all is copied within a second
	followMost  = 100                    // tickets in a transaction, about
	followAgain = 2 * time.Second
	trimEvery   = time.Minute
	tidyEvery   = 24 * time.Hour
	followLimit = 30 * time.Second // for one call
	headsTold   = 7                // heads of days
)

// FollowerOptions are a follower's parts.
type FollowerOptions struct {
	Archive *Archive
	Store   Store
	// Missing says which of these tickets the store has no more, not even damaged. Nil:
	// nobody asks, and a ticket that the store lost stays open in the archive.
	Missing func(ctx context.Context, numbers []string) ([]string, error)
	Now     func() time.Time
	// Heads hears each minute of the heads of the last days that are over, the oldest
	// first, whoever made them; nil: nobody does.
	Heads      func(ctx context.Context, last []Head)
	Log        *zap.Logger
	Registerer prometheus.Registerer
}

// Follower copies what changes in a store into an archive.
type Follower struct {
	opts      FollowerOptions
	positions map[string]int64  // nil: to be read
	epochs    map[string]string // of the lanes
	trimmed   time.Time
	tidied    time.Time
	compare   comparison
	again     chan struct{}

	copied prometheus.Counter

	mu     sync.Mutex
	status Status
}

// Status is how the follower is doing.
type Status struct {
	Err    error     // why the archive is away; nil: it is there
	Since  time.Time // it is away
	Behind int64     // changes that are not copied yet, about
	Copied int64     // tickets that were copied, each time
}

// NewFollower makes a follower. Run runs it.
func NewFollower(o FollowerOptions) *Follower {
	f := &Follower{opts: o, epochs: map[string]string{}, again: make(chan struct{}, 1), copied: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "astreinte_archive_copied_total", Help: "Tickets that were copied into the archive, each time that they changed.",
	})}
	f.Again()
	if o.Log == nil {
		f.opts.Log = zap.NewNop()
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(f.copied,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "astreinte_archive_away", Help: "1 while the archive cannot be written; pages go out all the same.",
			}, func() float64 {
				if f.Status().Err != nil {
					return 1
				}
				return 0
			}),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "astreinte_archive_behind", Help: "Changes that are not in the archive yet.",
			}, func() float64 { return float64(f.Status().Behind) }))
	}
	return f
}

// Status is how the follower is doing.
func (f *Follower) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

// Again has the follower compare store and archive anew: the store may have
// lost something.
func (f *Follower) Again() {
	select {
	case f.again <- struct{}{}:
	default: // it is asked for already
	}
}

// Run copies until the context ends.
func (f *Follower) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	rest := followEvery
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		began, before := time.Now(), f.Status().Copied
		more, err := f.round(ctx)
		f.note(err)
		if rest = min(2*rest, followIdle); more || f.Status().Copied != before {
			rest = followEvery
		}
		switch took := time.Since(began); {
		case err != nil:
			f.positions = nil
			timer.Reset(followAgain)
		case more:
			timer.Reset(took)
		default:
			timer.Reset(max(took, rest))
		}
	}
}

// CatchUp copies until store and archive are the same, while nobody else writes.
func (f *Follower) CatchUp(ctx context.Context) error {
	for quiet := 0; quiet < 2; quiet++ { // a comparison may find more to copy
		for more := true; more; {
			before := f.Status().Copied
			var err error
			if more, err = f.round(ctx); err != nil {
				f.note(err)
				f.positions = nil
				return err
			}
			if f.Status().Copied != before {
				quiet = 0
			}
		}
	}
	f.note(nil)
	return nil
}

// note keeps and logs how it went.
func (f *Follower) note(err error) {
	if errors.Is(err, errMoved) {
		err = nil // another daemon copies: that is as good
	}
	if err != nil {
		f.Again() // a store that was away may have lost something
	}
	f.mu.Lock()
	was := f.status
	f.status.Err = err
	if err == nil {
		f.status.Since = time.Time{}
	} else if was.Err == nil {
		f.status.Since = f.opts.Now()
	}
	f.mu.Unlock()
	switch {
	case err != nil && was.Err == nil && !errors.Is(err, context.Canceled):
		f.opts.Log.Error("the archive cannot follow the store; pages go out, and it catches up once it can", zap.Error(err))
	case err == nil && was.Err != nil:
		f.opts.Log.Info("the archive follows the store again")
	}
}

// round copies a part of what changed, and says whether there is more to do.
func (f *Follower) round(ctx context.Context) (more bool, err error) {
	lanes, err := f.changes(ctx)
	if err != nil {
		return false, err
	}
	var behind int64
	for i := range lanes {
		l := &lanes[i]
		if err := f.follow(ctx, l); err != nil {
			return false, err
		}
		behind += max(0, l.Last-f.positions[l.Name])
		more = more || len(l.Changes) >= followMost
	}
	f.mu.Lock()
	f.status.Behind = behind
	f.mu.Unlock()
	if !more {
		if more, err = f.comparing(ctx); err != nil {
			return false, err
		}
		err = f.trim(ctx, lanes)
	}
	return more, err
}

func (f *Follower) changes(ctx context.Context) (lanes []ticket.Lane, err error) {
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	if f.positions == nil {
		if f.positions, err = f.opts.Archive.Positions(ctx); err != nil {
			return nil, err
		}
	}
	lanes, err = f.opts.Store.Changes(ctx, ticket.Since{After: f.positions, Most: followMost})
	if err != nil {
		return nil, failed(err, "read what changed")
	}
	return lanes, nil
}

// write writes changes and remembers the position.
func (f *Follower) write(ctx context.Context, lane string, to int64, changes []ticket.Changed) error {
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	if err := f.opts.Archive.Write(ctx, lane, f.positions[lane], to, changes); err != nil {
		return err
	}
	f.positions[lane] = to
	return nil
}

// follow copies a lane's changes.
func (f *Follower) follow(ctx context.Context, l *ticket.Lane) error {
	if was, met := f.epochs[l.Name]; met && was != l.Epoch {
		f.Again()
	}
	f.epochs[l.Name] = l.Epoch
	at, known := f.positions[l.Name]
	if !known || at < l.Trimmed || at > l.Last {
		return f.catchUp(ctx, l)
	}
	if len(l.Changes) == 0 {
		return nil
	}
	to := l.Changes[len(l.Changes)-1].Version
	if err := f.write(ctx, l.Name, to, latest(l.Changes)); err != nil {
		return err
	}
	f.copied.Add(float64(len(l.Changes)))
	f.mu.Lock()
	f.status.Copied += int64(len(l.Changes))
	f.mu.Unlock()
	return nil
}

// catchUp has all tickets of a lane copied. Either the archive is new or so old
// that the log does not reach back to it; or the store is older than the
// archive, for it lost something, and its versions have to be above.
func (f *Follower) catchUp(ctx context.Context, l *ticket.Lane) error {
	at := f.positions[l.Name]
	if at > l.Last {
		if err := f.opts.Store.LogAgain(ctx, l.Name, at); err != nil {
			return failed(err, "go on above what is copied")
		}
	}
	query := ticket.Query{Scope: ticket.Everything(), Source: l.Name, Limit: compared}
	for {
		tickets, next, err := f.opts.Store.Tickets(ctx, query)
		if err != nil {
			return failed(err, "list what is to be copied")
		}
		if err := f.logAgain(ctx, tickets, at); err != nil {
			return err
		}
		if query.Cursor = next; next == "" {
			break
		}
	}
	return f.write(ctx, l.Name, max(at, l.Trimmed), nil)
}

func (f *Follower) logAgain(ctx context.Context, tickets []ticket.Ticket, above int64) error {
	bySource := map[string][]string{}
	for i := range tickets {
		bySource[tickets[i].Source] = append(bySource[tickets[i].Source], tickets[i].Number)
	}
	for source, numbers := range bySource {
		if err := f.opts.Store.LogAgain(ctx, source, above, numbers...); err != nil {
			return failed(err, "have tickets copied again")
		}
	}
	return nil
}

// trim cuts off what is copied from the log.
func (f *Follower) trim(ctx context.Context, lanes []ticket.Lane) error {
	now := f.opts.Now()
	if now.Sub(f.trimmed) < trimEvery {
		return nil
	}
	f.trimmed = now
	if now.Sub(f.tidied) >= tidyEvery {
		if err := f.opts.Archive.Tidy(ctx); err != nil {
			return err
		}
		f.tidied = now
	}
	heads, err := f.opts.Archive.CloseDays(ctx)
	for _, h := range heads {
		f.opts.Log.Info("evidence", zap.String("day", h.Day), zap.Int("tickets", h.Tickets), zap.String("head", h.Head))
	}
	if err == nil && f.opts.Heads != nil {
		var last []Head
		if last, err = f.opts.Archive.LastHeads(ctx, headsTold); err == nil && len(last) > 0 {
			f.opts.Heads(ctx, last)
		}
	}
	if err != nil {
		return err
	}
	for i := range lanes {
		l := &lanes[i]
		if upTo := f.positions[l.Name]; upTo > l.Trimmed {
			if err := f.opts.Store.Trim(ctx, l.Name, upTo); err != nil {
				return failed(err, "cut off what is copied")
			}
		}
	}
	return nil
}
