package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// What a batch does to the file, in a form that can be done again. It says
// what a key holds afterwards, not how it changed. So doing it twice is the
// same as doing it once.
const (
	didPut      = 'p' // bucket, key, value
	didRemove   = 'r' // bucket, key
	didSequence = 's' // bucket, and the value of its sequence
)

// put sets a key.
func (b *batch) put(id bucket, key, value []byte) error {
	b.dirty = true
	b.redo = appendBytes(appendBytes(append(b.redo, didPut, byte(id)), key), value) //nolint:gosec // there are few buckets
	return b.in(id).Put(key, value)
}

// remove removes a key.
func (b *batch) remove(id bucket, key []byte) error {
	b.dirty = true
	b.redo = appendBytes(append(b.redo, didRemove, byte(id)), key) //nolint:gosec // there are few buckets
	return b.in(id).Delete(key)
}

// next moves a bucket's sequence on.
func (b *batch) next(id bucket) (uint64, error) {
	n, err := b.in(id).NextSequence()
	b.dirty = true
	b.redo = binary.BigEndian.AppendUint64(append(b.redo, didSequence, byte(id)), n) //nolint:gosec // there are few buckets
	return n, err
}

func appendBytes(b, text []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// doAgain applies what batches did to a transaction, in their order.
func doAgain(tx *bolt.Tx, bodies [][]byte) error {
	for _, body := range bodies {
		for r := (reader{rest: body}); len(r.rest) > 0; {
			if err := doOne(tx, &r); err != nil {
				return fmt.Errorf("do a batch again: %w", err)
			}
		}
	}
	return nil
}

func doOne(tx *bolt.Tx, r *reader) error {
	kind, id := r.byte(), bucket(r.byte())
	if id >= buckets {
		return errHead
	}
	to := in(tx, id)
	if kind == didSequence {
		n := r.uint64()
		return errors.Join(r.err(), to.SetSequence(n))
	}
	key := r.text()
	switch {
	case r.short:
		return errHead
	case kind == didRemove:
		return to.Delete(key)
	case kind != didPut:
		return errHead
	}
	value := r.text()
	if r.short {
		return errHead
	}
	return to.Put(key, value)
}
