package redisstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// redirects is how often commands are sent again, because a node of a Cluster
// does not have their slots. After each time the nodes are asked anew who has
// which slot.
const redirects = 4

// send runs commands in one round trip, at once on all nodes that they belong
// to. Each command keeps its error. If replicas are wanted and too few of one
// node's confirm, send returns a *shortfall.
func (s *Store) send(ctx context.Context, cmds []redis.Cmder, replicas int) error {
	if len(cmds) == 0 {
		return nil
	}
	if s.cluster == nil {
		return s.sendTo(ctx, s.client, cmds, replicas)
	}
	var short error
	for try := 0; len(cmds) > 0; try++ {
		err := s.spread(ctx, cmds, replicas)
		if short == nil {
			short = err
		}
		if cmds = s.misled(ctx, cmds); try == redirects {
			break
		}
		if len(cmds) > 0 && !pause(ctx, 20*time.Millisecond<<try) {
			break
		}
	}
	return short
}

// sendTo runs commands on one server.
func (s *Store) sendTo(ctx context.Context, node redis.UniversalClient, cmds []redis.Cmder, replicas int) error {
	if len(cmds) == 1 && replicas == 0 {
		_ = node.Process(ctx, cmds[0])
		return nil
	}
	pipe := node.Pipeline()
	for _, cmd := range cmds {
		_ = pipe.Process(ctx, cmd)
	}
	if replicas == 0 {
		exec(ctx, pipe)
		return nil
	}
	touch, wait := s.confirm(ctx, pipe, cmds)
	exec(ctx, pipe)
	return s.confirmed(touch, wait)
}

// exec runs a pipeline. If the server refused the password, the client has no
// connection. It then leaves each command without an answer and without an
// error. exec gives each of them the pipeline's error.
func exec(ctx context.Context, pipe redis.Pipeliner) {
	cmds, err := pipe.Exec(ctx)
	if err == nil || slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Err() != nil }) {
		return
	}
	for _, cmd := range cmds {
		cmd.SetErr(err)
	}
}

// spread runs each command on the node that has its key. It does not use the
// client's pipeline: that would send a command on to another node and leave
// the WAIT behind. It would also follow a slot that is being moved key by key,
// where a script sees only a part of its keys.
func (s *Store) spread(ctx context.Context, cmds []redis.Cmder, replicas int) error {
	parts := map[*redis.Client][]redis.Cmder{}
	for _, cmd := range cmds {
		cmd.SetErr(nil)
		node, err := s.cluster.MasterForKey(ctx, keyOf(cmd))
		if err != nil {
			cmd.SetErr(err)
			continue
		}
		parts[node] = append(parts[node], cmd)
	}
	if len(parts) == 1 {
		for node, part := range parts {
			return s.sendTo(ctx, node, part, replicas)
		}
	}
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		errs  []error
	)
	for node, part := range parts {
		group.Go(func() {
			err := s.sendTo(ctx, node, part, replicas)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// misled returns the commands that a node refused because another node has the
// slot now. If a node could not be asked, or is no primary any more, the next
// call finds out who took its place.
func (s *Store) misled(ctx context.Context, cmds []redis.Cmder) (moved []redis.Cmder) {
	stale := false
	for _, cmd := range cmds {
		err := cmd.Err()
		if err == nil || errors.Is(err, redis.Nil) {
			continue
		}
		var said redis.Error
		stale = stale || !errors.As(err, &said) || redis.HasErrorPrefix(err, "CLUSTERDOWN") || redis.HasErrorPrefix(err, "READONLY")
		if redis.HasErrorPrefix(err, "MOVED") {
			moved = append(moved, cmd)
		}
	}
	if stale || len(moved) > 0 {
		s.cluster.ReloadState(ctx)
	}
	return moved
}

// pause waits; false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// keyOf is the key that decides which node a command goes to.
func keyOf(cmd redis.Cmder) string {
	args := cmd.Args()
	if c, ok := cmd.(*call); ok {
		args = c.rest // the number of keys comes first
	}
	if len(args) < 2 {
		return ""
	}
	key, _ := args[1].(string)
	return key
}
