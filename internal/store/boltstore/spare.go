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

// spareRoom is how much of the file is kept free, in bytes, for what goes on
// when the disk is full: pages that were accepted are claimed, sent and
// recorded, rounds go on, tickets are acknowledged. That takes a few thousand
// bytes each. A new file has twice as much, and fills it first.
const spareRoom = 2 << 20

// ErrFull is what a call answers that the store refuses because the disk is
// full.
var ErrFull = errors.New("the disk is full")

var (
	spareBucket = []byte("spare") // holds nothing but room
	spareKey    = []byte("room")
	besideKey   = []byte("room beside")
)

// isFull reports whether the system has no room for what was written. bbolt
// hands some errors on as text alone.
func isFull(err error) bool {
	if err == nil || errors.Is(err, bolterrors.ErrMaxSizeReached) {
		return err != nil
	}
	return slices.ContainsFunc([]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}, func(no syscall.Errno) bool {
		return errors.Is(err, no) || strings.HasSuffix(err.Error(), ": "+no.Error())
	})
}

// shortage is a store that lives on its spare room.
type shortage struct {
	err  error
	next time.Time // when the writer looks for room again
}

// refusal says why what grows is refused, nil if it is not.
func (s *Store) refusal() error {
	if short := s.short.Load(); short != nil {
		return fmt.Errorf("%w: %w", ErrFull, short.err)
	}
	return nil
}

// yieldSpare gives the spare room away after a transaction that failed for want
// of room, and reports whether it is worth trying again without what grows.
func (s *Store) yieldSpare(err error) bool {
	if !isFull(err) || s.spare <= 0 || s.short.Load() != nil {
		return false
	}
	s.short.Store(&shortage{err: err, next: time.Now().Add(s.flushEvery)})
	s.giveSpare()
	return true
}

// giveSpare gives the room away in a transaction that wants next to none: what
// the journal has comes after it.
func (s *Store) giveSpare() {
	s.giveUp()
	s.listFree(false)
	tx, err := s.db.Begin(true)
	if err != nil {
		return
	}
	id := tx.ID()
	if err = tx.DeleteBucket(spareBucket); err == nil { // else it is not there
		err = tx.Commit()
	}
	_ = tx.Rollback() // harmless where Commit has done it
	if err != nil && s.landed(id) {
		_ = s.rebuild() // the error stands in s.broken until mend succeeds
	}
	if err == nil {
		s.mu.Lock()
		s.reveal(id)
		s.mu.Unlock()
	}
}

// regainSpare looks for room from time to time, and ends the shortage where
// there is enough again. A look in vain reads the whole file, so it has its
// share of the writer's time.
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

// keepSpare writes the spare room to the file where it is not there. As much
// again has to have room beside it, or the next ticket would take it away.
func (s *Store) keepSpare() error {
	kept := false
	_, err := s.attempt([]*op{{ctx: context.Background(), run: func(b *batch) error {
		bucket, err := b.tx.CreateBucketIfNotExists(spareBucket)
		if err != nil {
			return err
		}
		if len(bucket.Get(spareKey)) >= s.spare {
			kept = bucket.Get(besideKey) == nil // else a crash left it
			return nil
		}
		room := make([]byte, s.spare)
		_, _ = rand.Read(room) // not zeros: a file system may keep no room for those
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

// dropGrowth answers the operations that grow the store, and leaves the others.
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
