//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package courier

import (
	"os/exec"
	"syscall"
)

// mostFiles is how many files of the tool's a process may have inherited.
const mostFiles = 4096

// detach starts a command that outlives us and holds nothing of the tool's: a
// session of its own, nothing on its standard input and outputs, no folder, and
// no file but those that the command names.
func detach(cmd *exec.Cmd) error {
	for fd := 3; fd < mostFiles; fd++ {
		syscall.CloseOnExec(fd)
	}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = "/", nil, nil, nil
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
