package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// recordStore is the store's records.Store. A record lies in the bucket
// records under its home, kind and key. A record that has a due time is also
// in the bucket dues, under its kind and the time from which it may be
// claimed.
type recordStore struct{ s *Store }

// Records are the store's records.
func (s *Store) Records() records.Store { return recordStore{s} }

// recordHead is what the store decides by, before a record's value.
type recordHead struct {
	revision int64
	due      int64
	ready    int64 // when it may be claimed: due, or the claim's end; 0: never
	owner    string
}

// recordMark is the first byte of every record. No text begins with it.
const recordMark = 1

func (h *recordHead) with(value []byte) []byte {
	b := append(make([]byte, 0, 27+len(h.owner)+len(value)), recordMark)
	for _, n := range [...]int64{h.revision, h.due, h.ready} {
		b = binary.BigEndian.AppendUint64(b, bits(n))
	}
	return append(appendText(b, h.owner), value...)
}

func readRecord(v []byte) (h recordHead, value []byte, err error) {
	r := reader{rest: v}
	if r.byte() != recordMark {
		return h, nil, errHead
	}
	h.revision, h.due, h.ready, h.owner = r.int64(), r.int64(), r.int64(), string(r.text())
	return h, r.rest, r.err()
}

func (h *recordHead) record(home, kind, key string, value []byte) records.Record {
	r := records.Record{
		Home: home, Kind: kind, Key: key, Value: bytes.Clone(value),
		Revision: h.revision, Due: instant(h.due), Owner: h.owner,
	}
	if h.owner != "" {
		r.Until = instant(h.ready)
	}
	return r
}

func recordPrefix(home, kind string) []byte { return []byte(home + "\x00" + kind + "\x00") }

func recordKey(home, kind, key string) []byte { return append(recordPrefix(home, kind), key...) }

func dueKey(kind string, ready int64, home, key string) []byte {
	return append(appendTime([]byte(kind+"\x00"), ready), home+"\x00"+key...)
}

// Get implements records.Store.
func (r recordStore) Get(ctx context.Context, home, kind, key string) (found records.Record, err error) {
	err = r.s.peek(ctx, func(tx *bolt.Tx) error {
		v := in(tx, inRecords).Get(recordKey(home, kind, key))
		if v == nil {
			return records.ErrNotFound
		}
		h, value, err := readRecord(v)
		if err != nil {
			r.s.noteRecord(home, kind, key, err)
			return escalation.ErrDamaged
		}
		found = h.record(home, kind, key, value)
		return nil
	})
	if err != nil {
		return records.Record{}, fmt.Errorf("boltstore: read %s %q of %s: %w", kind, key, home, err)
	}
	return found, nil
}

// List implements records.Store.
func (r recordStore) List(ctx context.Context, home, kind, after string, most int) (list []records.Record, err error) {
	err = r.s.peek(ctx, func(tx *bolt.Tx) error {
		list = nil
		prefix, c := recordPrefix(home, kind), in(tx, inRecords).Cursor()
		for k, v := c.Seek(append(bytes.Clone(prefix), after...)); bytes.HasPrefix(k, prefix) && len(list) < most; k, v = c.Next() {
			key := string(k[len(prefix):])
			if key == after {
				continue
			}
			h, value, err := readRecord(v)
			if err != nil {
				r.s.noteRecord(home, kind, key, err)
				continue
			}
			list = append(list, h.record(home, kind, key, value))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: list %s of %s: %w", kind, home, err)
	}
	return list, nil
}

// Write implements records.Store.
func (r recordStore) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	var revisions []int64 // not a result: if ask fails, the writer may still set it
	if err := records.Check(home, writes); err != nil {
		return nil, err
	}
	grows := slices.ContainsFunc(writes, func(w records.Write) bool { return w.Grows() })
	o := &op{ctx: ctx, weight: len(writes), grows: grows, last: true, run: func(b *batch) (err error) {
		revisions, err = b.writeRecords(home, writes)
		return err
	}}
	if err := r.s.ask(o); err != nil {
		return nil, fmt.Errorf("boltstore: write %d records of %s: %w", len(writes), home, err)
	}
	return revisions, nil
}

// writeRecords does all of the writes or none of them.
func (b *batch) writeRecords(home string, writes []records.Write) ([]int64, error) {
	if w := b.unexpected(home, writes); w != nil {
		return nil, fmt.Errorf("%s %q: %w", w.Kind, w.Key, records.ErrConflict)
	}
	return b.putRecords(home, writes)
}

// unexpected finds a write whose record has another revision than the write
// says; nil if there is none.
func (b *batch) unexpected(home string, writes []records.Write) *records.Write {
	for i := range writes {
		w := &writes[i]
		if w.Revision == records.Any {
			continue
		}
		h, _, known := b.record(home, w.Kind, w.Key)
		if gone := !known && w.Remove && w.Revision != 0; h.revision != w.Revision && !gone {
			return w
		}
	}
	return nil
}

func (b *batch) putRecords(home string, writes []records.Write) ([]int64, error) {
	revisions := make([]int64, len(writes))
	for i := range writes {
		w := &writes[i]
		h := recordHead{due: stamp(records.Instant(w.Due))}
		h.ready = h.due
		put := &h
		if w.Remove {
			put = nil
		}
		if err := b.putRecord(home, w.Kind, w.Key, put, w.Value); err != nil {
			return nil, err
		}
		revisions[i] = h.revision
	}
	if len(writes) > 0 {
		b.then(func(*index) { b.s.hints.TellAll(writes) })
	}
	return revisions, nil
}

// record reads a record. A damaged record counts as none.
func (b *batch) record(home, kind, key string) (h recordHead, value []byte, known bool) {
	v := b.in(inRecords).Get(recordKey(home, kind, key))
	if v == nil {
		return h, nil, false
	}
	h, value, err := readRecord(v)
	if err != nil {
		b.s.noteRecord(home, kind, key, err)
		return recordHead{}, nil, false
	}
	return h, bytes.Clone(value), true
}

// putRecord writes a record's value, and a head with a new revision. A nil
// head removes the record.
func (b *batch) putRecord(home, kind, key string, h *recordHead, value []byte) error {
	if was, _, known := b.record(home, kind, key); known && was.ready != 0 {
		if err := b.remove(inDues, dueKey(kind, was.ready, home, key)); err != nil {
			return err
		}
	}
	if h == nil {
		return b.remove(inRecords, recordKey(home, kind, key))
	}
	n, err := b.next(inRecords)
	if err != nil {
		return err
	}
	h.revision = int64(n) //nolint:gosec // a sequence
	if h.ready != 0 {
		if err := b.put(inDues, dueKey(kind, h.ready, home, key), []byte{}); err != nil {
			return err
		}
	}
	return b.put(inRecords, recordKey(home, kind, key), h.with(value))
}

// Claim implements records.Store.
func (r recordStore) Claim(ctx context.Context, c records.Claim) ([]records.Record, error) {
	var claimed []records.Record // not a result: if write fails, the writer may still set it
	var due bool
	now := stamp(records.Instant(c.Now))
	err := r.s.peek(ctx, func(tx *bolt.Tx) error { // usually no record is due
		due = len(dueRecords(in(tx, inDues), c.Kind, now, 1)) > 0
		return nil
	})
	if err == nil && due {
		err = r.s.ask(&op{ctx: ctx, weight: 1, last: true, run: func(b *batch) (err error) {
			claimed, err = b.claimRecords(&c, now)
			return err
		}})
	}
	if err != nil {
		return nil, fmt.Errorf("boltstore: claim %s for %s: %w", c.Kind, c.Owner, err)
	}
	slices.SortStableFunc(claimed, func(a, b records.Record) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Home, b.Home), cmp.Compare(a.Key, b.Key))
	})
	return claimed, nil
}

// dueRecords are the keys, in the bucket dues, of the first records of a kind
// that may be claimed.
func dueRecords(dues *bolt.Bucket, kind string, now int64, most int) (keys [][]byte) {
	prefix, c := []byte(kind+"\x00"), dues.Cursor()
	last := appendTime(bytes.Clone(prefix), now)
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(keys) < most; k, _ = c.Next() {
		if len(k) > len(last) && bytes.Compare(k[:len(last)], last) > 0 {
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	return keys
}

func (b *batch) claimRecords(c *records.Claim, now int64) (claimed []records.Record, err error) {
	for _, k := range dueRecords(b.in(inDues), c.Kind, now, c.Most) {
		home, key, whole := bytes.Cut(k[min(len(k), len(c.Kind)+1+8):], []byte{0})
		h, value, known := b.record(string(home), c.Kind, string(key))
		if !whole || !known || !bytes.Equal(k, dueKey(c.Kind, h.ready, string(home), string(key))) {
			if err := b.remove(inDues, k); err != nil { // it leads to nothing
				return nil, err
			}
			continue
		}
		h.owner, h.ready = c.Owner, max(stamp(records.Instant(c.Until)), 1)
		if err := b.putRecord(string(home), c.Kind, string(key), &h, value); err != nil {
			return nil, err
		}
		claimed = append(claimed, h.record(string(home), c.Kind, string(key), value))
	}
	return claimed, nil
}

// Watch implements records.Store.
func (r recordStore) Watch(ctx context.Context, kind string) <-chan struct{} {
	return r.s.hints.Watch(ctx, kind)
}

func (s *Store) noteRecord(home, kind, key string, err error) {
	s.Note(ticket.RecordOther, home+" "+kind+" "+key, err)
}
