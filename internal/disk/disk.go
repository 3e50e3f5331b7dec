package disk

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrNoRoom refuses to grow on a disk that is nearly full.
var ErrNoRoom = errors.New("the disk has too little room left")

// Leaves returns ErrNoRoom if the disk of a folder would have less than least
// bytes free once it has taken more bytes. Nobody knows of a disk whose system
// does not tell: it has room.
func Leaves(dir string, least, more int64) error {
	free, known, err := Free(dir)
	if err != nil || !known {
		return err
	}
	if free < least || free-least < more {
		return fmt.Errorf("%w: %d MiB are free, and server.min_free keeps %d MiB", ErrNoRoom, free>>20, least>>20)
	}
	return nil
}

// Full reports whether an error of a write says that the disk, or somebody's
// share of it, is full.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
