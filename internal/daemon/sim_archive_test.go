package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// simArchive is the archive of a world: one database for all its daemons, which
// is away for a while. A third of the worlds have one, drawn apart from what
// else a world is like.
type simArchive struct {
	address string // empty: there is none
	rng     *rand.Rand
	away    []span
}

var errSimArchive = errors.New("sim: the archive does not answer")

// keepsArchive draws whether the world has an archive.
func (s *sim) keepsArchive() {
	s.archive.rng = rand.New(rand.NewPCG(s.seed, 64))
	if s.archive.rng.IntN(3) == 0 {
		s.archive.address = "sqlite:" + filepath.Join(s.t.TempDir(), "archive.db")
	}
}

// newArchive is the archive as a daemon sees it.
func (s *sim) newArchive() *archive.Archive {
	if s.archive.address == "" {
		return nil
	}
	a, err := archive.Open(archive.Options{URL: s.archive.address, Careless: true, Meets: func() error {
		now := time.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range s.archive.away {
			if p.meets(now, now) {
				return errSimArchive
			}
		}
		return nil
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// scriptArchive has the archive be away, for seconds or nearly to the end.
func (s *sim) scriptArchive(add func(time.Duration, string, func())) {
	r := s.archive.rng
	if s.archive.address == "" {
		return
	}
	for range r.IntN(3) {
		at := time.Duration(r.Int64N(int64(s.plan.trouble)))
		length := time.Duration(1+r.IntN(300)) * time.Second
		add(at, fmt.Sprintf("the archive is away for %s", length), func() {
			now := time.Now()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.archive.away = append(s.archive.away, span{now, now.Add(length)})
		})
	}
}

// judgeArchive: once all is well, the archive has what the store has.
func (s *sim) judgeArchive() {
	if s.archive.address == "" {
		return
	}
	s.mu.Lock()
	s.archive.away = nil
	s.mu.Unlock()
	time.Sleep(simSettle) // it may have been away until now
	a := s.newArchive()
	defer func() { _ = a.Close() }()
	var found []string
	for range 5 { // somebody may be paged at this very moment: that is copied within a second
		var err error
		if found, err = archivetest.Differences(context.Background(), a, s.memory); err != nil {
			s.problem("archive", "%v", err)
		}
		if len(found) == 0 {
			break
		}
		time.Sleep(time.Second)
	}
	v, err := a.Verify(context.Background(), "")
	if err != nil {
		s.problem("evidence", "%+v, %v", v, err)
	}
	for _, f := range v.Flaws {
		s.problem("evidence", "%s", f)
	}
	for _, f := range found {
		s.problem("archive", "%s", f)
	}
}

func (s *simStore) Changes(ctx context.Context, since ticket.Since) ([]ticket.Lane, error) {
	return call(s, ctx, "Changes", func() ([]ticket.Lane, error) { return s.memory().Changes(past(ctx), since) })
}

func (s *simStore) LogAgain(ctx context.Context, source string, above int64, numbers ...string) error {
	_, err := call(s, ctx, "LogAgain", func() (bool, error) { return true, s.memory().LogAgain(past(ctx), source, above, numbers...) })
	return err
}

func (s *simStore) Trim(ctx context.Context, lane string, upTo int64) error {
	_, err := call(s, ctx, "Trim", func() (bool, error) { return true, s.memory().Trim(past(ctx), lane, upTo) })
	return err
}
