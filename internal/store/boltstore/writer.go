package boltstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxWeight is how much work the writer takes into one transaction, counted in
// changes: enough to share an fsync by all who wait, few enough that a page
// raised in the middle of a storm waits a few milliseconds at most.
const maxWeight = 512

// op is one operation that waits for the writer: run, or read.
type op struct {
	ctx    context.Context
	weight int
	grows  bool // brings what was not known yet: refused first where room is short
	last   bool // of records: it goes after what pages wait for
	run    func(b *batch) error
	read   func(tx *bolt.Tx) error
	done   chan error // takes one answer without anybody listening
	stage  atomic.Int32
}

// Stages of an operation that reads: one that runs is waited for.
const (
	opWaits = iota
	opRuns
	opLeft
)

// batch is what the writer runs for several operations together. What they
// change in the index is kept apart until it is on disk; until then group and
// alert know what they have changed so far.
type batch struct {
	s        *Store
	tx       *bolt.Tx
	dirty    bool   // something was written
	redo     []byte // what was, to do it again (redo.go)
	filed    bool   // it goes to the file, not to the journal
	open     [buckets]*bolt.Bucket
	effects  []func(ix *index)
	undo     []func()
	groups   map[scoped]string // number of the group's ticket, "" for none
	alerts   map[scoped]string // number of the alert's ticket, "" for none
	prefixes map[string]int64  // highest number that may be out
	crowds   map[string]crowd  // what it adds, by source
}

// scoped is a key within a source.
type scoped struct{ source, key string }

// write has run executed in a transaction and returns when that is on disk.
// run may be called more than once, each time as if for the first; an error of
// its own fails this operation alone. Where write returns an error, run may be
// running: what it set must not be read.
func (s *Store) write(ctx context.Context, weight int, run func(b *batch) error) error {
	return s.ask(&op{ctx: ctx, weight: weight, run: run})
}

// ask hands an operation to the writer, and waits for its answer.
func (s *Store) ask(o *op) error {
	ctx := o.ctx
	if err := s.usable(ctx); err != nil {
		return err
	}
	o.done = make(chan error, 1)
	queue := s.ops
	if o.last {
		queue = s.lastOps
	}
	select {
	case queue <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errClosed
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		if o.read == nil || o.stage.CompareAndSwap(opWaits, opLeft) {
			return ctx.Err()
		}
		return <-o.done
	case <-s.stopped:
	}
	select { // answered on the way out, or never taken
	case err := <-o.done:
		return err
	default:
		return errClosed
	}
}

// work is the writer: it alone writes to the file, until Close.
func (s *Store) work() {
	defer close(s.stopped)
	debug.SetPanicOnFault(true) // of this goroutine
	tick := time.NewTicker(s.flushEvery)
	defer tick.Stop()
	for {
		select {
		case o := <-s.ops:
			s.runBatch(s.gather(o))
		case o := <-s.lastOps: // each so often, however much pends of the others
			s.runBatch(s.gather(o))
		case <-tick.C:
			if s.regainSpare(); s.short.Load() == nil { // the counters can wait in memory
				_ = s.flush() // what failed stays dirty for the next time; Check tells of it
			}
			_ = s.settle() // what failed is in the journal
		case answer := <-s.flushes:
			answer <- errors.Join(s.flush(), s.settle())
		case <-s.closing:
			s.closed = s.finishUp()
			return
		}
	}
}

// gather takes what has queued up behind the first, records last.
func (s *Store) gather(first *op) []*op {
	ops, weight := []*op{first}, first.weight
	for weight < maxWeight {
		select {
		case o := <-s.ops:
			ops, weight = append(ops, o), weight+o.weight
			continue
		default:
		}
		select {
		case o := <-s.lastOps:
			ops, weight = append(ops, o), weight+o.weight
		default:
			return ops
		}
	}
	return ops
}

// runBatch runs operations together and answers them. One that fails by itself
// is answered and left out, and the others run again without it.
func (s *Store) runBatch(ops []*op) {
	ops = slices.DeleteFunc(ops, func(o *op) bool {
		err := o.ctx.Err()
		if err != nil {
			o.done <- err
		}
		return err != nil
	})
	for ops = s.dropGrowth(s.answerReads(ops)); len(ops) > 0; ops = s.dropGrowth(ops) {
		culprit, err := s.attempt(ops)
		if culprit >= 0 {
			ops[culprit].done <- err
			ops = slices.Delete(ops, culprit, culprit+1)
			continue
		}
		if err != nil && s.yieldSpare(err) {
			continue
		}
		if isFull(err) {
			err = fmt.Errorf("%w: %w", ErrFull, err)
		}
		for _, o := range ops {
			o.done <- err
		}
		return
	}
}

// attempt runs operations together. culprit is the one that failed by itself,
// -1 where it was the disk, or nothing.
func (s *Store) attempt(ops []*op) (culprit int, err error) {
	if err := s.mend(); err != nil {
		return -1, err
	}
	if err := s.begin(); err != nil {
		return -1, err
	}
	id := s.tx.ID()
	b := &batch{s: s, tx: s.tx, redo: newFrame(), filed: s.short.Load() != nil}
	at, kept := -1, false
	defer func() {
		if r := recover(); r != nil {
			culprit, err = at, fmt.Errorf("panic: %v", r)
		}
		if err == nil {
			return
		}
		s.giveUp()
		for _, undo := range b.undo {
			undo()
		}
		switch {
		case at >= 0:
		case kept:
			_ = s.rebuild() // the error stands in s.broken until mend succeeds
		case s.landed(id):
			s.filed()
			_ = s.rebuild()
		}
	}()
	for i, o := range ops {
		at = i
		if err := o.run(b); err != nil {
			return i, err
		}
	}
	at = -1
	if b.dirty {
		if err := b.commit(); err != nil {
			return -1, err
		}
		kept = true
	}
	s.show(id, b)
	if len(s.redo) == 0 {
		s.giveUp() // nothing is in it
	}
	return -1, nil
}

// commit puts the batch on disk: in the journal, or else in the file.
func (b *batch) commit() error {
	if err := b.reserveAhead(); err != nil {
		return err
	}
	if err := b.s.keep(b); err != nil {
		return err
	}
	if len(b.redo) > frameHead {
		b.s.commits.Add(1)
	}
	return nil
}

// show applies to the index what the batch changed.
func (s *Store) show(id int, b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, effect := range b.effects {
		effect(s.ix)
	}
	if s.ahead = len(s.redo) > 0; b.dirty && !s.ahead {
		s.reveal(id)
	}
}

// reveal tells who waits for it that the index shows transaction id; s.mu is
// held.
func (s *Store) reveal(id int) {
	s.applied = id
	close(s.moved)
	s.moved = make(chan struct{})
}

// landed reports whether transaction id, which failed on its way to the disk, is
// in the file all the same. Then the index has to be built anew.
func (s *Store) landed(id int) bool {
	tx, err := s.db.Begin(false)
	if err != nil {
		return false // closed; nobody reads any more
	}
	defer func() { _ = tx.Rollback() }()
	return tx.ID() >= id
}

// mend tries again to build the index, where that failed.
func (s *Store) mend() error {
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken == nil {
		return nil
	}
	return s.rebuild()
}

// rebuild loads the index from the file, as after an opening, once the file has
// everything.
func (s *Store) rebuild() error {
	var ix *index
	var id int
	err := s.settleHeads()
	if err == nil && len(s.redo) > 0 {
		err = s.fileRedo()
	}
	if err == nil {
		ix, id, err = s.load()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.broken = fmt.Errorf("the index could not be rebuilt: %w", err)
		return s.broken
	}
	ix.keepCounters(s.ix)
	s.ix, s.broken, s.ahead = ix, nil, false
	s.reveal(id)
	return nil
}

// settleHeads writes the file's two heads to the disk once more. A transaction
// that landed and failed may have them in the system's memory alone; were the
// next one to use the pages that the older head knows, a crash would find
// neither.
func (s *Store) settleHeads() error {
	heads := make([]byte, 2*s.db.Info().PageSize)
	if _, err := s.file.ReadAt(heads, 0); err != nil {
		return err
	}
	if _, err := s.file.WriteAt(heads, 0); err != nil {
		return err
	}
	return s.file.Sync()
}

// finishUp answers what is queued and writes what is only in memory.
func (s *Store) finishUp() error {
	for {
		select {
		case o := <-s.ops:
			s.runBatch(s.gather(o))
			continue
		case o := <-s.lastOps:
			s.runBatch(s.gather(o))
			continue
		default:
		}
		err := errors.Join(s.flush(), s.settleNumbers(), s.settle())
		s.settleFree()
		err = errors.Join(err, s.closeJournal())
		if err != nil {
			return fmt.Errorf("boltstore: close %s: %w", s.path, err)
		}
		return nil
	}
}

// in opens a bucket once a transaction. Tickets mostly come at the end: their
// pages are filled rather than split in the middle.
func (b *batch) in(id bucket) *bolt.Bucket {
	if b.open[id] == nil {
		b.open[id] = in(b.tx, id)
		if id == inTickets || id == inLists || id == inQueue {
			b.open[id].FillPercent = 0.9
		}
	}
	return b.open[id]
}

// then has effect applied to the index once the batch is on disk.
func (b *batch) then(effect func(ix *index)) { b.effects = append(b.effects, effect) }
