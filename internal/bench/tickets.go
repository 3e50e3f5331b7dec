package main

import (
	"context"
	"fmt"
	"time"
)

// soonNames are the alerts whose deadlines the experiment waits for.
const soonNames = 7_000_000

// tickets opens many tickets, each with a deadline hours ahead. It measures
// what they cost, whether the deadlines of other tickets are kept beside them,
// and a start after a crash.
func tickets(ctx context.Context, b *bench, s *subject) (samples, error) {
	if err := b.post(ctx, s, noPages(), 0, b.size.tickets, bulk, func(id int) int { return id }); err != nil {
		return nil, err
	}
	if err := rest(ctx, time.Duration(b.size.settleMillis)*time.Millisecond); err != nil {
		return nil, err
	}
	found := samples{}
	if err := s.weigh(found, "tickets_rss", "tickets"); err != nil {
		return nil, err
	}
	quiet := time.Duration(b.size.quietMillis) * time.Millisecond
	before, err1 := s.process.cpu()
	err := rest(ctx, quiet)
	after, err2 := s.process.cpu()
	for _, e := range []error{err, err1, err2} {
		if e != nil {
			return nil, e
		}
	}
	found["idle_cpu"] = 100 * (after - before).Seconds() / quiet.Seconds()
	late, err := b.lateness(ctx, s)
	if err != nil {
		return nil, err
	}
	found["late_p50"], found["late_p99"] = milliseconds(quantile(late, 0.5)), milliseconds(quantile(late, 0.99))
	found["start"], err = s.restart(ctx)
	return found, err
}

// restart kills the subject. It returns how many milliseconds the subject
// takes to be ready again.
func (s *subject) restart(ctx context.Context) (float64, error) {
	s.process.kill()
	began := time.Now()
	err := s.start(ctx)
	return milliseconds(time.Since(began)), err
}

// million measures the start after a crash with very many open alerts.
func million(ctx context.Context, b *bench, s *subject) (samples, error) {
	const group = 100
	if err := b.post(ctx, s, noPages(), 0, b.size.million, bulk, func(id int) int { return id / group }); err != nil {
		return nil, err
	}
	took, err := s.restart(ctx)
	return samples{"million": took}, err
}

// lateness raises tickets that page at their deadlines, one each 10 ms. It
// says how late each page was, counted from the posting of its alert.
func (b *bench) lateness(ctx context.Context, s *subject) ([]time.Duration, error) {
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	sh, err := newShot(s, 1, map[string]string{"policy": "soon"})
	if err != nil {
		return nil, err
	}
	n := b.size.deadlines
	due := make([]time.Duration, n)
	for i := range due {
		sh.aim(0, soonNames+i, soonNames+i)
		due[i] = s.provider.now() + soon
		if err := c.post(sh); err != nil {
			return nil, err
		}
		if err := rest(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
	if err := s.provider.until(ctx, func() bool { return s.provider.handed(soonNames, soonNames+n) == n }); err != nil {
		return nil, err
	}
	for i := range due {
		at, _ := s.provider.at(soonNames + i)
		if due[i] = at - due[i]; due[i] < 0 {
			return nil, fmt.Errorf("a page came %s before its deadline", -due[i])
		}
	}
	return due, nil
}
