package boltstore

import (
	"fmt"
	"syscall"
)

// hasRoom returns an error if the disk of a folder has less room than bytes
// for a user who is not root.
func hasRoom(dir string, bytes int64) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return err
	}
	if free := int64(s.Bavail) * s.Bsize; free < bytes { //nolint:gosec // a size
		return fmt.Errorf("%w: the copy needs %d MiB beside the file, %d are free", ErrFull, bytes>>20, free>>20)
	}
	return nil
}
