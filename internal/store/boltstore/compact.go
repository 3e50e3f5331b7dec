package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
)

// bbolt never gives room back to the disk: free pages stay in the file. So the
// file is copied without them, and the copy takes its place.

const (
	compactMark = ".compact-" // in the name of a copy that is not in place yet
	// compactFree is how much has to be free before a start compacts.
	compactFree = 8 << 20
	// compactMost is how much a start copies at most: a few seconds' work. The
	// command copies any amount.
	compactMost = 512 << 20
	// compactRest is how much room the copy must leave on the disk.
	compactRest = 64 << 20
	compactStep = 16 << 20 // copied in one transaction
)

// Compacted is the size of a file in bytes before it was copied, and now. Both
// are 0 if it was not copied.
type Compacted struct{ Before, After int64 }

// Compacted is what Open did.
func (s *Store) Compacted() Compacted { return s.compacted }

// Compact copies the file at path without its free room. It refuses a file
// that a process holds, and whatever Open refuses. If the copy does not
// succeed, it leaves the file as it was. The file is whole at every moment.
func Compact(path string, now time.Time) (Compacted, error) {
	if _, err := os.Stat(path); err != nil { // Open would make it
		return Compacted{}, fmt.Errorf("boltstore: compact %s: %w", path, err)
	}
	s, err := Open(path, Options{Now: func() time.Time { return now }, compact: compactAlways})
	if err != nil {
		return Compacted{}, err
	}
	return s.compacted, s.Close()
}

// compacting says when Open compacts.
type compacting int8

const (
	compactWhereWorth compacting = iota
	compactAlways
	compactNever
)

// compact copies the open file if that is wanted, and opens the copy. If
// nobody asked for it by name and it fails, the store goes on with the old
// file.
func (s *Store) compact(when compacting) error {
	if when == compactNever {
		return nil
	}
	dropCopies(s.path)
	worth, used, err := s.isWorthCompacting()
	if err == nil && (when == compactAlways || worth) {
		if err = hasRoom(filepath.Dir(s.path), used+compactRest); err == nil {
			err = s.replaceByCopy()
		}
	}
	if err != nil && s.db != nil && when != compactAlways {
		return nil // nothing has changed
	}
	if err != nil {
		return fmt.Errorf("compact it: %w", err)
	}
	return nil
}

// dropCopies removes what an earlier try left when it crashed.
func dropCopies(path string) {
	left, _ := filepath.Glob(path + compactMark + "*")
	for _, name := range left {
		_ = os.Remove(name)
	}
}

// isWorthCompacting says whether to compact: more than half of the file is
// free, no page waits for us, and it will not take long. used is the size of a
// copy in bytes.
func (s *Store) isWorthCompacting() (worth bool, used int64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		size := tx.Size()
		free := int64(s.db.Stats().FreePageN) * int64(s.db.Info().PageSize)
		used = max(size-free, 0)
		first, _ := in(tx, inQueue).Cursor().First()
		worth = first == nil && free > compactFree && free > used && used <= compactMost
		return nil
	})
	return worth, used, err
}

// replaceByCopy makes the copy, gives it the file's name and opens it. The
// copy is locked before it gets that name, so that nobody gets in between.
func (s *Store) replaceByCopy() (err error) {
	before, err := s.file.Stat()
	if err != nil {
		return err
	}
	name, err := s.copyLive(before)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(name) }() // the copy has the file's name by then, or is of no use
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	after, err := f.Stat()
	if err == nil {
		err = errors.Join(lockFile(f), f.Sync())
	}
	if err == nil {
		err = os.Rename(name, s.path)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	syncFolder(filepath.Dir(s.path))
	old := s.db
	if s.db, err = openAs(f); err != nil {
		return errors.Join(err, old.Close(), f.Close())
	}
	s.file, s.compacted = f, Compacted{Before: before.Size(), After: after.Size()}
	return old.Close()
}

// copyLive copies everything but free pages to a file beside the store's, and
// returns its name. The copy is safe on the disk and has the file's owner and
// mode.
func (s *Store) copyLive(like os.FileInfo) (name string, err error) {
	temp, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+compactMark+"*")
	if err != nil {
		return "", err
	}
	name = temp.Name()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it cannot be read: %v", r)
		}
		if err != nil {
			_ = os.Remove(name)
		}
	}()
	if err := errors.Join(temp.Close(), os.Chmod(name, like.Mode().Perm()), adopt(name, s.path)); err != nil {
		return name, err
	}
	to, err := bolt.Open(name, 0o600, &bolt.Options{NoSync: true, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return name, err
	}
	err = bolt.Compact(to, s.db, compactStep)
	return name, errors.Join(err, to.Sync(), to.Close())
}

// isAt reports whether an open file is still the one at path. A copy may have
// replaced it before it was locked.
func isAt(f *os.File, path string) error {
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	was, err := f.Stat()
	if err == nil && !os.SameFile(is, was) {
		err = fmt.Errorf("it was replaced while it was opened (%w): try again", fs.ErrExist)
	}
	return err
}
