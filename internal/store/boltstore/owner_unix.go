//go:build unix

package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// adopt gives a file the owner of another one. So after a restore by root the
// daemon may open the file.
func adopt(path, like string) error {
	info, err := os.Stat(like)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	err = os.Chown(path, int(owner.Uid), int(owner.Gid))
	if errors.Is(err, fs.ErrPermission) && int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("%w: run this as root, or as the user that the daemon runs as", err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil // we may not set its group; its owner may open it
	}
	return err
}

// duplicate is the same open file once more, lock and all.
func duplicate(f *os.File) (*os.File, error) {
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}
