package boltstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// How many numbers and codes Restore leaves out, because people may have been
// given them after the backup's moment. Numbers of tickets are left out once
// more for each earlier restore, because its numbers may be lost too.
const (
	numbersLeftOut = 10_000
	codesLeftOut   = 100
)

// asideMark is in the name of the file that a restore replaced, between the
// store's name and the moment of the restore.
const asideMark = ".before-restore-"

// Restoring says how to put a backup in place.
type Restoring struct {
	Backup string // the backup's path
	Now    time.Time

	// Prefixes are those of ticket numbers, such as today's, that Numbers may
	// have handed out since the backup and could hand out again.
	Prefixes []string
	// Phones are phone numbers that may have been given codes since the backup,
	// besides those that the backup or the present file knows.
	Phones []string
}

// Restored says what Restore did.
type Restored struct {
	Aside  string    // the new name of the file that was there; empty: there was none
	At     time.Time // the backup's moment; zero: unknown
	Active int       // tickets that are open, acknowledged or in progress
	Queued int       // pages that wait
}

// Restore replaces the file at path by a backup. The old file keeps its
// content under another name. Restore refuses a backup that Open would refuse,
// and a path that a process holds. If there was a file at path, there is a
// whole one at every moment. Numbers and codes that may have been given after
// the backup's moment are not given again.
func Restore(path string, r Restoring) (done Restored, err error) {
	if err := apart(path, r.Backup); err != nil {
		return done, fmt.Errorf("boltstore: restore %s: %w", r.Backup, err)
	}
	past, err := pastOf(path, r.Now)
	if err != nil {
		return done, fmt.Errorf("boltstore: restore %s to %s: %w", r.Backup, path, err)
	}
	asides, err := filepath.Glob(path + asideMark + "*")
	if err != nil {
		return done, fmt.Errorf("boltstore: restore %s to %s: %w", r.Backup, path, err)
	}
	past.restores = int64(len(asides)) + 1
	copied, err := copyBeside(path, r.Backup)
	if err != nil {
		return done, fmt.Errorf("boltstore: restore %s: %w", r.Backup, err)
	}
	defer func() { // the files are in place by then, or of no use
		_, _ = os.Remove(copied), os.Remove(journalPath(copied))
	}()
	if done, err = prepareCopy(copied, &r, past); err != nil {
		return done, fmt.Errorf("boltstore: restore %s: %w", r.Backup, err)
	}
	if done.Aside, err = swap(path, copied, r.Now); err != nil {
		return done, fmt.Errorf("boltstore: restore %s to %s: %w", r.Backup, path, err)
	}
	return done, nil
}

// Idle returns an error if a process holds the file at path.
func Idle(path string, now time.Time) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	who := &holder{path: path + ".lock"}
	err = who.hold(f, now)
	if err == nil {
		who.release()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	return nil
}

// Adopt gives a file the owner of another file or folder, if we may.
func Adopt(path, like string) error { return adopt(path, like) }

// apart makes sure that the backup and the store are not the same file.
func apart(path, backup string) error {
	from, err := os.Stat(backup)
	if err != nil {
		return err
	}
	if is, err := os.Stat(path); err == nil && os.SameFile(is, from) {
		return errors.New("this is the store itself, not a backup of it")
	}
	return nil
}

// copyBeside copies a backup into the folder of path, safe on disk, and
// returns the copy's name. A file that was set aside after a crash may have a
// journal, which is copied with it.
func copyBeside(path, backup string) (name string, err error) {
	from, err := os.Open(backup)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	to, err := os.CreateTemp(dir, filepath.Base(path)+".restore-*")
	if err != nil {
		return "", err
	}
	if err = verify(from); err == nil { // before the copy, which may take long
		_, err = io.Copy(to, from)
	}
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	journal, err := os.ReadFile(journalPath(backup))
	if err == nil {
		err = os.WriteFile(journalPath(to.Name()), journal, 0o600)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// prepareCopy opens the copy as a daemon would. It marks as taken what must
// not be handed out again.
func prepareCopy(path string, r *Restoring, past *past) (done Restored, err error) {
	s, err := Open(path, Options{Now: func() time.Time { return r.Now }})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.db.View(func(tx *bolt.Tx) error {
		var moment saved
		if v := in(tx, inMeta).Get(savedKey); v != nil {
			if err := json.Unmarshal(v, &moment); err != nil {
				return fmt.Errorf("its moment: %w", err)
			}
		}
		done.At = moment.At
		return past.read(tx)
	})
	if err != nil {
		return done, err
	}
	if err = s.write(context.Background(), 1, func(b *batch) error { return past.leaveOut(b, r) }); err != nil {
		return done, fmt.Errorf("leave out what may have been given since: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, byState := range s.ix.counts {
		for st, n := range byState {
			if state(st).active() {
				done.Active += n
			}
		}
	}
	done.Queued = len(s.ix.waiting)
	return done, nil
}

// swap puts the copy at path, and returns the new name of the file that was
// there.
func swap(path, copied string, now time.Time) (aside string, err error) {
	who := &holder{path: path + ".lock"}
	present, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := errors.Join(adopt(copied, filepath.Dir(path)), place(copied, path)); err != nil {
			return "", err
		}
		syncFolder(filepath.Dir(path))
		return "", nil
	case err != nil:
		return "", err
	}
	defer func() {
		who.release()
		err = errors.Join(err, present.Close())
	}()
	if err := who.hold(present, now); err != nil {
		return "", err
	}
	if err := adopt(copied, path); err != nil {
		return "", err
	}
	if aside, err = setAside(path, path+asideMark+now.UTC().Format("20060102T150405Z")); err != nil {
		return "", err
	}
	if err := os.Rename(copied, path); err != nil {
		return "", err
	}
	if err := os.Rename(journalPath(path), journalPath(aside)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return aside, err // Open knows that it does not belong to the file that is there now
	}
	syncFolder(filepath.Dir(path))
	return aside, nil
}

// setAside gives a file a second name that no file has. If the file system
// knows no second names, the file is renamed. It returns the new name.
func setAside(path, name string) (aside string, err error) {
	for n := 1; ; n++ {
		if aside = name; n > 1 {
			aside = fmt.Sprintf("%s-%d", name, n)
		}
		if err = os.Link(path, aside); err != nil && !errors.Is(err, fs.ErrExist) {
			err = place(path, aside)
		}
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return aside, err
		}
	}
}
