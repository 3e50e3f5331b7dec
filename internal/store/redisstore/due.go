package redisstore

import (
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
)

// Due implements escalation.Store: one round trip over all sources. If some
// sources cannot be asked, it lists what is due in the others, if anything is,
// and asks to be called again at once.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]escalation.Deadline, time.Time, error) {
	var (
		due  []escalation.Deadline
		next time.Time
	)
	err := overAll(ctx, s, func(source string) []*call {
		return []*call{s.scripts.due.on(ctx, sourceKey(source), stamp(now), limit)}
	}, func(source string, cmds []*call) error {
		r := cmds[0].reply()
		r.each(func(item *reply) {
			due = append(due, escalation.Deadline{Source: source, Ticket: item.text(), Alert: item.text(), At: item.time()})
		})
		next = sooner(next, r.time())
		return r.err
	})
	if err != nil && len(due) == 0 {
		return nil, time.Time{}, failed(err, "what is due")
	}
	if err != nil {
		next = now
	}
	slices.SortStableFunc(due, func(a, b escalation.Deadline) int { return a.At.Compare(b.At) })
	if len(due) > limit {
		next = sooner(next, due[limit].At)
		due = due[:limit]
	}
	return due, next, nil
}
