//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package config

import "io/fs"

// hasModes says whether a file's mode says who may read it.
const hasModes = false

func ofRoot(fs.FileInfo) bool { return false }
