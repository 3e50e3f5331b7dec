//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package courier

import (
	"errors"
	"os/exec"
)

// detach cannot be done here.
func detach(*exec.Cmd) error { return errors.New("this system has no sessions that we know") }
