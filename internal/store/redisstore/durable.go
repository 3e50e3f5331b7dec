package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// replicaWait is how long a replica may take to confirm a write. A healthy
// replica takes less. It is short enough for a sender that waits for its
// answer.
const replicaWait = time.Second

// shortfall is the error of a write that too few replicas confirmed. It may
// have landed, and a failover may take it back.
type shortfall struct {
	confirmed, wanted int
	within            time.Duration
}

// Error says how many replicas confirmed the write.
func (e *shortfall) Error() string {
	return fmt.Sprintf("written, but confirmed by %d of %d replicas within %s (durability: replicated)", e.confirmed, e.wanted, e.within)
}

// Unconfirmed marks the error for whoever answers a sender: what the sender
// sent was written, but may be lost.
func (e *shortfall) Unconfirmed() bool { return true }

// asShortfall is the shortfall that an error is or wraps; nil for any other.
func asShortfall(err error) *shortfall {
	var short *shortfall
	if errors.As(err, &short) {
		return short
	}
	return nil
}

// save runs the writes that an answer or a promise rests on. If replicas are
// wanted and too few confirm, it returns a *shortfall; every command still has
// its result.
func (s *Store) save(ctx context.Context, cmds ...redis.Cmder) error {
	return s.exchange(ctx, cmds, s.replicas)
}

// confirm adds commands to a pipeline that have the server wait for its
// replicas. WAIT counts from what the same connection wrote last. So there has
// to be a write even if the commands found nothing to change, as when a commit
// is sent a second time. What they rely on was written by an earlier call, and
// is older than this write.
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

// touchSeconds is how long a key lives that confirm wrote only to have a
// write.
const touchSeconds = 60

// touchKey is a key in the same slot as another key that has a hash tag; empty
// if that has none. Keys without one (a link, the set of sources) are written
// by commands that change something each time, or once in a daemon's life.
func touchKey(key string) string {
	_, rest, found := strings.Cut(key, "{")
	name, _, closed := strings.Cut(rest, "}")
	if !found || !closed {
		return ""
	}
	return root + "{" + name + "}:touch"
}
