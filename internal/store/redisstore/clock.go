package redisstore

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Clock implements escalation.Store. On a Cluster it is the clock of the node
// that keeps the layout's version, so that all daemons use the same one. Clock
// is called again and again, so it checks that version too.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	now, get := redis.NewTimeCmd(ctx, "time"), redis.NewStringCmd(ctx, "get", layoutKey)
	node := s.client
	if s.cluster != nil {
		var err error
		if node, err = s.cluster.MasterForKey(ctx, layoutKey); err != nil {
			return time.Time{}, failed(err, "clock")
		}
	}
	_ = s.sendTo(ctx, node, []redis.Cmder{get, now}, 0)
	if s.cluster != nil {
		s.misled(ctx, []redis.Cmder{get})
	}
	if err := now.Err(); err != nil {
		return time.Time{}, failed(err, "clock")
	}
	if get.Err() == nil {
		if _, err := s.understand(get.Val()); err != nil {
			return time.Time{}, failed(err, "clock")
		}
	}
	return now.Val().UTC(), nil
}

// Check implements escalation.Store. It makes a small write to every source's
// slot; if replicas are wanted, they have to confirm it. It also checks the
// version of the layout, which a failover may have forgotten.
func (s *Store) Check(ctx context.Context) error {
	set, get := redis.NewBoolCmd(ctx, "setnx", layoutKey, s.knows.String()), redis.NewStringCmd(ctx, "get", layoutKey)
	cmds := []redis.Cmder{set, get}
	for _, source := range s.known() {
		cmds = append(cmds, redis.NewStatusCmd(ctx, "set", sourceKey(source)+"check", 1))
	}
	err := s.save(ctx, append(cmds, redis.NewStatusCmd(ctx, "set", checkKey, 1))...)
	if err == nil {
		var stored version
		if stored, err = s.understand(get.Val()); err == nil {
			err = s.raised(ctx, stored)
		}
	}
	if err != nil {
		return failed(err, "check that %s can be written", &s.address)
	}
	return nil
}
