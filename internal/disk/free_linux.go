package disk

import (
	"fmt"
	"syscall"
)

// Free is how many bytes of a folder's disk are free for a user who is not
// root; known is false if the system does not tell.
func Free(dir string) (free int64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, fmt.Errorf("disk: how much of %s is free: %w", dir, err)
	}
	return int64(s.Bavail) * s.Bsize, true, nil //nolint:gosec // a size
}

// Which is the disk of a folder, by a number. Where the system does not tell, there is one.
func Which(dir string) (uint64, error) {
	var s syscall.Stat_t
	if err := syscall.Stat(dir, &s); err != nil {
		return 0, fmt.Errorf("disk: which one %s is on: %w", dir, err)
	}
	return s.Dev, nil
}
