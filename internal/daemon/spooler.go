package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/internal/ticket"
)

// How a spooler watches the store.
const (
	probeEvery     = time.Second            // while the store answers
	probeAway      = 500 * time.Millisecond // while it does not
	mergeAgain     = 3 * time.Second        // while what was kept cannot be merged
	probeTimeout   = 2 * time.Second
	directPatience = 5 * time.Second // of a sender with a store that does not answer
	emergencyAfter = 30 * time.Second
)

// spooler takes alerts while the store is away: it keeps them in the spool,
// pages from there when the store has been away for emergencyAfter, and merges
// everything when it is back. Until all is merged, new alerts go behind what is
// kept, so that none overtakes another of its source.
type spooler struct {
	d    *Daemon
	dir  string
	file *spool.Spool
	log  *zap.Logger
	kept known // what was last known of the store, for a start without it

	gate  sync.RWMutex // held for reading by who takes alerts, for writing by the end of a merge
	again bool         // the last merge failed

	mu     sync.Mutex
	since  time.Time     // the store is away since then; zero: it is there
	lost   chan struct{} // closed when it goes away
	flight flights

	core  sync.RWMutex      // guards what follows; held for reading while it is used
	now   *emergency        // nil: no page was sent from the spool
	moved map[string]moving // by the number that a ticket had while it was paged from the spool
}

// moving is what became of a ticket that was paged from the spool.
type moving struct {
	to string // its number in the store; empty: there is none
	at time.Time
}

// openSpool opens the configured spool, nil where there is none.
func (d *Daemon) openSpool(c *config.Config) error {
	if c.Spool == "" {
		return nil
	}
	file, report, err := spool.Open(c.Spool, 0)
	if err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	s := &spooler{
		d: d, dir: c.Spool, file: file, log: d.log.Named("spool"),
		lost: make(chan struct{}), moved: map[string]moving{},
	}
	if report.Cut > 0 {
		s.log.Warn("the end of the spool was cut short by a crash, and is cut off: its sender had no answer and sends again", zap.Int64("bytes", report.Cut))
	}
	if report.Damaged > 0 {
		s.log.Error("the spool was damaged: what can be read is kept and will be merged; the file as it was is kept beside it; look at the disk, and compare with what the monitoring tools sent",
			zap.Int64("bytes", report.Damaged), zap.String("file", report.Aside))
	}
	if first := file.Stats().First; report.Records > 0 {
		s.log.Warn("alerts wait in the spool to be merged", zap.Int("requests", report.Records), zap.Time("since", first.At))
		if s.since = first.Since; s.since.IsZero() {
			s.since = first.At
		}
		close(s.lost)
	} else if err := removeEmergency(s.dir); err != nil { // it was merged, and the daemon died
		return errors.Join(err, file.Close())
	}
	s.kept = recall(filepath.Join(s.dir, knownName), s.log)
	d.spool = s
	d.later("spool file", func(context.Context) error { return file.Close() })
	return nil
}

// away says since when the store is away; zero: it is there. lost is closed
// when that changes.
func (s *spooler) away() (since time.Time, lost <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.lost
}

// Take makes alerts durable, in the store or in the spool (ingest.Taker).
func (s *spooler) Take(ctx context.Context, b ticket.Batch) (ingest.Taken, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	lost, ok := s.depart()
	if !ok {
		return s.keep(b)
	}
	began := s.d.clock.Now()
	taken, err := s.direct(ctx, lost, b)
	if err == nil || ctx.Err() != nil || errors.Is(err, escalation.ErrStopping) {
		return taken, err
	}
	s.goes(began, err)
	return s.keep(b)
}

var errNoAnswer = errors.New("daemon: the store does not answer")

// direct gives alerts to the engine, and waits as long as the store answers.
// They have departed, and land when the engine is done with them.
func (s *spooler) direct(ctx context.Context, lost <-chan struct{}, b ticket.Batch) (ingest.Taken, error) {
	type answer struct {
		taken ingest.Taken
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		defer s.land()
		taken, err := taker{s.d}.Take(context.WithoutCancel(ctx), b)
		answered <- answer{taken, err}
	}()
	late := time.NewTimer(directPatience)
	defer late.Stop()
	select {
	case a := <-answered:
		return a.taken, a.err
	case <-lost:
	case <-late.C:
	case <-ctx.Done():
	}
	return ingest.Taken{}, errNoAnswer
}

// keep puts alerts into the spool.
func (s *spooler) keep(b ticket.Batch) (ingest.Taken, error) {
	since, _ := s.away()
	_, err := s.file.Append(spool.Record{
		At: s.at(since), Since: since, Source: b.Source, Alerts: b.Alerts, ResolveGroups: b.ResolveGroups,
	})
	if err != nil {
		return ingest.Taken{}, fmt.Errorf("daemon: the store is away, and the spool takes nothing: %w", err)
	}
	s.wake()
	return ingest.Taken{Accepted: len(b.Alerts)}, nil
}

// at is the present time, by a clock that does not jump while the store is
// away.
func (s *spooler) at(since time.Time) time.Time {
	if since.IsZero() {
		return s.d.clock.Now()
	}
	return since.Round(0).Add(max(0, s.d.clock.Now().Sub(since)))
}

func (s *spooler) wake() {
	s.core.RLock()
	defer s.core.RUnlock()
	if s.now != nil {
		s.now.wake()
	}
}

// goes notes that the store is away since a time.
func (s *spooler) goes(began time.Time, err error) {
	s.mu.Lock()
	first := s.since.IsZero()
	if first {
		s.since = began
		close(s.lost)
	}
	s.mu.Unlock()
	if first {
		s.log.Error("the store is away: alerts are kept in the spool, and paged from there after half a minute", zap.Error(err))
		s.wake()
	}
}

// run watches the store until ctx ends.
func (s *spooler) run(ctx context.Context) {
	for ctx.Err() == nil {
		began := s.d.clock.Now()
		err := s.probe(ctx)
		since, _ := s.away()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.goes(began, err)
			s.page(ctx)
		case !since.IsZero():
			s.comeBack(ctx, since)
		default:
			s.remember()
		}
		s.nap(ctx)
	}
	s.core.Lock()
	defer s.core.Unlock()
	if s.now != nil {
		s.now.close(ctx)
		s.now = nil
	}
}

func (s *spooler) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return s.d.store.Check(ctx)
}

func (s *spooler) nap(ctx context.Context) {
	every := probeEvery
	if since, _ := s.away(); !since.IsZero() {
		every = probeAway
		if s.again {
			every = mergeAgain
		}
	}
	wait := time.NewTimer(every)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	case <-s.lostNow():
	}
}

// lostNow ends a nap when the store goes away meanwhile.
func (s *spooler) lostNow() <-chan struct{} {
	if since, lost := s.away(); since.IsZero() {
		return lost
	}
	return nil
}

// page begins to page from the spool, where that is due.
func (s *spooler) page(ctx context.Context) {
	since, _ := s.away()
	if s.file.Stats().Records == 0 || s.d.clock.Now().Sub(since) < emergencyAfter {
		return
	}
	s.core.Lock()
	defer s.core.Unlock()
	if s.now == nil {
		e, err := openEmergency(ctx, s)
		if err != nil {
			s.log.Error("nobody can be paged from the spool", zap.Error(err))
			return
		}
		s.now = e
	}
	if s.now.start(ctx) {
		s.log.Error("the store has been away for too long: alerts of the spool are paged now, some perhaps a second time", zap.Time("since", since))
	}
}

// comeBack merges what was kept, and takes alerts to the store again.
func (s *spooler) comeBack(ctx context.Context, since time.Time) {
	s.core.RLock()
	if s.now != nil {
		s.now.stop(ctx)
	}
	s.core.RUnlock()
	if s.d.wall != nil {
		s.d.sampleTime(ctx, s.d.wall)
	}
	requests := s.file.Stats().Records
	if err := s.merge(ctx, since); err != nil {
		if ctx.Err() == nil {
			s.log.Error("the store is back, but the spool is not merged yet: it is tried again", zap.Error(err))
			s.page(ctx)
		}
		s.again = true
		return
	}
	s.again = false
	s.log.Info("the store is back, and what was kept is merged", zap.Time("away_since", since), zap.Int("requests", requests))
}

// warnings are for /readyz.
func (s *spooler) warnings() []string {
	since, _ := s.away()
	if since.IsZero() {
		return nil
	}
	text := fmt.Sprintf("the store is away since %s: alerts are kept in the spool (%d requests)",
		since.UTC().Format(time.RFC3339), s.file.Stats().Records)
	if s.paging() {
		text += ", and paged from there"
	}
	return []string{text}
}

// paging says whether pages are sent from the spool.
func (s *spooler) paging() bool {
	s.core.RLock()
	defer s.core.RUnlock()
	return s.now != nil && s.now.runs()
}
