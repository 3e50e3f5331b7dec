package boltstore

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"
)

// saved is the record of a backup's moment. It is in the store only while the
// store is being backed up.
type saved struct {
	At time.Time `json:"at"`
}

var savedKey = []byte("saved")

// Backup writes a copy of the file as it is at one moment. Open opens such a
// copy, and Restore takes it. to gets the copy's size in bytes and returns the
// writer for it. Writes to the store go on meanwhile; the room that they free
// can be used again only after the backup. If the context ends, the copy is
// cut short, and the error says so.
func (s *Store) Backup(ctx context.Context, to func(size int64) io.Writer) error {
	_ = s.noteMoment(ctx) // a backup that does not know its moment is a backup too
	defer func() {
		_ = s.write(context.WithoutCancel(ctx), 1, func(b *batch) error { return b.remove(inMeta, savedKey) })
	}()
	err := s.flushNow(ctx)
	if err == nil || isFull(err) { // otherwise only counters are lost
		err = s.write(ctx, 1, fileAll) // a file that is behind is no backup
	}
	if err == nil {
		err = s.view(ctx, func(tx *bolt.Tx) error {
			_, err := tx.WriteTo(&mindful{ctx: ctx, w: to(tx.Size())})
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("boltstore: back up %s: %w", s.path, err)
	}
	return nil
}

// noteMoment writes down that a backup is made now.
func (s *Store) noteMoment(ctx context.Context) error {
	record, err := json.Marshal(saved{At: s.now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return s.write(ctx, 1, func(b *batch) error { return b.put(inMeta, savedKey, record) })
}

// mindful is a writer that stops when its context ends.
type mindful struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (m *mindful) Write(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	return m.w.Write(p)
}
