//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package courier

import (
	"errors"
	"os"
)

var errHeld = errors.New("another process has the lock")

// lock cannot be had here: no tool that calls us runs on this system.
func (*Spool) lock(string, bool) (*os.File, error) {
	return nil, errors.New("this system has no file locks that we know")
}

func flock(*os.File, bool) error { return errHeld }
