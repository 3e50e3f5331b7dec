package redisstore

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Clock implements escalation.Store. On a Cluster it is the clock of the node
// that keeps the set of sources, so that all daemons go by the same.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	cmd := redis.NewTimeCmd(ctx, "time")
	if s.cluster != nil {
		node, err := s.cluster.MasterForKey(ctx, sourcesKey)
		if err != nil {
			return time.Time{}, failed(err, "clock")
		}
		_ = node.Process(ctx, cmd)
	} else {
		_ = s.client.Process(ctx, cmd)
	}
	if err := cmd.Err(); err != nil {
		return time.Time{}, failed(err, "clock")
	}
	return cmd.Val().UTC(), nil
}

// Check implements escalation.Store: a small write to every source's slot,
// which replicas have to confirm where they are wanted.
func (s *Store) Check(ctx context.Context) error {
	cmds := []redis.Cmder{redis.NewStatusCmd(ctx, "set", checkKey, 1)}
	for _, source := range s.known() {
		cmds = append(cmds, redis.NewStatusCmd(ctx, "set", sourceKey(source)+"check", 1))
	}
	if err := s.save(ctx, cmds...); err != nil {
		return failed(err, "check that %s can be written", &s.address)
	}
	return nil
}
