package standby

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// How a standby watches the store.
const (
	probeEvery   = time.Second            // while the store answers
	probeAway    = 500 * time.Millisecond // while it does not
	mergeAgain   = 3 * time.Second        // while what was kept cannot be merged
	probeTimeout = 2 * time.Second
	pageAfter    = 30 * time.Second // how long without the store
)

// goes notes that the store has been away since a time.
func (s *Standby) goes(began time.Time, err error) {
	s.mu.Lock()
	first := s.since.IsZero()
	if first {
		s.since = began
		close(s.lost)
	}
	s.mu.Unlock()
	if first {
		s.log.Error("the store is away: alerts are kept in the spool, and paged from there after half a minute", zap.Error(err))
		s.wake()
	}
}

// Run watches the store until ctx ends.
func (s *Standby) Run(ctx context.Context) {
	for ctx.Err() == nil {
		began := s.clock().Now()
		err := s.probe(ctx)
		since, _ := s.away()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.goes(began, err)
			s.page(ctx)
		case !since.IsZero():
			s.comeBack(ctx, since)
		default:
			s.remember()
		}
		s.nap(ctx)
	}
	s.core.Lock()
	defer s.core.Unlock()
	if s.second != nil {
		s.second.close(ctx)
		s.second = nil
	}
}

func (s *Standby) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return s.main.Store.Check(ctx)
}

func (s *Standby) nap(ctx context.Context) {
	every := probeEvery
	if since, _ := s.away(); !since.IsZero() {
		every = probeAway
		if s.again {
			every = mergeAgain
		}
	}
	wait := time.NewTimer(every)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	case <-s.lostNow():
	}
}

// lostNow is closed when the store goes away, so that a nap can end.
func (s *Standby) lostNow() <-chan struct{} {
	if since, lost := s.away(); since.IsZero() {
		return lost
	}
	return nil
}

// page begins to page from the spool, if that is due.
func (s *Standby) page(ctx context.Context) {
	since, _ := s.away()
	if s.file.Stats().Records == 0 || s.clock().Now().Sub(since) < pageAfter {
		return
	}
	s.core.Lock()
	defer s.core.Unlock()
	if s.second == nil {
		e, err := openSecond(ctx, s)
		if err != nil {
			s.log.Error("nobody can be paged from the spool", zap.Error(err))
			return
		}
		s.second = e
	}
	if s.second.start(ctx) {
		s.log.Error("the store has been away for too long: alerts of the spool are paged now, some perhaps a second time", zap.Time("since", since))
	}
}

// comeBack merges what was kept. Then alerts go to the store again.
func (s *Standby) comeBack(ctx context.Context, since time.Time) {
	s.core.RLock()
	if s.second != nil {
		s.second.stop(ctx)
	}
	s.core.RUnlock()
	s.main.Clock.Sample(ctx)
	requests := s.file.Stats().Records
	if err := s.merge(ctx, since); err != nil {
		if ctx.Err() == nil {
			s.log.Error("the store is back, but the spool is not merged yet: it is tried again", zap.Error(err))
			s.page(ctx)
		}
		s.again = true
		return
	}
	s.again = false
	s.log.Info("the store is back, and what was kept is merged", zap.Time("away_since", since), zap.Int("requests", requests))
}
