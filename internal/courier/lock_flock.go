//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package courier

import (
	"errors"
	"os"
	"syscall"
)

// errHeld says that another process has the lock.
var errHeld = errors.New("another process has the lock")

// lock takes one of the spool's locks. It ends with the file that is returned,
// and with each process that inherited it. If wait, it waits for the lock.
func (s *Spool) lock(name string, wait bool) (*os.File, error) {
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, wait); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func flock(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		}
		return err
	}
}
