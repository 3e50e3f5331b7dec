package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The log of changes is the bucket log: version and number lead to the source.
// A batch of the writer is one version. A ticket that is not closed has one
// place in the log, its latest. So the log is no longer than the store has
// tickets, however long nobody reads it.

// touch has the batch log that a ticket changed.
func (b *batch) touch(source, number string) {
	if !b.s.logs {
		return
	}
	if b.changed == nil {
		b.changed = map[string]string{}
	}
	b.changed[number] = source
}

// fileChanges writes into the log which tickets the batch changed.
func (b *batch) fileChanges() error {
	if len(b.changed) == 0 {
		return nil
	}
	version, err := b.next(inLog)
	if err != nil {
		return err
	}
	for number, source := range b.changed {
		if t := b.s.ix.tickets[number]; t != nil && t.logged > b.s.ix.trimmed {
			if err := b.remove(inLog, logKey(t.logged, number)); err != nil {
				return err
			}
		}
		if err := b.put(inLog, logKey(version, number), []byte(source)); err != nil {
			return err
		}
	}
	changed := b.changed
	b.then(func(ix *index) {
		ix.logged = version
		for number := range changed {
			if t := ix.tickets[number]; t != nil {
				t.logged = version
			}
		}
	})
	return nil
}

func readLogKey(k []byte) (version uint64, number string, ok bool) {
	if len(k) <= 8 {
		return 0, "", false
	}
	return binary.BigEndian.Uint64(k), string(k[8:]), true
}

// trimmedKey is where the bucket meta keeps up to which version the log was cut
// off.
var trimmedKey = []byte("log trimmed")

func trimmedOf(tx *bolt.Tx) uint64 {
	v := in(tx, inMeta).Get(trimmedKey)
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// onlyLane is the name of the store's only lane.
const onlyLane = ""

// Changes reads the log and the tickets from the file, which may be a second
// behind. So nothing waits for it, and it makes nobody write sooner, unless it
// is to be fresh.
func (s *Store) Changes(ctx context.Context, since ticket.Since) ([]ticket.Lane, error) {
	lane := ticket.Lane{Name: onlyLane}
	read := s.view
	if since.Fresh {
		read = s.survey
	}
	err := read(ctx, func(tx *bolt.Tx) error {
		lane.Changes = nil
		log := in(tx, inLog)
		lane.Last, lane.Trimmed = signed(log.Sequence()), signed(trimmedOf(tx))
		c := log.Cursor()
		for k, source := c.Seek(logKey(unsigned(since.After[onlyLane])+1, "")); k != nil; k, source = c.Next() {
			version, number, ok := readLogKey(k)
			if !ok {
				s.Note(ticket.RecordIndex, fmt.Sprintf("log %x", k), errHead)
				continue
			}
			if n := len(lane.Changes); n >= since.Most && lane.Changes[n-1].Version != signed(version) {
				break
			}
			found := ticket.Changed{Source: string(source), Number: number, Version: signed(version)}
			if err := s.fill(tx, &found); err != nil {
				return err
			}
			lane.Changes = append(lane.Changes, found)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: read the log of changes: %w", err)
	}
	return []ticket.Lane{lane}, nil
}

// fill reads the ticket that changed.
func (s *Store) fill(tx *bolt.Tx, c *ticket.Changed) (err error) {
	c.View, c.Revision, err = s.viewIn(tx, c.Number)
	if errors.Is(err, escalation.ErrNotFound) || errors.Is(err, escalation.ErrDamaged) {
		c.Gone = true
		return nil
	}
	return err
}

// LogAgain enters tickets of a source into the log, above a version.
func (s *Store) LogAgain(ctx context.Context, source string, above int64, numbers ...string) error {
	err := s.write(ctx, len(numbers)+1, func(b *batch) error {
		if log := b.in(inLog); unsigned(above) > log.Sequence() {
			if err := log.SetSequence(unsigned(above) - 1); err != nil {
				return err
			}
			version, err := b.next(inLog)
			if err != nil {
				return err
			}
			b.then(func(ix *index) { ix.logged = version })
		}
		for _, number := range numbers {
			b.touch(source, number)
		}
		b.dirty = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("boltstore: log %d tickets of %s again: %w", len(numbers), source, err)
	}
	return nil
}

// trimAtOnce is how many changes one operation removes from the log at most.
const trimAtOnce = 512

// Trim cuts the log off up to a version.
func (s *Store) Trim(ctx context.Context, _ string, upTo int64) error {
	for more := true; more; {
		err := s.ask(&op{ctx: ctx, weight: trimAtOnce, last: true, run: func(b *batch) (err error) {
			more, err = b.trim(unsigned(upTo))
			return err
		}})
		if err != nil {
			return fmt.Errorf("boltstore: cut off the log of changes: %w", err)
		}
	}
	return nil
}

func (b *batch) trim(upTo uint64) (more bool, err error) {
	log := b.in(inLog)
	upTo = min(upTo, log.Sequence())
	var over [][]byte
	c := log.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if version, _, ok := readLogKey(k); ok && version > upTo {
			break
		}
		if more = len(over) == trimAtOnce; more {
			break
		}
		over = append(over, bytes.Clone(k))
	}
	for _, k := range over {
		if err := b.remove(inLog, k); err != nil {
			return false, err
		}
	}
	if more || upTo <= b.s.ix.trimmed {
		return more, nil
	}
	b.then(func(ix *index) { ix.trimmed = upTo })
	return false, b.put(inMeta, trimmedKey, sequenceKey(upTo))
}

func signed(n uint64) int64 {
	if n > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}

func unsigned(n int64) uint64 {
	if n < 0 {
		return 0
	}
	return uint64(n)
}
