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

// Options are what an opened store can be told; the zero value will do.
type Options struct {
	// Now answers Clock, time.Now where it is nil. It decides nothing.
	Now func() time.Time

	// FlushEvery is how often the counters of repeats are written, a second
	// where it is 0: what a crash may lose of them.
	FlushEvery time.Duration

	// Spare is how much room the file keeps for the time when the disk is
	// full, in bytes: 2 MiB where it is 0, none if it is negative.
	Spare int

	compact compacting
}

// Store is a store in one file. Make it with Open; all its methods may be
// called at the same time.
type Store struct {
	path string
	now  func() time.Time
	db   *bolt.DB
	file *os.File // that db has open
	who  *holder

	compacted Compacted // by Open

	flushEvery time.Duration
	spare      int                      // bytes
	short      atomic.Pointer[shortage] // nil: there is room

	ops     chan *op
	lastOps chan *op
	flushes chan chan error
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by the writer when it has ended
	once    sync.Once
	closed  error

	commits atomic.Int64 // batches written

	filing // the writer's own, but for ahead

	mu      sync.Mutex
	ix      *index
	ahead   bool          // of the file
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

// errClosed is what calls after Close answer.
var errClosed = errors.New("the store is closed")

// Path is the file.
func (s *Store) Path() string { return s.path }

// Clock is Options.Now: the daemon and its store share a machine.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if err := s.usable(ctx); err != nil {
		return time.Time{}, fmt.Errorf("boltstore: clock: %w", err)
	}
	return s.now(), nil
}

// Check writes to the file, and says why it cannot. Where the disk is full it
// is an ErrFull, also while the spare room still takes what must go on.
func (s *Store) Check(ctx context.Context) error {
	err := s.write(ctx, 1, func(b *batch) error {
		b.filed = true // that the journal takes it says nothing of the file
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

// Close answers what is under way, writes the counters and gives up the file.
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

// view reads in one transaction. A page of the file that cannot be read, also
// one that the disk does not give, is an error, not a panic.
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

// snapshot reads index and file as they are at one moment: look is called with
// s.mu held, and read with a transaction that shows the same. Where the file is
// behind, the writer does both.
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
