package standby

import "context"

// flights are the requests that the engine has. A request counts from before
// it reaches the engine until the engine is done with it, however that ends.
// The standby's mu guards them.
type flights struct {
	n      int
	landed chan struct{} // closed when none is left; nil: nobody waits for that
}

// depart counts a request that goes to the store. If the store is away, ok is
// false and nothing is counted. lost is closed when the store goes away. So no
// request departs while a merge waits for those before it.
func (s *Standby) depart() (lost <-chan struct{}, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.since.IsZero() {
		return nil, false
	}
	s.flight.n++
	return s.lost, true
}

// land ends what depart began.
func (s *Standby) land() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight.n--; s.flight.n == 0 && s.flight.landed != nil {
		close(s.flight.landed)
		s.flight.landed = nil
	}
}

// landed waits until the engine is done with everything that it was given
// before. So nothing of that comes after what is merged.
func (s *Standby) landed(ctx context.Context) error {
	s.mu.Lock()
	if s.flight.n == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.flight.landed == nil {
		s.flight.landed = make(chan struct{})
	}
	wait := s.flight.landed
	s.mu.Unlock()
	select {
	case <-wait:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the daemon stops
	}
}
