package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/disk"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/web"
)

// backup makes backups of the store; nil if the store has no such way.
func (d *Daemon) backup() web.Backup {
	if s, ok := d.store.(interface {
		Backup(ctx context.Context, to func(size int64) io.Writer) error
	}); ok {
		return s.Backup
	}
	return nil
}

// Alive returns an error if a restart might help: the store cannot be written,
// for another reason than a full disk. With a full disk, what was accepted is
// still paged, as long as that is possible.
func (d *Daemon) Alive(ctx context.Context) error {
	err := d.Check(ctx)
	if errors.Is(err, boltstore.ErrFull) {
		return nil
	}
	return err
}

// SaveBackup writes the backup that fetch brings to a file, once it is whole
// (boltstore.Save).
func SaveBackup(path string, replace bool, fetch func(w io.Writer) error) (size int64, err error) {
	size, err = boltstore.Save(path, replace, fetch)
	if err == nil {
		_ = disk.Sweep(filepath.Dir(path), filepath.Base(path)+".", ".part") // of those who were killed
	}
	return size, err //nolint:wrapcheck // it names itself
}

// Restored is what Restore did to the file at Path.
type Restored struct {
	Path string // empty: the backup has no store
	boltstore.Restored
	Whole        *WholeBackup // nil: the backup is of the store alone
	ArchiveAside string       // the new name of the archive that was there; empty: none was
}

// Restore puts a backup in place: of the store alone, or of store, archive and attachments.
// No daemon may run on the store.
func Restore(ctx context.Context, cfg *config.Config, from string, now time.Time) (done Restored, err error) {
	file, err := os.Open(from)
	if err != nil {
		return done, fmt.Errorf("daemon: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	begin := make([]byte, 512)
	n, err := io.ReadFull(file, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return done, fmt.Errorf("daemon: read %s: %w", from, err)
	}
	if !backup.Is(begin[:n]) {
		return restoreFile(cfg, from, now) //nolint:contextcheck // what is begun is ended
	}
	if _, err = file.Seek(0, io.SeekStart); err == nil {
		done, err = restoreWhole(ctx, cfg, file, now)
	}
	if err != nil {
		return done, fmt.Errorf("daemon: restore %s: %w", from, err)
	}
	return done, nil
}

// restoreFile replaces the configured store by a backup of the store alone.
func restoreFile(cfg *config.Config, backup string, now time.Time) (Restored, error) {
	path, ok := strings.CutPrefix(cfg.Store, "bolt:")
	if !ok {
		return Restored{}, fmt.Errorf("daemon: the store is %s: restore it by Redis' own means (docs/OPERATIONS.md, \"Backup and restore\")", cfg.StoreName())
	}
	done, err := restoreStore(cfg, path, backup, now)
	if err != nil {
		return Restored{}, fmt.Errorf("daemon: %w", err)
	}
	return done, nil
}

func restoreStore(cfg *config.Config, path, backup string, now time.Time) (Restored, error) {
	r := boltstore.Restoring{Backup: backup, Now: now, Prefixes: cfg.Rules.Desk.Numbers.Prefixes(now.In(cfg.Rules.Location))}
	for _, p := range cfg.Rules.Directory.People() {
		r.Phones = append(r.Phones, p.Phones...)
	}
	done, err := boltstore.Restore(path, r)
	if err != nil {
		return Restored{}, err //nolint:wrapcheck // it names itself
	}
	return Restored{Path: path, Restored: done}, nil
}

// Compacted is what Compact did to the file at Path.
type Compacted struct {
	Path string
	boltstore.Compacted
}

// Compact has the configured store's file give back the room that it no longer
// needs. No daemon may run on the store.
func Compact(cfg *config.Config, now time.Time) (Compacted, error) {
	path, ok := strings.CutPrefix(cfg.Store, "bolt:")
	if !ok {
		return Compacted{}, fmt.Errorf("daemon: the store is %s: only a file has room to give back", cfg.StoreName())
	}
	done, err := boltstore.Compact(path, now)
	if err != nil {
		return Compacted{}, fmt.Errorf("daemon: %w", err)
	}
	return Compacted{Path: path, Compacted: done}, nil
}
