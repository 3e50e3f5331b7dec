//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package config

import (
	"io/fs"
	"syscall"
)

// hasModes says that the system keeps who may read a file in its mode.
const hasModes = true

// ofRoot reports whether root owns the file.
func ofRoot(file fs.FileInfo) bool {
	stat, ok := file.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == 0
}
