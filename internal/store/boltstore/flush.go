package boltstore

import (
	"bytes"
	"context"
	"slices"
)

// flushChunk is how many alerts' counters are written in one transaction, so
// that nobody waits long behind them.
const flushChunk = 2000

// tally is an alert's counters on their way to the file.
type tally struct {
	alert *liveAlert
	key   []byte
	value []byte
}

// flush writes the counters that only memory has. The writer calls it. Between
// two chunks others have their turn. What it could not write stays dirty.
func (s *Store) flush() error {
	for {
		chunk := s.takeDirty()
		if len(chunk) == 0 {
			return nil
		}
		_, err := s.attempt([]*op{{ctx: context.Background(), run: func(b *batch) error { return b.tally(chunk) }}})
		if err != nil {
			s.putBack(chunk)
			return err
		}
		select {
		case o := <-s.ops:
			s.runBatch(s.gather(o))
		default:
		}
	}
}

// takeDirty takes one chunk of the counters to be written, in the order of the
// file.
func (s *Store) takeDirty() []tally {
	s.mu.Lock()
	var chunk []tally
	n := min(len(s.ix.dirty), flushChunk)
	for _, a := range s.ix.dirty[:n] {
		if !a.dirty {
			continue // filed since, or no longer kept
		}
		a.dirty = false
		chunk = append(chunk, tally{a, alertKey(a.ticket.number, a.fingerprint), a.heard.append(nil)})
	}
	s.ix.dirty = append(s.ix.dirty[:0], s.ix.dirty[n:]...)
	again := len(chunk) == 0 && len(s.ix.dirty) > 0
	s.mu.Unlock()
	if again {
		return s.takeDirty()
	}
	slices.SortFunc(chunk, func(a, b tally) int { return bytes.Compare(a.key, b.key) })
	return chunk
}

func (s *Store) putBack(chunk []tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range chunk {
		if t.alert.ticket != nil && !t.alert.dirty {
			t.alert.dirty = true
			s.ix.dirty = append(s.ix.dirty, t.alert)
		}
	}
}

func (b *batch) tally(chunk []tally) error {
	b.filed = true // what a crash may take needs no journal
	for _, t := range chunk {
		if err := b.put(inHeard, t.key, t.value); err != nil {
			return err
		}
	}
	b.then(func(*index) {
		for _, t := range chunk {
			t.alert.filed = true
		}
	})
	return nil
}

// flushNow has the writer write the counters, and waits for it.
func (s *Store) flushNow(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	answer := make(chan error, 1)
	select {
	case s.flushes <- answer:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errClosed
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
