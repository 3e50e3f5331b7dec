package web

import (
	"context"
	"fmt"
	"runtime"
)

// leastTurns is how many requests at least may make the processor work at once.
const leastTurns = 2

// turns are held by who reads or shows much: as many as there are processors, so
// that whoever opens a link or a list a hundred times at once leaves alerts and
// pages their share. Lists have turns of their own: a search takes seconds, and
// nobody's link waits for it.
type turns chan struct{}

func newTurns() turns { return make(turns, max(leastTurns, runtime.GOMAXPROCS(0))) }

// do does it once there is a turn. It has none while an answer is written: its
// peer may be slow.
func (t turns) do(ctx context.Context, do func() error) error {
	select {
	case t <- struct{}{}:
		defer func() { <-t }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("web: wait for a turn: %w", ctx.Err())
	}
}
