package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/paging"
)

var (
	_ escalation.Store = (*Store)(nil)
	_ paging.Store     = (*Store)(nil)
	_ paging.Phonebook = (*Store)(nil)
)

// Options are the settings of a store. The zero value will do.
type Options struct {
	// Now answers Clock; nil: time.Now. The store decides nothing by it.
	Now func() time.Time

	// FlushEvery is how often the counters of repeats are written; 0: every
	// second. A crash may lose as much of them.
	FlushEvery time.Duration

	// Spare is how much room the file keeps for the time when the disk is full,
	// in bytes. 0: 2 MiB. Negative: none.
	Spare int

	// Log has the store keep a log of the tickets that change, for whoever
	// copies them (Changes).
	Log bool

	compact compacting
}

// Store is a store in one file. Open makes it. All its methods may be called
// at the same time.
type Store struct {
	path string
	now  func() time.Time
	db   *bolt.DB
	file *os.File // the file that db has open
	who  *holder

	compacted Compacted // what Open did

	flushEvery time.Duration
	spare      int                      // bytes
	logs       bool                     // changes are logged
	short      atomic.Pointer[shortage] // nil: there is room

	ops     chan *op
	lastOps chan *op
	flushes chan chan error
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by the writer when it has ended
	once    sync.Once
	closed  error

	commits atomic.Int64 // batches written

	filing // the writer's own, except ahead

	mu      sync.Mutex
	ix      *index
	ahead   bool          // the index is ahead of the file
	applied int           // the transaction that ix shows
	moved   chan struct{} // closed when applied moves
	broken  error         // ix could not be rebuilt after a failed commit

	escalation.Damages
	lost givenUp

	numbers numbers
	forgets forgetter
	phones  map[string]*phonebook // the writer's own
	paces   paging.Paces          // under mu
	hints   records.Hints
	paging.DeviceBook
}

// errClosed is the error of calls after Close.
var errClosed = errors.New("the store is closed")

// Path is the path of the file.
func (s *Store) Path() string { return s.path }

// Clock is Options.Now: the daemon and its store share a machine.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if err := s.usable(ctx); err != nil {
		return time.Time{}, fmt.Errorf("boltstore: clock: %w", err)
	}
	return s.now(), nil
}

// Check writes to the file, and says why it cannot. If the disk is full, the
// error is an ErrFull, even while the spare room still takes what must go on.
func (s *Store) Check(ctx context.Context) error {
	err := s.write(ctx, 1, func(b *batch) error {
		b.filed = true // the journal may take it while the file cannot
		_, err := b.next(inMeta)
		return err
	})
	if err == nil {
		err = s.refusal()
	}
	if err != nil {
		return fmt.Errorf("boltstore: check that %s can be written: %w", s.path, err)
	}
	return nil
}

// Close answers what is under way, writes the counters and closes the file.
// Calls after it fail.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.stopped
		s.who.release()
		if err := s.db.Close(); err != nil {
			s.closed = errors.Join(s.closed, fmt.Errorf("boltstore: close %s: %w", s.path, err))
		}
	})
	return s.closed
}

// usable says whether a call may begin.
func (s *Store) usable(ctx context.Context) error {
	select {
	case <-s.closing:
		return errClosed
	default:
		return ctx.Err()
	}
}

// view reads in one transaction. A page of the file that cannot be read is an
// error, not a panic, even if the disk refuses it.
func (s *Store) view(ctx context.Context, read func(tx *bolt.Tx) error) (err error) {
	if err := s.usable(ctx); err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s cannot be read: %v", s.path, r)
		}
	}()
	err = s.db.View(read)
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return errClosed
	}
	return err
}

// snapshot reads index and file as they are at one moment. It calls look with
// s.mu held, and read with a transaction that shows the same moment. If the
// file is behind, the writer calls both.
func (s *Store) snapshot(ctx context.Context, look func(), read func(tx *bolt.Tx) error) error {
	for {
		if err := s.usable(ctx); err != nil {
			return err
		}
		tx, err := s.db.Begin(false)
		if err != nil {
			return errors.Join(errClosed, err)
		}
		s.mu.Lock()
		if s.broken == nil && !s.ahead && tx.ID() == s.applied {
			look()
			s.mu.Unlock()
			return errors.Join(read(tx), tx.Rollback())
		}
		newer, behind, moved, broken := tx.ID() > s.applied, s.ahead, s.moved, s.broken
		s.mu.Unlock()
		if err := errors.Join(broken, tx.Rollback()); err != nil {
			return err
		}
		switch {
		case behind:
			return s.ask(&op{ctx: ctx, weight: 1, read: func(tx *bolt.Tx) error {
				s.mu.Lock()
				look()
				s.mu.Unlock()
				return read(tx)
			}})
		case !newer:
			continue
		}
		select { // the writer waits for the disk
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// in finds a bucket for reading.
func in(tx *bolt.Tx, b bucket) *bolt.Bucket { return tx.Bucket(b.name()) }
