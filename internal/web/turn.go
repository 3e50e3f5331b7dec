package web

import (
	"context"
	"fmt"
	"runtime"
)

// leastTurns is how many requests at least may make the processor work at once.
const leastTurns = 2

// newTurns are as many as there are processors: whoever opens a link or a list a
// hundred times at once leaves alerts and pages their share.
func newTurns() chan struct{} { return make(chan struct{}, max(leastTurns, runtime.GOMAXPROCS(0))) }

// inTurn reads or shows much, once it has one of the turns for that. It has none
// while an answer is written: its peer may be slow.
func (s *Server) inTurn(ctx context.Context, do func() error) error {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("web: wait for a turn: %w", ctx.Err())
	}
}
