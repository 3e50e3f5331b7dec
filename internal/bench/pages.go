package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Numbers in alerts' names, by what they are for.
const (
	warmNames   = 9_000_000
	urgentNames = 8_000_000
)

// warm uses connections and code paths once, as in a daemon that has run for a
// while.
func warm(ctx context.Context, s *subject, c *conn) error {
	sh, err := newShot(s, 1, nil)
	if err != nil {
		return err
	}
	for id := warmNames; id < warmNames+10; id++ {
		if _, err := page(ctx, s, c, sh, id); err != nil {
			return err
		}
	}
	return nil
}

// page posts one alert and waits until the provider hears of it.
func page(ctx context.Context, s *subject, c *conn, sh *shot, id int) (time.Duration, error) {
	sh.aim(0, id, id)
	sent := s.provider.now()
	if err := c.post(sh); err != nil {
		return 0, err
	}
	var at time.Duration
	err := s.provider.until(ctx, func() (known bool) {
		at, known = s.provider.at(id)
		return known
	})
	return at - sent, err
}

// idle pages one at a time, with pauses. Each alert is a group by itself.
func idle(ctx context.Context, b *bench, s *subject) (samples, error) {
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := warm(ctx, s, c); err != nil {
		return nil, err
	}
	sh, err := newShot(s, 1, map[string]string{"severity": "critical"})
	if err != nil {
		return nil, err
	}
	took := make([]time.Duration, b.size.pages)
	for id := range took {
		pause := 10*time.Millisecond + time.Duration(rand.Int64N(int64(10*time.Millisecond))) //nolint:gosec // jitter, not a secret
		if err := rest(ctx, pause); err != nil {
			return nil, err
		}
		if took[id], err = page(ctx, s, c, sh, id); err != nil {
			return nil, err
		}
	}
	return samples{"idle_p50": milliseconds(quantile(took, 0.5)), "idle_p99": milliseconds(quantile(took, 0.99))}, nil
}

// storm raises many tickets at once, and then again with critical ones in the
// middle.
func storm(ctx context.Context, b *bench, s *subject) (samples, error) {
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := warm(ctx, s, c); err != nil {
		return nil, err
	}
	took, err := b.blow(ctx, s, 0, func(int) error { return nil })
	if err != nil {
		return nil, err
	}
	urgent, err := newShot(s, 1, map[string]string{"severity": "critical"})
	if err != nil {
		return nil, err
	}
	sent := map[int]time.Duration{}
	for n := 1; n <= b.size.storms; n++ {
		next := 0
		_, err := b.blow(ctx, s, n, func(handed int) error {
			if next >= 4 || handed < b.size.storm*(1+2*next)/10 {
				return nil
			}
			id := urgentNames + 10*n + next
			next++
			urgent.aim(0, id, id)
			sent[id] = s.provider.now()
			return c.post(urgent)
		})
		if err != nil {
			return nil, err
		}
	}
	waits := make([]time.Duration, 0, len(sent))
	for id, since := range sent {
		var at time.Duration
		if err := s.provider.until(ctx, func() (known bool) {
			at, known = s.provider.at(id)
			return known
		}); err != nil {
			return nil, fmt.Errorf("a critical page: %w", err)
		}
		waits = append(waits, at-since)
	}
	return samples{
		"storm":      milliseconds(took),
		"urgent_p50": milliseconds(quantile(waits, 0.5)), "urgent_p99": milliseconds(quantile(waits, 0.99)),
	}, nil
}

// bulk is how many alerts a request with many has.
const bulk = 64

// blow posts storm n at once over all connections, and waits until all of it
// was handed over. It tells meanwhile how much was.
func (b *bench) blow(ctx context.Context, s *subject, n int, meanwhile func(handed int) error) (time.Duration, error) {
	from := n * b.size.storm
	to := from + b.size.storm
	began := s.provider.now()
	posted := make(chan error, 1)
	go func() { posted <- b.post(ctx, s, nil, from, to, bulk, func(id int) int { return id }) }()
	var failed error
	err := s.provider.until(ctx, func() bool {
		handed := s.provider.handed(from, to)
		failed = meanwhile(handed)
		return failed != nil || handed == to-from
	})
	for _, e := range []error{<-posted, failed, err} {
		if e != nil {
			return 0, e
		}
	}
	var last time.Duration
	for id := from; id < to; id++ {
		at, _ := s.provider.at(id)
		last = max(last, at)
	}
	return last - began, nil
}

// post posts the alerts from from and before to, each so many a request, over
// all connections. name gives each the number in its name.
func (b *bench) post(ctx context.Context, s *subject, labels map[string]string, from, to, each int, name func(id int) int) error {
	requests := make(chan []int, (to-from)/each+1)
	ids := make([]int, 0, to-from)
	for id := from; id < to; id++ {
		ids = append(ids, id)
	}
	for part := range slices.Chunk(ids, each) {
		requests <- part
	}
	close(requests)
	return beside(ctx, s, connections, func(_ context.Context, c *conn, _ int) error {
		var sh *shot
		for part := range requests {
			if sh == nil || len(sh.names) != len(part) {
				var err error
				if sh, err = newShot(s, len(part), labels); err != nil {
					return err
				}
			}
			for i, id := range part {
				sh.aim(i, name(id), id)
			}
			if err := c.post(sh); err != nil {
				return err
			}
		}
		return nil
	})
}
