//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package config

import "io/fs"

// hasModes says that the system keeps who may read a file in its mode.
const hasModes = false

func ofRoot(fs.FileInfo) bool { return false }
