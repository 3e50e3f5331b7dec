package standby

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/imported"
	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/spool"
)

// Main is what a standby stands by for: the daemon's own part that uses the
// store.
type Main struct {
	// Pager pages from the store. A pager like it pages from the spool.
	Pager *pager.Pager
	// Store is the store that goes away and comes back.
	Store pager.Store
	// Clock is the pager's clock, which follows the store's.
	Clock StoreClock
	// Taker gives alerts to the store.
	Taker ingest.Taker
	// Merged is told when what was kept is in the store: any ticket may be another
	// one than before. It must not block; nil: nobody is told.
	Merged func()
	// Calendars are what duty that is kept elsewhere said last; nil if it is not known.
	Calendars func() *imported.Kept
	// Replacements are those that hold, or will; known is false if they could not be
	// read yet. Nil: there are none.
	Replacements func() (list []duty.Replacement, known bool)
}

// StoreClock knows how far the store's clock is from the machine's.
type StoreClock interface {
	// Offset is the store's clock minus the machine's, as last known.
	Offset() time.Duration
	// Sample asks the store again, once it is back.
	Sample(ctx context.Context)
}

// Standby takes alerts while the store is away. It keeps them in the spool,
// and pages from there once the store has been away for pageAfter. When the
// store is back, it merges everything. Until all is merged, new alerts go
// behind what is kept, so that no alert overtakes another of its source.
type Standby struct {
	main Main
	dir  string
	file *spool.Spool
	log  *zap.Logger
	kept known // what was last known of the store, for a start without it

	gate  sync.RWMutex // whoever takes alerts holds it for reading; the end of a merge for writing
	again bool         // the last merge failed

	mu     sync.Mutex
	since  time.Time     // the store has been away since then; zero: it is there
	lost   chan struct{} // closed when it goes away
	flight flights

	core   sync.RWMutex      // guards what follows; whoever uses it holds it for reading
	second *secondCore       // nil: no page was sent from the spool
	moved  map[string]moving // by the number that a ticket had while it was paged from the spool
}

// moving says what became of a ticket that was paged from the spool.
type moving struct {
	to string // its number in the store; empty: there is none
	at time.Time
}

// Open opens the spool in a folder. It takes nothing and runs nothing until
// Guard has said what the standby is for.
func Open(dir string, log *zap.Logger) (*Standby, error) {
	file, report, err := spool.Open(dir, 0)
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	s := &Standby{dir: dir, file: file, log: log, lost: make(chan struct{}), moved: map[string]moving{}}
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
	} else if err := removeSecond(s.dir); err != nil { // it was merged, and the daemon died before it removed it
		return nil, errors.Join(err, file.Close())
	}
	s.kept = recall(filepath.Join(s.dir, knownName), s.log)
	return s, nil
}

// Offset is how far the store's clock was from the machine's when that was
// last written down.
func (s *Standby) Offset() time.Duration { return s.kept.Offset }

// Calendars are what duty that is kept elsewhere was known to say last; nil: nothing.
func (s *Standby) Calendars() *imported.Kept { return s.kept.Calendars }

// Replacements are those that were last known, of who is on call.
func (s *Standby) Replacements() []duty.Replacement { return s.kept.Replacements }

// Guard says what the standby is for.
func (s *Standby) Guard(m Main) { s.main = m }

// Close closes the spool's file.
func (s *Standby) Close() error {
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("standby: %w", err)
	}
	return nil
}

func (s *Standby) clock() escalation.Clock { return s.main.Pager.Clock() }

// away says since when the store is away; zero: it is there. lost is closed
// when that changes.
func (s *Standby) away() (since time.Time, lost <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.lost
}

// at is the present time, by a clock that does not jump while the store is
// away.
func (s *Standby) at(since time.Time) time.Time {
	if since.IsZero() {
		return s.clock().Now()
	}
	return since.Round(0).Add(max(0, s.clock().Now().Sub(since)))
}
