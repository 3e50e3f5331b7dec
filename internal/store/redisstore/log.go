package redisstore

import (
	"context"
	"errors"
	"sync"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// epochs remembers which run of a server each source was last at. A server that
// took over is another run; it may lack what was written last.
type epochs struct {
	mu    sync.Mutex
	calls int
	runs  map[string]string
}

// epochEvery is at which call of Changes servers say which run they are: that
// costs more than the rest.
const epochEvery = 8

func (e *epochs) turn() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	return e.calls%epochEvery == 1
}

// of is a source's run; empty: it did not say it now.
func (e *epochs) of(source, run string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runs == nil {
		e.runs = map[string]string{}
	}
	if run != "" {
		e.runs[source] = run
	}
	return e.runs[source]
}

// Changes reads each source's log, its lane, in one round trip, and then the
// tickets that changed.
func (s *Store) Changes(ctx context.Context, since ticket.Since) (lanes []ticket.Lane, err error) {
	ask := s.epochs.turn()
	err = overAll(ctx, s, func(source string) []*call {
		return []*call{s.scripts.changes.on(ctx, sourceKey(source), since.After[source], since.Most, flag(ask))}
	}, func(source string, calls []*call) error {
		r, lane := calls[0].reply(), ticket.Lane{Name: source}
		lane.Last, lane.Trimmed = r.number(), r.number()
		r.list(func(inner *reply) {
			for inner.more() {
				lane.Changes = append(lane.Changes, ticket.Changed{Source: source, Number: inner.text(), Version: int64(inner.score())})
			}
		})
		lane.Epoch = s.epochs.of(source, r.text())
		lanes = append(lanes, lane)
		return r.err
	})
	for i := range lanes {
		for j := range lanes[i].Changes {
			if err == nil {
				err = s.fill(ctx, &lanes[i].Changes[j])
			}
		}
	}
	if err != nil {
		return nil, failed(err, "read the log of changes")
	}
	return lanes, nil
}

// fill reads the ticket that changed. Its revision is read first: what is read
// after it is as new, or newer.
func (s *Store) fill(ctx context.Context, c *ticket.Changed) error {
	found, err := s.Load(ctx, c.Source, []string{c.Number})
	if err != nil {
		return err
	}
	if c.Gone = len(found) == 0; c.Gone {
		return nil
	}
	c.Revision = found[0].Revision
	c.View, err = s.view(ctx, c.Source, c.Number)
	if errors.Is(err, escalation.ErrNotFound) || errors.Is(err, escalation.ErrDamaged) {
		c.Gone = true
		return nil
	}
	return err
}

// againAtOnce is how many tickets one script logs again.
const againAtOnce = 500

// LogAgain enters tickets of a source into its log, above a version.
func (s *Store) LogAgain(ctx context.Context, source string, above int64, numbers ...string) error {
	for first := true; first || len(numbers) > 0; first = false {
		args := []any{above}
		part := numbers[:min(len(numbers), againAtOnce)]
		for _, number := range part {
			args = append(args, number)
		}
		if err := s.run(ctx, s.scripts.logAgain.on(ctx, sourceKey(source), args...)); err != nil {
			return failed(err, "log %d tickets of %s again", len(numbers), source)
		}
		numbers = numbers[len(part):]
	}
	return nil
}

// Trim cuts a source's log off up to a version.
func (s *Store) Trim(ctx context.Context, source string, upTo int64) error {
	if err := s.run(ctx, s.scripts.trim.on(ctx, sourceKey(source), upTo)); err != nil {
		return failed(err, "cut off the log of changes of %s", source)
	}
	return nil
}
