//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package config

import (
	"io/fs"
	"syscall"
)

// hasModes says whether a file's mode says who may read it.
const hasModes = true

// ofRoot reports whether root owns the file.
func ofRoot(file fs.FileInfo) bool {
	stat, ok := file.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == 0
}
