package boltstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	bolterrors "go.etcd.io/bbolt/errors"
)

// spareRoom is how much of the file is kept free, in bytes, for what must go
// on when the disk is full. Pages that were accepted are claimed, sent and
// recorded; rounds go on; tickets are acknowledged. That takes a few thousand
// bytes each. A new file has twice as much, and fills that first.
const spareRoom = 2 << 20

// ErrFull is the error of a call that the store refuses because the disk is
// full.
var ErrFull = errors.New("the disk is full")

var (
	spareBucket = []byte("spare") // holds nothing; it only takes up room
	spareKey    = []byte("room")
	besideKey   = []byte("room beside")
)

// isFull reports whether the system had no room for what was written. bbolt
// passes some errors on as text alone.
func isFull(err error) bool {
	if err == nil || errors.Is(err, bolterrors.ErrMaxSizeReached) {
		return err != nil
	}
	return slices.ContainsFunc([]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}, func(no syscall.Errno) bool {
		return errors.Is(err, no) || strings.HasSuffix(err.Error(), ": "+no.Error())
	})
}

// shortage is the state of a store that lives on its spare room.
type shortage struct {
	err  error
	next time.Time // when the writer looks for room again
}

// refusal says why the store refuses what grows it; nil if it does not.
func (s *Store) refusal() error {
	if short := s.short.Load(); short != nil {
		return fmt.Errorf("%w: %w", ErrFull, short.err)
	}
	return nil
}

// yieldSpare gives up the spare room after a transaction that found no room.
// It reports whether it is worth trying again without what grows the store.
func (s *Store) yieldSpare(err error) bool {
	if !isFull(err) || s.spare <= 0 || s.short.Load() != nil {
		return false
	}
	s.short.Store(&shortage{err: err, next: time.Now().Add(s.flushEvery)})
	s.giveSpare()
	return true
}

// giveSpare gives up the room in a transaction of its own, which needs next to
// none. What the journal has comes after it.
func (s *Store) giveSpare() {
	s.giveUp()
	s.listFree(false)
	tx, err := s.db.Begin(true)
	if err != nil {
		return
	}
	id := tx.ID()
	if err = tx.DeleteBucket(spareBucket); err == nil { // otherwise it is not there
		err = tx.Commit()
	}
	_ = tx.Rollback() // harmless after Commit
	if err != nil && s.landed(id) {
		_ = s.rebuild() // the error stays in s.broken until mend succeeds
	}
	if err == nil {
		s.mu.Lock()
		s.reveal(id)
		s.mu.Unlock()
	}
}

// regainSpare looks for room from time to time. If there is enough again, it
// ends the shortage. A look that finds none reads the whole file, so such
// looks get only a share of the writer's time.
func (s *Store) regainSpare() {
	short := s.short.Load()
	if short == nil || time.Now().Before(short.next) {
		return
	}
	began := time.Now()
	err := s.settle()
	if err == nil {
		err = s.keepSpare()
	}
	if err == nil {
		s.short.Store(nil)
		return
	}
	s.short.Store(&shortage{err: err, next: time.Now().Add(max(s.flushEvery, 10*time.Since(began)))})
}

// keepSpare writes the spare room to the file if it is not there. There must
// be room for as much again beside it; otherwise the next ticket would take
// the spare away.
func (s *Store) keepSpare() error {
	kept := false
	_, err := s.attempt([]*op{{ctx: context.Background(), run: func(b *batch) error {
		bucket, err := b.tx.CreateBucketIfNotExists(spareBucket)
		if err != nil {
			return err
		}
		if len(bucket.Get(spareKey)) >= s.spare {
			kept = bucket.Get(besideKey) == nil // otherwise a crash left it
			return nil
		}
		room := make([]byte, s.spare)
		_, _ = rand.Read(room) // not zeros: a file system may keep no room for zeros
		b.dirty, b.filed = true, true
		return errors.Join(bucket.Put(spareKey, room), bucket.Put(besideKey, room))
	}}})
	if err != nil || kept {
		return err
	}
	_, err = s.attempt([]*op{{ctx: context.Background(), run: func(b *batch) error {
		b.dirty, b.filed = true, true
		return b.tx.Bucket(spareBucket).Delete(besideKey)
	}}})
	return err
}

// dropGrowth refuses the operations that grow the store, and returns the
// others.
func (s *Store) dropGrowth(ops []*op) []*op {
	err := s.refusal()
	if err == nil {
		return ops
	}
	var rest []*op
	for _, o := range ops {
		if o.grows {
			o.done <- err
		} else {
			rest = append(rest, o)
		}
	}
	return rest
}
