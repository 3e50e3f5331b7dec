package main

import (
	"context"
	"fmt"
	"time"
)

func memoryFigures() (all []figure) {
	for i, n := range []string{"10k", "100k"} {
		key, target := fmt.Sprintf("memory%d", i), []string{"≤ 1.0 ×", "≤ 0.4 ×; ≤ 0.25 ×"}[i]
		all = append(all,
			figure{key, "memory with " + n + " open alerts, 100 a ticket (RSS)", target, mebibytes},
			figure{key + "_mapped", "… mapped pages of bolt's file, beside it", "", mebibytes},
			figure{key + "_redis", "… Redis' own RSS, beside it", "", mebibytes})
	}
	return all
}

// footprint is the memory with this many open alerts, once their pages are
// out.
func footprint(ctx context.Context, b *bench, s *subject) (samples, error) {
	const group = 100
	found := samples{}
	from := 0
	for i, n := range b.size.alerts {
		if err := b.post(ctx, s, nil, from, n, bulk, func(id int) int { return id / group }); err != nil {
			return nil, err
		}
		from = n
		if err := s.provider.until(ctx, func() bool { return s.provider.handed(0, n/group) == n/group }); err != nil {
			return nil, err
		}
		if err := rest(ctx, time.Duration(b.size.settleMillis)*time.Millisecond); err != nil {
			return nil, err
		}
		if err := s.weigh(found, fmt.Sprintf("memory%d", i), fmt.Sprintf("memory%d", i)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// weigh adds the memory of a subject and of what belongs to it.
func (s *subject) weigh(found samples, key, beside string) error {
	m, err := s.process.memory(s.file)
	if err != nil {
		return err
	}
	found[key] = m.own / (1 << 20)
	if s.file != "" {
		found[beside+"_mapped"] = m.mapped / (1 << 20)
	}
	if s.redis != nil {
		r, err := s.redis.memory("")
		if err != nil {
			return err
		}
		found[beside+"_redis"] = r.own / (1 << 20)
	}
	return nil
}
