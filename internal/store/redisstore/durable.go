package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// replicaWait is how long a replica may take to confirm a write: longer than
// any that is well needs, short enough for a sender that waits for its answer.
const replicaWait = time.Second

// shortfall is the error of what was written, but by too few replicas as far as
// is known: it may have landed, and a failover may take it back.
type shortfall struct {
	confirmed, wanted int
	within            time.Duration
}

// Error says how many replicas confirmed.
func (e *shortfall) Error() string {
	return fmt.Sprintf("written, but confirmed by %d of %d replicas within %s (durability: replicated)", e.confirmed, e.wanted, e.within)
}

// Unconfirmed marks the error for those who answer a sender: what he sent was
// written, and may be lost all the same.
func (e *shortfall) Unconfirmed() bool { return true }

// asShortfall is the shortfall that an error is or wraps, nil for any other.
func asShortfall(err error) *shortfall {
	var short *shortfall
	if errors.As(err, &short) {
		return short
	}
	return nil
}

// save is run for what stands behind an answer or a promise. Where replicas are
// wanted it returns a *shortfall if too few confirmed; then every command has
// its result all the same.
func (s *Store) save(ctx context.Context, cmds ...redis.Cmder) error {
	return s.exchange(ctx, cmds, s.replicas)
}

// confirm adds to a pipeline what has the server wait for its replicas. WAIT
// counts from what the same connection wrote last, so there has to be a write
// even where the commands before found nothing to change (a commit that is sent
// a second time): what they rely on was written by an earlier call, and is
// older than this one.
func (s *Store) confirm(ctx context.Context, pipe redis.Pipeliner, cmds []redis.Cmder) (touch, wait redis.Cmder) {
	for _, cmd := range cmds {
		if key := touchKey(keyOf(cmd)); key != "" {
			touch = redis.NewStatusCmd(ctx, "set", key, 1, "ex", touchSeconds)
			_ = pipe.Process(ctx, touch)
			break
		}
	}
	wait = redis.NewIntCmd(ctx, "wait", s.replicas, s.replicaWait.Milliseconds())
	_ = pipe.Process(ctx, wait)
	return touch, wait
}

// confirmed reads the answers to what confirm added.
func (s *Store) confirmed(touch, wait redis.Cmder) error {
	if touch != nil && touch.Err() != nil {
		return touch.Err()
	}
	n, ok := wait.(*redis.IntCmd)
	switch {
	case !ok || wait.Err() != nil:
		return wait.Err()
	case int(n.Val()) < s.replicas:
		return &shortfall{int(n.Val()), s.replicas, s.replicaWait}
	}
	return nil
}

// touchSeconds is how long a key lives that was written for the sake of a write.
const touchSeconds = 60

// touchKey is a key in the slot of another that has a hash tag, empty if it
// has none: those (a link, the set of sources) are written by commands that
// change something each time, or once in a daemon's life.
func touchKey(key string) string {
	_, rest, found := strings.Cut(key, "{")
	name, _, closed := strings.Cut(rest, "}")
	if !found || !closed {
		return ""
	}
	return root + "{" + name + "}:touch"
}
