package standby

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/internal/ticket"
)

// directPatience is how long a sender waits for a store that does not answer.
const directPatience = 5 * time.Second

// Take makes alerts durable, in the store or in the spool (ingest.Taker).
func (s *Standby) Take(ctx context.Context, b ticket.Batch) (ingest.Taken, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	lost, ok := s.depart()
	if !ok {
		return s.keep(b)
	}
	began := s.clock().Now()
	taken, err := s.direct(ctx, lost, b)
	if err == nil || ctx.Err() != nil || errors.Is(err, escalation.ErrStopping) {
		return taken, err
	}
	s.goes(began, err)
	return s.keep(b)
}

var errNoAnswer = errors.New("standby: the store does not answer")

// direct gives alerts to the engine and waits for the answer, as long as the
// store is there. The caller has counted them (depart). They land when the
// engine is done with them.
func (s *Standby) direct(ctx context.Context, lost <-chan struct{}, b ticket.Batch) (ingest.Taken, error) {
	type answer struct {
		taken ingest.Taken
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		defer s.land()
		taken, err := s.main.Taker.Take(context.WithoutCancel(ctx), b)
		answered <- answer{taken, err}
	}()
	late := time.NewTimer(directPatience)
	defer late.Stop()
	select {
	case a := <-answered:
		return a.taken, a.err
	case <-lost:
	case <-late.C:
	case <-ctx.Done():
	}
	return ingest.Taken{}, errNoAnswer
}

// keep puts alerts into the spool.
func (s *Standby) keep(b ticket.Batch) (ingest.Taken, error) {
	since, _ := s.away()
	_, err := s.file.Append(spool.Record{
		At: s.at(since), Since: since, Source: b.Source, Alerts: b.Alerts, ResolveGroups: b.ResolveGroups,
	})
	if err != nil {
		return ingest.Taken{}, fmt.Errorf("standby: the store is away, and the spool takes nothing: %w", err)
	}
	s.wake()
	return ingest.Taken{Accepted: len(b.Alerts), Later: true}, nil
}

func (s *Standby) wake() {
	s.core.RLock()
	defer s.core.RUnlock()
	if s.second != nil {
		s.second.wake()
	}
}
