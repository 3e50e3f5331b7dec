//go:build !linux

package redistest

import "syscall"

// withParent can do nothing here: a test that is killed leaves its servers
// running.
func withParent() *syscall.SysProcAttr { return nil }
