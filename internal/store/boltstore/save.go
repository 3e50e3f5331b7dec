package boltstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Save writes the backup that fetch brings to a file at path. The file has
// another name first (path.*.part). It gets its own name once it is on disk
// and found to be whole. An existing file is replaced only if replace is set;
// otherwise the error is an fs.ErrExist. Save returns the backup's size in
// bytes.
func Save(path string, replace bool, fetch func(w io.Writer) error) (size int64, err error) {
	if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
		return 0, errors.Join(err, fmt.Errorf("boltstore: save %s: %w", path, fs.ErrExist))
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return 0, fmt.Errorf("boltstore: save %s: %w", path, err)
	}
	defer func() { _ = os.Remove(part.Name()) }() // it has its own name by then, or is of no use
	_ = lockFile(part)                            // whoever looks for what killed ones left knows that it is written
	if err = fetch(part); err == nil {
		size, err = settle(part)
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return 0, fmt.Errorf("boltstore: save %s: %w", path, err)
	}
	if replace {
		err = os.Rename(part.Name(), path)
	} else {
		err = place(part.Name(), path)
	}
	if err != nil {
		return 0, fmt.Errorf("boltstore: save %s: %w", path, err)
	}
	syncFolder(filepath.Dir(path))
	return size, nil
}

// errTorn is the error of Save for a backup that is not whole.
var errTorn = errors.New("what came is no whole backup; nothing was kept: try again")

// settle makes sure that a backup is on disk and whole.
func settle(part *os.File) (size int64, err error) {
	if err := part.Sync(); err != nil {
		return 0, err
	}
	if err := verify(part); err != nil {
		return 0, fmt.Errorf("%w (%w)", errTorn, errors.Unwrap(err))
	}
	info, err := part.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
