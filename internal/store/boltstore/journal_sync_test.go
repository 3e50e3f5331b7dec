package boltstore

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// watchedDisk notes what is done to a journal, and at each sync whether a
// waiting caller was answered before it.
type watchedDisk struct {
	journalDisk
	did   []string
	waits []*op
	early int
	fails error // of the syncs
}

// WriteAt notes and writes.
func (d *watchedDisk) WriteAt(b []byte, off int64) (int, error) {
	d.did = append(d.did, "write")
	return d.journalDisk.WriteAt(b, off)
}

// Sync notes and syncs.
func (d *watchedDisk) Sync() error {
	d.did = append(d.did, "sync")
	for _, o := range d.waits {
		d.early += len(o.done)
	}
	return errors.Join(d.fails, d.journalDisk.Sync())
}

// watchTest has a store's journal written to a watchedDisk.
func watchTest(t *testing.T) (*Store, *watchedDisk) {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	disk := &watchedDisk{journalDisk: s.journal.file}
	s.journal.file = disk
	return s, disk
}

// writeTest has n operations that write done together, and waits for the answers.
func (d *watchedDisk) writeTest(t *testing.T, s *Store, n int) {
	t.Helper()
	free := busyTest(t, s)
	d.did, d.waits, d.early = nil, nil, 0
	for i := range n {
		d.waits = append(d.waits, &op{
			ctx: t.Context(), weight: 1, done: make(chan error, 2),
			run: func(b *batch) error { return b.put(inMeta, []byte("test "+strconv.Itoa(i)), []byte("x")) },
		})
	}
	for _, o := range d.waits {
		s.ops <- o
	}
	free()
	for _, o := range d.waits {
		if err := <-o.done; err != nil {
			t.Error(err)
		}
	}
}

// Each answer is written to the journal before it, and synced.
func TestEveryAnswerHasItsFsync(t *testing.T) {
	s, disk := watchTest(t)
	for _, together := range []int{1, 1, 5, 1} {
		disk.writeTest(t, s, together)
		if got := strings.Join(disk.did, ", "); got != "write, sync" {
			t.Errorf("%d answers after %q, want one write and one sync", together, got)
		}
		if disk.early > 0 {
			t.Errorf("%d of %d were answered before the sync", disk.early, together)
		}
	}
	if s.db.NoSync {
		t.Error("what goes to the file is not synced")
	}
}

// If the journal's fsync fails, the journal counts as empty: the file gets the
// batch before the answer.
func TestAnFsyncThatFails(t *testing.T) {
	s, disk := watchTest(t)
	disk.fails = errors.New("the disk is gone")
	disk.writeTest(t, s, 1)
	if len(s.redo) > 0 || s.journal.end > 0 {
		t.Errorf("the answer relies on %d bytes of the journal", s.journal.end)
	}
}

// An fsync really asks the system: it fails for what cannot be synced.
func TestAnFsyncIsOne(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if err := (sizedFile{w}).Sync(); err == nil {
		t.Error("a pipe was synced")
	}
}
