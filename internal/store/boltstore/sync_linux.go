package boltstore

import (
	"os"
	"syscall"
)

// syncData waits until what was written to a file is on the disk. The file's
// size must not have changed.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
