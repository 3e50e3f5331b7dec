package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// load is a number of new alerts, posted as fast as the subject takes them.
type load struct {
	key    string
	alerts int
	each   int               // alerts a request
	labels map[string]string // besides their own
	groups int               // how many names, whose tickets are open before; 0: each alert has its own name
	pages  bool              // each ticket causes one; the work ends with the last of them
}

// noPages are the labels of alerts whose first page is hours ahead.
func noPages() map[string]string { return map[string]string{"policy": "later"} }

// paged posts alerts, each of which is a ticket and a page. It ends when the
// provider has heard of the last page.
func paged(key string, each int) func(context.Context, *bench, *subject) (samples, error) {
	return func(ctx context.Context, b *bench, s *subject) (samples, error) {
		n := b.size.bulk
		if each == 1 {
			n = b.size.single
		}
		return b.carry(ctx, s, load{key: key, alerts: n, each: each, pages: true})
	}
}

// unpaged posts alerts whose first page is hours ahead: a ticket each, or all
// of them to open tickets. It ends with the last 2xx.
func unpaged(key string, groups func(size) int) func(context.Context, *bench, *subject) (samples, error) {
	return func(ctx context.Context, b *bench, s *subject) (samples, error) {
		return b.carry(ctx, s, load{key: key, alerts: b.size.intake, each: bulk, labels: noPages(), groups: groups(b.size)})
	}
}

// carry measures a load: alerts a second, and the processor time for each in
// µs, which varies least on a busy machine. What the subject does in the
// moment afterwards counts as processor time: it is part of the work, whoever
// waits for it.
func (b *bench) carry(ctx context.Context, s *subject, l load) (samples, error) {
	if l.alerts+l.groups > urgentNames {
		return nil, errors.New("there are not so many names")
	}
	first, name := 0, func(id int) int { return id }
	if l.groups > 0 {
		if err := b.post(ctx, s, l.labels, 0, l.groups, bulk, name); err != nil {
			return nil, err
		}
		first, name = l.groups, func(id int) int { return id % l.groups }
	} else if err := b.warmed(ctx, s); err != nil {
		return nil, err
	}
	known, _ := s.provider.count()
	before, err := s.cpu()
	if err != nil {
		return nil, err
	}
	began := s.provider.now()
	if err := b.post(ctx, s, l.labels, first, first+l.alerts, l.each, name); err != nil {
		return nil, err
	}
	ended := s.provider.now()
	if l.pages {
		if ended, err = s.provider.heardOf(ctx, known+l.alerts); err != nil {
			return nil, err
		}
	}
	if err := rest(ctx, b.size.settled()); err != nil {
		return nil, err
	}
	after, err := s.cpu()
	if err != nil {
		return nil, err
	}
	if heard, _ := s.provider.count(); !l.pages && heard != known {
		return nil, fmt.Errorf("%d messages went out where none should", heard-known)
	}
	alerts := float64(l.alerts)
	return samples{l.key: alerts / (ended - began).Seconds(), l.key + "_cpu": float64((after - before).Microseconds()) / alerts}, nil
}

// warmed has a fresh subject page a few times.
func (b *bench) warmed(ctx context.Context, s *subject) error {
	c, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	defer c.close()
	return warm(ctx, s, c)
}

// repeats posts known alerts again and again, for a while, over all
// connections. They cause no page.
func repeats(ctx context.Context, b *bench, s *subject) (samples, error) {
	const group = 100
	known := b.size.repeated
	name := func(id int) int { return id / group }
	if err := b.post(ctx, s, nil, 0, known, bulk, name); err != nil {
		return nil, err
	}
	if _, err := s.provider.heardOf(ctx, (known+group-1)/group); err != nil {
		return nil, err
	}
	warm := time.Duration(b.size.warmMillis) * time.Millisecond
	whole := warm + time.Duration(b.size.rateMillis)*time.Millisecond
	began := time.Now()
	var next, counted atomic.Int64
	var cpu, before time.Duration
	err := beside(ctx, s, connections, func(_ context.Context, c *conn, i int) error {
		sh, err := newShot(s, bulk, nil)
		if err != nil {
			return err
		}
		for warmed := false; time.Since(began) < whole; {
			if i == 0 && !warmed && time.Since(began) >= warm {
				if before, err = s.cpu(); err != nil {
					return err
				}
				warmed = true
			}
			at := (int(next.Add(bulk)) - bulk) % known
			for k := range bulk {
				sh.aim(k, name(at+k), at+k)
			}
			if err := c.post(sh); err != nil {
				return err
			}
			if passed := time.Since(began); passed >= warm && passed < whole {
				counted.Add(bulk)
			}
		}
		if i == 0 {
			cpu, err = s.cpu()
		}
		return err
	})
	alerts := float64(counted.Load())
	return samples{"repeats": alerts / (whole - warm).Seconds(), "repeats_cpu": float64((cpu - before).Microseconds()) / alerts}, err
}
