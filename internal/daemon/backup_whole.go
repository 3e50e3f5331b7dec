package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/backup"
	"github.com/astreinte/astreinte/internal/disk"
	"github.com/astreinte/astreinte/internal/store/boltstore"
)

// whole writes a backup of store, archive and attachments; nil if there is only a store
// that has its own means. Until it ends no closed ticket leaves the store, and no file the
// folder: what the archive had not yet when it was read is in the store, and what that
// names is in the folder.
func (d *Daemon) whole() func(ctx context.Context, to io.Writer) error {
	source := backup.Source{Archive: d.archive, Store: d.backup(), Files: d.files, Version: d.opts.Version, Now: d.clock.Now}
	if source.Archive == nil && source.Store == nil && source.Files == nil {
		return nil
	}
	return func(ctx context.Context, to io.Writer) error {
		d.backing.Add(1)
		defer d.backing.Add(-1)
		d.leaves.Lock()   // what leaves now was looked for before
		d.leaves.Unlock() //nolint:staticcheck,gocritic // it is waited for
		if d.files != nil {
			release := d.files.Hold()
			defer release()
		}
		_, err := backup.Write(ctx, to, &source)
		return err //nolint:wrapcheck // it names itself
	}
}

// WholeBackup is what a backup of store, archive and attachments is, and has.
type WholeBackup struct {
	backup.Head
	backup.Sum
	Size int64 // of its file
}

// SaveWhole writes the backup that fetch brings to a file, once it is whole.
func SaveWhole(path string, replace bool, fetch func(w io.Writer) error) (w WholeBackup, err error) {
	if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
		return w, errors.Join(err, fmt.Errorf("daemon: save %s: %w", path, fs.ErrExist))
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return w, fmt.Errorf("daemon: save %s: %w", path, err)
	}
	defer func() { _ = os.Remove(part.Name()) }() // it has its own name by then, or is of no use
	_ = disk.Hold(part)
	if err = fetch(part); err == nil {
		err = part.Sync()
	}
	if err == nil {
		w.Size, err = part.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		_, err = part.Seek(0, io.SeekStart)
	}
	if err == nil {
		w.Head, w.Sum, err = backup.Check(part)
	}
	if err = errors.Join(err, part.Close()); err == nil {
		err = named(part.Name(), path, replace)
	}
	if err != nil {
		return w, fmt.Errorf("daemon: save %s: %w", path, err)
	}
	_ = disk.Sweep(filepath.Dir(path), filepath.Base(path)+".", ".part") // of those who were killed
	return w, nil
}

// named gives a file its name.
func named(from, to string, replace bool) error {
	if !replace { // a link is not made over what is there
		err := os.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err //nolint:wrapcheck // the caller does
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err //nolint:wrapcheck // the caller does
	}
	folder, err := os.Open(filepath.Dir(to))
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	return err //nolint:wrapcheck // the caller does
}

// restoreWhole puts back what a backup has, while no daemon runs. What takes long is done
// beside what is there. Then the store is replaced, and the archive last: whoever dies in
// between leaves an archive that is ahead of its store, from which nothing is lost, and
// does it again.
func restoreWhole(ctx context.Context, cfg *config.Config, from *os.File, now time.Time) (done Restored, err error) {
	whole, err := restorable(cfg, from)
	if err != nil {
		return done, err
	}
	target := &backup.Target{}
	store := (*os.File)(nil)
	if whole.Store {
		if store, err = besideStore(cfg, now); err != nil {
			return done, err
		}
		defer func() { _ = os.Remove(store.Name()) }()
		target.Store = store
	}
	if cfg.Attachments != "" {
		target.Files = attachment.New(cfg.Attachments, func() int64 { return cfg.Server.MinFree })
		defer func() { _ = target.Files.Close() }()
	}
	anew, err := beside(cfg, whole.Schema > 0)
	if err != nil {
		return done, err
	}
	defer anew.drop()
	target.Archive = anew.archive
	if _, _, err := backup.Read(ctx, from, target); err != nil {
		return done, err //nolint:wrapcheck // it names itself
	}
	if whole.Store {
		if done, err = placeStore(cfg, store, now); err != nil { //nolint:contextcheck // what is begun is ended
			return done, err
		}
	}
	done.Whole = whole
	done.ArchiveAside, err = anew.place(ctx, now)
	return done, err
}

// restorable is a backup that is whole, belongs to the configured store and has room. It is
// to be read from its beginning.
func restorable(cfg *config.Config, from *os.File) (*WholeBackup, error) {
	head, sum, err := backup.Check(from)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	_, ours := strings.CutPrefix(cfg.Store, "bolt:")
	switch {
	case head.Store && !ours:
		return nil, fmt.Errorf("the store is %s, and the backup has a store that is a file: for the archive alone there is astreinte archive rebuild", cfg.StoreName())
	case !head.Store && ours:
		return nil, errors.New("the backup has no store: it was made of a Redis, which is restored by its own means; for the archive alone there is astreinte archive rebuild")
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return nil, err //nolint:wrapcheck // the caller does
	}
	return &WholeBackup{Head: head, Sum: sum}, roomFor(cfg, &sum)
}

// besideStore makes a file beside the store's, which no daemon has.
func besideStore(cfg *config.Config, now time.Time) (*os.File, error) {
	file := strings.TrimPrefix(cfg.Store, "bolt:")
	dir := filepath.Dir(file)
	if err := boltstore.Idle(file, now); err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err //nolint:wrapcheck // the caller does
	}
	_ = disk.Sweep(dir, filepath.Base(file)+".restore-", "") // of those who were killed
	made, err := os.CreateTemp(dir, filepath.Base(file)+".restore-*")
	if err == nil {
		_ = disk.Hold(made)
	}
	return made, err //nolint:wrapcheck // the caller does
}

// placeStore has a file take the store's place.
func placeStore(cfg *config.Config, made *os.File, now time.Time) (done Restored, err error) {
	if err := errors.Join(made.Sync(), made.Close()); err != nil {
		return done, err
	}
	file := strings.TrimPrefix(cfg.Store, "bolt:")
	if done, err = restoreStore(cfg, file, made.Name(), now); err != nil {
		return done, err
	}
	adoptAll(cfg.Attachments, filepath.Dir(file))
	return done, nil
}

// roomFor refuses what would take the disk from pages. What goes to the same disk is
// counted together.
func roomFor(cfg *config.Config, sum *backup.Sum) error {
	r := rooms{least: cfg.Server.MinFree, on: map[uint64]int64{}}
	if file, ok := strings.CutPrefix(cfg.Store, "bolt:"); ok {
		r.takes(filepath.Dir(file), 2*sum.Stored) // it is checked in a copy
	}
	if file, ok := strings.CutPrefix(cfg.Archive, "sqlite:"); ok {
		r.takes(filepath.Dir(file), 2*sum.Archive) // with its indexes
	}
	if cfg.Attachments != "" {
		r.takes(cfg.Attachments, sum.Filed)
	}
	return r.err
}

// rooms is what is taken of disks.
type rooms struct {
	least int64
	on    map[uint64]int64
	err   error
}

// takes takes more of the disk of a folder. One that is not made yet will be where the
// first folder above it is.
func (r *rooms) takes(dir string, more int64) {
	if r.err != nil {
		return
	}
	which, err := disk.Which(dir)
	for above := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && above != dir; above = filepath.Dir(dir) {
		dir = above
		which, err = disk.Which(dir)
	}
	if err != nil {
		r.err = err
		return
	}
	r.on[which] += more
	r.err = disk.Leaves(dir, r.least, r.on[which])
}

// anew is an archive that is made beside the configured one.
type anew struct {
	archive *archive.Archive // nil: none is made
	path    string           // where it belongs; empty: it is a server's, and made in place
	made    string           // where it is
}

// beside opens an empty archive: of a file beside the configured one; on a server that one,
// which must be empty.
func beside(cfg *config.Config, wanted bool) (*anew, error) {
	a := &anew{}
	if !wanted || !archived(cfg) {
		return a, nil
	}
	o := archive.Options{URL: cfg.Archive, MinFree: cfg.Server.MinFree}
	if path, ok := strings.CutPrefix(cfg.Archive, "sqlite:"); ok {
		a.path, a.made = path, path+".anew"
		a.remove() // what a killed one left
		o.URL, o.Careless = "sqlite:"+a.made, true
	}
	made, err := archive.Open(o)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	a.archive = made
	return a, nil
}

func (a *anew) remove() {
	for _, end := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(a.made + end)
	}
}

// drop removes what was not placed.
func (a *anew) drop() {
	if a.archive != nil {
		_ = a.archive.Close()
	}
	if a.made != "" {
		a.remove()
	}
}

// place puts the archive where it belongs, once it is on the disk, and says where the one
// is that was there.
func (a *anew) place(ctx context.Context, now time.Time) (aside string, err error) {
	if a.archive == nil {
		return "", nil
	}
	_, made := a.archive.Schema(ctx) // one without rows has its tables too
	if err := errors.Join(made, a.archive.Close()); err != nil {
		return "", err
	}
	a.archive = nil
	if a.path == "" {
		return "", nil
	}
	file, err := os.Open(a.made)
	if err == nil {
		err = errors.Join(file.Sync(), file.Close())
	}
	if err != nil {
		return "", err //nolint:wrapcheck // the caller does
	}
	_ = boltstore.Adopt(a.made, filepath.Dir(a.path)) // if it is ours to give
	if _, err := os.Lstat(a.path); err == nil {
		_ = archive.Settle(ctx, a.path) // of a damaged one the parts go together
		if aside, err = putAside(a.path, a.path+".before-restore-"+now.UTC().Format("20060102T150405Z")); err != nil {
			return "", err
		}
	}
	return aside, named(a.made, a.path, true)
}

// putAside gives an archive a second name that no file has, and says which. It has its first
// one still, so that there is a whole archive at every moment: the old one, then the new
// one. With a journal beside it, which could not be brought into it, it is moved.
func putAside(path, name string) (aside string, err error) {
	_, journal := os.Lstat(path + "-wal")
	for n := 1; ; n++ {
		if aside = name; n > 1 {
			aside = fmt.Sprintf("%s-%d", name, n)
		}
		err = os.Link(path, aside)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		one, _ := os.Lstat(path)
		if other, err := os.Lstat(aside); err == nil && os.SameFile(one, other) {
			break // who was killed after that named it
		}
	}
	if journal != nil {
		if err != nil && !errors.Is(err, fs.ErrExist) { // the file system knows no second names
			return aside, os.Rename(path, aside) //nolint:wrapcheck // the caller does
		}
		_ = os.Remove(path + "-shm")
		return aside, nil
	}
	for _, end := range []string{"-wal", "-shm", ""} { // what is not in the file goes with it
		if err := os.Rename(path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err //nolint:wrapcheck // the caller does
		}
	}
	return aside, nil
}

// adoptAll gives a folder, with all in it, the owner of another one, if it is ours to give.
func adoptAll(dir, like string) {
	if dir == "" || os.Geteuid() != 0 {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			_ = boltstore.Adopt(path, like)
		}
		return nil
	})
}
