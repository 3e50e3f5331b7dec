package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/disk"
)

// TestRoomForARestore: what goes to one disk is counted together, though each of it would
// have room; a folder that is not made yet is on the disk of the one above it.
func TestRoomForARestore(t *testing.T) {
	cfg, dir := livingHouse(t, 0)
	cfg.Attachments = filepath.Join(dir, "not", "made", "yet")
	free, known, err := disk.Free(dir)
	if err != nil || !known {
		t.Fatal(free, known, err)
	}
	part := free / 10
	for _, c := range []struct {
		store, archived, filed, least int64
		fits                          bool
	}{
		{part, part, part, 0, true},
		{3 * part, 0, 0, 0, true},
		{0, 3 * part, 0, 0, true},
		{3 * part, 3 * part, 0, 0, false},
		{3 * part, 0, 6 * part, 0, false},
		{0, 3 * part, 6 * part, 0, false},
		{6 * part, 0, 0, 0, false},
		{0, 0, 11 * part, 0, false},
		{1, 0, 0, math.MaxInt64, false},
	} {
		cfg.Server.MinFree = c.least
		err := roomFor(cfg, &backup.Sum{Stored: c.store, Archive: c.archived, Filed: c.filed})
		if c.fits != (err == nil) || !c.fits && !errors.Is(err, disk.ErrNoRoom) {
			t.Errorf("%+v of %d: %v", c, free, err)
		}
	}
}

// TestNothingIsMadeWithoutRoom: a restore and a rebuild refuse before they write
// anything; a backup that does not come whole leaves nothing.
func TestNothingIsMadeWithoutRoom(t *testing.T) {
	cfg, dir := livingHouse(t, math.MaxInt64)
	a, err := archive.Open(archive.Options{URL: archivetest.SQLite(t), Careless: true, Now: func() time.Time { return storetest.At(0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	var saved bytes.Buffer
	head := backup.Source{Archive: a, Now: func() time.Time { return storetest.At(0) }}
	if _, err := backup.Write(t.Context(), &saved, &head); err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "archive.tar")
	whole := filepath.Join(t.TempDir(), "whole.tar")
	write := func(path string, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(alone, saved.Bytes())
	write(whole, asBackup(func(*backup.Sum) {}, entry{name: "backup.json", body: `{"form": 1, "store": true}`}, entry{name: "store.db", body: "a store"}))
	was := found(t, dir)
	if _, err := Restore(t.Context(), cfg, whole, storetest.Began()); !errors.Is(err, disk.ErrNoRoom) {
		t.Errorf("a restore: %v", err)
	}
	sameFiles(t, "a restore", was, found(t, dir))
	if _, err := fillFrom(t.Context(), cfg, alone, nil); !errors.Is(err, disk.ErrNoRoom) {
		t.Errorf("a rebuild: %v", err)
	}
	sameFiles(t, "a rebuild", was, found(t, dir))
	full := fmt.Errorf("write: %w", disk.ErrNoRoom)
	if _, err := SaveWhole(filepath.Join(dir, "saved.tar"), false, func(w io.Writer) error {
		_, err := w.Write(saved.Bytes()[:1000])
		return errors.Join(err, full)
	}); !errors.Is(err, disk.ErrNoRoom) {
		t.Errorf("a backup: %v", err)
	}
	sameFiles(t, "a backup", was, found(t, dir))
}
