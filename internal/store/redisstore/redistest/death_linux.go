package redistest

import "syscall"

// withParent ends a server when the test's process ends, in whatever way.
func withParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
