package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Hold says that somebody writes a file, until it is closed: Sweep leaves it.
func Hold(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("disk: hold %s: %w", f.Name(), err)
	}
	return nil
}

// Sweep removes the files of a folder whose names begin and end so and that nobody holds:
// whoever wrote them was killed.
func Sweep(dir, begins, ends string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range list {
		if name := e.Name(); e.Type().IsRegular() && len(name) > len(begins)+len(ends) && strings.HasPrefix(name, begins) && strings.HasSuffix(name, ends) {
			err = errors.Join(err, sweep(filepath.Join(dir, name)))
		}
	}
	if err != nil {
		return fmt.Errorf("disk: sweep %s: %w", dir, err)
	}
	return nil
}

func sweep(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if Hold(f) == nil {
		err = os.Remove(path)
	}
	return errors.Join(err, f.Close())
}
