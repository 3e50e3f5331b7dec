package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/disk"
)

// Rebuilt is what Rebuild made.
type Rebuilt struct {
	Archive string       // its address, without secrets
	Backup  *WholeBackup // what it was filled from; nil: from the store alone
	Aside   string       // the new name of the file that was there; empty: there was none
	Tickets int
}

// Rebuild fills an archive from a backup, and has it catch up with the store; with no
// backup it has what the store has. A file that is there is put aside, and a server's
// database must be empty. On a store that is a file no daemon may run.
func Rebuild(ctx context.Context, cfg *config.Config, from string, now time.Time) (done Rebuilt, err error) {
	if !archived(cfg) {
		return done, errors.New("daemon: there is no archive (archive)")
	}
	done.Archive = cfg.ArchiveName()
	store, err := openStore(ctx, cfg, zap.NewNop())
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	anew, err := beside(cfg, true)
	if err != nil {
		return done, fmt.Errorf("daemon: %w", err)
	}
	defer anew.drop()
	if from != "" {
		if done.Backup, err = fillFrom(ctx, cfg, from, anew.archive); err != nil {
			return done, fmt.Errorf("daemon: rebuild the archive: %w", err)
		}
	}
	d := &Daemon{store: store}
	follower := archive.NewFollower(archive.FollowerOptions{Archive: anew.archive, Store: store, Missing: d.missing, Now: func() time.Time { return now }})
	if err := follower.CatchUp(ctx); err != nil {
		return done, err //nolint:wrapcheck // it names itself
	}
	v, err := anew.archive.Count(ctx)
	if err == nil {
		done.Tickets = v
		done.Aside, err = anew.place(ctx, now)
	}
	if err != nil {
		return done, fmt.Errorf("daemon: %w", err)
	}
	return done, nil
}

func fillFrom(ctx context.Context, cfg *config.Config, from string, to *archive.Archive) (*WholeBackup, error) {
	file, err := os.Open(from)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller does
	}
	defer func() { _ = file.Close() }() // it was read
	head, sum, err := backup.Check(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	if head.Schema == 0 {
		return nil, fmt.Errorf("%s has no archive", from)
	}
	archiveAlone := *cfg
	archiveAlone.Store, archiveAlone.Attachments = "", ""
	if err := roomFor(&archiveAlone, &sum); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err //nolint:wrapcheck // the caller does
	}
	if _, _, err := backup.Read(ctx, file, &backup.Target{Archive: to}); err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	return &WholeBackup{Head: head, Sum: sum}, nil
}

// Exported is what Export wrote.
type Exported struct {
	At    time.Time      `json:"at"`
	Rows  map[string]int `json:"rows"` // by table, each a file
	Files int            `json:"files"`
	Bytes int64          `json:"bytes"`
}

// Export writes all of the configured archive, as it is at one moment, and all attached
// files to a folder that is not there yet: TABLE.jsonl, attachments/NUMBER/ID, and
// export.json, which says what there is. A daemon may run meanwhile.
func Export(ctx context.Context, cfg *config.Config, folder string, now time.Time) (done Exported, err error) {
	if !archived(cfg) {
		return done, errors.New("daemon: there is no archive (archive)")
	}
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return done, errors.Join(err, fmt.Errorf("daemon: %s: %w", folder, fs.ErrExist))
	}
	a, err := archive.Open(archive.Options{URL: cfg.Archive})
	if err != nil {
		return done, err //nolint:wrapcheck // it names itself
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	part, err := os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+".*.part") // mode 0700
	if err != nil {
		return done, fmt.Errorf("daemon: export: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }() // it has its own name by then, or is of no use
	e := exporting{dir: part, least: cfg.Server.MinFree, done: Exported{At: now.UTC().Truncate(time.Second), Rows: map[string]int{}}}
	for _, table := range archive.Tables() { // one without rows has its file too
		if err := errors.Join(e.begin(table), e.end()); err != nil {
			return done, fmt.Errorf("daemon: export: %w", err)
		}
	}
	if err = errors.Join(a.Dump(ctx, e.row), e.end()); err == nil && cfg.Attachments != "" {
		files := attachment.New(cfg.Attachments, func() int64 { return cfg.Server.MinFree })
		err = errors.Join(files.Walk(ctx, e.file), files.Close())
	}
	if err == nil {
		err = e.summed()
	}
	if err == nil {
		err = named(part, folder, true)
	}
	if err != nil {
		return done, fmt.Errorf("daemon: export: %w", err)
	}
	return e.done, nil
}

type exporting struct {
	dir   string
	least int64
	done  Exported
	table string
	to    *os.File
	out   *bufio.Writer
	asked int64 // how much was written when it was last asked whether there is room
}

const exportAsks = 4 << 20

func (e *exporting) begin(table string) error {
	f, err := os.OpenFile(filepath.Join(e.dir, table+".jsonl"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		e.table, e.to, e.out = table, f, bufio.NewWriterSize(f, 64<<10)
	}
	return err //nolint:wrapcheck // the caller does
}

func (e *exporting) end() error {
	if e.to == nil {
		return nil
	}
	err := errors.Join(e.out.Flush(), e.to.Sync(), e.to.Close())
	e.table, e.to = "", nil
	return err
}

func (e *exporting) grows(by int64) error {
	e.done.Bytes += by
	if e.asked != 0 && e.done.Bytes-e.asked < exportAsks {
		return nil
	}
	e.asked = e.done.Bytes
	return disk.Leaves(e.dir, e.least, by) //nolint:wrapcheck // it names itself
}

func (e *exporting) row(table string, line []byte) error {
	if err := e.grows(int64(len(line))); err != nil {
		return err
	}
	if table != e.table {
		if err := errors.Join(e.end(), e.begin(table)); err != nil {
			return err
		}
	}
	e.done.Rows[table]++
	_, err := e.out.Write(line)
	return err //nolint:wrapcheck // the caller does
}

func (e *exporting) file(s attachment.Stored, from io.Reader) error {
	if s.Incoming || strings.ContainsAny(s.Number+s.ID, `/\`) || strings.HasPrefix(s.Number, ".") || strings.HasPrefix(s.ID, ".") {
		return nil // none of ours, or not there yet
	}
	if err := e.grows(s.Size); err != nil {
		return err
	}
	dir := filepath.Join(e.dir, "attachments", s.Number)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	out, err := os.OpenFile(filepath.Join(dir, s.ID), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	_, err = io.Copy(out, from)
	e.done.Files++
	return errors.Join(err, out.Sync(), out.Close())
}

func (e *exporting) summed() error {
	text, err := json.MarshalIndent(e.done, "", "  ")
	if err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	return os.WriteFile(filepath.Join(e.dir, "export.json"), append(text, '\n'), 0o600) //nolint:wrapcheck // the caller does
}
