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
// changes. It is enough that all who wait share an fsync. It is few enough
// that a page that is ordered in a storm waits a few milliseconds at most.
const maxWeight = 512

// op is one operation that waits for the writer: run, or read.
type op struct {
	ctx    context.Context
	weight int
	grows  bool // brings something new: refused first if room is short
	last   bool // of records: it waits until after what pages need
	run    func(b *batch) error
	read   func(tx *bolt.Tx) error
	done   chan error // has room for one answer, even if nobody listens
	stage  atomic.Int32
}

// Stages of an operation that reads. Once it runs, its caller waits for it.
const (
	opWaits = iota
	opRuns
	opLeft
)

// batch is several operations that the writer runs together. What they change
// in the index is kept apart until it is on disk. Until then groups and alerts
// say what they have changed so far.
type batch struct {
	s        *Store
	tx       *bolt.Tx
	dirty    bool   // something was written
	redo     []byte // what was written, to do it again (redo.go)
	filed    bool   // it goes to the file instead of the journal
	open     [buckets]*bolt.Bucket
	effects  []func(ix *index)
	undo     []func()
	groups   map[scoped]string // by group: the number of its ticket, "" for none
	alerts   map[scoped]string // by alert: the number of its ticket, "" for none
	prefixes map[string]int64  // highest number that may be out
	crowds   map[string]crowd  // what the batch adds, by source
	changed  map[string]string // tickets for the log: number → source
}

// scoped is a key within a source.
type scoped struct{ source, key string }

// write has run executed in a transaction, and returns when that is on disk.
// run may be called more than once, each time as if for the first time. An
// error that run returns fails this operation alone. If write returns an
// error, run may still be running: what it set must not be read.
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
	select { // answered as the writer ended, or never taken
	case err := <-o.done:
		return err
	default:
		return errClosed
	}
}

// work is the writer: it alone writes to the file, until Close.
func (s *Store) work() {
	defer close(s.stopped)
	debug.SetPanicOnFault(true) // for this goroutine
	tick := time.NewTicker(s.flushEvery)
	defer tick.Stop()
	for {
		select {
		case o := <-s.ops:
			s.runBatch(s.gather(o))
		case o := <-s.lastOps: // it has its turn, however many others wait
			s.runBatch(s.gather(o))
		case <-tick.C:
			if s.regainSpare(); s.short.Load() == nil { // if short of room, the counters wait in memory
				_ = s.flush() // what failed stays dirty for the next time; Check reports it
			}
			_ = s.settle() // what failed is still in the journal
		case answer := <-s.flushes:
			answer <- errors.Join(s.flush(), s.settle())
		case <-s.closing:
			s.closed = s.finishUp()
			return
		}
	}
}

// gather takes what has queued up behind the first operation, those of records
// last.
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

// runBatch runs operations together and answers them. If one fails, it is
// answered and left out, and the others run again without it.
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

// attempt runs operations together. culprit is the operation that failed by
// itself. It is -1 if none did: nothing failed, or the disk did.
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
			_ = s.rebuild() // the error stays in s.broken until mend succeeds
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

// commit puts the batch on disk: into the journal, or otherwise into the file.
func (b *batch) commit() error {
	if err := errors.Join(b.fileChanges(), b.reserveAhead()); err != nil {
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

// show applies what the batch changed to the index.
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

// reveal tells those who wait that the index shows transaction id. s.mu is
// held.
func (s *Store) reveal(id int) {
	s.applied = id
	close(s.moved)
	s.moved = make(chan struct{})
}

// landed reports whether transaction id is in the file although it failed on
// its way to the disk. If so, the index has to be rebuilt.
func (s *Store) landed(id int) bool {
	tx, err := s.db.Begin(false)
	if err != nil {
		return false // closed: nobody reads any more
	}
	defer func() { _ = tx.Rollback() }()
	return tx.ID() >= id
}

// mend tries again to rebuild the index, if that failed.
func (s *Store) mend() error {
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken == nil {
		return nil
	}
	return s.rebuild()
}

// rebuild has the file get everything, then loads the index from it, as an
// opening does.
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

// settleHeads writes the file's two heads to the disk once more. After a
// transaction that landed although it failed, they may be in the system's
// memory alone. If the next transaction then used pages that the older head
// knows, a crash would leave neither head usable.
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

// in opens a bucket, once a transaction. Keys of tickets mostly come at the
// end, so their pages are filled rather than split in the middle.
func (b *batch) in(id bucket) *bolt.Bucket {
	if b.open[id] == nil {
		b.open[id] = in(b.tx, id)
		if id == inTickets || id == inLists || id == inQueue {
			b.open[id].FillPercent = 0.9
		}
	}
	return b.open[id]
}

// then has effect change the index once the batch is on disk.
func (b *batch) then(effect func(ix *index)) { b.effects = append(b.effects, effect) }
