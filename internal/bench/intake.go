package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// intake posts new alerts as fast as they are taken, each so many a request
// and so many of one name, which is their group.
func intake(key string, each, group int) func(context.Context, *bench, *subject) (samples, error) {
	return func(ctx context.Context, b *bench, s *subject) (samples, error) {
		var next atomic.Int64
		f, err := b.flood(ctx, s, each, func() int { return int(next.Add(int64(each))) - each }, func(id int) int { return id / group })
		switch {
		case err != nil:
			return nil, err
		case next.Load() > warmNames:
			return nil, errors.New("there are not so many names")
		}
		return samples{key: f.taken, key + "_handed": f.handed, key + "_cpu": f.cpu}, nil
	}
}

// repeats posts alerts that are known, again and again.
func repeats(ctx context.Context, b *bench, s *subject) (samples, error) {
	const group = 100
	known := b.size.repeated
	name := func(id int) int { return id / group }
	if err := b.post(ctx, s, nil, 0, known, name); err != nil {
		return nil, err
	}
	names := (known + group - 1) / group
	if err := s.provider.until(ctx, func() bool { return s.provider.handed(0, names) == names }); err != nil {
		return nil, err
	}
	var next atomic.Int64
	f, err := b.flood(ctx, s, bulk, func() int { return (int(next.Add(bulk)) - bulk) % known }, name)
	return samples{"repeats": f.taken, "repeats_cpu": f.cpu}, err
}

// flow is what a flood came to: alerts taken and messages handed over, both per
// second, and the processor time for each alert in µs, which a busy machine
// moves least.
type flow struct{ taken, handed, cpu float64 }

// flood posts for a while over all connections. first gives each request its
// first alert.
func (b *bench) flood(ctx context.Context, s *subject, each int, first func() int, name func(id int) int) (flow, error) {
	warm := time.Duration(b.size.warmMillis) * time.Millisecond
	whole := warm + time.Duration(b.size.rateMillis)*time.Millisecond
	began := time.Now()
	var counted atomic.Int64
	var messages, before int
	var cpu, cpuBefore time.Duration
	err := beside(ctx, s, connections, func(ctx context.Context, c *conn, i int) error {
		sh, err := newShot(s, each, nil)
		if err != nil {
			return err
		}
		for warmed := false; time.Since(began) < whole; {
			if i == 0 && !warmed && time.Since(began) >= warm {
				_, before = s.provider.count()
				if cpuBefore, err = s.cpu(); err != nil {
					return err
				}
				warmed = true
			}
			at := first()
			for k := range each {
				sh.aim(k, name(at+k), at+k)
			}
			if err := c.post(sh); err != nil {
				return err
			}
			if passed := time.Since(began); passed >= warm && passed < whole {
				counted.Add(int64(each))
			}
		}
		if i == 0 {
			_, messages = s.provider.count()
			cpu, err = s.cpu()
		}
		return err
	})
	seconds, alerts := (whole - warm).Seconds(), float64(counted.Load())
	return flow{alerts / seconds, float64(messages-before) / seconds, float64((cpu - cpuBefore).Microseconds()) / alerts}, err
}
