package main

import (
	"context"
	"errors"
	"time"
)

// quietAfter is how long nothing must come before all pages count as sent.
const quietAfter = 8 * time.Second

// killed posts alerts in one request and kills the subject once it has
// answered 2xx. It starts the subject again, and counts the alerts for which
// nobody was ever paged.
func killed(ctx context.Context, b *bench, s *subject) (samples, error) {
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	n := b.size.killed
	sh, err := newShot(s, n, nil)
	if err != nil {
		return nil, err
	}
	for i := range n {
		sh.aim(i, i, i)
	}
	if err := c.post(sh); err != nil {
		return nil, err
	}
	s.process.kill()
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	// Wait for all of them and a moment more, or until nothing has come for a
	// while.
	heard, since := -1, time.Now()
	err = s.provider.until(ctx, func() bool {
		if _, now := s.provider.count(); now != heard {
			heard, since = now, time.Now()
		}
		return time.Since(since) > quietAfter
	})
	if err != nil && !errors.Is(err, errLate) {
		return nil, err
	}
	names, messages := s.provider.count()
	return samples{"lost": float64(n - names), "doubled": float64(messages - names)}, nil
}
