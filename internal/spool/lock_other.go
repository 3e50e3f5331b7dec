//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package spool

import "os"

// lockFile leaves it to the operator that each daemon has a folder of its own.
func lockFile(*os.File) error { return nil }
