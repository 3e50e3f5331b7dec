package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// intake posts new alerts as fast as they are taken, each so many a request
// and so many of one name, which is their group.
func intake(each, group int) func(context.Context, *bench, *subject) (samples, error) {
	return func(ctx context.Context, b *bench, s *subject) (samples, error) {
		var next atomic.Int64
		taken, handed, err := b.flood(ctx, s, each, func() int { return int(next.Add(int64(each))) - each }, func(id int) int { return id / group })
		switch {
		case err != nil:
			return nil, err
		case next.Load() > warmNames:
			return nil, errors.New("there are not so many names")
		case group > 1 && each == 1:
			return samples{"grouped": taken}, nil
		case group > 1:
			return samples{"groupedbulk": taken}, nil
		case each == 1:
			return samples{"single": taken, "single_handed": handed}, nil
		}
		return samples{"bulk": taken, "bulk_handed": handed}, nil
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
	taken, _, err := b.flood(ctx, s, bulk, func() int { return (int(next.Add(bulk)) - bulk) % known }, name)
	return samples{"repeats": taken}, err
}

// flood posts for a while over all connections, and counts the alerts that
// were taken and the messages that were handed over, both per second. first
// gives each request its first alert.
func (b *bench) flood(ctx context.Context, s *subject, each int, first func() int, name func(id int) int) (taken, handed float64, err error) {
	warm := time.Duration(b.size.warmMillis) * time.Millisecond
	whole := warm + time.Duration(b.size.rateMillis)*time.Millisecond
	began := time.Now()
	var counted atomic.Int64
	var messages, before int
	err = beside(ctx, s, connections, func(ctx context.Context, c *conn, i int) error {
		sh, err := newShot(s, each, nil)
		if err != nil {
			return err
		}
		for warmed := false; time.Since(began) < whole; {
			if i == 0 && !warmed && time.Since(began) >= warm {
				_, before = s.provider.count()
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
		}
		return nil
	})
	seconds := (whole - warm).Seconds()
	return float64(counted.Load()) / seconds, float64(messages-before) / seconds, err
}
