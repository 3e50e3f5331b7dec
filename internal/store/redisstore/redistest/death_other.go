//go:build !linux

package redistest

import "syscall"

// withParent can do nothing here: a test that is killed leaves its servers.
func withParent() *syscall.SysProcAttr { return nil }
