package boltstore

import (
	"os"
	"syscall"
)

// syncData waits until what was written to a file whose size stays is on the
// disk.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
