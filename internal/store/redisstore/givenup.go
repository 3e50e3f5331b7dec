package redisstore

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
)

// givenUpLimit is how many tickets of a source one call of GivenUp hands out.
const givenUpLimit = 1000

// GivenUp hands out the tickets that asked for work and were given up because
// their records cannot be read. It hands each one to one daemon until a time,
// and after that again, until ToldGivenUp notes that people know.
func (s *Store) GivenUp(ctx context.Context, now, until time.Time) (refs []ticket.Ref, err error) {
	err = overAll(ctx, s, func(source string) []*call {
		return []*call{s.scripts.untold.on(ctx, sourceKey(source), stamp(now), stamp(until), givenUpLimit)}
	}, func(source string, cmds []*call) error {
		r := cmds[0].reply()
		for r.more() {
			refs = append(refs, ticket.Ref{Source: source, Number: r.text()})
		}
		return r.err
	})
	if err != nil && len(refs) == 0 {
		return nil, failed(err, "list what was given up")
	}
	return refs, nil // the other sources come with a later call
}

// ToldGivenUp notes that people were told of tickets.
func (s *Store) ToldGivenUp(ctx context.Context, refs []ticket.Ref) error {
	members := map[string][]any{}
	for _, ref := range refs {
		key := sourceKey(ref.Source) + "untold"
		if members[key] == nil {
			members[key] = []any{"zrem", key}
		}
		members[key] = append(members[key], ref.Number)
	}
	cmds := make([]redis.Cmder, 0, len(members))
	for _, args := range members {
		cmds = append(cmds, redis.NewIntCmd(ctx, args...))
	}
	if err := s.run(ctx, cmds...); err != nil {
		return failed(err, "note that people were told of %d tickets", len(refs))
	}
	return nil
}
